"""Where private copies lie while a command works, and what a killed one has left of them."""

import fcntl
import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

_PREFIX = "javumbo-migrate-"
# Locked by its process while that lives; it gets this name only once it is.
_LOCK = ".lock"
_UNLOCKED = ".lock-new"


@contextmanager
def workspace() -> Iterator[Path]:
    """A folder that everything temporary of this process lies in, removed in the end.

    It is in the system's temporary folder ($TMPDIR). Folders that killed commands of this user
    have left there are removed first.
    """
    remove_abandoned(Path(tempfile.gettempdir()))
    before = tempfile.tempdir
    with tempfile.TemporaryDirectory(prefix=_PREFIX) as name, _locked(Path(name)):
        tempfile.tempdir = name
        try:
            yield Path(name)
        finally:
            tempfile.tempdir = before


def remove_abandoned(folder: Path) -> int:
    """Remove what lies there of processes that are certainly gone; how many folders."""
    abandoned = [path for path in folder.glob(f"{_PREFIX}*") if _is_abandoned(path)]
    for path in abandoned:
        shutil.rmtree(path, ignore_errors=True)
    return len(abandoned)


@contextmanager
def _locked(folder: Path) -> Iterator[None]:
    with (folder / _UNLOCKED).open("w") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        (folder / _UNLOCKED).rename(folder / _LOCK)
        yield


def _is_abandoned(folder: Path) -> bool:
    """Whether its lock is nobody's. One that has none yet is just being made."""
    with suppress(OSError):
        if folder.is_symlink() or folder.stat().st_uid != os.getuid():
            return False
        with (folder / _LOCK).open() as file:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            return True
    return False
