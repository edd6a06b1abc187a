"""The collection that is imported into: its documents read once and written once."""

import sqlite3
from collections.abc import Iterable

from chalicelib.collection.col import (
    Document,
    read_document,
    server_usn,
    touch,
    write_document,
)
from chalicelib.collection.decks import Decks

DAY_MS = 86_400_000
# Source: Anki's rslib/src/import_export/package/apkg/import/notes.rs and cards.rs.
_ID_STEP = 999
# Ids that are steps apart on purpose would make a search for a free one long.
_MOST_STEPS = 100
_ROWS_AT_ONCE = 500


class Target:
    """The open collection of one import, a value of its transaction."""

    def __init__(self, conn: sqlite3.Connection, now_ms: int) -> None:
        self.conn = conn
        self.now_ms = now_ms
        self.now_s = now_ms // 1000
        self.usn = server_usn(conn)
        self.notetypes = read_document(conn, "models")
        self.options = read_document(conn, "dconf")
        self.decks = Decks(conn)
        self._changed: set[Document] = set()
        self._has_new_rows = False

    def mark_changed(self, document: Document) -> None:
        """Have `save` write this document."""
        self._changed.add(document)

    def mark_rows_changed(self) -> None:
        self._has_new_rows = True

    def save(self) -> None:
        """Write what changed; a collection that nothing was imported into stays as it was."""
        if "models" in self._changed:
            write_document(self.conn, "models", self.notetypes)
        if "dconf" in self._changed:
            write_document(self.conn, "dconf", self.options)
        if "decks" in self._changed:
            self.decks.save(self.now_ms)
        if self._changed or self._has_new_rows:
            touch(self.conn, self.now_ms)


class RowWriter:
    """Writes rows with one statement, many at a time; `flush` writes what is left."""

    def __init__(self, conn: sqlite3.Connection, sql: str) -> None:
        self._conn = conn
        self._sql = sql
        self._rows: list[tuple[object, ...]] = []

    def add(self, row: tuple[object, ...]) -> None:
        self._rows.append(row)
        if len(self._rows) == _ROWS_AT_ONCE:
            self.flush()

    def flush(self) -> None:
        self._conn.executemany(self._sql, self._rows)
        self._rows.clear()


class FreeIds:
    """Ids for imported rows: their own where they are free, else one near by.

    Ids are times in milliseconds; those that are none, or lie more than a day ahead, are replaced
    as Anki does, or else Check Database renumbers them and forces a full sync.
    """

    def __init__(self, taken: Iterable[int], now_ms: int) -> None:
        self._taken = set(taken)
        self._next = now_ms
        self._last_valid = now_ms + DAY_MS

    def take(self, wanted: int) -> int:
        """The id to use in place of `wanted`; not free any more afterwards."""
        if not 0 < wanted <= self._last_valid:
            return self.take_new()
        if wanted not in self._taken:
            self._taken.add(wanted)
            return wanted
        candidates = range(wanted, wanted + _MOST_STEPS * _ID_STEP, _ID_STEP)
        free = next((candidate for candidate in candidates if candidate not in self._taken), None)
        if free is None:
            return self.take_new()
        self._taken.add(free)
        return free

    def take_new(self) -> int:
        """The first free id from now on; not free any more afterwards."""
        while self._next in self._taken:
            self._next += 1
        self._taken.add(self._next)
        return self._next
