"""Files of this machine: read and written so that what fails is one sentence."""

import os
import secrets
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import BinaryIO

from javumbo.client.errors import FileProblemError


@contextmanager
def reading(path: Path) -> Iterator[BinaryIO]:
    """The open file. Raises FileProblemError."""
    with file_problems(path, "read"):
        file = path.open("rb")
    with file:
        yield file


def size_of(path: Path) -> int:
    """Of a file that can be read, in bytes. Raises FileProblemError."""
    with file_problems(path, "read"):
        if not path.is_file() and path.exists():
            raise FileProblemError(f"{path} is not a file.")
        with path.open("rb") as file:
            return os.fstat(file.fileno()).st_size


@contextmanager
def replacing(target: Path, *, mode: int = 0o666) -> Iterator[BinaryIO]:
    """A new file that takes the target's place at the end, or, if anything fails, leaves nothing.

    `mode` is limited by the process's umask. Raises FileProblemError.
    """
    temporary = target.with_name(f".javumbo-{secrets.token_hex(8)}.part")
    try:
        with file_problems(target, "written"):
            number = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL, mode)
            with open(number, "wb") as file:
                yield file
            temporary.replace(target)
    finally:
        with suppress(OSError):
            temporary.unlink(missing_ok=True)


@contextmanager
def file_problems(path: Path, done: str) -> Iterator[None]:
    """Turns an OSError into the sentence that the path cannot be `done`."""
    try:
        yield
    except OSError as error:
        reason = error.strerror or str(error)
        raise FileProblemError(f"{path} cannot be {done}: {reason}.") from error
