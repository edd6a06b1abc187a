"""JAVUMBO is the server of a collection: what changes is marked so that a client can be told.

Every changed row and document carries the collection's own `usn`, never -1, and every change moves
`col.mod`. Source: Anki's sync protocol (rslib/src/sync).
"""

import json
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing

import pytest

from chalicelib.collection.actions.moving import move_cards
from chalicelib.collection.cards import get_card
from chalicelib.collection.col import touch
from chalicelib.collection.day import set_local_offset
from chalicelib.collection.deck_options.groups import change_options
from chalicelib.collection.decks import change_deck, delete_deck
from chalicelib.collection.graves import delete_cards
from chalicelib.collection.notes import add_tag, change_note, get_note
from chalicelib.collection.study.answering import Answer, answer_card
from chalicelib.scheduler.answers import Rating
from tests.support.collections import (
    NOW_MS,
    make_card,
    make_deck,
    make_note,
    new_connection,
    set_columns,
)

USN = 7
LATER_MS = NOW_MS + 60_000

Change = Callable[[sqlite3.Connection, int, int], object]


def remove(conn: sqlite3.Connection, _deck: int, card: int) -> None:
    delete_cards(conn, [card])
    touch(conn, LATER_MS)


def move(conn: sqlite3.Connection, _deck: int, card: int) -> None:
    move_cards(conn, [card], 1, LATER_MS)


def edit(conn: sqlite3.Connection, _deck: int, card: int) -> None:
    note = get_note(conn, get_card(conn, card).nid)
    change_note(conn, note, fields=["changed", "side"], tags=["fresh"], now_ms=LATER_MS)


def lapse(conn: sqlite3.Connection, _deck: int, card: int) -> None:
    set_columns(conn, card, type=2, queue=2, due=0, ivl=9, factor=2500, lapses=7)
    answer_card(conn, Answer(card, Rating.AGAIN, 4000, LATER_MS, None), LATER_MS)


CHANGES: dict[str, Change] = {
    "add a deck": lambda conn, deck, card: make_deck(conn, "New::Deck", LATER_MS),
    "rename": lambda conn, deck, card: change_deck(
        conn, deck, now_ms=LATER_MS, max_decks=9, name="Renamed"
    ),
    "describe": lambda conn, deck, card: change_deck(
        conn, deck, now_ms=LATER_MS, max_decks=9, description="what for"
    ),
    "options": lambda conn, deck, card: change_options(conn, deck, {"timer": 1}, LATER_MS),
    "delete a deck": lambda conn, deck, card: delete_deck(conn, deck, LATER_MS),
    "add a note": lambda conn, deck, card: make_note(
        conn, ["a", "b"], tags=["fresh"], now_ms=LATER_MS
    ),
    "edit a note": edit,
    "delete a card": remove,
    "move a card": move,
    "lapse into a leech": lapse,
    "travel": lambda conn, deck, card: set_local_offset(conn, 180, LATER_MS),
}


@pytest.mark.parametrize("change", CHANGES.values(), ids=CHANGES.keys())
def test_what_changes_carries_the_usn_of_the_collection_and_moves_its_time(
    change: Change,
) -> None:
    with closing(new_connection()) as conn:
        deck = make_deck(conn, "Deck")
        make_deck(conn, "Deck::Below")
        card = make_card(conn, "card", deck).id
        conn.execute("UPDATE col SET usn = ?", (USN,))
        before = dict(things(conn))
        change(conn, deck, card)
        after = dict(things(conn))
        changed = {name for name, thing in after.items() if before.get(name) != thing}
        assert {name: usn(after[name]) for name in changed} == dict.fromkeys(changed, USN)
        assert conn.execute("SELECT mod FROM col").fetchone() == (LATER_MS,)
        assert changed or after.keys() != before.keys() or change is CHANGES["travel"]


def test_a_new_collection_has_been_seen_by_nobody() -> None:
    with closing(new_connection()) as conn:
        assert {usn(thing) for _, thing in things(conn)} == {0}
        row = conn.execute("SELECT mod, scm, ver, dty, usn, ls FROM col").fetchone()
        assert row == (NOW_MS, NOW_MS, 11, 0, 0, 0)


def things(conn: sqlite3.Connection) -> Iterator[tuple[str, object]]:
    """Everything that has a usn: rows, graves, decks, notetypes, options and tags."""
    for table in ("notes", "cards", "revlog", "graves"):
        cursor = conn.execute(f"SELECT rowid, * FROM {table}")
        names = [column[0] for column in cursor.description]
        for row in cursor.fetchall():
            yield f"{table} {row[0]}", dict(zip(names, row, strict=True))
    for document in ("decks", "models", "dconf", "tags"):
        (text,) = conn.execute(f"SELECT {document} FROM col").fetchone()
        for name, value in json.loads(text).items():
            yield f"{document} {name}", value


def usn(thing: object) -> object:
    return thing["usn"] if isinstance(thing, dict) else thing


def test_a_tag_that_is_added_marks_its_note(conn: sqlite3.Connection) -> None:
    note = make_note(conn, ["a", "b"])
    conn.execute("UPDATE col SET usn = ?", (USN,))
    add_tag(conn, note.note_id, "x", LATER_MS)
    row = conn.execute("SELECT usn, mod FROM notes").fetchone()
    assert row == (USN, LATER_MS // 1000)
