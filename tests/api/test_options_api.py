from typing import Any

import pytest

from tests.support.server import Person

PATH = "/api/options"


def presets(person: Person) -> dict[int, Any]:
    return {preset["id"]: preset for preset in person.ok("GET", PATH)["presets"]}


def test_presets_are_added_chosen_renamed_and_deleted(person: Person) -> None:
    deck = person.deck("Deck")
    added = person.ok("POST", PATH, json={"name": "Easy"})["options_id"]
    assert presets(person)[added] | {"options": None} == {
        "id": added,
        "name": "Easy",
        "options": None,
        "deck_ids": [],
    }
    changed = person.ok("PUT", f"/api/decks/{deck}", json={"options_id": added})["deck"]
    assert changed["options_id"] == added
    person.ok("PUT", f"/api/decks/{deck}/options", json={"name": "Hard", "new": {"perDay": 3}})
    copy = person.ok("POST", PATH, json={"name": "Copy", "copy_of": added})["options_id"]
    shown = presets(person)
    assert (shown[added]["name"], shown[added]["deck_ids"]) == ("Hard", [deck])
    assert shown[copy]["options"]["new"]["perDay"] == 3
    assert person.ok("DELETE", f"{PATH}/{added}")["deck_ids"] == [deck]
    assert person.ok("GET", f"/api/decks/{deck}")["deck"]["options_id"] == 1
    assert set(presets(person)) == {1, copy}


def test_a_preset_is_renamed_and_changed_without_a_deck(person: Person) -> None:
    deck = person.deck("Deck")
    added = person.ok("POST", PATH, json={"name": "Easy"})["options_id"]
    changes = {"name": "Hard", "new": {"perDay": 3}}
    changed = person.ok("PUT", f"{PATH}/{added}", json=changes)["preset"]
    assert changed == presets(person)[added]
    assert (changed["name"], changed["options"]["new"]["perDay"]) == ("Hard", 3)
    person.ok("PUT", f"/api/decks/{deck}", json={"options_id": added})
    person.ok("PUT", f"{PATH}/{added}", json={"new": {"perDay": 0}})
    person.card(deck, "front")
    assert person.next_cards(deck) == []
    assert presets(person)[1]["options"]["new"]["perDay"] == 20
    person.ok("POST", "/api/undo")
    person.ok("POST", "/api/undo")
    assert presets(person)[added]["options"]["new"]["perDay"] == 3


@pytest.mark.parametrize(
    "changes",
    [
        {"name": " "},
        {"new": {"perDay": 10_000}},
        {"new": {"perDay": "3"}, "timer": 2, "nothing": 1},
        {"id": 77},
        {"rev": 5},
    ],
)
def test_a_preset_takes_what_a_decks_options_take(person: Person, changes: Any) -> None:
    before = presets(person)
    refused = [
        person.fails(400, "invalid_input", "PUT", path, json=changes)["fields"]
        for path in (f"{PATH}/1", "/api/decks/1/options")
    ]
    assert refused[0] == refused[1] != {}
    assert presets(person) == before


def test_a_deleted_preset_comes_back_with_undo(person: Person) -> None:
    deck = person.deck("Deck")
    added = person.ok("POST", PATH, json={"name": "Easy"})["options_id"]
    person.ok("PUT", f"/api/decks/{deck}", json={"options_id": added})
    person.ok("DELETE", f"{PATH}/{added}")
    assert person.ok("GET", "/api/undo")["undo"][:1] == ["Delete deck options"]
    person.ok("POST", "/api/undo")
    assert presets(person)[added]["deck_ids"] == [deck]


@pytest.mark.parametrize(
    ("body", "fields"),
    [
        ({}, {"name"}),
        ({"name": " "}, {"name"}),
        ({"name": "x", "copy_of": "1"}, {"copy_of"}),
        ({"name": "x", "other": 1}, {"other"}),
    ],
)
def test_bad_input_is_named(person: Person, body: dict[str, Any], fields: set[str]) -> None:
    assert set(person.fails(400, "invalid_input", "POST", PATH, json=body)["fields"]) == fields


def test_the_default_preset_stays_and_others_must_be_there(person: Person) -> None:
    person.fails(400, "invalid_input", "DELETE", f"{PATH}/1")
    person.fails(404, "not_found", "DELETE", f"{PATH}/77")
    person.fails(404, "not_found", "PUT", f"{PATH}/77", json={"name": "x"})
    person.fails(404, "not_found", "POST", PATH, json={"name": "x", "copy_of": 77})
    deck = person.deck("Deck")
    problem = person.fails(
        400, "invalid_input", "PUT", f"/api/decks/{deck}", json={"options_id": 77}
    )
    assert set(problem["fields"]) == {"options_id"}
