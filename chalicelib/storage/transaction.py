"""SQLite work on one private file: a reading that cannot write, and the making of a new file.

Nobody can end the transaction from inside, attach files or set pragmas; savepoints work.
"""

import sqlite3
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Protocol
from weakref import ref

from chalicelib.errors import StorageUnavailableError

# Only the process that made it ever sees the file, and a broken one is thrown away, so nothing
# is gained from waiting for the disk. Locking comes first: it is what lets a WAL do without
# shared memory.
PRIVATE_FILE = (
    "PRAGMA locking_mode = EXCLUSIVE",
    "PRAGMA synchronous = OFF",
    "PRAGMA temp_store = MEMORY",
    "PRAGMA trusted_schema = OFF",
)
_NEW_FILE = (
    *PRIVATE_FILE,
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
# What makes or removes things that stay in the connection, and prepared savepoints, of which no
# second use would be asked about.
_LASTING = frozenset(
    {
        sqlite3.SQLITE_CREATE_TEMP_INDEX,
        sqlite3.SQLITE_CREATE_TEMP_TABLE,
        sqlite3.SQLITE_CREATE_TEMP_TRIGGER,
        sqlite3.SQLITE_CREATE_TEMP_VIEW,
        sqlite3.SQLITE_DROP_TEMP_INDEX,
        sqlite3.SQLITE_DROP_TEMP_TABLE,
        sqlite3.SQLITE_DROP_TEMP_TRIGGER,
        sqlite3.SQLITE_DROP_TEMP_VIEW,
        sqlite3.SQLITE_ALTER_TABLE,
        sqlite3.SQLITE_CREATE_VTABLE,
        sqlite3.SQLITE_DROP_VTABLE,
        sqlite3.SQLITE_SAVEPOINT,
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


# So many cursors may be remembered that are gone already.
_FORGOTTEN_CURSORS = 1000


class CollectionConnection(sqlite3.Connection):
    """Remembers its cursors.

    One that was read halfway would prevent the commit, or keep the file open after it.
    """

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._cursors: list[ref[sqlite3.Cursor]] = []
        self._room = _FORGOTTEN_CURSORS

    def cursor(self, factory: Any = sqlite3.Cursor) -> Any:
        return self._remembered(super().cursor(factory))

    # These make their cursors without calling `cursor`.
    def execute(self, sql: str, parameters: Any = (), /) -> sqlite3.Cursor:
        return self._remembered(super().execute(sql, parameters))

    def executemany(self, sql: str, parameters: Any, /) -> sqlite3.Cursor:
        return self._remembered(super().executemany(sql, parameters))

    def _remembered(self, cursor: sqlite3.Cursor) -> sqlite3.Cursor:
        self._cursors.append(ref(cursor))
        if len(self._cursors) > self._room:
            self._cursors = [known for known in self._cursors if known()]
            self._room = 2 * len(self._cursors) + _FORGOTTEN_CURSORS
        return cursor

    def close_cursors(self) -> None:
        for known in self._cursors:
            if cursor := known():
                cursor.close()
        self._cursors.clear()

    def close(self) -> None:
        self.close_cursors()
        super().close()


class Recorder(Protocol):
    """Notes what a change does while it is made; the engine knows nothing of what is noted."""

    def begin(self, conn: sqlite3.Connection) -> None:
        """Start on a connection inside its transaction.

        What belongs to the connection may stay: TEMP tables and triggers, functions. A later
        recorder of the same type, but none of another one, may be given the connection again.
        """

    def end(self, conn: sqlite3.Connection) -> bytes:
        """What was noted, before the transaction is committed."""


class Guard:
    """Keeps what runs inside in its transaction and in its file.

    It stays with the connection, as setting an authorizer makes SQLite prepare all statements
    anew. A prepared statement is not asked about again: what is allowed only at times must not be
    one of those that a connection keeps.

    `lasting` tells that something was done inside that outlives its transaction.
    """

    def __init__(self, conn: CollectionConnection) -> None:
        """Until somebody is inside everything is allowed."""
        self._conn = conn
        self._is_inside = False
        self.lasting = False
        conn.set_authorizer(self._authorize)

    @contextmanager
    def inside(self) -> Iterator[None]:
        self._is_inside = True
        try:
            yield
        finally:
            self._is_inside = False

    def _authorize(self, action: int, *_: str | None) -> int:
        if not self._is_inside:
            return sqlite3.SQLITE_OK
        self.lasting = self.lasting or action in _LASTING
        # A savepoint outside would begin another transaction, after one that was rolled back.
        outside = action == sqlite3.SQLITE_SAVEPOINT and not self._conn.in_transaction
        return sqlite3.SQLITE_DENY if outside or action in _DENIED else sqlite3.SQLITE_OK


@contextmanager
def making(path: Path) -> Iterator[sqlite3.Connection]:
    """A transaction that makes a new file, with 4096-byte pages in UTF-8."""
    with _opened(str(path), _NEW_FILE) as conn:
        conn.execute("BEGIN IMMEDIATE")
        with Guard(conn).inside():
            yield conn
        check_open(conn)
        conn.execute("COMMIT")


def check_open(conn: CollectionConnection) -> None:
    """Raises sqlite3.ProgrammingError when the transaction was ended; closes the cursors."""
    conn.close_cursors()
    if not conn.in_transaction:
        raise sqlite3.ProgrammingError("the transaction was ended from inside")


@contextmanager
def reading(path: Path) -> Iterator[sqlite3.Connection]:
    """A connection that can only read, over a file that nobody changes any more."""
    with _opened(_read_only(path), _READ_ONLY) as conn:
        conn.execute("BEGIN")
        with Guard(conn).inside():
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
    with broken_files_told():
        conn = connect(database, pragmas)
        try:
            yield conn
        finally:
            conn.close()


def connect(database: str, pragmas: Iterable[str]) -> CollectionConnection:
    """A connection that leaves transactions to its user; one thread at a time may use it."""
    conn = sqlite3.connect(
        database,
        isolation_level=None,
        check_same_thread=False,
        factory=CollectionConnection,
        uri=database.startswith("file:"),
    )
    try:
        for pragma in pragmas:
            conn.execute(pragma)
    except BaseException:
        conn.close()
        raise
    return conn


@contextmanager
def broken_files_told() -> Iterator[None]:
    """What SQLite raises inside because of a broken file becomes StorageUnavailableError."""
    try:
        yield
    except sqlite3.DatabaseError as error:
        # The low byte is the primary result code.
        code = getattr(error, "sqlite_errorcode", sqlite3.SQLITE_OK)
        if code & 0xFF in _BROKEN:
            raise StorageUnavailableError from error
        raise
