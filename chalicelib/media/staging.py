"""Files on their way in: on the disk, with their hashes, within the limit."""

import hashlib
import tempfile
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from chalicelib.errors import TooLargeError
from chalicelib.storage.disk import CHUNK_BYTES, disk_errors


@dataclass(frozen=True, slots=True)
class Received:
    """A whole file at `path`, and what it is; `size` is in bytes."""

    path: Path
    sha256: bytes
    sha1: bytes
    size: int


@contextmanager
def scratch_file(work_dir: Path | None) -> Iterator[Path]:
    """The path of a private file that is gone afterwards."""
    with disk_errors():
        if work_dir:
            work_dir.mkdir(parents=True, exist_ok=True)
        folder = tempfile.TemporaryDirectory(prefix="javumbo-media-", dir=work_dir)
    with folder as name:
        yield Path(name, "content")


def receive(chunks: Iterable[bytes], path: Path, max_bytes: int) -> Received:
    """Write what comes to the file `path`; raises TooLargeError as soon as it is over the limit."""
    sha256, sha1 = hashlib.sha256(), hashlib.sha1(usedforsecurity=False)
    size = 0
    with disk_errors(), path.open("wb") as file:
        for chunk in chunks:
            size += len(chunk)
            if size > max_bytes:
                raise TooLargeError(f"A media file is larger than the limit of {max_bytes} bytes.")
            sha256.update(chunk)
            sha1.update(chunk)
            file.write(chunk)
    return Received(path, sha256.digest(), sha1.digest(), size)


def chunks_between(path: Path, start: int, end: int) -> Iterator[bytes]:
    """The bytes of a file from `start` up to, but not with, `end`."""
    with disk_errors(), path.open("rb") as file:
        file.seek(start)
        while start < end and (chunk := file.read(min(CHUNK_BYTES, end - start))):
            start += len(chunk)
            yield chunk
