"""The private database files that exports work on."""

import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

# Nobody else reads these files, and one that was not finished is thrown away.
_PRIVATE_FILE = ("PRAGMA journal_mode = MEMORY", "PRAGMA synchronous = OFF")


@contextmanager
def changing(path: Path) -> Iterator[sqlite3.Connection]:
    """A connection that may change the file, or make it, and attach others."""
    with closing(sqlite3.connect(_address(path, "rwc"), uri=True, isolation_level=None)) as conn:
        for pragma in _PRIVATE_FILE:
            conn.execute(pragma)
        yield conn


@contextmanager
def reading(path: Path) -> Iterator[sqlite3.Connection]:
    """A connection that cannot change the file."""
    with closing(sqlite3.connect(_address(path, "ro"), uri=True)) as conn:
        conn.execute("PRAGMA trusted_schema = OFF")
        yield conn


@contextmanager
def attached(conn: sqlite3.Connection, path: Path, name: str) -> Iterator[None]:
    """The tables of another file under `name`, which cannot be changed."""
    conn.execute(f"ATTACH ? AS {name}", (_address(path, "ro"),))
    try:
        yield
    finally:
        conn.execute(f"DETACH {name}")


def _address(path: Path, mode: str) -> str:
    return f"{path.absolute().as_uri()}?mode={mode}"
