"""Uploading many blobs at once, with little on the disk at a time."""

from collections import deque
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import ExitStack
from types import TracebackType
from typing import NamedTuple, Self

from chalicelib.media.blobs import PersonBlobs
from chalicelib.media.staging import Received

_AT_ONCE = 16
# A function of AWS Lambda has 512 MB of disk, for this and for what is being unpacked.
_BYTES_AT_ONCE = 64 * 1024 * 1024


class _Upload(NamedTuple):
    size: int
    future: Future[None]


class Uploads:
    """`with Uploads(blobs) as uploads`: leaving waits for all; raises what one of them raised."""

    def __init__(self, blobs: PersonBlobs) -> None:
        self._blobs = blobs
        self._pool = ThreadPoolExecutor(_AT_ONCE)
        self._running: deque[_Upload] = deque()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self._pool.shutdown(wait=True)
        if error is None:
            self._wait(0, 0)

    def start(self, blob: str, received: Received, scratch: ExitStack) -> None:
        """Upload a file, and then close `scratch`, which holds it.

        Returns when there is room for another one.
        """
        future = self._pool.submit(self._upload, blob, received, scratch)
        self._running.append(_Upload(received.size, future))
        self._wait(_AT_ONCE, _BYTES_AT_ONCE)

    def _wait(self, most: int, most_bytes: int) -> None:
        """Wait until no more than so many are left, of no more than so many bytes together."""
        left_bytes = sum(upload.size for upload in self._running)
        while len(self._running) > most or left_bytes > most_bytes:
            first = self._running.popleft()
            left_bytes -= first.size
            first.future.result()

    def _upload(self, blob: str, received: Received, scratch: ExitStack) -> None:
        with scratch:
            self._blobs.put(blob, received.path)
