"""SQLite work on one private file.

A transaction that cannot be ended from inside, and a reading that cannot write.
"""

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from weakref import WeakSet

from chalicelib.errors import StorageUnavailableError

# Only the process that made it ever sees the file, and a broken one is thrown away, so nothing
# is gained from a journal file or from waiting for the disk.
_PRIVATE_FILE = (
    "PRAGMA journal_mode = MEMORY",
    "PRAGMA synchronous = OFF",
    "PRAGMA locking_mode = EXCLUSIVE",
    "PRAGMA temp_store = MEMORY",
    "PRAGMA trusted_schema = OFF",
)
_NEW_FILE = (*_PRIVATE_FILE, "PRAGMA page_size = 4096", "PRAGMA encoding = 'UTF-8'")
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


@contextmanager
def transaction(path: Path, *, new: bool = False) -> Iterator[sqlite3.Connection]:
    """A connection inside BEGIN IMMEDIATE: left normally it is committed, by an exception undone.

    Whoever holds it cannot end the transaction, attach files or set pragmas; savepoints work.
    With `new` the file is made, with 4096-byte pages in UTF-8.

    Raises StorageUnavailableError when the file or the disk is broken, and
    sqlite3.ProgrammingError when the transaction was ended from inside all the same (INSERT OR
    ROLLBACK): then nothing of it may be kept.
    """
    with _opened(str(path), _NEW_FILE if new else _PRIVATE_FILE) as conn:
        conn.execute("BEGIN IMMEDIATE")
        with _guarded(conn):
            yield conn
        conn.close_cursors()
        if not conn.in_transaction:
            raise sqlite3.ProgrammingError("the transaction was ended from inside")
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
    conn.set_authorizer(_authorize)
    yield
    conn.set_authorizer(None)


def _authorize(action: int, *_: str | None) -> int:
    return sqlite3.SQLITE_DENY if action in _DENIED else sqlite3.SQLITE_OK
