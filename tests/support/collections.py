"""Collections for tests: made by our own creator, saved where real Anki can look at them."""

import sqlite3
from collections.abc import Sequence
from pathlib import Path

from chalicelib.collection.cards import Card, get_card
from chalicelib.collection.col import JsonObject
from chalicelib.collection.create import create_collection
from chalicelib.collection.decks import add_deck
from chalicelib.collection.guid import guid_from_bits
from chalicelib.collection.notes import AddedNote, NewNote, add_note
from chalicelib.collection.notetypes.lookup import notetype_by_name

# 2024-01-15 10:00:00 UTC
NOW_MS = 1_705_312_800_000
DAY_MS = 86_400_000


def new_connection(*, now_ms: int = NOW_MS, minutes_west: int = 0) -> sqlite3.Connection:
    """An empty collection in memory."""
    conn = sqlite3.connect(":memory:", isolation_level=None)
    create_collection(conn, now_ms=now_ms, minutes_west=minutes_west)
    return conn


def save(conn: sqlite3.Connection, path: Path) -> Path:
    """Write the collection to a file."""
    conn.execute("VACUUM INTO ?", (str(path),))
    return path


def make_deck(conn: sqlite3.Connection, name: str, now_ms: int = NOW_MS) -> int:
    deck: JsonObject = add_deck(conn, name, now_ms=now_ms, max_decks=2000)
    deck_id: int = deck["id"]
    return deck_id


def make_note(
    conn: sqlite3.Connection,
    fields: Sequence[str],
    *,
    deck_id: int = 1,
    notetype: str = "Basic",
    tags: Sequence[str] = (),
    now_ms: int = NOW_MS,
) -> AddedNote:
    (count,) = conn.execute("SELECT count(*) FROM notes").fetchone()
    new = NewNote(
        notetype=notetype_by_name(conn, notetype),
        fields=fields,
        tags=tags,
        deck_id=deck_id,
        guid=guid_from_bits(0xFEED_0000_0000 + count),
    )
    return add_note(conn, new, now_ms)


def make_card(conn: sqlite3.Connection, front: str, deck_id: int = 1) -> Card:
    """A new card of a fresh basic note."""
    added = make_note(conn, [front, f"back of {front}"], deck_id=deck_id)
    return get_card(conn, added.card_ids[0])


def set_columns(conn: sqlite3.Connection, card_id: int, **columns: int | str) -> Card:
    """Put a card into any state."""
    assignments = ", ".join(f"{name} = ?" for name in columns)
    conn.execute(f"UPDATE cards SET {assignments} WHERE id = ?", [*columns.values(), card_id])
    return get_card(conn, card_id)
