"""The review log of what a person scheduled by hand: an entry without an answer.

Source: Anki's rslib/src/revlog/mod.rs.
"""

import sqlite3

from chalicelib.collection.card_data import read_card_data
from chalicelib.collection.cards import Card
from chalicelib.collection.col import server_usn
from chalicelib.collection.ids import new_row_id
from chalicelib.scheduler.float32 import f32, to_u32
from chalicelib.scheduler.states import RevlogType

_NO_ANSWER = 0
_LONGEST = (1 << 31) - 1
_U16_MAX = 0xFFFF
_ENTRY = """
    INSERT INTO revlog (id, cid, usn, ease, ivl, lastIvl, factor, time, type)
    VALUES (?, ?, ?, ?, ?, ?, ?, 0, ?)"""


class ManualReviews:
    """Logs cards scheduled by hand, in one transaction; their times begin at `now_ms`."""

    def __init__(self, conn: sqlite3.Connection, now_ms: int) -> None:
        self._conn = conn
        self._next_id = now_ms
        self._usn = server_usn(conn)

    def log(self, before: Card, after: Card) -> None:
        review_id = new_row_id(self._conn, "revlog", self._next_id)
        self._next_id = review_id + 1
        self._conn.execute(
            _ENTRY,
            (
                review_id,
                after.id,
                self._usn,
                _NO_ANSWER,
                min(after.ivl, _LONGEST),
                min(before.ivl, _LONGEST),
                _logged_factor(after),
                RevlogType.MANUAL,
            ),
        )


def _logged_factor(card: Card) -> int:
    """The ease; of a card that FSRS knows its difficulty, from 100 to 1100."""
    data = read_card_data(card.data)
    if "s" not in data or "d" not in data:
        return card.factor
    shifted = f32(f32(f32(data["d"] - 1.0) / 9.0) + f32(0.1))
    return min(to_u32(f32(shifted * 1000.0)), _U16_MAX)
