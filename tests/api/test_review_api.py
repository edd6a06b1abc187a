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
    assert done["next_learning_due_at"] == done["card"]["due_at"]
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


def test_a_finished_deck_tells_what_waits_and_why(person: Person) -> None:
    deck = person.deck("D")
    cards = [person.card(deck, f"card {n}")["card_id"] for n in range(4)]
    person.ok("PUT", f"/api/decks/{deck}/options", json={"new": {"perDay": 1, "delays": [1, 60]}})
    before = person.ok("GET", f"/api/review/{deck}")
    assert (before["deck_name"], before["finished"]) == ("D", None)
    person.answer(before["cards"][0], 3)
    person.ok("POST", "/api/cards/actions", json={"action": "bury", "card_ids": cards[3:]})
    after = person.ok("GET", f"/api/review/{deck}")
    assert after["cards"] == []
    due_at = after["next_learning_due_at"]
    assert after["finished"] == {
        "new": 2,
        "review": 0,
        "learning": 1,
        "learning_shown_at": due_at - 20 * 60_000,
        "buried": {"siblings": 0, "user": 1},
    }
    assert after["next_day_at"] > time.time() * 1000


def test_siblings_that_an_answer_buried_are_told_apart(person: Person) -> None:
    person.ok("PUT", "/api/decks/1/options", json={"new": {"bury": True}})
    sides = {"Front": "one", "Back": "two"}
    added = person.ok(
        "POST",
        "/api/cards",
        json={"deck_id": 1, "notetype": "Basic (and reversed card)", "fields": sides},
    )
    assert len(added["card_ids"]) == 2
    (card,) = person.next_cards(1)
    person.answer(card, 4)
    finished = person.ok("GET", "/api/review/1")["finished"]
    assert finished["buried"] == {"siblings": 1, "user": 0}
    assert (finished["learning"], finished["learning_shown_at"]) == (0, None)
    person.ok("POST", "/api/decks/1/unbury", json={"kind": "siblings"})
    assert person.ok("GET", "/api/review/1")["finished"] is None


def test_a_study_card_says_how_its_options_want_it_shown(person: Person) -> None:
    deck = person.deck("D")
    person.card(deck, "front", tags=["Marked"])
    (card,) = person.next_cards(deck)
    assert card["marked"] is True
    assert card["options"] == {
        "show_timer": False,
        "max_taken_ms": 60_000,
        "autoplay": True,
        "replay_question": True,
        "auto_advance": None,
    }
    changes = {"timer": 1, "maxTaken": 30, "autoplay": False, "replayq": False}
    person.ok("PUT", f"/api/decks/{deck}/options", json=changes)
    (card,) = person.next_cards(deck)
    assert card["options"] == {
        "show_timer": True,
        "max_taken_ms": 30_000,
        "autoplay": False,
        "replay_question": False,
        "auto_advance": None,
    }


def test_what_is_to_be_typed_comes_with_the_card(person: Person) -> None:
    deck = person.deck("D")
    person.card(deck, "plain")
    for back in ("typed <b>back</b>", ""):
        body = {"deck_id": deck, "notetype": "Basic (type in the answer)"}
        fields = {"Front": f"front {back}", "Back": back}
        person.ok("POST", "/api/cards", json=body | {"fields": fields})
    plain, typed, empty = person.next_cards(deck)
    assert (plain["typed"], empty["typed"]) == (None, None)
    assert typed["typed"] == {
        "field": "Back",
        "expected": "typed <b>back</b>",
        "ignores_accents": False,
        "font": "Arial",
        "size": 20,
    }


def test_the_cloze_of_the_card_is_what_is_typed(person: Person) -> None:
    notetypes = person.ok("GET", "/api/notetypes")["notetypes"]
    (cloze,) = [one for one in notetypes if one["name"] == "Cloze"]
    template = {
        "name": cloze["templates"][0]["name"],
        "question": "{{cloze:Text}} {{type:cloze:Text}}",
        "answer": "{{cloze:Text}} {{type:cloze:Text}}",
    }
    person.ok("PUT", f"/api/notetypes/{cloze['id']}", json={"templates": [template]})
    text = {"Text": "{{c1::one::hint}} {{c2::two}} {{c1::three}}"}
    person.ok("POST", "/api/cards", json={"deck_id": 1, "notetype": "Cloze", "fields": text})
    expected = {card["ord"]: card["typed"]["expected"] for card in person.next_cards(1)}
    assert expected == {0: "one, three", 1: "two"}
