"""A commit log in a SQLite file of this machine, shared by any number of threads and processes.

Needs a local file system, one where hard links, locks and shared memory work between processes.
"""

import os
import sqlite3
import tempfile
from collections import deque
from collections.abc import Iterable, Iterator
from contextlib import closing, contextmanager, suppress
from pathlib import Path
from typing import NamedTuple

from chalicelib.errors import ConfigurationError, StorageUnavailableError
from chalicelib.storage.disk import DurableFiles, disk_errors
from chalicelib.storage.ports import (
    RING_SLOTS,
    AmbiguousOutcomeError,
    Following,
    LogEntry,
    Mark,
)
from chalicelib.storage.ring import following, slots_from

_SCHEMA = """
PRAGMA journal_mode = WAL;
CREATE TABLE commits (
    ring TEXT NOT NULL,
    slot INTEGER NOT NULL,
    seq INTEGER NOT NULL,
    tx TEXT NOT NULL,
    segment BLOB NOT NULL,
    PRIMARY KEY (ring, slot)
);
CREATE TABLE marks (ring TEXT NOT NULL PRIMARY KEY, at_ms INTEGER NOT NULL);
"""
_APPEND = """
INSERT INTO commits (ring, slot, seq, tx, segment) VALUES (?, ?, ?, ?, ?)
ON CONFLICT (ring, slot)
DO UPDATE SET seq = excluded.seq, tx = excluded.tx, segment = excluded.segment
WHERE seq < excluded.seq
"""
_MARK = """
INSERT INTO marks (ring, at_ms) VALUES (?, ?)
ON CONFLICT (ring) DO UPDATE SET at_ms = max(at_ms, excluded.at_ms)
"""


class SQLiteCommitLog:
    """Rings in the file at `path`; an acknowledged append has reached the disk.

    The file is created when the log is made; one that vanishes later is an outage and not an
    empty log. A call waits up to `busy_timeout_s` seconds for the writes of others. Connections
    are kept until `close`, as opening and closing one costs writes of its own.
    """

    def __init__(self, path: Path, *, slots: int = RING_SLOTS, busy_timeout_s: float = 10) -> None:
        """Raises ConfigurationError when the file cannot be created or is not a commit log."""
        self._slots = slots
        self._connections = _Connections(path, busy_timeout_s)
        try:
            _create_file(path)
            self.marks()
        except (OSError, sqlite3.Error, StorageUnavailableError) as error:
            raise ConfigurationError("The file of commits cannot be created or used.") from error

    @property
    def slots(self) -> int:
        return self._slots

    def append(self, ring: str, entry: LogEntry) -> LogEntry | None:
        slot = entry.seq % self._slots
        values = (ring, slot, entry.seq, entry.tx, entry.segment)
        with self._connections.lent() as conn:
            conn.execute("BEGIN IMMEDIATE")
            if conn.execute(_APPEND, values).rowcount:
                _commit(conn)
                return None
            (occupant,) = _held(conn, ring, [slot])
            conn.execute("ROLLBACK")
            return occupant

    def following(self, ring: str, seq: int) -> Following:
        with self._connections.lent() as conn:
            found = _held(conn, ring, slots_from(seq, self._slots))
        return following(found, seq, self._slots)

    def entries(self, ring: str) -> list[LogEntry]:
        with self._connections.lent() as conn:
            return _held(conn, ring, range(self._slots))

    def delete(self, ring: str) -> None:
        with self._connections.lent() as conn:
            conn.execute("BEGIN IMMEDIATE")
            conn.execute("DELETE FROM commits WHERE ring = ?", (ring,))
            conn.execute("DELETE FROM marks WHERE ring = ?", (ring,))
            conn.execute("COMMIT")

    def mark(self, mark: Mark) -> None:
        with self._connections.lent() as conn:
            conn.execute(_MARK, (mark.ring, mark.at_ms))

    def marks(self) -> list[Mark]:
        with self._connections.lent() as conn:
            return [Mark(*row) for row in conn.execute("SELECT ring, at_ms FROM marks")]

    def unmark(self, mark: Mark) -> None:
        with self._connections.lent() as conn:
            conn.execute("DELETE FROM marks WHERE ring = ? AND at_ms = ?", (mark.ring, mark.at_ms))

    def close(self) -> None:
        """Close the connections that nobody uses; a later call opens its own."""
        self._connections.close()


class _File(NamedTuple):
    """Which file lies at a path."""

    device: int
    inode: int


class _Connections:
    """Open connections to the file at `path`, each lent to one caller at a time.

    They lead to the file that was there when they were opened, even when that is deleted: which
    one is there is looked up before each use. Those that were inherited through a fork are the
    parent's; they are neither used nor closed.
    """

    def __init__(self, path: Path, busy_timeout_s: float) -> None:
        self._path = path
        self._busy_timeout_s = busy_timeout_s
        self._idle: deque[tuple[_File, sqlite3.Connection]] = deque()
        self._inherited: list[object] = []
        self._pid = os.getpid()

    @contextmanager
    def lent(self) -> Iterator[sqlite3.Connection]:
        """A connection on which each statement is a transaction of its own.

        It is closed, which takes back what was not committed, where the block raises; an error
        of SQLite's is raised as StorageUnavailableError.
        """
        try:
            with disk_errors():
                file = _file_at(self._path)
            conn = self._kept(file) or self._opened()
            try:
                yield conn
            except BaseException:
                conn.close()
                raise
        except sqlite3.Error as error:
            raise StorageUnavailableError from error
        self._idle.append((file, conn))

    def close(self) -> None:
        while kept := self._pop():
            kept[1].close()

    def _kept(self, file: _File) -> sqlite3.Connection | None:
        """An idle connection to this very file."""
        while kept := self._pop():
            if kept[0] == file:
                return kept[1]
            kept[1].close()
        return None

    def _pop(self) -> tuple[_File, sqlite3.Connection] | None:
        if self._pid != os.getpid():
            self._inherited.append(self._idle)
            self._idle, self._pid = deque(), os.getpid()
        try:
            return self._idle.pop()
        except IndexError:
            return None

    def _opened(self) -> sqlite3.Connection:
        conn = sqlite3.connect(
            f"{self._path.absolute().as_uri()}?mode=rw",
            uri=True,
            timeout=self._busy_timeout_s,
            isolation_level=None,
            check_same_thread=False,
        )
        try:
            conn.execute("PRAGMA synchronous = FULL")
        except BaseException:
            conn.close()
            raise
        return conn


def _create_file(path: Path) -> None:
    """A log that only its owner reads, unless there is a file.

    It appears whole under its name: of several processes that start at once one creates it.
    """
    if path.exists():
        return
    files = DurableFiles()
    files.make_directory(path.parent)
    descriptor, name = tempfile.mkstemp(prefix=f"{path.name}-", dir=path.parent)
    os.close(descriptor)
    try:
        with closing(sqlite3.connect(name)) as conn:
            conn.executescript(_SCHEMA)
        with suppress(FileExistsError):
            path.hardlink_to(name)
    finally:
        files.remove(Path(name))
        files.sync(path.parent)


def _file_at(path: Path) -> _File:
    stat = path.stat()
    return _File(stat.st_dev, stat.st_ino)


def _held(conn: sqlite3.Connection, ring: str, slots: Iterable[int]) -> list[LogEntry]:
    """The entries in these slots of the ring, by number, as they are at one moment."""
    chosen = ", ".join(map(str, slots))
    rows = conn.execute(
        f"SELECT seq, tx, segment FROM commits WHERE ring = ? AND slot IN ({chosen}) ORDER BY seq",
        (ring,),
    )
    return [LogEntry(*row) for row in rows]


def _commit(conn: sqlite3.Connection) -> None:
    """Where the disk fails now, the commit may still be found after a crash."""
    try:
        conn.execute("COMMIT")
    except sqlite3.Error as error:
        raise AmbiguousOutcomeError from error
