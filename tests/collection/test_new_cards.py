"""To which deck the new cards of a note go."""

import random
import sqlite3
from collections.abc import Iterator
from contextlib import closing

import pytest

from chalicelib.collection.col import JsonObject
from chalicelib.collection.decks import Decks
from chalicelib.collection.documents import DEFAULT_DECK_ID
from chalicelib.collection.new_cards import ManyNewCards, NewCards
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


@pytest.mark.parametrize("kind", ["next", "random", "unusable position", "last position"])
def test_many_new_cards_are_those_that_would_be_added_one_by_one(
    conn: sqlite3.Connection, kind: str
) -> None:
    rng = random.Random(kind)
    notetype, deck = notetype_by_name(conn, REVERSED), make_deck(conn, "Wanted")
    make_note(conn, ["a", "b"], now_ms=NOW_MS + 3)
    if kind == "random":
        conn.execute("UPDATE col SET dconf = json_set(dconf, '$.1.new.order', 0)")
    elif kind != "next":
        position = -5 if kind == "unusable position" else 2**32 - 2
        conn.execute("UPDATE col SET conf = json_set(conf, '$.nextPos', ?)", (position,))
    wanted = [
        (100 + n, rng.sample([0, 1], rng.randint(0, 2)), rng.random() < 0.5) for n in range(9)
    ]
    found = []
    for make in (NewCards, ManyNewCards):
        conn.execute("SAVEPOINT try")
        cards = make(conn, Decks(conn), NOW_MS)
        for note_id, ordinals, in_own in wanted:
            cards.add(notetype, note_id, ordinals, deck if in_own else DEFAULT_DECK_ID)
        if isinstance(cards, ManyNewCards):
            cards.flush()
        rows = conn.execute("SELECT * FROM cards ORDER BY id").fetchall()
        found.append((rows, conn.execute("SELECT conf FROM col").fetchone()))
        conn.execute("ROLLBACK TO try")
    assert found[0] == found[1]
    assert len(found[0][0]) > len(wanted)
