"""Pages of what a search finds: every card once, the exact total, and the browser's orders."""

import sqlite3

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from chalicelib.collection.browsing import SORT_KEYS, page_of_cards
from chalicelib.collection.day import timing_at
from chalicelib.collection.search import search_cards
from tests.support.collections import (
    NOW_MS,
    make_card,
    make_deck,
    make_note,
    new_connection,
    set_columns,
)


def page(
    conn: sqlite3.Connection,
    sort: str = "created",
    *,
    text: str = "",
    descending: bool = False,
    offset: int = 0,
    limit: int = 100,
) -> tuple[int, list[int]]:
    total, cards = page_of_cards(
        conn,
        search_cards(conn, text, timing_at(conn, NOW_MS)),
        sort=sort,
        descending=descending,
        offset=offset,
        limit=limit,
    )
    return total, [card.id for card in cards]


@given(st.data())
@settings(max_examples=15, deadline=None)
def test_pages_hold_every_match_once_in_either_direction(data: st.DataObject) -> None:
    numbers = st.lists(st.integers(0, 3), max_size=12)
    conn = new_connection()
    try:
        wanted = set()
        for number in data.draw(numbers):
            card = make_card(conn, f"word {number}" if number else "other")
            columns = {"ivl": number, "factor": 2500, "mod": 5, "flags": number, "lapses": 1}
            set_columns(conn, card.id, **columns)
            wanted |= {card.id} if number else set()
        limit = data.draw(st.integers(1, 5))
        for sort in SORT_KEYS:
            whole = {
                descending: listed(conn, sort, descending, limit) for descending in (False, True)
            }
            assert whole[True] == whole[False][::-1]
            assert len(whole[False]) == len(wanted)
            assert set(whole[False]) == wanted
    finally:
        conn.close()


def listed(conn: sqlite3.Connection, sort: str, descending: bool, limit: int) -> list[int]:
    found: list[int] = []
    while True:
        total, ids = page(
            conn, sort, text="word", descending=descending, offset=len(found), limit=limit
        )
        found += ids
        if not ids:
            assert total == len(found)
            return found


def test_each_key_sorts_by_its_own_column(conn: sqlite3.Connection) -> None:
    columns = {
        "created": "id", "modified": "mod", "interval": "ivl", "ease": "factor", "reps": "reps",
        "lapses": "lapses", "flag": "flags",
    }  # fmt: skip
    for n in range(6):
        shuffled = {c: (n * step) % 7 for step, c in enumerate(columns.values(), 2) if c != "id"}
        set_columns(conn, make_card(conn, str(n)).id, **shuffled)
    for sort, column in columns.items():
        values = dict(conn.execute(f"SELECT id, {column} FROM cards").fetchall())
        for descending in (False, True):
            _, ids = page(conn, sort, descending=descending)
            found = [values[card_id] for card_id in ids]
            assert found == sorted(found, reverse=descending)


def test_only_the_colour_of_a_flag_counts(conn: sqlite3.Connection) -> None:
    blue = set_columns(conn, make_card(conn, "blue").id, flags=4)
    red = set_columns(conn, make_card(conn, "red").id, flags=0b1000 + 1)
    assert page(conn, "flag")[1] == [red.id, blue.id]


def test_by_due_new_cards_come_before_learning_ones_before_reviews(
    conn: sqlite3.Connection,
) -> None:
    review = set_columns(conn, make_card(conn, "review").id, type=2, queue=2, due=0)
    learning = set_columns(conn, make_card(conn, "learning").id, type=1, queue=1, due=NOW_MS)
    new = make_card(conn, "new")
    assert page(conn, "due")[1] == [new.id, learning.id, review.id]


def test_sort_fields_ignore_case_and_numbers_come_first(conn: sqlite3.Connection) -> None:
    cards = {text: make_card(conn, text).id for text in ("b", "C", "a", "10", "9")}
    assert page(conn, "sort_field")[1] == [cards[text] for text in ("9", "10", "a", "b", "C")]


def test_cards_of_one_sort_field_come_in_the_order_of_their_templates(
    conn: sqlite3.Connection,
) -> None:
    notes = [make_note(conn, ["a", "b"], notetype="Basic (and reversed card)") for _ in range(2)]
    (one, two), (three, four) = (note.card_ids for note in notes)
    assert page(conn, "sort_field")[1] == [one, three, two, four]


def test_tags_sort_as_they_stand(conn: sqlite3.Connection) -> None:
    cards = [make_note(conn, [tag, ""], tags=[tag]).card_ids[0] for tag in ("z", "a", "m")]
    bare = make_note(conn, ["none", ""]).card_ids[0]
    assert page(conn, "tags")[1] == [bare, cards[1], cards[2], cards[0]]


@pytest.mark.parametrize("descending", [False, True])
def test_decks_sort_as_in_the_tree(conn: sqlite3.Connection, descending: bool) -> None:
    names = ("B", "A", "A::Z", "a::b", "Default")
    decks = {name: 1 if name == "Default" else make_deck(conn, name) for name in names}
    cards = {name: [make_card(conn, name, deck).id for _ in "12"] for name, deck in decks.items()}
    lost = set_columns(conn, make_card(conn, "no deck").id, did=999).id
    wanted = [one for name in ("A", "a::b", "A::Z", "B", "Default") for one in cards[name]]
    wanted.append(lost)
    assert page(conn, "deck", descending=descending)[1] == wanted[:: -1 if descending else 1]


def test_notetypes_sort_by_name(conn: sqlite3.Connection) -> None:
    cloze = make_note(conn, ["{{c1::a}}", ""], notetype="Cloze").card_ids[0]
    basic = make_card(conn, "b").id
    assert page(conn, "notetype")[1] == [basic, cloze]
    assert page(conn, "notetype", descending=True)[1] == [cloze, basic]


def test_a_card_without_its_note_is_not_listed(conn: sqlite3.Connection) -> None:
    lost, kept = make_card(conn, "a"), make_card(conn, "b")
    conn.execute("DELETE FROM notes WHERE id = ?", (lost.nid,))
    for text in ("", "is:new", "flag:0 or x"):
        assert page(conn, text=text) == (1, [kept.id])
    assert len(search_cards(conn, "is:new", timing_at(conn, NOW_MS)).card_ids()) == 2
