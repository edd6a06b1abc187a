"""Idempotency-Key: a request sent again gives the first outcome again, and changes nothing."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import httpx
import pytest

from chalicelib.api.resources import RESOURCES
from tests.support.server import Person

DECK = "/api/decks"
ACTIONS = "/api/cards/actions"
MEDIA = "/api/media"
BYTES = "application/octet-stream"
CHANGES: dict[str, Callable[[Person], tuple[str, str, dict[str, Any]]]] = {
    "POST /api/decks": lambda _: ("POST", DECK, {"json": {"name": "New"}}),
    "PUT /api/decks/{deck_id}": lambda person: (
        "PUT",
        f"{DECK}/{person.deck('Old')}",
        {"json": {"name": "Newer"}},
    ),
    "DELETE /api/decks/{deck_id}": lambda person: ("DELETE", f"{DECK}/{person.deck('Old')}", {}),
    "PUT /api/decks/{deck_id}/options": lambda _: (
        "PUT",
        f"{DECK}/1/options",
        {"json": {"new": {"perDay": 7}}},
    ),
    "POST /api/decks/{deck_id}/unbury": lambda person: (
        "POST",
        f"{DECK}/{with_buried_card(person)}/unbury",
        {"json": {"kind": "user"}},
    ),
    "POST /api/options": lambda _: ("POST", "/api/options", {"json": {"name": "New"}}),
    "PUT /api/options/{options_id}": lambda _: (
        "PUT",
        "/api/options/1",
        {"json": {"name": "Newer"}},
    ),
    "DELETE /api/options/{options_id}": lambda person: (
        "DELETE",
        f"/api/options/{person.ok('POST', '/api/options', json={'name': 'Old'})['options_id']}",
        {},
    ),
    "POST /api/cards/actions": lambda person: (
        "POST",
        ACTIONS,
        {
            "json": {
                "action": "set_due",
                "card_ids": [person.card(1, "old")["card_id"]],
                "days": "1-9999",
            }
        },
    ),
    "POST /api/cards": lambda _: (
        "POST",
        "/api/cards",
        {"json": {"deck_id": 1, "front": "same", "back": ""}},
    ),
    "PUT /api/cards/{card_id}": lambda person: (
        "PUT",
        f"/api/cards/{person.card(1, 'old')['card_id']}",
        {"json": {"front": "newer"}},
    ),
    "DELETE /api/cards/{card_id}": lambda person: (
        "DELETE",
        f"/api/cards/{person.card(1, 'old')['card_id']}",
        {},
    ),
    "POST /api/review": lambda person: (
        "POST",
        "/api/review",
        {"json": {"card_id": person.card(1, "old")["card_id"], "rating": 3}},
    ),
    "POST /api/media": lambda _: (
        "POST",
        MEDIA,
        {"params": {"name": "new.png"}, "content": b"new"},
    ),
    "PUT /api/media": lambda person: (
        "PUT",
        MEDIA,
        {"params": {"name": a_media_file(person)}, "json": {"name": "newer.png"}},
    ),
    "DELETE /api/media": lambda person: (
        "DELETE",
        MEDIA,
        {"params": {"name": a_media_file(person)}},
    ),
    "POST /api/notetypes": lambda _: ("POST", "/api/notetypes", {"json": {"name": "New"}}),
    "PUT /api/notetypes/{notetype_id}": lambda person: (
        "PUT",
        a_notetype(person),
        {"json": {"fields": [{"name": "New", "was": None}]}},
    ),
    "DELETE /api/notetypes/{notetype_id}": lambda person: ("DELETE", a_notetype(person), {}),
    "POST /api/undo": lambda person: ("POST", "/api/undo", with_changes(person)),
    "POST /api/redo": lambda person: ("POST", "/api/redo", with_undone(person)),
    "PUT /api/account": lambda _: ("PUT", "/api/account", {"json": {"utc_offset_minutes": -180}}),
    "POST /api/import": lambda person: ("POST", "/api/import", {"content": exported(person)}),
    "POST /api/imports": lambda person: (
        "POST",
        "/api/imports",
        {"json": {"upload_id": uploaded(person, exported(person))}},
    ),
    "POST /api/backups": lambda _: ("POST", "/api/backups", {}),
    "POST /api/backups/{backup_id}/restore": lambda person: (
        "POST",
        f"/api/backups/{a_backup(person)}/restore",
        {},
    ),
}


def uploaded(person: Person, file: bytes) -> str:
    wanted = {"bytes": len(file), "format": "anki2"}
    offer = person.ok("POST", "/api/uploads", json=wanted)
    person.ok("PUT", offer["url"], content=file, headers={"Content-Type": BYTES})
    upload_id: str = offer["upload_id"]
    return upload_id


def a_backup(person: Person) -> str:
    backup_id: str = person.ok("POST", "/api/backups")["backup"]["id"]
    person.card(1, "since then")
    return backup_id


def a_media_file(person: Person) -> str:
    request = {"params": {"name": "old.png"}, "content": b"old"}
    headers = {"Content-Type": "application/octet-stream"}
    name: str = person.ok("POST", MEDIA, headers=headers, **request)["name"]
    return name


def a_notetype(person: Person) -> str:
    notetypes = person.ok("GET", "/api/notetypes")["notetypes"]
    return f"/api/notetypes/{notetypes[0]['id']}"


def with_changes(person: Person) -> dict[str, Any]:
    """Two things to undo, so that a second undo would show."""
    for front in ("first", "second"):
        person.card(1, front)
    return {}


def with_undone(person: Person) -> dict[str, Any]:
    with_changes(person)
    for _ in range(2):
        person.ok("POST", "/api/undo")
    return {}


def with_buried_card(person: Person) -> int:
    deck_id = person.deck("Old")
    buried = {"action": "bury", "card_ids": [person.card(deck_id, "old")["card_id"]]}
    person.ok("POST", ACTIONS, json=buried)
    return deck_id


def exported(person: Person) -> bytes:
    person.card(1, "to come back")
    file = person.call("GET", "/api/export").content
    for card in person.next_cards(1):
        person.ok("DELETE", f"/api/cards/{card['id']}")
    return file


def send(
    person: Person, request: tuple[str, str, dict[str, Any]], key: str, **more: Any
) -> httpx.Response:
    method, path, content = request
    headers = {"Idempotency-Key": key}
    if "content" in content:
        headers["Content-Type"] = "application/octet-stream"
    return person.call(method, path, headers=headers, **(content | more))


def test_every_route_that_changes_a_collection_is_listed_here() -> None:
    # Those that need no login or end it, an upload that is only offered, and looks at things.
    others = {
        "/register",
        "/login",
        "/logout",
        "/logout-everywhere",
        "/account/password",
        "/password-strength",
        "/uploads/{token}",
        "/uploads",
        "/import/preview",
        "/cards/preview",
    }
    changing = {
        f"{route.method} {route.path}"
        for routes in RESOURCES.values()
        for route in routes.table
        if route.method != "GET" and route.path.removeprefix("/api") not in others
    }
    assert changing == {*CHANGES, "DELETE /api/account"}


@pytest.mark.parametrize("change", CHANGES)
def test_the_same_request_again_gives_the_first_answer_and_changes_nothing(
    person: Person, tmp_path: Path, change: str
) -> None:
    request = CHANGES[change](person)
    first = send(person, request, "key-1")
    assert first.status_code == 200, first.text
    before = person.export(tmp_path / "before.anki2").read_bytes()
    again = send(person, request, "key-1")
    assert (again.status_code, again.json()) == (200, first.json())
    assert person.export(tmp_path / "after.anki2").read_bytes() == before


def test_the_key_of_another_request_is_refused_and_nothing_changes(
    person: Person, tmp_path: Path
) -> None:
    request = CHANGES["POST /api/cards"](person)
    assert send(person, request, "key-1").status_code == 200
    before = person.export(tmp_path / "before.anki2").read_bytes()
    headers = {"Idempotency-Key": "key-1"}
    reused = 400, "idempotency_key_reused"
    other = {"deck_id": 1, "front": "other", "back": ""}
    person.fails(*reused, "POST", "/api/cards", json=other, headers=headers)
    person.fails(*reused, "POST", DECK, json={"name": "x"}, headers=headers)
    person.fails(*reused, "DELETE", f"{DECK}/1", headers=headers)
    assert person.export(tmp_path / "after.anki2").read_bytes() == before


def test_a_request_that_failed_may_be_sent_again_with_its_key(person: Person) -> None:
    headers = {"Idempotency-Key": "key-1"}
    body = {"deck_id": 77, "front": "same", "back": ""}
    person.fails(404, "not_found", "POST", "/api/cards", json=body, headers=headers)
    person.ok("POST", "/api/cards", json=body | {"deck_id": 1}, headers=headers)


def test_the_keys_of_two_people_have_nothing_to_do_with_each_other(
    new_person: Callable[..., Person],
) -> None:
    for _ in range(2):
        person = new_person(sample_deck=False)
        headers = {"Idempotency-Key": "key-1"}
        assert person.ok("POST", DECK, json={"name": "New"}, headers=headers)["deck_id"]
        assert [deck["name"] for deck in person.ok("GET", DECK)["decks"]] == [
            "My first deck",
            "New",
        ]


def test_a_key_is_good_for_a_hundred_later_changes(person: Person) -> None:
    request = CHANGES["POST /api/cards"](person)
    first = send(person, request, "key-1").json()
    for n in range(100):
        person.card(1, f"later {n}")
    assert send(person, request, "key-1").json() == first
