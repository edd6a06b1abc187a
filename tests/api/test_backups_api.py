"""Backups over HTTP: who gets which, when they are made by themselves, and restoring."""

import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from tests.support import local_http
from tests.support.server import Person

BACKUPS = "/api/backups"


def listed(person: Person) -> list[dict[str, Any]]:
    backups: list[dict[str, Any]] = person.ok("GET", BACKUPS)["backups"]
    return backups


def made(person: Person) -> dict[str, Any]:
    backup: dict[str, Any] = person.ok("POST", BACKUPS)["backup"]
    return backup


def fronts(person: Person) -> list[str]:
    cards = person.ok("GET", "/api/cards", params={"sort": "created"})["cards"]
    return [card["front"] for card in cards]


def test_a_new_person_has_none(person: Person) -> None:
    assert listed(person) == []


def test_a_backup_is_shown_with_what_is_in_it(person: Person) -> None:
    card = person.card(1, "one")
    (due,) = person.next_cards(1)
    person.answer(due, 3)
    backup = made(person)
    assert listed(person) == [backup]
    assert person.ok("GET", f"{BACKUPS}/{backup['id']}")["backup"] == backup
    assert (backup["kind"], backup["notes"], backup["cards"], backup["reviews"]) == (
        "manual",
        1,
        1,
        1,
    )
    assert card["note_id"] < backup["last_review_at"] <= backup["made_at"]
    assert backup["bytes"] > 0


def test_a_restore_brings_back_and_can_be_undone(person: Person) -> None:
    person.card(1, "old")
    backup = made(person)
    person.card(1, "new")
    before = person.ok("POST", f"{BACKUPS}/{backup['id']}/restore")["before"]
    assert fronts(person) == ["old"]
    kept = person.ok("GET", f"{BACKUPS}/{before}")["backup"]
    assert (kept["kind"], kept["notes"]) == ("restore", 2)
    assert person.ok("GET", "/api/undo")["undo"][0] == "Restore backup"
    person.ok("POST", "/api/undo")
    assert fronts(person) == ["old", "new"]


def a_deck(person: Person) -> tuple[str, str, dict[str, Any]]:
    return "DELETE", f"/api/decks/{person.deck('Gone')}", {}


def a_changed_notetype(person: Person) -> tuple[str, str, dict[str, Any]]:
    return "PUT", a_notetype(person), {"json": {"fields": [{"name": "New", "was": None}]}}


def a_removed_notetype(person: Person) -> tuple[str, str, dict[str, Any]]:
    return "DELETE", a_notetype(person), {}


def a_notetype(person: Person) -> str:
    return f"/api/notetypes/{person.ok('GET', '/api/notetypes')['notetypes'][0]['id']}"


def test_what_is_refused_leaves_no_backup(person: Person) -> None:
    notetype = a_notetype(person)
    twice = [{"name": "New", "was": None}, {"name": "New", "was": None}]
    assert person.call("PUT", notetype, json={"fields": twice}).status_code == 400
    assert person.call("DELETE", "/api/decks/5").status_code == 404
    assert listed(person) == []


def test_a_deletion_sent_twice_is_one_with_one_backup(person: Person) -> None:
    path = f"/api/decks/{person.deck('Gone')}"
    answers = [
        person.call("DELETE", path, headers={"Idempotency-Key": "the-same-one"}) for _ in range(2)
    ]
    assert [answer.status_code for answer in answers] == [200, 200]
    assert answers[0].json() == answers[1].json()
    assert len(listed(person)) == 1


@pytest.mark.parametrize(
    ("operation", "kind"),
    [(a_deck, "deck"), (a_changed_notetype, "notetype"), (a_removed_notetype, "notetype")],
)
def test_what_is_hard_to_take_back_is_preceded_by_a_backup(
    person: Person, operation: Callable[[Person], tuple[str, str, dict[str, Any]]], kind: str
) -> None:
    person.card(1, "one")
    method, path, content = operation(person)
    person.ok(method, path, **content)
    (backup,) = listed(person)
    assert (backup["kind"], backup["notes"]) == (kind, 1)


def test_the_file_of_a_backup_is_a_collection_to_save(person: Person, tmp_path: Path) -> None:
    person.card(1, "one")
    backup = made(person)
    answer = person.call("GET", f"{BACKUPS}/{backup['id']}/file")
    assert answer.status_code == 200
    expected = f'attachment; filename="{person.username}-{backup["id"]}.anki2"'
    assert answer.headers["content-disposition"] == expected
    file = tmp_path / "copy.anki2"
    file.write_bytes(answer.content)
    with closing(sqlite3.connect(file)) as conn:
        assert conn.execute("SELECT sfld FROM notes").fetchall() == [("one",)]
    assert len(answer.content) == backup["bytes"]


def test_a_strangers_backup_is_not_found(new_person: Callable[..., Person]) -> None:
    backup = made(new_person())
    stranger = new_person()
    path = f"{BACKUPS}/{backup['id']}"
    assert listed(stranger) == []
    for method, address in (("GET", path), ("GET", f"{path}/file"), ("POST", f"{path}/restore")):
        stranger.fails(404, "not_found", method, address)
    assert listed(stranger) == []


def test_without_a_token_there_is_nothing(base_url: str) -> None:
    assert local_http.get(f"{base_url}{BACKUPS}").status_code == 401
