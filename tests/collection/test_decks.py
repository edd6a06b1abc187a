import sqlite3
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chalicelib.collection.cards import get_card
from chalicelib.collection.col import read_document, write_document
from chalicelib.collection.deck_names import (
    ancestor_names,
    is_within,
    level,
    normalise_deck_name,
    parent_name,
)
from chalicelib.collection.decks import Decks, add_deck, change_deck, delete_deck
from chalicelib.collection.filtered import return_cards_home
from chalicelib.errors import BadInputError, DeckExistsError, NotFoundError
from tests.support.anki import assert_clean
from tests.support.collections import (
    NOW_MS,
    make_card,
    make_deck,
    make_note,
    save,
    set_columns,
)


def names(conn: sqlite3.Connection) -> list[str]:
    return [deck["name"] for deck in Decks(conn).in_tree_order()]


def test_a_deck_brings_the_parents_that_are_missing(conn: sqlite3.Connection) -> None:
    make_deck(conn, "Languages::Japanese::N5")
    assert names(conn) == ["Default", "Languages", "Languages::Japanese", "Languages::Japanese::N5"]


def test_a_parent_that_is_there_keeps_its_spelling(conn: sqlite3.Connection) -> None:
    make_deck(conn, "Languages")
    make_deck(conn, "LANGUAGES::German")
    assert names(conn) == ["Default", "Languages", "Languages::German"]


@pytest.mark.parametrize("name", ["geo", "GEO", "gEo"])
def test_the_same_name_in_any_case_is_refused(conn: sqlite3.Connection, name: str) -> None:
    make_deck(conn, "Geo")
    with pytest.raises(DeckExistsError):
        make_deck(conn, name)


def test_the_number_of_decks_is_limited_parents_counted(conn: sqlite3.Connection) -> None:
    with pytest.raises(BadInputError, match="at most 3 decks"):
        add_deck(conn, "A::B::C", now_ms=NOW_MS, max_decks=3)


def test_renaming_moves_the_subdecks_along(conn: sqlite3.Connection, tmp_path: Path) -> None:
    deck_id = make_deck(conn, "Old")
    make_deck(conn, "Old::One::Two")
    make_deck(conn, "Older")
    change_deck(conn, deck_id, now_ms=NOW_MS, max_decks=10, name="Home::New")
    assert names(conn) == [
        "Default",
        "Home",
        "Home::New",
        "Home::New::One",
        "Home::New::One::Two",
        "Older",
    ]
    assert_clean(save(conn, tmp_path / "renamed.anki2"))


def test_a_deck_can_change_the_case_of_its_name(conn: sqlite3.Connection) -> None:
    deck_id = make_deck(conn, "geo")
    make_deck(conn, "geo::capitals")
    change_deck(conn, deck_id, now_ms=NOW_MS, max_decks=10, name="Geo")
    assert names(conn) == ["Default", "Geo", "Geo::capitals"]


def test_a_deck_cannot_move_into_itself(conn: sqlite3.Connection) -> None:
    deck_id = make_deck(conn, "A")
    with pytest.raises(BadInputError):
        change_deck(conn, deck_id, now_ms=NOW_MS, max_decks=10, name="A::B")
    assert names(conn) == ["A", "Default"]


def test_a_rename_keeps_to_the_limits_of_depth_and_number(conn: sqlite3.Connection) -> None:
    deck_id = make_deck(conn, "A")
    make_deck(conn, "A::" + "::".join("b" * 28))
    with pytest.raises(BadInputError, match="not valid"):
        change_deck(conn, deck_id, now_ms=NOW_MS, max_decks=2000, name="X::Y::Z")
    with pytest.raises(BadInputError, match="at most 30 decks"):
        change_deck(conn, 1, now_ms=NOW_MS, max_decks=30, name="X::Y")


def test_nothing_moves_below_a_filtered_deck(conn: sqlite3.Connection) -> None:
    filtered, deck_id = make_deck(conn, "Filtered"), make_deck(conn, "A")
    decks = read_document(conn, "decks")
    decks[str(filtered)]["dyn"] = 1
    write_document(conn, "decks", decks)
    for name in ("filtered::A", "Filtered::B::A"):
        with pytest.raises(BadInputError):
            change_deck(conn, deck_id, now_ms=NOW_MS, max_decks=10, name=name)
        with pytest.raises(BadInputError):
            make_deck(conn, name)


def test_a_change_to_what_it_was_changes_nothing(conn: sqlite3.Connection) -> None:
    deck_id = make_deck(conn, "A")
    before = conn.execute("SELECT mod, decks FROM col").fetchone()
    change_deck(conn, deck_id, now_ms=NOW_MS + 5000, max_decks=10, name="A", description="")
    assert conn.execute("SELECT mod, decks FROM col").fetchone() == before


def test_a_rename_onto_another_deck_is_refused(conn: sqlite3.Connection) -> None:
    deck_id = make_deck(conn, "A")
    make_deck(conn, "B")
    with pytest.raises(DeckExistsError):
        change_deck(conn, deck_id, now_ms=NOW_MS, max_decks=10, name="b")


def test_deleting_removes_subdecks_cards_and_orphans_and_writes_graves(
    conn: sqlite3.Connection, tmp_path: Path
) -> None:
    parent = make_deck(conn, "A")
    child = make_deck(conn, "A::B")
    make_card(conn, "in the parent", parent)
    make_note(conn, ["one", "two"], deck_id=child, notetype="Basic (and reversed card)")
    kept = make_card(conn, "elsewhere", 1)

    deletion = delete_deck(conn, parent, NOW_MS)

    assert (deletion.decks, deletion.cards, deletion.notes) == (2, 3, 2)
    assert names(conn) == ["Default"]
    assert conn.execute("SELECT id FROM cards").fetchall() == [(kept.id,)]
    graves = conn.execute("SELECT type, count(*) FROM graves GROUP BY type").fetchall()
    assert graves == [(0, 3), (1, 2), (2, 2)]
    assert_clean(save(conn, tmp_path / "deleted.anki2"))


def test_a_note_stays_while_another_deck_has_a_card_of_it(conn: sqlite3.Connection) -> None:
    deck = make_deck(conn, "A")
    note = make_note(conn, ["one", "two"], deck_id=deck, notetype="Basic (and reversed card)")
    set_columns(conn, note.card_ids[1], did=1)
    deletion = delete_deck(conn, deck, NOW_MS)
    assert (deletion.cards, deletion.notes) == (1, 0)
    assert conn.execute("SELECT id FROM cards").fetchall() == [(note.card_ids[1],)]


def test_the_default_deck_and_unknown_decks_cannot_be_deleted(conn: sqlite3.Connection) -> None:
    with pytest.raises(BadInputError):
        delete_deck(conn, 1, NOW_MS)
    with pytest.raises(NotFoundError):
        delete_deck(conn, 42, NOW_MS)
    change_deck(conn, 1, now_ms=NOW_MS, max_decks=10, name="Top::Default")
    top = Decks(conn).find("Top")
    assert top is not None
    with pytest.raises(BadInputError):
        delete_deck(conn, top["id"], NOW_MS)


def test_a_deleted_filtered_deck_gives_its_cards_back(conn: sqlite3.Connection) -> None:
    home = make_deck(conn, "Home")
    filtered = make_deck(conn, "Filtered")
    decks = read_document(conn, "decks")
    decks[str(filtered)]["dyn"] = 1
    write_document(conn, "decks", decks)
    card = make_card(conn, "lent", home)
    set_columns(conn, card.id, did=filtered, odid=home, odue=77, due=-100000, type=2, queue=2)

    deletion = delete_deck(conn, filtered, NOW_MS)

    assert (deletion.cards, deletion.notes) == (0, 0)
    back = get_card(conn, card.id)
    assert (back.did, back.due, back.odid, back.odue, back.queue) == (home, 77, 0, 0, 2)


def test_studying_deck_that_is_deleted_is_no_longer_the_current_one(
    conn: sqlite3.Connection,
) -> None:
    deck_id = make_deck(conn, "A")
    conf = read_document(conn, "conf")
    write_document(conn, "conf", conf | {"curDeck": deck_id, "activeDecks": [deck_id]})
    delete_deck(conn, deck_id, NOW_MS)
    conf = read_document(conn, "conf")
    assert (conf["curDeck"], conf["activeDecks"]) == (1, [1])


def test_names_are_normalised_as_anki_does() -> None:
    assert normalise_deck_name(' a"b :: c\x07 ', 120) == 'a"b::c'
    assert normalise_deck_name("A:::B: :", 120) == "A::B"


@pytest.mark.parametrize(
    "name", ["", " ", "A::", "::A", "A::::B", ":", "x" * 121, "\x1f", "::".join("d" * 31)]
)
def test_empty_and_overlong_levels_are_refused(name: str) -> None:
    with pytest.raises(BadInputError) as caught:
        normalise_deck_name(name, 120)
    assert "name" in caught.value.fields


LEVELS = st.lists(
    st.text(st.characters(codec="utf-8", exclude_characters=":"), min_size=1, max_size=8),
    min_size=1,
    max_size=5,
)


@given(LEVELS)
def test_a_normal_name_stays_and_lies_within_all_its_parents(levels: list[str]) -> None:
    try:
        name = normalise_deck_name("::".join(levels), 120)
    except BadInputError:
        return
    assert normalise_deck_name(name, 120) == name
    assert level(name) == len(levels)
    assert all(is_within(name, ancestor) for ancestor in ancestor_names(name))
    ancestors = ancestor_names(name)
    assert parent_name(name) == (ancestors[-1] if ancestors else None)


def test_thirty_levels_are_allowed() -> None:
    name = "::".join("d" * 30)
    assert normalise_deck_name(name, 120) == name


def test_subdecks_come_right_below_their_parent(conn: sqlite3.Connection) -> None:
    for name in ("A B", "A", "A::C", "A-B"):
        make_deck(conn, name)
    assert names(conn) == ["A", "A::C", "A B", "A-B", "Default"]


def test_learning_cards_come_home_into_the_queue_that_their_due_asks_for(
    conn: sqlite3.Connection,
) -> None:
    home, filtered = make_deck(conn, "Home"), make_deck(conn, "Filtered")
    lent = {"did": filtered, "odid": home, "type": 1, "queue": 1, "left": 1}
    by_second = set_columns(conn, make_card(conn, "a").id, **lent, due=5, odue=NOW_MS // 1000)
    by_day = set_columns(conn, make_card(conn, "b").id, **lent, due=NOW_MS // 1000, odue=5)
    return_cards_home(conn, filtered, NOW_MS)
    assert get_card(conn, by_second.id).queue == 1
    assert get_card(conn, by_day.id).queue == 3
