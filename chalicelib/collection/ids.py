"""Ids as Anki makes them: epoch milliseconds, unique per table."""

import sqlite3
from collections.abc import Container
from typing import Literal

IdTable = Literal["notes", "cards", "revlog"]


def new_row_id(conn: sqlite3.Connection, table: IdTable, now_ms: int) -> int:
    """`now_ms`, or one more than the largest id where that one is taken.

    Source: Anki's rslib/src/storage/card/add_card.sql.
    """
    taken = conn.execute(f"SELECT 1 FROM {table} WHERE id = ?", (now_ms,)).fetchone()
    if taken is None:
        return now_ms
    next_id: int = conn.execute(f"SELECT max(id) + 1 FROM {table}").fetchone()[0]
    return next_id


def new_document_id(taken: Container[str], now_ms: int) -> int:
    """An id for a deck, notetype or option group: `now_ms` or the next free number.

    `taken` are the keys of the JSON document, which are the ids as text.
    """
    candidate = now_ms
    while str(candidate) in taken:
        candidate += 1
    return candidate
