"""SQLite work on one private file, as the whole-file engine did it."""

import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

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

_HEADER_SIZE = 100
_CHUNK = 1 << 16


@contextmanager
def transaction(path: Path, *, new: bool = False) -> Iterator[sqlite3.Connection]:
    """A connection inside BEGIN IMMEDIATE: left normally it is committed, by an exception undone.

    Whoever holds it cannot end the transaction, attach files or set pragmas. With `new` the file
    is made, with 4096-byte pages in UTF-8.
    """
    with _opened(str(path), _NEW_FILE if new else _PRIVATE_FILE) as conn:
        conn.execute("BEGIN IMMEDIATE")
        with _guarded(conn):
            yield conn
        conn.execute("COMMIT")


@contextmanager
def reading(path: Path) -> Iterator[sqlite3.Connection]:
    """A connection that can only read, over a file that nobody changes any more."""
    with _opened(f"{path.absolute().as_uri()}?mode=ro&immutable=1", _READ_ONLY) as conn:
        conn.execute("BEGIN")
        with _guarded(conn):
            yield conn


@contextmanager
def _opened(database: str, pragmas: tuple[str, ...]) -> Iterator[sqlite3.Connection]:
    with closing(
        sqlite3.connect(database, isolation_level=None, uri=database.startswith("file:"))
    ) as conn:
        for pragma in pragmas:
            conn.execute(pragma)
        yield conn


@contextmanager
def _guarded(conn: sqlite3.Connection) -> Iterator[None]:
    conn.set_authorizer(_authorize)
    yield
    conn.set_authorizer(None)


def _authorize(action: int, *_: str | None) -> int:
    return sqlite3.SQLITE_DENY if action in _DENIED else sqlite3.SQLITE_OK


def same_content(one: Path, other: Path) -> bool:
    """Whether two files hold the same database, whatever their change counters say."""
    if one.stat().st_size != other.stat().st_size:
        return False
    with one.open("rb") as left, other.open("rb") as right:
        if _without_counters(left.read(_HEADER_SIZE)) != _without_counters(
            right.read(_HEADER_SIZE)
        ):
            return False
        while chunk := left.read(_CHUNK):
            if chunk != right.read(_CHUNK):
                return False
    return True


def _without_counters(header: bytes) -> bytes:
    """The header without the change counter, its copy and the writer's SQLite version."""
    return header[:24] + header[28:92]
