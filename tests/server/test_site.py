"""The web client beside the API: who gets its page, and under which headers."""

import gzip
from collections.abc import Iterator
from pathlib import Path

import pytest
from chalice.app import Response

from javumbo.site import Site
from javumbo.site_headers import site_headers
from tests.support import local_http
from tests.support.server import serving

BROWSER = "text/html,application/xhtml+xml,*/*;q=0.8"


@pytest.fixture
def site(tmp_path: Path) -> Site:
    (tmp_path / "assets").mkdir()
    (tmp_path / "index.html").write_text("<!doctype html><p>the client")
    (tmp_path / "assets" / "index-1a2b.js").write_text("1")
    (tmp_path / "card.html").write_text("<!doctype html>")
    (tmp_path.parent / "secret.txt").write_text("nobody's business")
    return Site(tmp_path)


def asked(site: Site, path: str, accept: str = "*/*", method: str = "GET") -> Response | None:
    return site.answer({"REQUEST_METHOD": method, "PATH_INFO": path, "HTTP_ACCEPT": accept})


@pytest.mark.parametrize("path", ["/login", "/decks/5/study", "/", "/register"])
def test_a_browser_gets_the_page_at_every_address_of_the_client(site: Site, path: str) -> None:
    page = asked(site, path, BROWSER)
    assert page is not None
    assert b"the client" in page.body
    assert page.headers["Cache-Control"] == "no-cache"


@pytest.mark.parametrize(
    "path", ["/api/decks", "/health", "/openapi.json", "/media/x/y.png", "/downloads/x", "/docs"]
)
def test_the_services_own_addresses_are_not_the_clients(site: Site, path: str) -> None:
    assert asked(site, path, BROWSER) is None


def test_programs_are_told_by_the_api_that_there_is_nothing(site: Site) -> None:
    assert asked(site, "/nothing", "application/json") is None
    assert asked(site, "/login", BROWSER, "POST") is None


@pytest.mark.parametrize(
    "path", ["/../secret.txt", "/assets/../../secret.txt", "/%2e%2e/secret.txt"]
)
def test_nothing_beside_the_build_is_given(site: Site, path: str) -> None:
    page = asked(site, path, BROWSER)
    assert page is None or b"nobody's business" not in page.body


def test_files_named_after_their_content_are_kept_by_browsers(site: Site) -> None:
    script = asked(site, "/assets/index-1a2b.js")
    assert script is not None
    assert "immutable" in script.headers["Cache-Control"]
    assert script.headers["Content-Type"] == "text/javascript; charset=utf-8"


def test_the_page_runs_its_own_scripts_only_and_cards_run_none() -> None:
    page = site_headers("/index.html", api_origin="https://api.example")
    policy = page["Content-Security-Policy"]
    assert "script-src 'self';" in policy
    assert "connect-src 'self' https://api.example;" in policy
    assert "frame-ancestors 'none'" in policy
    assert "unsafe" not in policy
    card = site_headers("/card.html", media_origin="https://media.example")
    assert "script-src" not in card["Content-Security-Policy"]
    assert "default-src 'none'" in card["Content-Security-Policy"]
    assert "allow-scripts" not in card["Content-Security-Policy"]
    assert "img-src 'self' data: https://media.example;" in card["Content-Security-Policy"]
    assert " https:" in site_headers("/card-remote.html")["Content-Security-Policy"]


@pytest.fixture
def base_url(tmp_path: Path) -> Iterator[str]:
    with serving(tmp_path / "data") as address:
        yield address


def test_without_a_build_the_service_answers_as_ever(tmp_path: Path) -> None:
    assert asked(Site(tmp_path / "none"), "/", BROWSER) is None


def test_the_server_answers_programs_with_the_contracts_404(base_url: str) -> None:
    answer = local_http.get(f"{base_url}/nothing")
    assert (answer.status_code, answer.json()["error"]) == (404, "not_found")


def test_text_is_compressed_for_those_who_take_it_so(site: Site) -> None:
    environ = {"REQUEST_METHOD": "GET", "PATH_INFO": "/assets/index-1a2b.js"}
    small = site.answer({**environ, "HTTP_ACCEPT_ENCODING": "gzip, deflate, br"})
    plain = site.answer(environ)
    assert small is not None
    assert plain is not None
    assert small.headers["Content-Encoding"] == "gzip"
    assert small.headers["Content-Length"] == str(len(small.body))
    assert gzip.decompress(small.body) == plain.body == b"1"
    assert "Content-Encoding" not in plain.headers
    assert {small.headers["Vary"], plain.headers["Vary"]} == {"Accept-Encoding"}


def test_pictures_are_not_compressed_again(tmp_path: Path) -> None:
    (tmp_path / "icon.png").write_bytes(b"a picture")
    environ = {"REQUEST_METHOD": "GET", "PATH_INFO": "/icon.png", "HTTP_ACCEPT_ENCODING": "gzip"}
    picture = Site(tmp_path).answer(environ)
    assert picture is not None
    assert picture.body == b"a picture"
    assert "Content-Encoding" not in picture.headers
