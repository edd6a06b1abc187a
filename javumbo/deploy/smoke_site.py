"""What browsers get: the client's page, its parts, and the headers that confine cards."""

import re
from collections.abc import Sequence

import httpx

from javumbo.deploy.smoke_run import Check, Service, expect
from javumbo.site_headers import CARD_PAGE, REMOTE_CARD_PAGE, content_type, site_headers

_BROWSER = {"Accept": "text/html,application/xhtml+xml,*/*;q=0.8"}
_ASSET = re.compile(r'"(/assets/[^"]+\.js)"')
_ORIGIN_OF_MEDIA = re.compile(r"media-src 'self'(?: blob:)? (https?://\S+?)(?:;| )")


class Site:
    """The checks of the web client."""

    def __init__(self, service: Service) -> None:
        self._service = service
        self._index = ""

    def checks(self) -> Sequence[Check]:
        page = ("page",)
        return (
            Check("page", self.page),
            Check("page at its own address", self.page_within, page),
            Check("cards' pages", self.card_pages),
            Check("asset", self.asset, page),
            Check("missing asset", self.missing_asset),
        )

    def page(self) -> str:
        answer = self._get("/", "/index.html")
        expect('<div id="root"' in answer.text, "the page is not the client's")
        self._index = answer.text
        return f"{len(answer.content)} bytes"

    def page_within(self) -> None:
        expect(self._get("/login", "/index.html").text == self._index, "/login is another page")

    def card_pages(self) -> None:
        for path in (CARD_PAGE, REMOTE_CARD_PAGE):
            self._get(path, path)

    def asset(self) -> str:
        found = _ASSET.search(self._index)
        path = found[1] if found else ""
        expect(path, "the page names no script")
        self._get(path, path)
        return path

    def missing_asset(self) -> None:
        self._service.ask("GET", "/assets/there-is-no-such-file.js", 404)

    def _get(self, path: str, name: str) -> httpx.Response:
        """The answer at `path`, with the headers of the file `name`."""
        answer = self._service.ask("GET", path, headers=_BROWSER)
        media = _ORIGIN_OF_MEDIA.search(answer.headers.get("Content-Security-Policy", "") + ";")
        expected = site_headers(name, media_origin=media[1] if media else "")
        expected["Content-Type"] = content_type(name)
        for header, value in expected.items():
            found = answer.headers.get(header)
            expect(found == value, f"{path} has {header} {found!r} instead of {value!r}")
        if self._service.url.startswith("https:"):
            expect(answer.headers.get("Strict-Transport-Security"), f"{path} has no HSTS")
        return answer
