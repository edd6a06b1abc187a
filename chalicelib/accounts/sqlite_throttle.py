"""Tries in a SQLite file: the adapter for one machine."""

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import astuple
from pathlib import Path

from chalicelib.accounts.sqlite_file import connection, create_file
from chalicelib.accounts.throttle import Limit, Throttle, Ticket, Tries, counted, present, without

_CREATE = """
CREATE TABLE IF NOT EXISTS tries (
    key TEXT PRIMARY KEY,
    count INTEGER NOT NULL,
    began_ms INTEGER NOT NULL,
    until_ms INTEGER NOT NULL,
    next_ms INTEGER NOT NULL
) WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS tries_until ON tries (until_ms);
"""


class SQLiteThrottle(Throttle):
    """Tries in the file at `path`, which threads and processes use at once.

    A file of its own: what is in it may be lost in a power cut, so nothing waits for the disk.
    """

    def __init__(self, path: Path, *, busy_timeout_s: float = 10) -> None:
        self._path = path
        self._busy_timeout_s = busy_timeout_s
        create_file(path)
        with connection(path, busy_timeout_s) as conn:
            conn.executescript(_CREATE)

    def _admit(self, key: str, limit: Limit, now_ms: int) -> Ticket:
        with self._transaction() as conn:
            conn.execute("DELETE FROM tries WHERE until_ms <= ?", (now_ms,))
            before = present(_tries(conn, key), limit, now_ms)
            after = counted(before, limit, now_ms)
            _store(conn, key, after)
        return Ticket(key, before, after)

    def _take_back(self, ticket: Ticket) -> None:
        with self._transaction() as conn:
            fewer = without(_tries(conn, ticket.key), ticket)
            if fewer:
                _store(conn, ticket.key, fewer)

    @contextmanager
    def _transaction(self) -> Iterator[sqlite3.Connection]:
        """From the first read on nobody else writes; closing takes back what was not committed."""
        with connection(self._path, self._busy_timeout_s) as conn:
            conn.execute("PRAGMA synchronous = OFF")
            conn.execute("BEGIN IMMEDIATE")
            yield conn
            conn.execute("COMMIT")


def _tries(conn: sqlite3.Connection, key: str) -> Tries | None:
    row = conn.execute(
        "SELECT count, began_ms, until_ms, next_ms FROM tries WHERE key = ?", (key,)
    ).fetchone()
    return Tries(*row) if row else None


def _store(conn: sqlite3.Connection, key: str, tries: Tries) -> None:
    conn.execute("INSERT OR REPLACE INTO tries VALUES (?, ?, ?, ?, ?)", (key, *astuple(tries)))
