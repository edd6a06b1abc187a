"""Undo and redo over HTTP: each operation by its name, from any device, revlog row included."""

import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from tests.support.anki import assert_clean
from tests.support.content import content
from tests.support.server import Person, serving

DATA = Path(__file__).parent.parent / "data"


def first_card(person: Person) -> dict[str, Any]:
    card: dict[str, Any] = person.next_cards(1)[0]
    return card


OPERATIONS: dict[str, Callable[[Person], object]] = {
    "Answer card": lambda person: person.answer(first_card(person), 3),
    "Add note": lambda person: person.card(1, "another", tags=["one", "two"]),
    "Edit note": lambda person: person.ok(
        "PUT", f"/api/cards/{first_card(person)['id']}", json={"front": "changed", "tags": ["t"]}
    ),
    "Change deck": lambda person: person.ok(
        "PUT", f"/api/cards/{first_card(person)['id']}", json={"deck_id": person.deck("Other")}
    ),
    "Delete card": lambda person: person.ok("DELETE", f"/api/cards/{first_card(person)['id']}"),
    "Add deck": lambda person: person.deck("A::B"),
    "Delete deck": lambda person: person.ok("DELETE", f"/api/decks/{deck_with_cards(person)}"),
    "Update deck options": lambda person: person.ok(
        "PUT", "/api/decks/1/options", json={"new": {"perDay": 3}}
    ),
    "Import": lambda person: person.import_file(DATA / "jlpt-n5-legacy.apkg"),
}


def deck_with_cards(person: Person) -> int:
    deck = person.deck("Full::Of::Cards")
    person.card(deck, "one")
    person.card(deck, "two")
    return deck


@pytest.fixture
def studied(person: Person) -> Person:
    for front in ("a", "b", "c"):
        person.card(1, front)
    person.answer(first_card(person), 3)
    return person


@pytest.mark.parametrize("name", OPERATIONS)
def test_an_operation_is_taken_back_and_done_again(
    studied: Person, tmp_path: Path, name: str
) -> None:
    OPERATIONS[name](studied)
    after = content(studied.export(tmp_path / "after.anki2"))
    assert studied.ok("GET", "/api/undo")["undo"][0] == name
    assert studied.ok("POST", "/api/undo")["operation"] == name
    undone = content(studied.export(tmp_path / "undone.anki2"))
    assert undone != after
    assert studied.ok("GET", "/api/undo")["redo"] == [name]
    assert studied.ok("POST", "/api/redo")["operation"] == name
    assert content(studied.export(tmp_path / "redone.anki2")) == after
    assert studied.ok("POST", "/api/undo")["operation"] == name
    assert content(studied.export(tmp_path / "again.anki2")) == undone
    assert_clean(tmp_path / "again.anki2")


def test_all_that_was_done_can_be_taken_back_one_by_one(person: Person, tmp_path: Path) -> None:
    empty = content(person.export(tmp_path / "empty.anki2"))
    for front in ("a", "b"):
        person.card(1, front)
    states = []
    for rating in (3, 1, 4, 2):
        states.append(content(person.export(tmp_path / "state.anki2")))
        person.answer(first_card(person), rating)
    for state in reversed(states):
        assert person.ok("POST", "/api/undo")["operation"] == "Answer card"
        assert content(person.export(tmp_path / "state.anki2")) == state
    for _ in range(2):
        person.ok("POST", "/api/undo")
    assert content(person.export(tmp_path / "state.anki2")) == empty
    error = person.fails(400, "nothing_to_undo", "POST", "/api/undo")
    assert "retry" not in error
    assert len(person.ok("GET", "/api/undo")["redo"]) == 6


def test_an_undone_answer_tells_the_card_and_can_be_given_again(person: Person) -> None:
    person.card(1, "a")
    card = first_card(person)
    person.answer(card, 4)
    undone = person.ok("POST", "/api/undo")
    assert undone["card_ids"] == [card["id"]]
    assert undone["cards"] == {"restored": 1, "removed": 0}
    assert undone["answered_card_ids"] == [card["id"]]
    again = undone["review_card"]
    assert again == first_card(person) == card
    person.answer(again, 2)
    person.fails(400, "nothing_to_undo", "POST", "/api/redo")


def test_a_card_comes_back_to_be_answered_where_others_stand_before_it(person: Person) -> None:
    for front in ("a", "b", "c"):
        person.card(1, front)
    card = first_card(person)
    person.answer(card, 1)
    person.answer(first_card(person), 3)
    person.ok("POST", "/api/undo")
    undone = person.ok("POST", "/api/undo")
    assert undone["review_card"] == card
    redone = person.ok("POST", "/api/redo")
    assert (redone["answered_card_ids"], redone["review_card"]) == ([card["id"]], None)


@pytest.mark.parametrize("name", [name for name in OPERATIONS if name != "Answer card"])
def test_what_is_no_answer_has_no_card_to_show_again(studied: Person, name: str) -> None:
    OPERATIONS[name](studied)
    for step in ("undo", "redo", "undo"):
        done = studied.ok("POST", f"/api/{step}")
        told = done["answered_card_ids"], done["review_card"], done["whole_collection"]
        assert told == ([], None, False)


def test_a_new_due_date_that_was_logged_is_no_answer(person: Person) -> None:
    card_id = person.card(1, "a")["card_id"]
    action = {"action": "set_due", "card_ids": [card_id], "days": 3}
    person.ok("POST", "/api/cards/actions", json=action)
    undone = person.ok("POST", "/api/undo")
    assert (undone["card_ids"], undone["answered_card_ids"]) == ([card_id], [])


def test_a_whole_collection_put_back_is_told(person: Person) -> None:
    backup_id = person.ok("POST", "/api/backups")["backup"]["id"]
    person.card(1, "since then")
    person.ok("POST", f"/api/backups/{backup_id}/restore")
    undone = person.ok("POST", "/api/undo")
    assert undone["whole_collection"] is True
    assert (undone["card_ids"], undone["review_card"]) == ([], None)


def test_another_server_takes_back_what_this_one_did_and_leaves_no_table(tmp_path: Path) -> None:
    data = tmp_path / "data"
    with serving(data) as here, serving(data) as elsewhere:
        person = Person(here, "ana", sample_deck=False)
        phone = Person(elsewhere, "ana", registered=True)
        for front in ("a", "b"):
            person.card(1, front)
        person.answer(first_card(person), 3)
        assert phone.ok("GET", "/api/undo")["undo"] == ["Answer card", "Add note", "Add note"]
        assert phone.ok("POST", "/api/undo")["operation"] == "Answer card"
        assert person.ok("GET", "/api/undo") == phone.ok("GET", "/api/undo")
        file = person.export(tmp_path / "export.anki2")
        person.close()
        phone.close()
    with closing(sqlite3.connect(file)) as conn:
        tables = {name for (name,) in conn.execute("SELECT tbl_name FROM sqlite_master")}
    assert tables == {"col", "notes", "cards", "revlog", "graves"}
    assert_clean(file)
