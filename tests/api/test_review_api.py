import sqlite3
import time
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from tests.support.server import Person


def test_a_new_card_is_listed_answered_and_comes_back_as_anki_says(person: Person) -> None:
    deck = person.deck("D")
    person.card(deck, "front", "back")
    answer = person.ok("GET", f"/api/review/{deck}")
    assert answer["counts"] == {"new": 1, "learn": 0, "review": 0}
    assert answer["next_learning_due_at"] is None
    (card,) = answer["cards"]
    assert card["question"] == "front"
    assert card["state"] == "new"
    assert card["css"].startswith(".card")
    assert card["intervals"]["1"] == "<1m"
    assert card["intervals"]["2"] == "<6m"
    assert card["intervals"]["3"] == "<10m"
    done = person.answer(card, 3)
    assert done["counts"] == {"new": 0, "learn": 1, "review": 0}
    assert done["card"]["state"] == "learning"
    wait_ms = done["card"]["due_at"] - time.time() * 1000
    assert 590_000 < wait_ms < 760_000
    (again,) = person.next_cards(deck)
    done = person.answer(again, 4)
    assert done["card"]["state"] == "review"
    assert f"{done['card']['interval_days']}d" == again["intervals"]["4"]
    assert done["card"]["ease"] == 2.5
    assert person.ok("GET", f"/api/review/{deck}")["cards"] == []


def test_the_second_answer_to_the_same_showing_is_stale(person: Person) -> None:
    person.card(1, "front")
    (card,) = person.next_cards(1)
    person.answer(card, 3)
    body = {"card_id": card["id"], "rating": 1, "answer_token": card["answer_token"]}
    error = person.fails(409, "stale_card", "POST", "/api/review", json=body)
    assert "retry" not in error


def test_without_a_token_the_card_is_answered_as_it_is(person: Person) -> None:
    card_id = person.card(1, "front")["card_id"]
    for _ in range(2):
        person.ok("POST", "/api/review", json={"card_id": card_id, "rating": 3})
    assert person.ok("GET", f"/api/cards/{card_id}")["card"]["reps"] == 2


def test_an_answer_that_arrives_late_counts_for_when_it_was_given(
    person: Person, tmp_path: Path
) -> None:
    card_id = person.card(1, "front")["card_id"]
    given = int(time.time() * 1000) - 2 * 86_400_000
    body = {"card_id": card_id, "rating": 4, "answered_at": given}
    answered = person.ok("POST", "/api/review", json=body)["card"]
    assert answered["modified_at"] > given + 86_400_000
    with closing(sqlite3.connect(person.export(tmp_path / "late.anki2"))) as conn:
        assert conn.execute("SELECT id FROM revlog").fetchall() == [(given,)]


def test_the_limit_is_how_many_cards_come(person: Person) -> None:
    for n in range(12):
        person.card(1, f"card {n}")
    assert len(person.next_cards(1)) == 10
    assert len(person.next_cards(1, limit=3)) == 3


@pytest.mark.parametrize(
    ("body", "status", "field"),
    [
        ({"rating": 0}, 400, "rating"),
        ({"rating": 5}, 400, "rating"),
        ({"rating": "3"}, 400, "rating"),
        ({"rating": 3.5}, 400, "rating"),
        ({"rating": None}, 400, "rating"),
        ({"time_taken_ms": -1}, 400, "time_taken_ms"),
        ({"answered_at": 1}, 400, "answered_at"),
        ({"answered_at": 9_999_999_999_999}, 400, "answered_at"),
        ({"answer_token": "x" * 65}, 400, "answer_token"),
        ({"card_id": 12345}, 404, None),
        ({"card_id": "1"}, 400, "card_id"),
    ],
)
def test_bad_answers_are_told_and_change_nothing(
    person: Person, body: dict[str, Any], status: int, field: str | None
) -> None:
    card_id = person.card(1, "front")["card_id"]
    before = person.call("GET", "/api/export").content
    code = "not_found" if status == 404 else "invalid_input"
    answer = {"card_id": card_id, "rating": 3} | body
    error = person.fails(status, code, "POST", "/api/review", json=answer)
    if field:
        assert set(error["fields"]) == {field}
    assert person.call("GET", "/api/export").content == before


@pytest.mark.parametrize("query", [{"limit": 0}, {"limit": 101}, {"limit": "x"}])
def test_a_bad_limit_is_told(person: Person, query: dict[str, Any]) -> None:
    error = person.fails(400, "invalid_input", "GET", "/api/review/1", params=query)
    assert set(error["fields"]) == {"limit"}
    person.fails(404, "not_found", "GET", "/api/review/999")


def test_the_time_taken_is_logged(person: Person, tmp_path: Path) -> None:
    person.card(1, "front")
    (card,) = person.next_cards(1)
    person.answer(card, 3, time_taken_ms=1234)
    with closing(sqlite3.connect(person.export(tmp_path / "timed.anki2"))) as conn:
        assert conn.execute("SELECT time FROM revlog").fetchall() == [(1234,)]


def test_a_clock_that_is_a_little_ahead_is_forgiven(person: Person) -> None:
    card_id = person.card(1, "front")["card_id"]
    ahead = int(time.time() * 1000) + 20_000
    person.ok("POST", "/api/review", json={"card_id": card_id, "rating": 3, "answered_at": ahead})


def test_the_counts_after_an_answer_are_of_the_deck_being_studied(person: Person) -> None:
    parent, child = person.deck("P"), person.deck("P::C")
    card_id = person.card(child, "answered")["card_id"]
    person.card(parent, "in the parent")
    body = {"card_id": card_id, "rating": 3}
    of_parent = person.ok("POST", "/api/review", json={**body, "deck_id": parent})["counts"]
    assert of_parent == {"new": 1, "learn": 1, "review": 0}
    of_child = person.ok("POST", "/api/review", json=body)["counts"]
    assert of_child["new"] == 0


def test_an_answer_while_studying_an_unknown_deck_changes_nothing(person: Person) -> None:
    card_id = person.card(1, "front")["card_id"]
    body = {"card_id": card_id, "rating": 3, "deck_id": 4711}
    person.fails(404, "not_found", "POST", "/api/review", json=body)
    assert person.ok("GET", f"/api/cards/{card_id}")["card"]["reps"] == 0
