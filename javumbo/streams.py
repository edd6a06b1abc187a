"""Large files over signed addresses, piece by piece: they never lie in memory whole.

Chalice's routes for the same addresses would read a body, or make one, in memory.
"""

from collections.abc import Iterator
from functools import partial
from typing import BinaryIO
from wsgiref.types import WSGIEnvironment

from chalice.app import Response

from chalicelib.api.http import json_response
from chalicelib.errors import TooLargeError
from chalicelib.storage.disk import CHUNK_BYTES
from chalicelib.transfers.local import DOWNLOADS, UPLOADS, LocalDoor

# What is answered: status, headers and JSON, or a file in the place of the JSON.
Streamed = tuple[Response, BinaryIO | None]


class Streams:
    """Answers the requests that bring or fetch large files, and no others."""

    def __init__(self, door: LocalDoor) -> None:
        self._door = door

    def max_body_bytes(self, method: str, path: str) -> int:
        """How large a body may be; 0 for a request that is none of these."""
        return self._door.max_bytes(path.removeprefix(UPLOADS)) if _is_upload(method, path) else 0

    def answer(self, environ: WSGIEnvironment) -> Streamed | None:
        """None for a request that is none of these. Raises JavumboError."""
        method, path = environ["REQUEST_METHOD"], environ["PATH_INFO"]
        if _is_upload(method, path):
            return self._received(path.removeprefix(UPLOADS), environ), None
        if method == "GET" and path.startswith(DOWNLOADS):
            return self._given(path.removeprefix(DOWNLOADS))
        return None

    def _received(self, token: str, environ: WSGIEnvironment) -> Response:
        length = int(environ.get("CONTENT_LENGTH") or 0)
        limit = self._door.max_bytes(token)
        if length > limit > 0:
            # What is over the limit was not kept.
            raise TooLargeError(f"The file is larger than the {limit} bytes agreed on.")
        size = self._door.receive(token, _chunks(environ["wsgi.input"]))
        return json_response({"success": True, "bytes": size})

    def _given(self, token: str) -> Streamed:
        with self._door.opened(token) as download:
            # Its name goes when the block ends, the file when it is closed.
            file = download.path.open("rb")
            size = str(download.path.stat().st_size)
            return Response(b"", headers={**download.headers, "Content-Length": size}), file


def _is_upload(method: str, path: str) -> bool:
    return method == "PUT" and path.startswith(UPLOADS)


def _chunks(stream: BinaryIO) -> Iterator[bytes]:
    return iter(partial(stream.read, CHUNK_BYTES), b"")
