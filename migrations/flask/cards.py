"""Cards that notes lack: Check Database of Anki would make them, so they are made here."""

import sqlite3

from chalicelib.collection.cardgen import CardGenerator
from chalicelib.collection.col import read_document
from chalicelib.collection.decks import Decks
from chalicelib.collection.new_cards import ManyNewCards
from chalicelib.collection.text import FIELD_SEPARATOR

_NOTES = """
    SELECT id, flds, tags, EXISTS (SELECT 1 FROM cards WHERE nid = notes.id)
    FROM notes WHERE mid = ? ORDER BY id"""


def add_missing_cards(conn: sqlite3.Connection, now_ms: int) -> int:
    """Give every note the cards that its notetype asks for, at least one; how many were added.

    Source: Anki's rslib/src/dbcheck.rs.
    """
    cards, added = ManyNewCards(conn, Decks(conn), now_ms), 0
    for notetype in read_document(conn, "models").values():
        generator = CardGenerator(notetype)
        for note_id, flds, tags, has_cards in conn.execute(_NOTES, (notetype["id"],)).fetchall():
            wanted = generator.ordinals(flds.split(FIELD_SEPARATOR), tags=tags)
            if not has_cards:
                wanted = wanted or [0]
            added += len(cards.add_missing(notetype, note_id, wanted))
    cards.flush()
    return added
