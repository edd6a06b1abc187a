"""SQLite work on one private file.

A draft that leaves the file as it is, a reading that cannot write, and the making of a new file.
Nobody can end the transaction from inside, attach files or set pragmas; savepoints work.
"""

import os
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, BinaryIO, Protocol
from weakref import WeakSet

from chalicelib.errors import StorageUnavailableError
from chalicelib.storage.disk import disk_errors
from chalicelib.storage.image import set_wal_mode
from chalicelib.storage.pages import Pages, committed_pages

# Only the process that made it ever sees the file, and a broken one is thrown away, so nothing
# is gained from waiting for the disk. Locking comes first: it is what lets a WAL do without
# shared memory.
_PRIVATE_FILE = (
    "PRAGMA locking_mode = EXCLUSIVE",
    "PRAGMA synchronous = OFF",
    "PRAGMA temp_store = MEMORY",
    "PRAGMA trusted_schema = OFF",
)
_DRAFT = (*_PRIVATE_FILE, "PRAGMA wal_autocheckpoint = 0")
_NEW_FILE = (
    *_PRIVATE_FILE,
    "PRAGMA journal_mode = MEMORY",
    "PRAGMA page_size = 4096",
    "PRAGMA encoding = 'UTF-8'",
)
_READ_ONLY = ("PRAGMA query_only = ON", "PRAGMA trusted_schema = OFF")

_DENIED = frozenset(
    {
        sqlite3.SQLITE_TRANSACTION,
        sqlite3.SQLITE_ATTACH,
        sqlite3.SQLITE_DETACH,
        sqlite3.SQLITE_PRAGMA,
    }
)
# What the file or the disk is to blame for, never the statement.
_BROKEN = frozenset(
    {
        sqlite3.SQLITE_CORRUPT,
        sqlite3.SQLITE_NOTADB,
        sqlite3.SQLITE_IOERR,
        sqlite3.SQLITE_FULL,
        sqlite3.SQLITE_CANTOPEN,
    }
)


class CollectionConnection(sqlite3.Connection):
    """Remembers its cursors.

    One that was read halfway would prevent the commit, or keep the file open after it.
    """

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._cursors: WeakSet[sqlite3.Cursor] = WeakSet()

    def cursor(self, factory: Any = sqlite3.Cursor) -> Any:
        return self._remembered(super().cursor(factory))

    # These make their cursors without calling `cursor`.
    def execute(self, sql: str, parameters: Any = (), /) -> sqlite3.Cursor:
        return self._remembered(super().execute(sql, parameters))

    def executemany(self, sql: str, parameters: Any, /) -> sqlite3.Cursor:
        return self._remembered(super().executemany(sql, parameters))

    def _remembered(self, cursor: sqlite3.Cursor) -> sqlite3.Cursor:
        self._cursors.add(cursor)
        return cursor

    def close_cursors(self) -> None:
        for cursor in list(self._cursors):
            cursor.close()

    def close(self) -> None:
        self.close_cursors()
        super().close()


class Recorder(Protocol):
    """Notes what a change does while it is made; the engine knows nothing of what is noted."""

    def begin(self, conn: sqlite3.Connection) -> None:
        """Start on a connection inside its transaction. TEMP tables and triggers may stay."""

    def end(self, conn: sqlite3.Connection) -> bytes:
        """What was noted, before the transaction is committed."""


@dataclass(eq=False, slots=True)
class Draft:
    """A transaction on a file, beside it: afterwards `pages` are what it would change.

    None where it changed nothing. `noted` is what the recorder gave.
    """

    conn: sqlite3.Connection
    pages: Pages | None = None
    noted: bytes = b""


@contextmanager
def drafting(path: Path, page_size: int, recorder: Recorder | None = None) -> Iterator[Draft]:
    """A transaction on the file at rest, which itself never changes, however this ends.

    The change is written to a WAL, read from there when the block is left normally, and thrown
    away. Raises StorageUnavailableError when the file or the disk is broken, and
    sqlite3.ProgrammingError when the transaction was ended from inside (INSERT OR ROLLBACK).
    """
    wal = path.with_name(f"{path.name}-wal")
    with disk_errors():
        for beside in (wal, path.with_name(f"{path.name}-journal")):
            beside.unlink(missing_ok=True)
        set_wal_mode(path, on=True)
    try:
        with _opened(f"{path.absolute().as_uri()}?vfs=unix-none", _DRAFT) as conn:
            conn.execute("BEGIN IMMEDIATE")
            # By its descriptor, as SQLite has it: the name can be taken away by a connection
            # of an earlier draft that somebody kept from closing.
            with disk_errors():
                log = wal.open("r+b")
            with log:
                try:
                    draft = Draft(conn)
                    yield from _drafted(conn, draft, recorder)
                    with disk_errors():
                        draft.pages = committed_pages(log, page_size)
                finally:
                    _discard(conn, log)
    finally:
        with disk_errors():
            wal.unlink(missing_ok=True)
            set_wal_mode(path, on=False)


def _drafted(
    conn: CollectionConnection, draft: Draft, recorder: Recorder | None
) -> Iterator[Draft]:
    if recorder:
        recorder.begin(conn)
    with _guarded(conn):
        yield draft
    _check_open(conn)
    if recorder:
        draft.noted = recorder.end(conn)
        conn.close_cursors()
    conn.execute("COMMIT")


def _check_open(conn: CollectionConnection) -> None:
    conn.close_cursors()
    if not conn.in_transaction:
        raise sqlite3.ProgrammingError("the transaction was ended from inside")


def _discard(conn: sqlite3.Connection, log: BinaryIO) -> None:
    """Leave a closing connection nothing to write into the file.

    Closing copies the WAL into the file; from an empty WAL it cannot, whatever it remembers of
    it. SQLite can be told not to try since Python 3.12.
    """
    with disk_errors():
        os.truncate(log.fileno(), 0)
    set_config = getattr(conn, "setconfig", None)
    if set_config:
        set_config(sqlite3.SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, True)  # type: ignore[attr-defined]


@contextmanager
def making(path: Path) -> Iterator[sqlite3.Connection]:
    """A transaction that makes a new file, with 4096-byte pages in UTF-8."""
    with _opened(str(path), _NEW_FILE) as conn:
        conn.execute("BEGIN IMMEDIATE")
        with _guarded(conn):
            yield conn
        _check_open(conn)
        conn.execute("COMMIT")


@contextmanager
def reading(path: Path) -> Iterator[sqlite3.Connection]:
    """A connection that can only read, over a file that nobody changes any more."""
    with _opened(_read_only(path), _READ_ONLY) as conn:
        conn.execute("BEGIN")
        with _guarded(conn):
            yield conn


def check_integrity(path: Path) -> None:
    """Raises StorageUnavailableError when the file's pages do not make a sound database."""
    try:
        with _opened(_read_only(path), _READ_ONLY) as conn:
            sound = conn.execute("PRAGMA quick_check(1)").fetchone() == ("ok",)
    except sqlite3.DatabaseError as error:
        raise StorageUnavailableError from error
    if not sound:
        raise StorageUnavailableError("The stored collection is damaged; nothing was changed.")


def _read_only(path: Path) -> str:
    """An address that takes no locks and looks for no journal."""
    return f"{path.absolute().as_uri()}?mode=ro&immutable=1"


@contextmanager
def _opened(database: str, pragmas: tuple[str, ...]) -> Iterator[CollectionConnection]:
    conn = None
    try:
        conn = sqlite3.connect(
            database,
            isolation_level=None,
            factory=CollectionConnection,
            uri=database.startswith("file:"),
        )
        for pragma in pragmas:
            conn.execute(pragma)
        yield conn
    except sqlite3.DatabaseError as error:
        if _is_broken(error):
            raise StorageUnavailableError from error
        raise
    finally:
        if conn:
            conn.close()


def _is_broken(error: sqlite3.Error) -> bool:
    """The low byte is the primary result code."""
    code = getattr(error, "sqlite_errorcode", sqlite3.SQLITE_OK)
    return code & 0xFF in _BROKEN


@contextmanager
def _guarded(conn: sqlite3.Connection) -> Iterator[None]:
    """Keeps the block inside its transaction and its file."""

    def authorize(action: int, *_: str | None) -> int:
        # A savepoint outside would begin another transaction, after one that was rolled back.
        outside = action == sqlite3.SQLITE_SAVEPOINT and not conn.in_transaction
        return sqlite3.SQLITE_DENY if outside or action in _DENIED else sqlite3.SQLITE_OK

    conn.set_authorizer(authorize)
    yield
    conn.set_authorizer(None)
