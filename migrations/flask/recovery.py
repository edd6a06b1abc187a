"""A private copy of an old collection, made readable.

What was being written when the program was killed is taken back or completed by SQLite itself, and
what keeps the strict reader of `chalicelib.packages` from reading a file is put right. Everything
that is done is a sentence of the log.
"""

import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

from chalicelib.collection.schema import TABLES
from chalicelib.errors import StorageUnavailableError, UnusableFileError
from chalicelib.packages import SQLITE_MAGIC, first_bytes
from chalicelib.packages.report import ImportLog
from migrations.flask.documents import mend_documents, set_calendar
from migrations.flask.files import OldFile, sha256_of

_HARMLESS = frozenset({"android_metadata", "sqlite_sequence", "sqlite_stat1", "sqlite_stat4"})
# A file that current Anki has opened; the reader knows it as it is.
_OF_CURRENT_ANKI = "deck_config"
_MAY_BE_MISSING = ("revlog", "graves")
_DAMAGED = "The file is damaged"
# What says nothing of the file: the same may go well with more room, or at another time.
_OF_THIS_MACHINE = frozenset(
    {
        sqlite3.SQLITE_FULL,
        sqlite3.SQLITE_IOERR,
        sqlite3.SQLITE_NOMEM,
        sqlite3.SQLITE_CANTOPEN,
        sqlite3.SQLITE_READONLY,
        sqlite3.SQLITE_PERM,
        sqlite3.SQLITE_BUSY,
        sqlite3.SQLITE_LOCKED,
    }
)
# An extended code has its primary one in the lowest byte. Source: sqlite.org/rescode.html
_PRIMARY_CODE = 0xFF


@contextmanager
def recovered(
    file: OldFile, path: Path, *, now_s: int, local_offset: int, log: ImportLog
) -> Iterator[sqlite3.Connection | None]:
    """A connection to a readable copy of the collection at `path`; None when it holds nothing.

    `local_offset` (minutes west of UTC) is taken where the collection says none. Raises
    UnusableFileError, with the reason, for what cannot be read, and StorageUnavailableError
    where it is this machine that cannot go on.
    """
    if not file.path.is_file():
        raise UnusableFileError("There is no regular file in its place.")
    file.copy_to(path)
    if path.stat().st_size == 0:
        yield None
        return
    if first_bytes(path, len(SQLITE_MAGIC)) != SQLITE_MAGIC:
        raise UnusableFileError("The file is no SQLite database.")
    with _damage_told(), closing(sqlite3.connect(path, isolation_level=None)) as conn:
        _finish_journal(conn, path, log)
        tables = _tables(conn)
        if not tables or _OF_CURRENT_ANKI in tables:
            yield conn if tables else None
            return
        _check_pages(conn)
        _leave_strange_things(conn, log)
        _add_missing_tables(conn, log)
        mend_documents(conn, log)
        set_calendar(conn, now_s, local_offset, log)
        yield conn


@contextmanager
def _damage_told() -> Iterator[None]:
    try:
        yield
    except UnicodeDecodeError as error:  # sqlite3 has quoted what is damaged
        raise UnusableFileError(f"{_DAMAGED}.") from error
    except sqlite3.DatabaseError as error:
        if getattr(error, "sqlite_errorcode", 0) & _PRIMARY_CODE in _OF_THIS_MACHINE:
            raise StorageUnavailableError("There was no room, or the disk failed.") from error
        raise UnusableFileError(f"{_DAMAGED}: {error}.") from error


def _finish_journal(conn: sqlite3.Connection, path: Path, log: ImportLog) -> None:
    """The first read rolls a journal back; leaving WAL mode writes that log into the file."""
    before, had_log = sha256_of(path), path.with_name(f"{path.name}-wal").is_file()
    conn.execute("PRAGMA trusted_schema = OFF")
    conn.execute("SELECT count(*) FROM sqlite_schema").fetchone()
    if sha256_of(path) != before:
        log.add("A change that was cut short taken back")
    if conn.execute("PRAGMA journal_mode = DELETE").fetchone() != ("delete",):
        raise UnusableFileError(f"{_DAMAGED}: its write-ahead log cannot be written back.")
    if had_log and sha256_of(path) != before:
        log.add("A write-ahead log written back")


def _check_pages(conn: sqlite3.Connection) -> None:
    (result,) = conn.execute("PRAGMA quick_check(1)").fetchone()
    if result != "ok":
        raise UnusableFileError(f"{_DAMAGED}: {result}.")


def _tables(conn: sqlite3.Connection) -> set[str]:
    rows = conn.execute("SELECT name FROM sqlite_schema WHERE type = 'table'")
    return {name for (name,) in rows}


def _leave_strange_things(conn: sqlite3.Connection, log: ImportLog) -> None:
    """Triggers and views first: nothing of theirs may run when something is written."""
    rows = conn.execute("SELECT type, name FROM sqlite_schema").fetchall()
    for kind in ("trigger", "view", "table"):
        for _, name in [row for row in rows if row[0] == kind]:
            if name in TABLES or name in _HARMLESS:
                continue
            quoted = name.replace('"', '""')
            conn.execute(f'DROP {kind.upper()} IF EXISTS "{quoted}"')
            log.add("Tables, views and triggers that no Anki knows left behind")


def _add_missing_tables(conn: sqlite3.Connection, log: ImportLog) -> None:
    for table in _MAY_BE_MISSING:
        if table not in _tables(conn):
            conn.execute(f"CREATE TABLE {table} ({', '.join(TABLES[table])})")
            log.add("Missing tables made, empty")
