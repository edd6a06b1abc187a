"""The local disk: changes that last, and what its refusals mean."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from chalicelib.errors import StorageUnavailableError


@contextmanager
def disk_errors() -> Iterator[None]:
    """What the disk refuses inside is raised as StorageUnavailableError."""
    try:
        yield
    except OSError as error:
        raise StorageUnavailableError from error


class DurableFiles:
    """Each method is done, the power may fail, or it has raised OSError."""

    def write(self, path: Path, data: bytes) -> os.stat_result:
        """Make or overwrite a file that nobody reads yet, readable by its owner only."""
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        with open(descriptor, "wb") as file:
            file.write(data)
            file.flush()
            os.fsync(descriptor)
            return os.fstat(descriptor)

    def rename(self, source: Path, target: Path) -> None:
        """Put a file in the place of another one, at once for every reader."""
        source.replace(target)
        self._sync(target.parent)

    def remove(self, path: Path) -> None:
        """Remove a file; fine when it is not there."""
        path.unlink(missing_ok=True)
        self._sync(path.parent)

    def make_directory(self, directory: Path) -> None:
        """Make a directory and its parents where they are missing, for its owner only."""
        if directory.is_dir():
            return
        self.make_directory(directory.parent)
        directory.mkdir(mode=0o700, exist_ok=True)
        self._sync(directory.parent)

    def _sync(self, directory: Path) -> None:
        descriptor = os.open(directory, os.O_RDONLY | os.O_DIRECTORY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)
