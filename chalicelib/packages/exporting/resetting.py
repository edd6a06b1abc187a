"""What is taken off cards and notes that leave without their scheduling, or their deck.

Sources: Anki's rslib/src/import_export/gather.rs, rslib/src/scheduler/new.rs and
rslib/src/scheduler/filtered/card.rs.
"""

import sqlite3
from typing import Any

from chalicelib.collection.card_data import read_card_data, write_card_data
from chalicelib.collection.cards import Card
from chalicelib.collection.filtered import queue_of_type
from chalicelib.collection.positions import as_i32, last_position
from chalicelib.collection.schema import column_names
from chalicelib.collection.tags import join_tags, split_tags

_STUDY_TAGS = frozenset({"marked", "leech"})
_FORGOTTEN_DATA = ("pos", "s", "d")
_FIRST_POSITION = 1
_LAST_POSITION = 0xFFFF_FFFF

_COLUMNS = column_names("cards")
_CARDS = f"SELECT {', '.join(_COLUMNS)} FROM cards ORDER BY id"
_MAKE_NEW = """
    UPDATE cards SET type = 0, queue = 0, ivl = 0, factor = 0, reps = 0, lapses = 0,
        odue = 0, odid = 0, flags = 0, due = ?, data = ?
    WHERE id = ?"""


def remove_study_tags(conn: sqlite3.Connection) -> None:
    """Take off the tags that tell how somebody got on with a note."""
    rows = conn.execute(
        "SELECT id, tags FROM notes WHERE tags LIKE '%marked%' OR tags LIKE '%leech%'"
    ).fetchall()
    for note_id, text in rows:
        tags = split_tags(str(text))
        kept = [tag for tag in tags if tag.lower() not in _STUDY_TAGS]
        if kept != tags:
            conn.execute("UPDATE notes SET tags = ? WHERE id = ?", (join_tags(kept), note_id))


def make_cards_new(conn: sqlite3.Connection, next_position: Any) -> None:
    """Make all cards new, each in the deck where it is, at its old place in the queue.

    Those whose old place is not known queue up from `next_position` on. As in Anki, the time of
    the last review stays in `data`.
    """
    is_position = isinstance(next_position, int) and 0 <= next_position < _LAST_POSITION
    position = next_position if is_position else _FIRST_POSITION
    reset: list[tuple[int, str, int]] = []
    for row in conn.execute(_CARDS):
        card = Card(**dict(zip(_COLUMNS, row, strict=True)))
        restored = last_position(card)
        due = position if restored is None else restored
        position += restored is None
        reset.append((as_i32(due), _data_of_new_card(card.data), card.id))
    conn.executemany(_MAKE_NEW, reset)


def bring_cards_home(conn: sqlite3.Connection) -> None:
    """End the borrowing of all cards; they stay where they are, in what is a normal deck now."""
    conn.execute(
        f"""UPDATE cards SET
            due = CASE WHEN odue != 0 THEN odue ELSE due END,
            queue = CASE WHEN queue < 0 THEN queue
                ELSE {queue_of_type("CASE WHEN odue != 0 THEN odue ELSE due END")} END,
            odid = 0, odue = 0
        WHERE odid != 0"""
    )


def remove_unknown_data(conn: sqlite3.Connection) -> None:
    """Leave of column `data` what Anki reads, in its own spelling."""
    conn.create_function("known_data", 1, _known_data, deterministic=True)
    conn.execute(
        "UPDATE cards SET data = known_data(data) WHERE data != '{}' AND data != known_data(data)"
    )


def _known_data(text: object) -> str:
    return write_card_data(read_card_data(text))


def _data_of_new_card(text: str) -> str:
    data = read_card_data(text)
    for forgotten in _FORGOTTEN_DATA:
        data.pop(forgotten, None)
    return write_card_data(data)
