"""What was changed since, in a manner that makes taking back senseless, stands in the way."""

import sqlite3
from collections.abc import Callable

import pytest

from chalicelib.collection.cards import get_card
from chalicelib.collection.col import read_document, write_document
from chalicelib.collection.deck_options.groups import change_options
from chalicelib.collection.decks import change_deck, delete_deck
from chalicelib.collection.graves import delete_cards
from chalicelib.collection.notes import change_note, get_note
from chalicelib.errors import StaleCardError
from tests.collection.undoing import (
    LATER_MS,
    Change,
    answering,
    copy_of,
    dump,
    record,
    studied,
    undo,
)
from tests.support.collections import make_card, make_deck, make_note, set_columns


@pytest.fixture
def deck(conn: sqlite3.Connection) -> int:
    return make_deck(conn, "Languages::Portuguese::Verbs")


def deleting(conn: sqlite3.Connection, *card_ids: int) -> Change:
    return lambda: delete_cards(conn, card_ids)


def lending(conn: sqlite3.Connection, deck: int, card_id: int) -> tuple[Change, Change]:
    """A card that was lent to a filtered deck is to stay there; then its home is deleted."""
    set_columns(conn, card_id, did=1, odid=deck)
    conn.execute("UPDATE cards SET did = 1")
    stay = running(conn, f"UPDATE cards SET odid = 0 WHERE id = {card_id}")
    return stay, lambda: delete_deck(conn, deck, LATER_MS)


def changing_note(conn: sqlite3.Connection, card_id: int, front: str) -> Change:
    note = get_note(conn, get_card(conn, card_id).nid)
    return lambda: change_note(conn, note, fields=[front, "b"], tags=[], now_ms=LATER_MS)


def running(conn: sqlite3.Connection, *statements: str) -> Change:
    return lambda: [conn.execute(sql) for sql in statements]


def renaming(conn: sqlite3.Connection, deck: int, name: str) -> Change:
    return lambda: change_deck(conn, deck, now_ms=LATER_MS, max_decks=99, name=name)


def add_field(conn: sqlite3.Connection) -> None:
    """As Anki does: in the notetype and in all of its notes."""
    models = read_document(conn, "models")
    for model in models.values():
        model["flds"].append(model["flds"][0] | {"name": "Extra", "ord": len(model["flds"])})
    write_document(conn, "models", models)
    conn.execute("UPDATE notes SET flds = flds || char(31)")


def add_template(conn: sqlite3.Connection) -> None:
    models = read_document(conn, "models")
    for model in models.values():
        model["tmpls"].append(model["tmpls"][0] | {"name": "Extra", "ord": len(model["tmpls"])})
    write_document(conn, "models", models)


def drop_document(conn: sqlite3.Connection, name: str, key: str) -> None:
    document = read_document(conn, name)  # type: ignore[arg-type]
    del document[key]
    write_document(conn, name, document)  # type: ignore[arg-type]


IN_THE_WAY: dict[str, Callable[[sqlite3.Connection, int, int], tuple[Change, Change]]] = {
    "the card was answered again": lambda conn, deck, card: (
        answering(conn, card),
        answering(conn, card, at_ms=LATER_MS + 5000),
    ),
    "the answered card was deleted": lambda conn, deck, card: (
        answering(conn, card),
        deleting(conn, card),
    ),
    "the review was changed": lambda conn, deck, card: (
        answering(conn, card),
        running(conn, "UPDATE revlog SET time = 1"),
    ),
    "the review is gone": lambda conn, deck, card: (
        answering(conn, card),
        running(conn, "DELETE FROM revlog"),
    ),
    "the added note was edited": lambda conn, deck, card: (
        lambda: make_note(conn, ["new", "b"], deck_id=deck),
        running(conn, "UPDATE notes SET data = 'x'"),
    ),
    "the added note has more cards": lambda conn, deck, card: (
        lambda: make_note(conn, ["new", "b"], deck_id=deck),
        running(
            conn,
            "INSERT INTO cards SELECT 77, nid, did, 1, mod, usn, type, queue, due, ivl,"
            " factor, reps, lapses, left, odue, odid, flags, data FROM cards"
            " WHERE id = (SELECT max(id) FROM cards)",
        ),
    ),
    "the edited note was edited again": lambda conn, deck, card: (
        changing_note(conn, card, "once"),
        changing_note(conn, card, "twice"),
    ),
    "another card took the id": lambda conn, deck, card: (
        deleting(conn, card),
        running(conn, f"UPDATE cards SET id = {card} WHERE id = (SELECT max(id) FROM cards)"),
    ),
    "the note lacks a field by now": lambda conn, deck, card: (
        deleting(conn, card, card + 1),
        lambda: add_field(conn),
    ),
    "the notetype is gone": lambda conn, deck, card: (
        deleting(conn, card, card + 1),
        running(conn, "DELETE FROM notes", "DELETE FROM cards", "UPDATE col SET models = '{}'"),
    ),
    "the deck is gone": lambda conn, deck, card: (
        running(conn, f"UPDATE cards SET did = 1 WHERE id = {card}"),
        lambda: delete_deck(conn, deck, LATER_MS),
    ),
    "the home deck of a lent card is gone": lending,
    "the added deck was put to use": lambda conn, deck, card: (
        lambda: make_deck(conn, "New", LATER_MS),
        running(conn, f"UPDATE cards SET did = {LATER_MS}"),
    ),
    "the added deck is a filtered card's home": lambda conn, deck, card: (
        lambda: make_deck(conn, "New", LATER_MS),
        running(conn, f"UPDATE cards SET odid = {LATER_MS}"),
    ),
    "the added deck got a subdeck": lambda conn, deck, card: (
        lambda: make_deck(conn, "New", LATER_MS),
        lambda: make_deck(conn, "New::Below", LATER_MS + 1),
    ),
    "the added deck was changed": lambda conn, deck, card: (
        lambda: make_deck(conn, "New", LATER_MS),
        renaming(conn, LATER_MS, "Newer"),
    ),
    "the deck was renamed again": lambda conn, deck, card: (
        renaming(conn, deck, "Once"),
        renaming(conn, deck, "Twice"),
    ),
    "the renamed deck is gone": lambda conn, deck, card: (
        renaming(conn, deck, "Once"),
        lambda: delete_deck(conn, deck, LATER_MS),
    ),
    "the deleted deck is there again": lambda conn, deck, card: (
        lambda: delete_deck(conn, deck, LATER_MS),
        lambda: make_deck(conn, "Languages::Portuguese::Again", deck),
    ),
    "the deck's old name was taken": lambda conn, deck, card: (
        renaming(conn, deck, "Once"),
        lambda: make_deck(conn, "Languages::Portuguese::VERBS", LATER_MS),
    ),
    "the deck's parent is gone": lambda conn, deck, card: (
        renaming(conn, deck, "Once"),
        lambda: delete_deck(conn, deck - 2, LATER_MS),
    ),
    "the options were changed again": lambda conn, deck, card: (
        lambda: change_options(conn, deck, {"timer": 1}, LATER_MS),
        lambda: change_options(conn, deck, {"timer": 0, "maxTaken": 9}, LATER_MS),
    ),
    "the added options are in use": lambda conn, deck, card: (
        running(
            conn,
            "UPDATE col SET dconf = json_set(dconf, '$.\"5\"',"
            " json_set(json_extract(dconf, '$.\"1\"'), '$.name', 'Other'))",
        ),
        running(conn, f"UPDATE col SET decks = json_set(decks, '$.\"{deck}\".conf', 5)"),
    ),
    "the added field is in use": lambda conn, deck, card: (
        lambda: add_field(conn),
        lambda: make_note(conn, ["new", "b", "c"], deck_id=deck),
    ),
    "the added template is in use": lambda conn, deck, card: (
        lambda: add_template(conn),
        lambda: make_note(conn, ["new", "b"], deck_id=deck),
    ),
    "the notetype was changed again": lambda conn, deck, card: (
        lambda: add_template(conn),
        lambda: add_template(conn),
    ),
    "the notetype's name was taken": lambda conn, deck, card: (
        running(conn, "UPDATE col SET models = replace(models, '\"Basic\"', '\"Plain\"')"),
        running(conn, "UPDATE col SET models = replace(models, '\"Cloze\"', '\"basic\"')"),
    ),
    "the card was made again": lambda conn, deck, card: (
        deleting(conn, card + 1),
        running(
            conn,
            "INSERT INTO cards SELECT 77, nid, did, 1, mod, usn, type, queue, due, ivl,"
            f" factor, reps, lapses, left, odue, odid, flags, data FROM cards WHERE id = {card}",
        ),
    ),
    "a counter is none any more": lambda conn, deck, card: (
        answering(conn, card),
        running(conn, f"UPDATE col SET decks = json_set(decks, '$.\"{deck}\".revToday', 5)"),
    ),
    "the document is none any more": lambda conn, deck, card: (
        answering(conn, card),
        running(conn, "UPDATE col SET decks = '[]'"),
    ),
}


@pytest.mark.parametrize("case", IN_THE_WAY.values(), ids=IN_THE_WAY.keys())
def test_what_stands_in_the_way_is_told_and_nothing_changed(
    conn: sqlite3.Connection,
    deck: int,
    case: Callable[[sqlite3.Connection, int, int], tuple[Change, Change]],
) -> None:
    card = make_note(
        conn, ["falar", "b"], deck_id=deck, notetype="Basic (and reversed card)"
    ).card_ids[0]
    set_columns(conn, card, type=2, queue=2, due=0, ivl=12, factor=2350, reps=7, odid=0)
    make_card(conn, "other")
    operation, since = case(conn, deck, card)
    inverse = record(conn, operation)
    with copy_of(conn) as twin:
        undo(twin, inverse)
    since()
    refuses(conn, inverse)


@pytest.mark.parametrize("length", range(0, 80, 9))
def test_a_part_of_an_inverse_is_refused(conn: sqlite3.Connection, deck: int, length: int) -> None:
    inverse = record(conn, answering(conn, studied(conn, deck)))
    refuses(conn, inverse[:length])


def test_an_inverse_of_another_layout_is_refused(conn: sqlite3.Connection, deck: int) -> None:
    inverse = record(conn, answering(conn, studied(conn, deck)))
    refuses(conn, bytes([inverse[0] + 1]) + inverse[1:])


def refuses(conn: sqlite3.Connection, inverse: bytes) -> None:
    before = dump(conn)
    with pytest.raises(StaleCardError):
        undo(conn, inverse)
    assert dump(conn) == before
