"""Answers the requests for the page."""

from functools import cached_property
from wsgiref.types import WSGIEnvironment

from chalice.app import Response

from chalicelib.settings import Settings
from javumbo.reference.page import CONTENT_SECURITY_POLICY, reference_page

PATHS = {"/docs", "/docs/"}


class Reference:
    """The page of the routes under these settings; made when it is first asked for."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings

    def answer(self, environ: WSGIEnvironment) -> Response | None:
        """None for a request for something else."""
        method = environ["REQUEST_METHOD"]
        if method not in {"GET", "HEAD"} or environ["PATH_INFO"] not in PATHS:
            return None
        headers: dict[str, str | list[str]] = {
            "Content-Type": "text/html; charset=utf-8",
            "Content-Length": str(len(self._page)),
            "Content-Security-Policy": CONTENT_SECURITY_POLICY,
            "Cache-Control": "no-cache",
            "Referrer-Policy": "no-referrer",
            "X-Content-Type-Options": "nosniff",
        }
        return Response(b"" if method == "HEAD" else self._page, headers=headers)

    @cached_property
    def _page(self) -> bytes:
        from chalicelib.api.openapi import document  # noqa: PLC0415 - not before it is asked for

        return reference_page(document(self._settings)).encode()
