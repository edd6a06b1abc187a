"""The page at /docs: all of the OpenAPI document, to read, without scripts or other files."""

import base64
import hashlib
from collections.abc import Iterator
from html.parser import HTMLParser

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st

import app
from javumbo.reference.page import reference_page
from tests.support import local_http
from tests.support.openapi import contract
from tests.support.server import serving

LOADING = {"script", "link", "img", "iframe", "object", "form", "base", "style"}


class Page(HTMLParser):
    """What a page consists of."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.ids: list[str] = []
        self.hrefs: list[str] = []
        self.loading: list[str] = []
        self.attributes: set[str] = set()
        self.text = ""
        self.style = ""
        self._open: list[str] = []
        self.feed(html)
        assert not self._open

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        values = {name: value or "" for name, value in attrs}
        self.attributes |= values.keys()
        self.ids += [values["id"]] if "id" in values else []
        self.hrefs += [values["href"]] if "href" in values else []
        self.loading += [tag] if tag in LOADING else []
        if tag not in {"meta", "wbr"}:
            self._open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self._open.pop() == tag

    def handle_data(self, data: str) -> None:
        if self._open and self._open[-1] == "style":
            self.style += data
        else:
            self.text += data


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[httpx.Client]:
    with (
        serving(tmp_path_factory.mktemp("served") / "data") as base_url,
        local_http.Client(base_url=base_url) as client,
    ):
        yield client


@pytest.fixture(scope="module")
def page(served: httpx.Client) -> Page:
    return Page(served.get("/docs").raise_for_status().text)


def test_the_page_loads_nothing_and_runs_nothing(served: httpx.Client, page: Page) -> None:
    assert page.loading == ["style"]
    assert not {name for name in page.attributes if name.startswith("on")} | (
        page.attributes & {"src", "style"}
    )
    digest = base64.b64encode(hashlib.sha256(page.style.encode()).digest()).decode()
    policy = served.get("/docs").headers["content-security-policy"]
    assert f"default-src 'none'; style-src 'sha256-{digest}'" in policy
    assert "url(" not in page.style
    assert "@import" not in page.style


def test_every_route_and_every_model_has_a_place_of_its_own(page: Page) -> None:
    assert len(set(page.ids)) == len(page.ids)
    for name in contract().document["components"]["schemas"]:
        assert f"model-{name}" in page.ids
    for path, methods in contract().document["paths"].items():
        for method, operation in methods.items():
            if "x-alias-of" not in operation:
                assert f"{method.upper()} {path}" in page.text
                assert operation["summary"].replace("`", "") in page.text


def test_every_link_leads_somewhere(page: Page) -> None:
    within = {href.removeprefix("#") for href in page.hrefs if href.startswith("#")}
    assert within <= set(page.ids)
    assert {href for href in page.hrefs if not href.startswith("#")} == {"/openapi.json"}


def test_the_page_is_asked_for_in_several_ways(served: httpx.Client) -> None:
    page = served.get("/docs")
    assert page.headers["content-type"] == "text/html; charset=utf-8"
    assert page.headers["x-content-type-options"] == "nosniff"
    assert served.get("/docs/").content == page.content
    head = served.head("/docs")
    assert (head.status_code, head.content) == (200, b"")
    assert head.headers["content-length"] == str(len(page.content))
    assert served.get("/docs/else").status_code == 404
    assert served.post("/docs").status_code == 404


def test_the_page_is_no_route_of_the_app() -> None:
    assert not [path for path in app.app.routes if path.startswith("/docs")]


@given(st.text("<>&\"'`a/", max_size=30))
def test_text_of_the_document_is_shown_and_never_run(text: str) -> None:
    operation = {
        "tags": ["one"],
        "summary": text,
        "description": text,
        "responses": {"200": {"description": text, "content": {"x": {"example": text}}}},
    }
    document = {
        "info": {"title": text, "version": text, "description": text},
        "tags": [{"name": "one", "description": text}],
        "paths": {f"/{text}": {"get": operation}},
        "components": {"schemas": {"One": {"description": text, "properties": {text: {}}}}},
    }
    page = Page(reference_page(document))
    assert page.loading == ["style"]
    assert page.attributes <= {"charset", "name", "content", "lang", "open", "href", "id", "class"}
    assert page.text.count(text) >= 1
