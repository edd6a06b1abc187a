"""To which deck the new cards of a note go."""

import sqlite3
from collections.abc import Iterator
from contextlib import closing

import pytest

from chalicelib.collection.col import JsonObject
from chalicelib.collection.decks import Decks
from chalicelib.collection.documents import DEFAULT_DECK_ID
from chalicelib.collection.new_cards import NewCards
from chalicelib.collection.notetypes.lookup import notetype_by_name
from tests.support.collections import NOW_MS, make_deck, make_note, new_connection

REVERSED = "Basic (and reversed card)"


@pytest.fixture
def conn() -> Iterator[sqlite3.Connection]:
    with closing(new_connection()) as connection:
        yield connection


def deck_of(conn: sqlite3.Connection, card_id: int) -> int:
    deck_id: int = conn.execute("SELECT did FROM cards WHERE id = ?", (card_id,)).fetchone()[0]
    return deck_id


def with_template_deck(notetype: JsonObject, deck_id: int) -> JsonObject:
    return notetype | {"tmpls": [each | {"did": deck_id} for each in notetype["tmpls"]]}


def test_a_card_that_asks_nothing_does_not_go_to_its_templates_deck(
    conn: sqlite3.Connection,
) -> None:
    wanted, own = make_deck(conn, "Wanted"), make_deck(conn, "Own")
    notetype = with_template_deck(notetype_by_name(conn, "Basic"), own)
    cards = NewCards(conn, Decks(conn), NOW_MS)
    (asking,) = cards.add(notetype, 1, [0], wanted)
    (silent,) = cards.add(notetype, 2, [], wanted)
    assert deck_of(conn, asking) == own
    assert deck_of(conn, silent) == wanted


@pytest.mark.parametrize("given", [True, False])
def test_cards_of_a_note_in_several_decks_go_to_the_given_one(
    conn: sqlite3.Connection, *, given: bool
) -> None:
    added = make_note(conn, ["a", "b"], notetype=REVERSED)
    notetype = notetype_by_name(conn, REVERSED)
    grown = notetype | {"tmpls": [*notetype["tmpls"], notetype["tmpls"][0]]}
    conn.execute(
        "UPDATE cards SET did = ? WHERE id = ?", (make_deck(conn, "Other"), added.card_ids[0])
    )
    wanted = make_deck(conn, "Wanted")
    fallback = {"deck_id": wanted} if given else {}
    cards = NewCards(conn, Decks(conn), NOW_MS)
    (card_id,) = cards.add_missing(grown, added.note_id, [0, 1, 2], **fallback)
    assert deck_of(conn, card_id) == (wanted if given else DEFAULT_DECK_ID)
