"""Everything that can be kept is kept, from installs with every defect, on both targets."""

import hashlib
import sqlite3
from dataclasses import replace
from pathlib import Path
from typing import Any

import bcrypt

from chalicelib.collection.day import timing_at
from migrations.copying import plan_all
from migrations.examining import Options
from migrations.originals import collection_key
from migrations.target import Target
from migrations.verifying import verify_all
from tests.migrations.conftest import Place
from tests.migrations.install import DEFECTS, NOW_MS, Install, OldUser, build_install
from tests.migrations.moving import (
    move_of,
    quietly,
    rows_of,
    state_of,
    take_everybody,
    what_anki_says,
)


def test_all_that_can_be_kept_is_kept(place: Place, options: Options, tmp_path: Path) -> None:
    old = build_install(tmp_path / "old", 40 if place.stage == "local" else len(DEFECTS))
    target = place.open()
    move = move_of(old, target)
    outcomes = take_everybody(target, move, options)
    assert {name: outcome.status for name, outcome in outcomes.items()} == {
        user.username: user.fate for user in old.users
    }
    names = {person.old.username: person.username for person in move.people}
    images = [
        image
        for user in old.users
        if user.fate != "not_taken"
        and (image := _check_person(target, user, names[user.username], tmp_path))
    ]
    # Elsewhere they are the same, row by row.
    assert what_anki_says(images if place.stage == "local" else images[:2]) == {}
    refused = {user.username for user in old.users if user.fate == "not_taken"}
    findings = verify_all(target, move, options, quietly)
    assert {finding.username for finding in findings} == refused
    assert len(findings) == len(refused) == 2
    for username in refused:
        assert outcomes[username].reason.startswith("The file is damaged")
        assert target.users.get(username) is None


def _check_person(target: Target, user: OldUser, username: str, folder: Path) -> Path | None:
    """The account, the original, every row, and what is due; the collection as a file."""
    account = target.users.get(username)
    assert account is not None
    assert bcrypt.checkpw(user.password.encode(), account.password_hash.encode())
    if user.file:
        stored = target.base.get(collection_key(username))
        assert stored
        original = user.file.read_bytes()
        assert stored.data == original
        assert stored.metadata["sha256"] == hashlib.sha256(original).hexdigest()
    if user.fate == "empty":
        assert not account.ready
        return None
    assert user.file
    image = folder / f"{username}.anki2"
    target.storage.image_to(username, image)
    _check_rows(user, rows_of(user.file), rows_of(image))
    if user.due is not None:
        assert target.storage.read(username, _due) == user.due
    return image


def _check_rows(user: OldUser, before: dict[str, list[Any]], after: dict[str, list[Any]]) -> None:
    if user.defect == "no documents":
        before["cards"] = [(*row[:2], 1, *row[3:]) for row in before["cards"]]
    for part in ("notes", "cards", "revlog"):
        assert after[part] == before[part], (user.defect, part)
    # The parent that was missing is there now.
    added = {"Default"} if user.defect == "no documents" else {"Español"}
    assert set(after["decks"]) == {*before["decks"], *added}


def _due(conn: sqlite3.Connection) -> set[int]:
    today = timing_at(conn, NOW_MS).today
    sql = "SELECT id FROM cards WHERE queue = 2 AND due <= ?"
    return {card_id for (card_id,) in conn.execute(sql, (today,))}


def test_the_install_has_every_defect(old: Install) -> None:
    assert {user.defect for user in old.users} == set(DEFECTS)


def test_taking_again_changes_nothing(local: Place, old: Install, options: Options) -> None:
    target = local.open()
    move = move_of(old, target)
    take_everybody(target, move, options)
    before = state_of(target)
    etags = {key: target.base.head(key) for key in target.base.keys("legacy/")}
    again = take_everybody(target, move_of(old, target, accept=False), options)
    assert {outcome.status for outcome in again.values()} == {"already", "not_taken"}
    assert state_of(target) == before
    assert {key: target.base.head(key) for key in target.base.keys("legacy/")} == etags


def test_a_plan_says_what_will_happen_and_writes_nothing(
    local: Place, old: Install, options: Options, tmp_path: Path
) -> None:
    data = tmp_path / "data"
    planned = plan_all(None, move_of(old, None), options, quietly)
    assert not data.exists()
    target = local.open()
    before = sorted(data.rglob("*"))
    assert plan_all(target, move_of(old, target), options, quietly) == planned
    assert sorted(data.rglob("*")) == before
    outcomes = take_everybody(target, move_of(old, target), options)
    assert list(outcomes.values()) == planned


def test_the_old_install_is_only_read(local: Place, old: Install, options: Options) -> None:
    folder = old.admin_db.parent
    before = {path: path.read_bytes() for path in folder.rglob("*") if path.is_file()}
    target = local.open()
    move = move_of(old, target)
    take_everybody(target, move, options)
    verify_all(target, move, options, quietly)
    assert {path: path.read_bytes() for path in folder.rglob("*") if path.is_file()} == before


def test_nobody_is_renamed_without_being_asked(
    local: Place, old: Install, options: Options
) -> None:
    target = local.open()
    outcomes = take_everybody(target, move_of(old, target, accept=False), options)
    refused = {name: one.suggestion for name, one in outcomes.items() if one.status == "unnamed"}
    assert refused.keys() == {
        "PERSON-3",
        "josé maría",
        "li",
        "a-name-longer-than-thirty-two-characters",
        "../evil",
    }
    assert not set(refused.values()) & set(target.usernames())
    # Their files are kept all the same.
    assert target.base.head("legacy/unclaimed/jos%C3%A9%20mar%C3%ADa.anki2")
    renamed = take_everybody(target, move_of(old, target), options)
    assert {renamed[name].username for name in refused} == set(refused.values())


def test_a_mistake_of_ours_with_one_stops_nobody_else(
    local: Place, old: Install, options: Options
) -> None:
    failures = iter([KeyError("a card's secret text")])

    def generation() -> str:
        for error in failures:
            raise error
        return options.generation()

    target = local.open()
    mistaken = replace(options, generation=generation, jobs=1)
    outcomes = take_everybody(target, move_of(old, target), mistaken)
    assert outcomes["person-0"].status == "failed"
    assert "secret" not in outcomes["person-0"].reason
    assert outcomes["person-1"].status == "taken"
    again = take_everybody(target, move_of(old, target), options)
    assert again["person-0"].status == "taken"
