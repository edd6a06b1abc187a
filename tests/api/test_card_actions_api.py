from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from chalicelib.api.card_actions import ACTIONS
from tests.support.anki import assert_clean
from tests.support.content import content
from tests.support.server import Person

PATH = "/api/cards/actions"

# What each action needs beside the cards, and the name under which it can be undone.
NEEDED: dict[str, tuple[dict[str, Any], str]] = {
    "suspend": ({}, "Suspend"),
    "unsuspend": ({}, "Unsuspend"),
    "bury": ({}, "Bury"),
    "unbury": ({}, "Unbury"),
    "flag": ({"value": 3}, "Set flag"),
    "move": ({"deck_id": 1}, "Change deck"),
    "reset": ({}, "Reset card"),
    "set_due": ({"days": "3-7!"}, "Set due date"),
    "reposition": ({"starting_from": 5, "step": 2}, "Reposition"),
    "add_tags": ({"tags": ["fresh"]}, "Add tags"),
    "remove_tags": ({"tags": ["old"]}, "Remove tags"),
    "delete": ({}, "Delete card"),
}


def act(person: Person, action: str, card_ids: list[int], **more: Any) -> int:
    body = {"action": action, "card_ids": card_ids, **more}
    changed: int = person.ok("POST", PATH, json=body)["changed"]
    return changed


def cards(person: Person, count: int = 2) -> list[int]:
    deck = person.deck("Deck")
    return [person.card(deck, f"card {n}", tags=["old"])["card_id"] for n in range(count)]


def card(person: Person, card_id: int) -> Any:
    return person.ok("GET", f"/api/cards/{card_id}")["card"]


def test_each_action_is_here() -> None:
    assert set(NEEDED) == set(ACTIONS)


@pytest.mark.parametrize("action", NEEDED)
def test_an_action_tells_how_much_changed_and_can_be_undone(
    person: Person, tmp_path: Path, action: str
) -> None:
    needed, operation = NEEDED[action]
    ids = cards(person)
    if action in ("unsuspend", "unbury"):
        act(person, "suspend" if action == "unsuspend" else "bury", ids)
    before = content(person.export(tmp_path / "before.anki2"))
    assert act(person, action, [*ids, *ids], **needed) == len(ids)
    file = person.export(tmp_path / "after.anki2")
    assert content(file) != before
    assert_clean_but_for_buried(file, action)
    assert person.ok("GET", "/api/undo")["undo"][0] == operation
    person.ok("POST", "/api/undo")
    assert content(person.export(tmp_path / "undone.anki2")) == before


def assert_clean_but_for_buried(file: Path, action: str) -> None:
    if action != "bury":  # the day on which Anki looks would unbury them
        assert_clean(file)


@pytest.mark.parametrize("action", NEEDED)
def test_with_an_unknown_card_nothing_changes(person: Person, tmp_path: Path, action: str) -> None:
    ids = cards(person)
    before = content(person.export(tmp_path / "before.anki2"))
    body = {"action": action, "card_ids": [ids[0], 77, ids[1]], **NEEDED[action][0]}
    person.fails(404, "not_found", "POST", PATH, json=body)
    assert content(person.export(tmp_path / "after.anki2")) == before


def test_what_an_action_does_can_be_seen(person: Person) -> None:
    first, second = cards(person)
    act(person, "suspend", [first])
    act(person, "flag", [first], value=4)
    act(person, "add_tags", [first], tags=["x::y"])
    act(person, "set_due", [second], days=5)
    shown = card(person, first)
    assert (shown["suspended"], shown["flag"]) == (True, 4)
    assert shown["tags"] == ["old", "x::y"]
    assert act(person, "remove_tags", [first, second], tags=["x"]) == 1
    assert (card(person, second)["state"], card(person, second)["interval_days"]) == ("review", 5)
    act(person, "reset", [second])
    assert (card(person, second)["state"], card(person, second)["due_position"]) == ("new", 2)
    assert act(person, "delete", [first, second]) == 2
    person.fails(404, "not_found", "GET", f"/api/cards/{first}")


def test_ten_thousand_ids_are_taken_and_one_more_is_not(person: Person) -> None:
    body = {"action": "suspend", "card_ids": list(range(1, 10_001))}
    person.fails(404, "not_found", "POST", PATH, json=body)
    body["card_ids"] = list(range(1, 10_002))
    problem = person.fails(400, "invalid_input", "POST", PATH, json=body)
    assert set(problem["fields"]) == {"card_ids"}


@pytest.mark.parametrize(
    ("body", "fields"),
    [
        ({"action": "fly", "card_ids": [1]}, {"action"}),
        ({"card_ids": [1]}, {"action"}),
        ({"action": ["flag"], "card_ids": [1]}, {"action"}),
        ({"action": "flag", "card_ids": [1]}, {"value"}),
        ({"action": "flag", "card_ids": [1], "value": 8}, {"value"}),
        ({"action": "suspend", "card_ids": []}, {"card_ids"}),
        ({"action": "suspend", "card_ids": ["1"]}, {"card_ids.0"}),
        ({"action": "suspend", "card_ids": [1], "value": 3}, {"value"}),
        ({"action": "set_due", "card_ids": [1], "days": "x"}, {"days"}),
        ({"action": "set_due", "card_ids": [1], "days": -1}, {"days"}),
        ({"action": "set_due", "card_ids": [1], "days": True}, {"days"}),
        ({"action": "set_due", "card_ids": [1], "days": 1.5}, {"days"}),
        ({"action": "add_tags", "card_ids": [1], "tags": ["a b"]}, {"tags"}),
        ({"action": "remove_tags", "card_ids": [1], "tags": []}, {"tags"}),
        ({"action": "reposition", "card_ids": [1], "step": -1}, {"starting_from", "step"}),
    ],
)
def test_bad_input_is_named(person: Person, body: dict[str, Any], fields: set[str]) -> None:
    assert set(person.fails(400, "invalid_input", "POST", PATH, json=body)["fields"]) == fields


def test_cards_move_only_to_a_deck_that_is_there(person: Person) -> None:
    body = {"action": "move", "card_ids": cards(person), "deck_id": 77}
    person.fails(404, "not_found", "POST", PATH, json=body)


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(-9, 9) | st.text(max_size=9),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=9), inner),
    max_leaves=5,
)
MEMBERS = ("value", "deck_id", "days", "tags", "restore_position", "starting_from", "step")
BODIES = st.fixed_dictionaries(
    {"action": st.sampled_from(sorted(NEEDED)), "card_ids": st.just([77]) | JSON},
    optional=dict.fromkeys(MEMBERS, JSON),
)


@given(body=BODIES)
@settings(
    max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
def test_whatever_is_sent_the_answer_is_a_clear_one(person: Person, body: dict[str, Any]) -> None:
    response = person.call("POST", PATH, json=body)
    assert response.status_code in (400, 404), response.text


def test_a_card_that_was_reset_and_made_due_again_is_clean_for_anki(
    person: Person, tmp_path: Path
) -> None:
    """Anki itself leaves the time of the answer in it, which its Check Database then corrects."""
    card_id = person.card(1, "a")["card_id"]
    person.ok("POST", "/api/review", json={"card_id": card_id, "rating": 4})
    for action in ({"action": "reset"}, {"action": "set_due", "days": 3}):
        person.ok("POST", "/api/cards/actions", json={"card_ids": [card_id]} | action)
    assert_clean(person.export(tmp_path / "export.anki2"))
