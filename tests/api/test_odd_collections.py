"""A collection may come from a file that no Anki wrote: nothing in it breaks a request."""

import random
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from tests.api.in_process import Caller
from tests.api.odd_values import fill, spoil
from tests.support.collections import (
    DAY_MS,
    NOW_MS,
    make_card,
    make_deck,
    new_connection,
    set_columns,
)

EXAMPLES = 60
SEARCHES = [
    "is:due", "prop:ivl>3 or prop:due=1", "rated:7", "tag:t", "deck:a*", "note:basic", "card:1",
    "introduced:3", "prop:pos>1", "re:fro", "front:*x*", "prop:ease>1 prop:reps>1", "has:cd",
]  # fmt: skip
ACTIONS: list[dict[str, Any]] = [
    {"action": "suspend"},
    {"action": "unsuspend"},
    {"action": "bury"},
    {"action": "flag", "value": 3},
    {"action": "move", "deck_id": 1},
    {"action": "reset"},
    {"action": "set_due", "days": "3-5!"},
    {"action": "reposition", "starting_from": 1, "step": 1, "shift_existing": True},
    {"action": "add_tags", "tags": ["new"]},
    {"action": "remove_tags", "tags": ["t"]},
    {"action": "delete"},
]


@pytest.fixture
def conn() -> Iterator[sqlite3.Connection]:
    with closing(new_connection()) as connection:
        yield connection


@pytest.mark.parametrize("seed", range(EXAMPLES))
def test_odd_values_anywhere_are_no_reason_to_fail(
    conn: sqlite3.Connection, tmp_path: Path, seed: int
) -> None:
    chance = random.Random(seed)
    decks, cards = fill(conn, chance)
    spoil(conn, chance)
    call = Caller(conn, tmp_path, NOW_MS + chance.choice([0, DAY_MS, 3 * DAY_MS]))
    _look_at_everything(call, decks)
    _study(call, decks, chance)
    _edit(call, cards, chance)
    _rearrange(call, decks)
    for _ in range(4):
        call("POST", "/api/undo")


def _look_at_everything(call: Caller, decks: list[int]) -> None:
    for path in ("decks", "options", "notetypes", "stats", "cards", "tags"):
        call("GET", f"/api/{path}")
    call("GET", "/api/stats", deck_id=decks[1], days=0)
    for deck in decks:
        call("GET", f"/api/decks/{deck}/options")
    for sort in ("due", "deck", "notetype", "sort_field"):
        call("GET", "/api/cards", sort=sort)
    for search in SEARCHES:
        call("GET", "/api/cards", q=search)


def _study(call: Caller, decks: list[int], chance: random.Random) -> None:
    for deck in decks:
        for card in call("GET", f"/api/review/{deck}", limit=3).get("cards", ()):
            answer = {"card_id": card["id"], "rating": chance.randint(1, 4), "deck_id": deck}
            call("POST", "/api/review", answer | {"answer_token": card["answer_token"]})


def _edit(call: Caller, cards: list[int], chance: random.Random) -> None:
    for card in chance.sample(cards, 3):
        call("GET", f"/api/cards/{card}")
        call("PUT", f"/api/cards/{card}", {"front": "other", "tags": ["other"]})
        call("POST", "/api/review", {"card_id": card, "rating": chance.randint(1, 4)})
    for action in chance.sample(ACTIONS, 6):
        call("POST", "/api/cards/actions", action | {"card_ids": chance.sample(cards, 5)})
        call("POST", "/api/undo")


def _rearrange(call: Caller, decks: list[int]) -> None:
    for notetype in call("GET", "/api/notetypes")["notetypes"][:2]:
        fields = [{"name": field["name"]} for field in notetype["fields"]]
        call("PUT", f"/api/notetypes/{notetype['id']}", {"fields": [*fields, {"name": "More"}]})
    call("PUT", f"/api/decks/{decks[2]}/options", {"new": {"delays": [1, 2], "order": 0}})
    call("PUT", f"/api/decks/{decks[1]}", {"name": "Other", "new_limit": 3})
    call("POST", f"/api/decks/{decks[1]}/unbury", {})
    call("POST", "/api/cards", {"deck_id": decks[1], "front": "new", "back": "card"})
    call("POST", "/api/options", {"name": "Other", "copy_of": 1})
    call("DELETE", f"/api/decks/{decks[4]}")


@pytest.mark.parametrize(
    "damage",
    [
        "DELETE FROM notes WHERE id = (SELECT min(id) FROM notes)",
        "UPDATE notes SET mid = 42 WHERE id = (SELECT min(id) FROM notes)",
        "UPDATE cards SET type = 7 WHERE id = (SELECT min(id) FROM cards)",
    ],
)
def test_a_card_that_cannot_be_shown_keeps_no_other_from_being_studied(
    conn: sqlite3.Connection, tmp_path: Path, damage: str
) -> None:
    make_card(conn, "damaged")
    sound = make_card(conn, "sound")
    conn.execute(damage)
    call = Caller(conn, tmp_path, NOW_MS)
    (shown,) = call("GET", "/api/review/1", limit=1)["cards"]
    assert shown["id"] == sound.id
    assert "card" in call("POST", "/api/review", {"card_id": sound.id, "rating": 3})


def test_a_note_with_too_many_or_too_few_fields_can_be_edited(
    conn: sqlite3.Connection, tmp_path: Path
) -> None:
    many, few = make_card(conn, "many"), make_card(conn, "few")
    conn.execute("UPDATE notes SET flds = 'a\x1fb\x1fc' WHERE id = ?", (many.nid,))
    conn.execute("UPDATE notes SET flds = 'a' WHERE id = ?", (few.nid,))
    call = Caller(conn, tmp_path, NOW_MS)
    edited = call("PUT", f"/api/cards/{many.id}", {"front": "new"})["card"]["fields"]
    assert edited == {"Front": "new", "Back": "b; c"}
    edited = call("PUT", f"/api/cards/{few.id}", {"front": "new"})["card"]["fields"]
    assert edited == {"Front": "new", "Back": ""}


def test_a_deck_that_is_no_object_takes_none_of_the_others_along(
    conn: sqlite3.Connection, tmp_path: Path
) -> None:
    deck = make_deck(conn, "Sound")
    conn.execute("UPDATE col SET decks = json_set(decks, '$.99', 5, '$.98', json('{}'))")
    listed = Caller(conn, tmp_path, NOW_MS)("GET", "/api/decks")["decks"]
    assert [(one["id"], one["name"]) for one in listed] == [(98, "blank"), (deck, "Sound")]


def test_what_is_shown_while_studying_says_how_the_card_is_marked(
    conn: sqlite3.Connection, tmp_path: Path
) -> None:
    deck = make_deck(conn, "Geo")
    card = make_card(conn, "a", deck)
    set_columns(conn, card.id, flags=3)
    conn.execute("UPDATE notes SET tags = ' marked '")
    (shown,) = Caller(conn, tmp_path, NOW_MS)("GET", f"/api/review/{deck}")["cards"]
    assert (shown["deck_name"], shown["flag"], shown["tags"]) == ("Geo", 3, ["marked"])
