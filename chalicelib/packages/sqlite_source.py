"""An SQLite file from a stranger, opened so that it can only be read.

The file is untrusted code as much as data: views, triggers and expressions of its schema run when
it is queried. So it must consist of plain tables, and nothing but SELECT is allowed on it.
"""

import sqlite3
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Any

from chalicelib.errors import TooLargeError, UnusableFileError
from chalicelib.packages.layouts import Layout, layout_of
from chalicelib.packages.limits import SourceLimits
from chalicelib.packages.schema18 import unicase

SQLITE_MAGIC = b"SQLite format 3\x00"

# Tables that real files have beside Anki's; they are never read.
_HARMLESS_TABLES = {
    "android_metadata",
    "sqlite_schema",
    "sqlite_sequence",
    "sqlite_stat1",
    "sqlite_stat4",
    "sqlite_temp_schema",
}
_FUNCTIONS = {"count", "typeof"}
_STEPS_PER_CALL = 100_000
_ROWS_A_BLOCK = 500
# Of bytes, whatever a cell that is to be a number really holds.
_LONGEST_NUMBER = 10_000
_BROKEN = "The collection in this file is damaged and cannot be read."
_STRANGE = "This file is a database, but not a collection that Anki made."


class SourceDatabase:
    """A checked database; `rows` is the only way to it. `version` is 11 or 18, by its tables."""

    def __init__(self, conn: sqlite3.Connection, limits: SourceLimits, version: int) -> None:
        self.version = version
        self._conn = conn
        self._limits = limits

    def rows(self, sql: str) -> Iterator[tuple[Any, ...]]:
        """The rows of a SELECT over Anki's tables, one at a time, from the start at each call.

        Raises UnusableFileError and TooLargeError, also in the middle.
        """
        with _reading():
            self._limit(self._limits.document_bytes)
            # `yield from` would close the cursor of an abandoned query, maybe after `conn`.
            for row in self._conn.execute(sql):  # noqa: UP028
                yield row

    def blocks(self, sql: str) -> Iterator[list[tuple[Any, ...]]]:
        """As `rows`, many at a time, of a table of numbers: a long value is too large there."""
        with _reading():
            self._limit(_LONGEST_NUMBER)
            cursor = self._conn.execute(sql)
            while block := cursor.fetchmany(_ROWS_A_BLOCK):
                yield block

    def _limit(self, value_bytes: int) -> None:
        """What the next query may take."""
        self._conn.setlimit(sqlite3.SQLITE_LIMIT_LENGTH, value_bytes)
        _limit_steps(self._conn, self._limits)


def private_file(work_dir: Path) -> IO[bytes]:
    """A new file in `work_dir` that only we can read; gone when it is closed."""
    return tempfile.NamedTemporaryFile(dir=work_dir, suffix=".anki2")


@contextmanager
def open_database(file: IO[bytes], limits: SourceLimits) -> Iterator[SourceDatabase]:
    """Open a private copy of an uploaded collection for reading.

    Only SELECT works on it, on Anki's own tables, each query within `limits.query_steps`.
    Raises UnusableFileError for anything but such a collection.
    """
    _check_magic(file)
    # Immutable: whatever its header says, no journal or write-ahead log is looked for beside it.
    uri = f"{Path(file.name).resolve().as_uri()}?mode=ro&immutable=1"
    with _reading():
        conn = sqlite3.connect(uri, uri=True, isolation_level=None)
    try:
        with _reading():
            _restrain(conn, limits)
            layout = _checked_layout(conn)
            _check_pages(conn)
        conn.set_authorizer(_Authorizer(layout))
        yield SourceDatabase(conn, limits, layout.version)
    finally:
        conn.close()


@contextmanager
def _reading() -> Iterator[None]:
    """Turn what SQLite says of a hostile file into one of our errors."""
    try:
        yield
    except sqlite3.DataError:
        raise TooLargeError("A value in this file is larger than what can be taken.") from None
    except (sqlite3.Error, OverflowError, UnicodeDecodeError):  # the last for names in the schema
        raise UnusableFileError(_BROKEN) from None


def _check_magic(file: IO[bytes]) -> None:
    file.flush()
    file.seek(0)
    if file.read(len(SQLITE_MAGIC)) != SQLITE_MAGIC:
        raise UnusableFileError("This file is neither an Anki package nor an Anki collection.")


def _restrain(conn: sqlite3.Connection, limits: SourceLimits) -> None:
    for pragma in (
        "trusted_schema = OFF",
        "ignore_check_constraints = ON",
        "cell_size_check = ON",
        "mmap_size = 0",
        "query_only = ON",
        "temp_store = MEMORY",
    ):
        conn.execute(f"PRAGMA {pragma}")
    conn.text_factory = _decode
    unicase.register(conn)
    conn.setlimit(sqlite3.SQLITE_LIMIT_LENGTH, limits.document_bytes)
    conn.setlimit(sqlite3.SQLITE_LIMIT_SQL_LENGTH, 100_000)
    conn.setlimit(sqlite3.SQLITE_LIMIT_EXPR_DEPTH, 50)
    conn.setlimit(sqlite3.SQLITE_LIMIT_ATTACHED, 0)
    conn.setlimit(sqlite3.SQLITE_LIMIT_TRIGGER_DEPTH, 1)
    _limit_steps(conn, limits)


def _limit_steps(conn: sqlite3.Connection, limits: SourceLimits) -> None:
    """Stop a query that goes on for ever, by counting what SQLite does and not by a clock."""
    calls = iter(range(limits.query_steps // _STEPS_PER_CALL))
    conn.set_progress_handler(lambda: next(calls, None) is None, _STEPS_PER_CALL)


def _decode(text: bytes) -> str:
    return text.decode("utf-8", errors="replace")


def _checked_layout(conn: sqlite3.Connection) -> Layout:
    """Which of the known layouts the database has, and nothing else beside."""
    tables = conn.execute("PRAGMA table_list").fetchall()
    layout = layout_of(frozenset(name for _, name, *_ in tables))
    if layout is None:
        raise UnusableFileError(_STRANGE)
    for _, name, kind, _, without_rowid, _ in tables:
        is_known = name in layout.columns or name in _HARMLESS_TABLES
        if kind != "table" or not is_known or without_rowid != (name in layout.without_rowid):
            raise UnusableFileError(_STRANGE)
    others = "SELECT 1 FROM sqlite_schema WHERE type NOT IN ('table', 'index')"
    if conn.execute(others).fetchone():
        raise UnusableFileError(_STRANGE)
    for table in layout.columns:
        _check_columns(conn, layout, table)
        _check_indices(conn, layout, table)
    return layout


def _check_columns(conn: sqlite3.Connection, layout: Layout, table: str) -> None:
    """Anki's columns and no other, none of them computed, and ids that are row ids."""
    columns = conn.execute(f"PRAGMA table_xinfo({table})").fetchall()
    if {name for _, name, *_ in columns} != layout.columns[table]:
        raise UnusableFileError(_STRANGE)
    if any(hidden for *_, hidden in columns):
        raise UnusableFileError(_STRANGE)
    keys = [(name, kind.upper()) for _, name, kind, _, _, key, _ in columns if key]
    if table in layout.keyed and keys != [("id", "INTEGER")]:
        raise UnusableFileError(_STRANGE)


def _check_indices(conn: sqlite3.Connection, layout: Layout, table: str) -> None:
    """Indices over plain columns only, but for those that Anki makes: an expression is code."""
    for _, index, _, _, partial in conn.execute(f"PRAGMA index_list({table})").fetchall():
        quoted = index.replace('"', '""')
        columns = conn.execute(f'PRAGMA index_xinfo("{quoted}")').fetchall()
        if any(column_number < -1 for _, column_number, *_ in columns):
            raise UnusableFileError(_STRANGE)
        if partial and layout.partial_indices.get(index) != _definition(conn, index):
            raise UnusableFileError(_STRANGE)


def _definition(conn: sqlite3.Connection, index: str) -> str:
    (sql,) = conn.execute("SELECT sql FROM sqlite_schema WHERE name = ?", (index,)).fetchone()
    return " ".join(sql.split())


def _check_pages(conn: sqlite3.Connection) -> None:
    if conn.execute("PRAGMA quick_check(1)").fetchone() != ("ok",):
        raise UnusableFileError(_BROKEN)


class _Authorizer:
    def __init__(self, layout: Layout) -> None:
        self._tables = layout.columns.keys()

    def __call__(self, action: int, table: str | None, function: str | None, *_: Any) -> int:
        if action == sqlite3.SQLITE_SELECT:
            return sqlite3.SQLITE_OK
        if action == sqlite3.SQLITE_READ and table in self._tables:
            return sqlite3.SQLITE_OK
        if action == sqlite3.SQLITE_FUNCTION and function in _FUNCTIONS:
            return sqlite3.SQLITE_OK
        return sqlite3.SQLITE_DENY
