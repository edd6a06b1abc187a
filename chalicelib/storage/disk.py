"""The local disk: files that are whole or not there, names that last, and what refusals mean."""

import os
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO

from chalicelib.errors import StorageUnavailableError

CHUNK_BYTES = 1 << 20


@contextmanager
def disk_errors() -> Iterator[None]:
    """What the disk refuses inside is raised as StorageUnavailableError."""
    try:
        yield
    except OSError as error:
        raise StorageUnavailableError from error


@contextmanager
def new_file(path: Path) -> Iterator[BinaryIO]:
    """A new file for its owner only, removed again when the block fails.

    A file that had the name before is not touched, whoever else has it open or under another name.
    """
    path.unlink(missing_ok=True)
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    try:
        with open(descriptor, "wb") as file:
            yield file
    except BaseException:
        path.unlink(missing_ok=True)
        raise


def chunks_of(data: bytes | Path) -> Iterator[bytes]:
    """The bytes, or those of the file at the path, never much of a file at once."""
    if isinstance(data, bytes):
        yield data
        return
    with data.open("rb") as file:
        yield from chunks_left(file)


def chunks_left(file: BinaryIO) -> Iterator[bytes]:
    """What is left to read of an open file."""
    while chunk := file.read(CHUNK_BYTES):
        yield chunk


class DurableFiles:
    """Changes of a directory, each done at once for every reader or refused with OSError.

    Names given, moved or removed outlast a power failure from `sync` on; the bytes of a file do
    from the start.
    """

    def write(self, path: Path, chunks: Iterable[bytes]) -> os.stat_result:
        """Make a new file, readable by its owner only, under a name that nobody reads yet."""
        with new_file(path) as file:
            for chunk in chunks:
                file.write(chunk)
            file.flush()
            os.fsync(file.fileno())
            return os.fstat(file.fileno())

    def link(self, source: Path, target: Path) -> None:
        """Give the file `source` a second name, and take that from the file that has it."""
        target.unlink(missing_ok=True)
        target.hardlink_to(source)

    def rename(self, source: Path, target: Path) -> None:
        """Put a file in the place of another one."""
        source.replace(target)

    def remove(self, path: Path) -> None:
        """Remove a file; fine when it is not there."""
        path.unlink(missing_ok=True)

    def make_directory(self, directory: Path) -> None:
        """Make a directory and its parents where they are missing, for its owner only; lasting."""
        if directory.is_dir():
            return
        self.make_directory(directory.parent)
        directory.mkdir(mode=0o700, exist_ok=True)
        self.sync(directory.parent)

    def sync(self, directory: Path) -> None:
        """Make all that was done to the names in the directory last."""
        descriptor = os.open(directory, os.O_RDONLY | os.O_DIRECTORY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)
