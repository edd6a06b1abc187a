"""Ids as in Anki: epoch milliseconds, unique per table."""

import sqlite3
from collections.abc import Container
from typing import Literal

IdTable = Literal["notes", "cards", "revlog"]


def new_row_id(conn: sqlite3.Connection, table: IdTable, now_ms: int) -> int:
    """`now_ms`, or the next free id after it where that one is taken.

    Anki takes one more than the largest id; where a wrong clock once left ids in the future, that
    would make this one as wrong.
    """
    taken = conn.execute(f"SELECT 1 FROM {table} WHERE id = ?", (now_ms,)).fetchone()
    if taken is None:
        return now_ms
    (next_free,) = conn.execute(
        f"SELECT min(id) + 1 FROM {table} AS row WHERE id >= ?"
        f" AND NOT EXISTS (SELECT 1 FROM {table} WHERE id = row.id + 1)",
        (now_ms,),
    ).fetchone()
    return int(next_free)


def new_document_id(taken: Container[str], now_ms: int) -> int:
    """An id for a deck, notetype or option group: `now_ms` or the next free number.

    `taken` are the keys of the JSON document, which are the ids as text.
    """
    candidate = now_ms
    while str(candidate) in taken:
        candidate += 1
    return candidate
