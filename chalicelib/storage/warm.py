"""The warm copies: the replicas that this process has at hand, and whose turn it is with each."""

import os
import re
import shutil
import tempfile
import threading
import time
import weakref
from collections import OrderedDict
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from chalicelib.storage.disk import disk_errors
from chalicelib.storage.keys import Owner
from chalicelib.storage.replica import Replica

UNUSED_S = 600
MAX_FILL = 0.8

# How many connections are kept open: each takes three descriptors and up to 6 MB.
_MAX_OPEN = 8
# How long a thread waits for its turn before it works on a copy of its own.
_WAIT_S = 2.0
_DIRECTORY = re.compile(r"javumbo-(\d{1,9})-.+")

# The directories of this very process: their number alone could be a dead predecessor's.
_own_names: set[str] = set()
_making = threading.Lock()


@dataclass(eq=False, slots=True)
class Seat:
    """The place of one owner's replica; who has the turn may put one in or take it out."""

    owner: Owner
    path: Path
    replica: Replica | None = None
    marked_ms: int | None = None
    used_s: float = 0.0
    size: int = 0
    holder: int | None = None
    lock: threading.Lock = field(default_factory=threading.Lock)

    def drop(self) -> None:
        """Throw the replica away: what it holds is not to be trusted, or not needed."""
        self._let_go()
        for suffix in ("", "-wal", "-journal"):
            self.path.with_name(f"{self.path.name}{suffix}").unlink(missing_ok=True)

    def move(self, path: Path) -> None:
        """Have a place for another replica; the file of the one that was here is gone."""
        self._let_go()
        self.path = path

    @property
    def file_size(self) -> int:
        try:
            return os.stat(self.path).st_size
        except FileNotFoundError:
            return 0

    def _let_go(self) -> None:
        replica, self.replica = self.replica, None
        if replica:
            replica.close()


class WarmCopies:
    """One replica an owner in a directory that is this process's own; for many threads.

    Whoever uses a replica has the turn with it, alone. A thread that has the turn already, or
    that would have to wait for long, gets an empty seat of its own, so that nobody ever waits
    for ever. When all replicas exceed `max_bytes` the least recently used go, never one in use.
    """

    def __init__(
        self,
        parent: Path | None,
        max_bytes: int,
        *,
        clock: Callable[[], float] = time.monotonic,
        fill: Callable[[Path], float] | None = None,
        wait_s: float = _WAIT_S,
    ) -> None:
        """`clock` gives seconds; `fill` how full the disk under a path is, from 0 to 1."""
        self._parent = parent or Path(tempfile.gettempdir())
        self._max_bytes = max_bytes
        self._clock = clock
        self._fill = fill or _disk_fill
        self._wait_s = wait_s
        self._lock = threading.Lock()
        self._seats: OrderedDict[Owner, Seat] = OrderedDict()
        self._open: OrderedDict[Owner, Seat] = OrderedDict()
        self._bytes = 0
        self._directory: Path | None = None
        self._pid = os.getpid()
        _everywhere.add(self)

    @contextmanager
    def turn(self, owner: Owner) -> Iterator[Seat]:
        """The owner's seat, alone; its replica, where there is one, may be out of date.

        A replica whose use ended with anything but an Exception is dropped: its thread may have
        been stopped anywhere.
        """
        seat = self._taken(owner)
        try:
            yield seat
        except Exception:
            raise
        except BaseException:
            seat.drop()
            raise
        finally:
            self._leave(seat)

    def forget(self, owner: Owner) -> None:
        """Throw the owner's replica away; whoever is using it now goes on undisturbed."""
        with self._lock:
            seat = self._remove(owner)
        if seat and seat.lock.acquire(blocking=False):
            seat.drop()
            seat.lock.release()

    def clean_up(self, *, unused_s: float = UNUSED_S, max_fill: float = MAX_FILL) -> int:
        """Remove replicas unused for `unused_s` seconds; how many, never one in use.

        While the disk is fuller than `max_fill` (0 to 1) the least recently used go as well.
        """
        oldest = self._clock() - unused_s
        removed = self._evict(lambda seat: seat.used_s <= oldest)
        with disk_errors():
            directory = self._own_directory()
            return removed + self._evict(lambda _: self._fill(directory) > max_fill)

    @contextmanager
    def scratch(self) -> Iterator[Path]:
        """The path of a private file that is gone afterwards."""
        with disk_errors():
            path = self._fresh_path()
        try:
            yield path
        finally:
            path.unlink(missing_ok=True)

    def _taken(self, owner: Owner) -> Seat:
        me = threading.get_ident()
        seat = self._seat(owner)
        nested = seat.holder == me
        if nested or not seat.lock.acquire(timeout=self._wait_s):
            seat = self._fresh_seat(owner)
            seat.lock.acquire()
        seat.holder = me
        try:
            if seat.replica is None or not os.path.exists(seat.path):
                with disk_errors():
                    seat.move(self._fresh_path())
        except BaseException:
            self._leave(seat)
            raise
        return seat

    def _seat(self, owner: Owner) -> Seat:
        with self._lock:
            self._leave_parent()
            known = self._seats.get(owner)
            if known:
                self._seats.move_to_end(owner)
                return known
        fresh = self._fresh_seat(owner)
        with self._lock:
            return self._seats.setdefault(owner, fresh)

    def _fresh_seat(self, owner: Owner) -> Seat:
        with disk_errors():
            return Seat(owner, self._fresh_path())

    def _leave(self, seat: Seat) -> None:
        seat.used_s = self._clock()
        with self._lock:
            try:
                if self._seats.get(seat.owner) is seat:
                    self._seats.move_to_end(seat.owner)
                    self._bytes += (size := seat.file_size) - seat.size
                    seat.size = size
                    if seat.replica and seat.replica.is_open:
                        self._open[seat.owner] = seat
                        self._open.move_to_end(seat.owner)
                else:
                    seat.drop()
            finally:
                seat.holder = None
                seat.lock.release()
            self._close_all_but(_MAX_OPEN)
        self._shrink()

    def close_idle(self) -> None:
        """Close the connections that are kept, but those in use."""
        with self._lock:
            self._close_all_but(0)

    def _close_all_but(self, number: int) -> None:
        """Close the connections of all but so many seats, the least recently used first.

        Who is in use comes back when it is left.
        """
        while len(self._open) > number:
            _, seat = self._open.popitem(last=False)
            if seat.lock.acquire(blocking=False):
                try:
                    if seat.replica:
                        seat.replica.close()
                finally:
                    seat.lock.release()

    def _shrink(self) -> None:
        if self._bytes > self._max_bytes:
            self._evict(lambda _: self._bytes > self._max_bytes)

    def _evict(self, wanted: Callable[[Seat], bool]) -> int:
        """Remove the idle seats that are wanted, the least recently used first; how many."""
        removed = 0
        with self._lock:
            for owner, seat in list(self._seats.items()):
                if not wanted(seat) or not seat.lock.acquire(blocking=False):
                    continue
                removed += seat.replica is not None
                self._remove(owner)
                seat.drop()
                seat.lock.release()
        return removed

    def _remove(self, owner: Owner) -> Seat | None:
        seat = self._seats.pop(owner, None)
        self._bytes -= seat.size if seat else 0
        return seat

    def _fresh_path(self) -> Path:
        return self._own_directory() / f"{os.urandom(8).hex()}.anki2"

    def _own_directory(self) -> Path:
        with self._lock:
            self._leave_parent()
            if self._directory is None or not self._directory.exists():
                self._directory = _make_directory(self._parent)
                weakref.finalize(self, _remove_own, self._directory, os.getpid())
            return self._directory

    def _leave_parent(self) -> None:
        """A forked child leaves its parent's replicas alone."""
        if self._pid != os.getpid():
            self._seats.clear()
            self._open.clear()
            self._pid, self._directory, self._bytes = os.getpid(), None, 0


_everywhere: weakref.WeakSet[WarmCopies] = weakref.WeakSet()


def _close_idle_everywhere() -> None:
    for copies in list(_everywhere):
        copies.close_idle()


# A forked child has its parent's connections, and at its end would write into their files.
os.register_at_fork(before=_close_idle_everywhere)


def _disk_fill(path: Path) -> float:
    usage = shutil.disk_usage(path)
    return usage.used / usage.total


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
