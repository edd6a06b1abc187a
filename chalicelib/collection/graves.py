"""Deleting rows and remembering it: Anki's other devices learn of deletions from `graves`."""

import json
import sqlite3
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from chalicelib.collection.col import server_usn

CARD_GRAVE = 0
NOTE_GRAVE = 1
DECK_GRAVE = 2


@dataclass(frozen=True, slots=True)
class Removed:
    """How many cards and notes went."""

    cards: int
    notes: int


def delete_cards(conn: sqlite3.Connection, card_ids: Iterable[int]) -> Removed:
    """Delete cards, and each note that has none left. Reviews stay in `revlog`, as in Anki."""
    cards = notes = 0
    for card_id in card_ids:
        row = conn.execute("SELECT nid FROM cards WHERE id = ?", (card_id,)).fetchone()
        if row is None:
            continue
        conn.execute("DELETE FROM cards WHERE id = ?", (card_id,))
        _dig(conn, card_id, CARD_GRAVE)
        cards += 1
        notes += _delete_orphan(conn, row[0])
    return Removed(cards=cards, notes=notes)


def delete_cards_of_decks(conn: sqlite3.Connection, deck_ids: Sequence[int]) -> Removed:
    """Delete the cards that live in these decks, also those now lent to a filtered deck."""
    decks = "(SELECT value FROM json_each(:decks))"
    rows = conn.execute(
        f"SELECT id FROM cards WHERE did IN {decks} OR odid IN {decks}",
        {"decks": json.dumps(deck_ids)},
    )
    return delete_cards(conn, [card_id for (card_id,) in rows.fetchall()])


def bury_deck(conn: sqlite3.Connection, deck_id: int) -> None:
    """Remember that a deck was deleted."""
    _dig(conn, deck_id, DECK_GRAVE)


def _delete_orphan(conn: sqlite3.Connection, note_id: int) -> int:
    if conn.execute("SELECT 1 FROM cards WHERE nid = ? LIMIT 1", (note_id,)).fetchone():
        return 0
    deleted = conn.execute("DELETE FROM notes WHERE id = ?", (note_id,)).rowcount
    if deleted:
        _dig(conn, note_id, NOTE_GRAVE)
    return deleted


def _dig(conn: sqlite3.Connection, object_id: int, kind: int) -> None:
    conn.execute(
        "INSERT INTO graves (usn, oid, type) VALUES (?, ?, ?)",
        (server_usn(conn), object_id, kind),
    )
