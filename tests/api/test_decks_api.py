from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from chalicelib.collection.col import read_document, write_document
from tests.api.in_process import Caller
from tests.support.collections import NOW_MS, make_deck, new_connection
from tests.support.server import Person


def test_the_tree_comes_in_name_order_with_levels_and_parents(person: Person) -> None:
    geo = person.deck("Geo")
    capitals = person.deck("Geo::Capitals")
    person.deck("geology")
    decks = person.ok("GET", "/api/decks")["decks"]
    assert [deck["name"] for deck in decks] == [
        "Geo",
        "Geo::Capitals",
        "geology",
        "My first deck",
    ]
    by_id = {deck["id"]: deck for deck in decks}
    assert by_id[capitals]["parent_id"] == geo
    assert (by_id[geo]["level"], by_id[capitals]["level"]) == (1, 2)
    assert by_id[geo]["parent_id"] is None


def test_counts_and_totals_include_the_subdecks(person: Person) -> None:
    parent, child = person.deck("A"), person.deck("A::B")
    for n in range(25):
        person.card(child, f"card {n}")
    person.card(parent, "in the parent")
    deck = person.ok("GET", f"/api/decks/{parent}")["deck"]
    assert deck["total_cards"] == 26
    assert deck["counts"] == {"new": 20, "learn": 0, "review": 0}


def test_the_default_deck_shows_up_with_its_first_card(person: Person) -> None:
    person.card(1, "in the default deck")
    assert "Default" in [deck["name"] for deck in person.ok("GET", "/api/decks")["decks"]]


def test_a_deck_is_described_renamed_and_deleted(person: Person) -> None:
    created = person.ok("POST", "/api/decks", json={"name": "Old", "description": "what for"})
    deck_id = created["deck_id"]
    assert created["deck"]["description"] == "what for"
    person.deck("Old::Child")
    changes = {"name": "New", "description": "changed"}
    assert person.ok("PUT", f"/api/decks/{deck_id}", json=changes)["deck"]["name"] == "New"
    names = [deck["name"] for deck in person.ok("GET", "/api/decks")["decks"]]
    assert "New::Child" in names
    person.card(deck_id, "gone soon")
    deleted = person.ok("DELETE", f"/api/decks/{deck_id}")["deleted"]
    assert deleted == {"decks": 2, "cards": 1, "notes": 1}
    person.fails(404, "not_found", "GET", f"/api/decks/{deck_id}")


@pytest.mark.parametrize(
    ("method", "path", "json", "status", "code"),
    [
        ("POST", "/api/decks", {"name": "taken"}, 400, "deck_exists"),
        ("POST", "/api/decks", {"name": "TAKEN"}, 400, "deck_exists"),
        ("POST", "/api/decks", {"name": ""}, 400, "invalid_input"),
        ("POST", "/api/decks", {"name": "x" * 121}, 400, "invalid_input"),
        ("POST", "/api/decks", {"name": 5}, 400, "invalid_input"),
        ("POST", "/api/decks", {}, 400, "invalid_input"),
        ("POST", "/api/decks", {"name": "::".join("d" * 20_000)}, 400, "invalid_input"),
        ("POST", "/api/decks", {"name": "x", "description": "x" * 70_000}, 413, "too_large"),
        ("PUT", "/api/decks/1", {"description": "x" * 70_000}, 413, "too_large"),
        ("PUT", "/api/decks/1", {"description": "é" * 35_000}, 413, "too_large"),
        ("GET", "/api/decks/999", None, 404, "not_found"),
        ("PUT", "/api/decks/999", {"name": "x"}, 404, "not_found"),
        ("DELETE", "/api/decks/999", None, 404, "not_found"),
        ("DELETE", "/api/decks/1", None, 400, "invalid_input"),
        ("GET", "/api/decks/abc", None, 400, "invalid_input"),
        ("GET", "/api/decks/-1", None, 400, "invalid_input"),
        ("GET", "/api/decks/0x10", None, 400, "invalid_input"),
        ("GET", "/api/decks/99999999999999999999", None, 400, "invalid_input"),
        ("GET", "/api/decks/\u0661", None, 400, "invalid_input"),
        ("GET", "/api/decks/999/options", None, 404, "not_found"),
        ("PUT", "/api/decks/1/options", {"new": {"perDay": -1}}, 400, "invalid_input"),
        ("PUT", "/api/decks/1", {"options_id": 77}, 400, "invalid_input"),
    ],
)
def test_bad_input_is_told_and_changes_nothing(
    person: Person, method: str, path: str, json: dict[str, Any] | None, status: int, code: str
) -> None:
    person.deck("Taken")
    before = person.call("GET", "/api/export").content
    person.fails(status, code, method, path, json=json)
    assert person.call("GET", "/api/export").content == before


def test_options_are_those_of_the_group_and_partly_changed(person: Person) -> None:
    deck = person.deck("A")
    options = person.ok("GET", f"/api/decks/{deck}/options")["options"]
    assert options["new"]["perDay"] == 20
    changed = person.ok("PUT", f"/api/decks/{deck}/options", json={"new": {"perDay": 3}})
    assert changed["options"]["new"] == options["new"] | {"perDay": 3}
    for n in range(5):
        person.card(deck, str(n))
    assert person.ok("GET", f"/api/decks/{deck}")["deck"]["counts"]["new"] == 3


def test_the_default_deck_shows_up_when_it_is_the_only_one(person: Person) -> None:
    (only,) = person.ok("GET", "/api/decks")["decks"]
    person.ok("DELETE", f"/api/decks/{only['id']}")
    assert [deck["name"] for deck in person.ok("GET", "/api/decks")["decks"]] == ["Default"]


NO_LIMITS = dict.fromkeys(("new_limit", "review_limit", "new_limit_today", "review_limit_today"))


def own_limits(deck: dict[str, Any]) -> dict[str, Any]:
    return {name: deck[name] for name in NO_LIMITS}


def test_a_deck_has_limits_of_its_own_for_today_and_for_every_day(person: Person) -> None:
    deck_id = person.deck("Deck")
    for n in range(6):
        person.card(deck_id, f"card {n}")
    address = f"/api/decks/{deck_id}"
    assert own_limits(person.ok("GET", address)["deck"]) == NO_LIMITS
    deck = person.ok("PUT", address, json={"new_limit": 4, "review_limit": 0})["deck"]
    # New cards use up the review limit too.
    assert (own_limits(deck), deck["counts"]["new"]) == (
        NO_LIMITS | {"new_limit": 4, "review_limit": 0},
        0,
    )
    deck = person.ok("PUT", address, json={"review_limit": None, "new_limit_today": 2})["deck"]
    assert (own_limits(deck), deck["counts"]["new"]) == (
        NO_LIMITS | {"new_limit": 4, "new_limit_today": 2},
        2,
    )
    deck = person.ok("PUT", address, json={"new_limit_today": None})["deck"]
    assert (own_limits(deck), deck["counts"]["new"]) == (NO_LIMITS | {"new_limit": 4}, 4)


@pytest.mark.parametrize("limit", [-1, 10_000, "3", 1.5, True])
def test_a_limit_out_of_range_is_named(person: Person, limit: Any) -> None:
    body = {"new_limit": limit, "review_limit_today": limit, "review_limit": 1}
    problem = person.fails(400, "invalid_input", "PUT", "/api/decks/1", json=body)
    assert set(problem["fields"]) == {"new_limit", "review_limit_today"}


def test_the_buried_cards_of_a_deck_come_back(person: Person) -> None:
    deck_id = person.deck("Deck")
    below = person.deck("Deck::Below")
    ids = [person.card(below, f"card {n}")["card_id"] for n in range(2)]
    person.ok("POST", "/api/cards/actions", json={"action": "bury", "card_ids": ids})
    address = f"/api/decks/{deck_id}/unbury"
    assert person.ok("POST", address, json={"kind": "siblings"})["changed"] == 0
    assert person.next_cards(deck_id) == []
    assert person.ok("POST", address, json={})["changed"] == 2
    assert len(person.next_cards(deck_id)) == 2
    person.fails(400, "invalid_input", "POST", address, json={"kind": "some"})
    person.fails(404, "not_found", "POST", "/api/decks/77/unbury", json={})


def test_the_list_counts_what_there_is_to_study_altogether(person: Person) -> None:
    parent, child, other = (person.deck(name) for name in ("A", "A::B", "C"))
    for deck in (parent, child, other, other):
        person.card(deck, f"card of {deck}", allow_duplicate=True)
    person.answer(person.next_cards(other)[0], 3)
    listed = person.ok("GET", "/api/decks")
    assert listed["counts"] == {"new": 3, "learn": 1, "review": 0}
    assert not any(deck["filtered"] for deck in listed["decks"])


def test_a_filtered_deck_is_told_from_others(tmp_path: Path) -> None:
    with closing(new_connection()) as conn:
        deck_id = make_deck(conn, "Cram")
        decks = read_document(conn, "decks")
        decks[str(deck_id)] |= {"dyn": 1, "resched": True, "terms": [["", 10, 0]]}
        write_document(conn, "decks", decks)
        call = Caller(conn, tmp_path, NOW_MS)
        listed = {deck["name"]: deck for deck in call("GET", "/api/decks")["decks"]}
        alone = call("GET", f"/api/decks/{deck_id}")["deck"]
    assert alone == listed["Cram"]
    assert (alone["filtered"], alone["options_id"]) == (True, None)
