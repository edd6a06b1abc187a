import sqlite3

import pytest

from chalicelib.collection.cards import (
    cards_by_id,
    count_by_deck,
    get_card,
)
from chalicelib.collection.graves import delete_cards
from chalicelib.errors import NotFoundError
from tests.support.collections import (
    make_card,
    make_deck,
    make_note,
    set_columns,
)


def test_cards_come_in_the_order_asked_for(conn: sqlite3.Connection) -> None:
    first, second, third = (make_card(conn, str(n)) for n in range(3))
    found = cards_by_id(conn, [third.id, 999, first.id])
    assert found == [third, first]
    assert cards_by_id(conn, []) == []
    assert second not in found


def test_lent_cards_are_counted_where_they_are(conn: sqlite3.Connection) -> None:
    home, away = make_deck(conn, "Home"), make_deck(conn, "Away")
    set_columns(conn, make_card(conn, "lent", home).id, did=away, odid=home)
    assert count_by_deck(conn) == {away: 1}


def test_a_note_goes_with_its_last_card(conn: sqlite3.Connection) -> None:
    note = make_note(conn, ["a", "b"], notetype="Basic (and reversed card)")
    first, second = note.card_ids
    assert delete_cards(conn, [first]).notes == 0
    assert delete_cards(conn, [second, second]).notes == 1
    with pytest.raises(NotFoundError):
        get_card(conn, first)
    graves = conn.execute("SELECT oid, type FROM graves ORDER BY type, oid").fetchall()
    assert graves == [(first, 0), (second, 0), (note.note_id, 1)]


@pytest.mark.parametrize("data", ["", "{}", "not json", "[1]", "null", "[" * 100_000])
def test_odd_custom_data_is_read_as_none(conn: sqlite3.Connection, data: str) -> None:
    card = set_columns(conn, make_card(conn, "a").id, data=data)
    assert card.custom_data() == {}
