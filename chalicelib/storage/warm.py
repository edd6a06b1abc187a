"""The warm copies: the collection files that this process has at hand, each with its version."""

import os
import re
import shutil
import tempfile
import threading
import weakref
from collections import OrderedDict
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from chalicelib.storage.disk import disk_errors
from chalicelib.storage.versions import Version

_DIRECTORY = re.compile(r"javumbo-(\d{1,9})-.+")

# The directories of this very process: their number alone could be a dead predecessor's.
_own_names: set[str] = set()
_making = threading.Lock()


@dataclass(eq=False, slots=True)
class WarmCopy:
    """A file that never changes again; `users` borrowers keep it from being removed."""

    path: Path
    version: Version
    size: int
    users: int = 0
    dropped: bool = False


class WarmCopies:
    """One copy a user in a directory that is this process's own; safe to use from many threads.

    A copy says nothing about what is stored now: whoever borrows it validates its version. When
    all of them exceed `max_bytes` the least recently used go, never one that is borrowed. Made in
    the process that uses it, not before a fork.
    """

    def __init__(self, parent: Path | None, max_bytes: int) -> None:
        self._parent = parent or Path(tempfile.gettempdir())
        self._max_bytes = max_bytes
        self._lock = threading.Lock()
        self._copies: OrderedDict[str, WarmCopy] = OrderedDict()
        self._directory: Path | None = None

    def borrow(self, username: str) -> WarmCopy | None:
        """The user's copy, to be given back; None when there is none."""
        with self._lock:
            copy = self._copies.get(username)
            if copy is None or not copy.path.exists():
                return None
            copy.users += 1
            self._copies.move_to_end(username)
            return copy

    def give_back(self, copy: WarmCopy) -> None:
        with self._lock:
            copy.users -= 1
            self._remove_if_idle(copy)
            self._shrink()

    def keep(self, username: str, path: Path, version: Version) -> WarmCopy:
        """Make the file, a draft's, the user's copy; borrowed for the caller at once.

        Raises StorageUnavailableError when the file is gone.
        """
        with disk_errors():
            copy = WarmCopy(self._fresh_path(), version, path.stat().st_size, users=1)
            path.rename(copy.path)
        with self._lock:
            self._drop(username)
            self._copies[username] = copy
        return copy

    def forget(self, username: str) -> None:
        with self._lock:
            self._drop(username)

    @contextmanager
    def draft(self, content: Path | bytes | None = None) -> Iterator[Path]:
        """A private file to work on, gone afterwards unless it was kept.

        `content` is another file's or the bytes; without it the file is not there yet.
        Raises StorageUnavailableError when the disk does not take it.
        """
        with disk_errors():
            path = self._fresh_path()
        try:
            with disk_errors():
                _fill(path, content)
            yield path
        finally:
            path.unlink(missing_ok=True)

    def _drop(self, username: str) -> None:
        copy = self._copies.pop(username, None)
        if copy:
            copy.dropped = True
            self._remove_if_idle(copy)

    def _shrink(self) -> None:
        excess = sum(copy.size for copy in self._copies.values()) - self._max_bytes
        for username, copy in list(self._copies.items()):
            if excess <= 0:
                return
            if copy.users == 0:
                excess -= copy.size
                self._drop(username)

    def _remove_if_idle(self, copy: WarmCopy) -> None:
        if copy.dropped and copy.users == 0:
            copy.path.unlink(missing_ok=True)

    def _fresh_path(self) -> Path:
        with self._lock:
            if self._directory is None or not self._directory.exists():
                self._directory = _make_directory(self._parent)
                weakref.finalize(self, _remove_own, self._directory, os.getpid())
            directory = self._directory
        return directory / f"{os.urandom(8).hex()}.anki2"


def _fill(path: Path, content: Path | bytes | None) -> None:
    if isinstance(content, Path):
        shutil.copyfile(content, path)
    elif content is not None:
        path.write_bytes(content)


def _make_directory(parent: Path) -> Path:
    """One at a time: no thread takes another one's new directory for a dead predecessor's."""
    parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    with _making:
        _remove_dead(parent)
        directory = Path(tempfile.mkdtemp(prefix=f"javumbo-{os.getpid()}-", dir=parent))
        _own_names.add(directory.name)
    return directory


def _remove_dead(parent: Path) -> None:
    """Remove what processes that are gone left behind: after a crash no file is to be trusted."""
    for path in parent.glob("javumbo-*"):
        match = _DIRECTORY.fullmatch(path.name)
        if match and path.name not in _own_names and not _lives(int(match[1])):
            shutil.rmtree(path, ignore_errors=True)


def _lives(pid: int) -> bool:
    if pid == os.getpid():
        return False
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True


def _remove_own(directory: Path, pid: int) -> None:
    """Not in a forked child, whose parent still works here."""
    if pid == os.getpid():
        shutil.rmtree(directory, ignore_errors=True)
        _own_names.discard(directory.name)
