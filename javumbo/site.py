"""The web client beside the API: its files, and its page at every address of its own."""

import mimetypes
from pathlib import Path
from wsgiref.types import WSGIEnvironment

from chalice.app import Response

from javumbo.site_headers import site_headers

# What `npm run build` makes, beside this package.
BUILT = Path(__file__).resolve().parent.parent / "client" / "dist"

_INDEX = "/index.html"
# The service's own; a page of the client is at none of these.
_SERVICE = ("/api/", "/docs", "/downloads/", "/health", "/media/", "/openapi.json", "/uploads/")
_TYPES = {".js": "text/javascript", ".webmanifest": "application/manifest+json"}


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
        return self._file(name, method)

    def _file(self, name: str, method: str) -> Response:
        content = self._files[name].read_bytes()
        headers: dict[str, str | list[str]] = {
            **site_headers(name),
            "Content-Type": _content_type(name),
            "Content-Length": str(len(content)),
        }
        return Response(b"" if method == "HEAD" else content, headers=headers)


def _is_page(path: str, environ: WSGIEnvironment) -> bool:
    """Whether a browser goes to an address of the client; programs get the API's 404."""
    wants_page = "text/html" in environ.get("HTTP_ACCEPT", "")
    return wants_page and not path.startswith(_SERVICE)


def _content_type(name: str) -> str:
    suffix = Path(name).suffix
    kind = _TYPES.get(suffix) or mimetypes.guess_type(name)[0] or "application/octet-stream"
    return f"{kind}; charset=utf-8" if kind.startswith("text/") else kind
