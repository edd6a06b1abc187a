import sqlite3

import pytest

from chalicelib.collection.cards import (
    SORT_KEYS,
    count_by_deck,
    get_card,
    move_card,
    page_of_cards,
)
from chalicelib.collection.graves import delete_cards
from chalicelib.errors import NotFoundError
from tests.support.collections import (
    NOW_MS,
    make_card,
    make_deck,
    make_note,
    set_columns,
)


def test_pages_hold_every_card_once_in_either_direction(conn: sqlite3.Connection) -> None:
    deck = make_deck(conn, "D")
    cards = [make_card(conn, str(n), deck) for n in range(7)]
    for card in cards:
        set_columns(conn, card.id, ivl=card.id % 3, factor=2500, mod=5, lapses=1)
    for sort in SORT_KEYS:
        for descending in (False, True):
            seen = []
            for offset in range(0, 9, 3):
                total, page = page_of_cards(
                    conn,
                    deck_ids=[deck],
                    sort=sort,
                    descending=descending,
                    offset=offset,
                    limit=3,
                )
                assert total == 7
                seen += [card.id for card in page]
            assert sorted(seen) == [card.id for card in cards]


def test_a_page_is_sorted_by_what_was_asked_for(conn: sqlite3.Connection) -> None:
    cards = [set_columns(conn, make_card(conn, str(n)).id, ivl=n * 7 % 5) for n in range(5)]
    _, page = page_of_cards(
        conn, deck_ids=None, sort="interval", descending=True, offset=0, limit=10
    )
    assert [card.ivl for card in page] == [4, 3, 2, 1, 0]
    assert len(page) == len(cards)


def test_cards_lent_to_a_filtered_deck_are_listed_in_both(conn: sqlite3.Connection) -> None:
    home, away = make_deck(conn, "Home"), make_deck(conn, "Away")
    card = make_card(conn, "lent", home)
    set_columns(conn, card.id, did=away, odid=home)
    for deck in (home, away):
        total, _ = page_of_cards(
            conn, deck_ids=[deck], sort="created", descending=False, offset=0, limit=9
        )
        assert total == 1
    assert count_by_deck(conn) == {away: 1}


def test_moving_a_lent_card_changes_where_it_comes_home_to(conn: sqlite3.Connection) -> None:
    home, away, other = (make_deck(conn, name) for name in ("Home", "Away", "Other"))
    card = set_columns(conn, make_card(conn, "lent", home).id, did=away, odid=home)
    move_card(conn, card, other, NOW_MS)
    moved = get_card(conn, card.id)
    assert (moved.did, moved.odid, moved.home_deck_id) == (away, other, other)
    move_card(conn, card, home, NOW_MS + 5000)
    assert get_card(conn, card.id).mod == NOW_MS // 1000 + 5


def test_a_note_goes_with_its_last_card(conn: sqlite3.Connection) -> None:
    note = make_note(conn, ["a", "b"], notetype="Basic (and reversed card)")
    first, second = note.card_ids
    assert delete_cards(conn, [first]).notes == 0
    assert delete_cards(conn, [second, second]).notes == 1
    with pytest.raises(NotFoundError):
        get_card(conn, first)
    graves = conn.execute("SELECT oid, type FROM graves ORDER BY type, oid").fetchall()
    assert graves == [(first, 0), (second, 0), (note.note_id, 1)]


@pytest.mark.parametrize("data", ["", "{}", "not json", "[1]", "null"])
def test_odd_custom_data_is_read_as_none(conn: sqlite3.Connection, data: str) -> None:
    card = set_columns(conn, make_card(conn, "a").id, data=data)
    assert card.custom_data() == {}


def test_every_sort_key_sorts_by_its_own_column(conn: sqlite3.Connection) -> None:
    columns = {"interval": "ivl", "ease": "factor", "reps": "reps", "lapses": "lapses"}
    columns |= {"created": "id", "modified": "mod"}
    for n in range(6):
        shuffled = {c: (n * step) % 7 for step, c in enumerate(columns.values(), 2) if c != "id"}
        set_columns(conn, make_card(conn, str(n)).id, **shuffled)
    for sort, column in columns.items():
        for descending in (False, True):
            _, page = page_of_cards(
                conn, deck_ids=None, sort=sort, descending=descending, offset=0, limit=9
            )
            values = [getattr(card, column) for card in page]
            assert values == sorted(values, reverse=descending)


def test_by_due_new_cards_come_before_learning_ones_before_reviews(
    conn: sqlite3.Connection,
) -> None:
    review = set_columns(conn, make_card(conn, "review").id, type=2, queue=2, due=0)
    learning = set_columns(conn, make_card(conn, "learning").id, type=1, queue=1, due=NOW_MS)
    new = make_card(conn, "new")
    wanted = [new.id, learning.id, review.id]
    for descending in (False, True):
        _, page = page_of_cards(
            conn, deck_ids=None, sort="due", descending=descending, offset=0, limit=9
        )
        assert [card.id for card in page] == wanted[:: -1 if descending else 1]


def test_equal_cards_are_reversed_too(conn: sqlite3.Connection) -> None:
    cards = [set_columns(conn, make_card(conn, str(n)).id, mod=5).id for n in range(4)]
    _, page = page_of_cards(
        conn, deck_ids=None, sort="modified", descending=True, offset=0, limit=9
    )
    assert [card.id for card in page] == cards[::-1]
