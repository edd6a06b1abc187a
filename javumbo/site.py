"""The web client beside the API: its files, and its page at every address of its own."""

import gzip
from functools import cache
from pathlib import Path
from wsgiref.types import WSGIEnvironment

from chalice.app import Response

from javumbo.site_headers import content_type, site_headers

# What `npm run build` makes, beside this package.
BUILT = Path(__file__).resolve().parent.parent / "client" / "dist"

_INDEX = "/index.html"
# The service's own; a page of the client is at none of these.
_SERVICE = ("/api/", "/docs", "/downloads/", "/health", "/media/", "/openapi.json", "/uploads/")
# What becomes much smaller by it; pictures and fonts are compressed already.
_COMPRESSED = ("text/", "application/json", "application/manifest+json", "image/svg+xml")


class Site:
    """Answers the requests of browsers for the web client, and no others."""

    def __init__(self, folder: Path = BUILT) -> None:
        """`folder` is a build of the client; where there is none, nothing is answered."""
        self._files = {
            f"/{path.relative_to(folder).as_posix()}": path
            for path in folder.rglob("*")
            if path.is_file()
        }

    def answer(self, environ: WSGIEnvironment) -> Response | None:
        """None for a request that is none of these."""
        method, path = environ["REQUEST_METHOD"], environ["PATH_INFO"]
        if method not in {"GET", "HEAD"} or not self._files:
            return None
        name = path if path in self._files else _INDEX
        if name == _INDEX and not (path in {"/", _INDEX} or _is_page(path, environ)):
            return None
        zipped = "gzip" in environ.get("HTTP_ACCEPT_ENCODING", "")
        return self._file(name, method, zipped=zipped)

    def _file(self, name: str, method: str, *, zipped: bool) -> Response:
        kind = content_type(name)
        headers: dict[str, str | list[str]] = {**site_headers(name), "Content-Type": kind}
        if kind.startswith(_COMPRESSED):
            headers["Vary"] = "Accept-Encoding"
        if zipped and "Vary" in headers:
            content = _gzipped(self._files[name])
            headers["Content-Encoding"] = "gzip"
        else:
            content = self._files[name].read_bytes()
        headers["Content-Length"] = str(len(content))
        return Response(b"" if method == "HEAD" else content, headers=headers)


def _is_page(path: str, environ: WSGIEnvironment) -> bool:
    """Whether a browser goes to an address of the client; programs get the API's 404."""
    wants_page = "text/html" in environ.get("HTTP_ACCEPT", "")
    return wants_page and not path.startswith(_SERVICE)


@cache
def _gzipped(path: Path) -> bytes:
    return gzip.compress(path.read_bytes(), mtime=0)
