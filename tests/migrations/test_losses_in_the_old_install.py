"""A second copy that finds less than the first one: what was taken stays, and everybody who is
concerned is named."""

import os
from dataclasses import replace
from pathlib import Path

import pytest

from chalicelib.errors import ConfigurationError
from migrations.copying import plan_all
from migrations.examining import Options
from migrations.naming import Decision
from migrations.target import Target
from migrations.verifying import verify_all
from tests.migrations.conftest import Place
from tests.migrations.install import Install, build_install
from tests.migrations.moving import move_of, quietly, state_of, take_everybody, with_everybody


@pytest.fixture
def old(tmp_path: Path) -> Install:
    return build_install(tmp_path / "old", 8)


@pytest.fixture
def target(local: Place, old: Install, options: Options) -> Target:
    return with_everybody(local, old, options)


def _originals(target: Target) -> dict[str, bytes]:
    found = {key: target.base.get(key) for key in target.base.keys("legacy/")}
    return {key: stored.data for key, stored in found.items() if stored}


def test_the_wrong_folder_is_refused(
    target: Target, old: Install, options: Options, tmp_path: Path
) -> None:
    before = state_of(target)
    (tmp_path / "empty").mkdir()
    wrong = Install(old.admin_db, tmp_path / "empty", old.users)
    with pytest.raises(ConfigurationError, match="right one"):
        move_of(wrong, target)
    assert state_of(target) == before
    everybody = {user.username: Decision(collection="empty") for user in old.users}
    assert move_of(wrong, None, everybody)


def test_what_is_gone_empty_or_cut_off_takes_nobodys_place(
    place: Place, old: Install, options: Options
) -> None:
    target = with_everybody(place, old, options)
    before, originals = state_of(target), _originals(target)
    whole = {user.username: user.file.read_bytes() for user in old.users if user.file}
    gone, empty, cut_off, *others = old.users
    assert gone.file
    assert empty.file
    assert cut_off.file
    gone.file.unlink()
    empty.file.write_bytes(b"")
    os.truncate(cut_off.file, 10_000)
    other = old.user_dbs / "user_3.db"
    both, data = other.exists(), other.read_bytes() if other.exists() else b""
    other.unlink(missing_ok=True)
    concerned = {gone.username, empty.username, cut_off.username}
    planned = plan_all(target, move_of(old, target), options, quietly)
    assert {one.old_username for one in planned if not one.is_well} == concerned
    outcomes = take_everybody(target, move_of(old, target), options)
    assert list(outcomes.values()) == planned
    assert all("stays as it is" in outcomes[name].reason for name in concerned)
    assert {outcomes[user.username].status for user in others} == {"already"}
    assert state_of(target) == before
    assert _originals(target) == originals
    findings = verify_all(target, move_of(old, target), options, quietly)
    assert concerned <= {one.username for one in findings} <= {*concerned, ""}
    for user in (gone, empty, cut_off):
        assert user.file
        user.file.write_bytes(whole[user.username])
    if both:
        other.write_bytes(data)
    assert verify_all(target, move_of(old, target), options, quietly) == []


def test_beginning_anew_can_still_be_decided(
    target: Target, old: Install, options: Options
) -> None:
    who = old.users[0]
    assert who.file
    os.truncate(who.file, 10_000)
    said = {who.username: Decision(collection="empty")}
    outcome = take_everybody(target, move_of(old, target, said), options)[who.username]
    assert outcome.status == "empty"
    user = target.users.get(who.username)
    assert user
    assert not user.ready
    assert not target.storage.exists(who.username)
    assert verify_all(target, move_of(old, target), options, quietly) == []


def test_who_could_not_be_taken_is_looked_at_again(
    local: Place, old: Install, options: Options
) -> None:
    target, who = local.open(), old.users[0]
    assert who.file
    whole = who.file.read_bytes()
    os.truncate(who.file, 10_000)
    for _ in range(2):
        outcomes = take_everybody(target, move_of(old, target), options)
        assert outcomes[who.username].status == "not_taken"
    who.file.write_bytes(whole)
    outcomes = take_everybody(target, move_of(old, target), options)
    assert outcomes[who.username].status == "taken"
    assert verify_all(target, move_of(old, target), options, quietly) == []


def test_files_that_change_while_they_are_read_are_not_taken(
    local: Place, old: Install, options: Options
) -> None:
    target, who = local.open(), old.users[0]
    assert who.file
    file = who.file

    def now_ms() -> int:
        """Asked for once the file was looked at."""
        with file.open("ab") as each:
            each.write(b"\0" * 4096)
        return options.now_ms()

    busy = replace(options, now_ms=now_ms, jobs=1)
    outcomes = take_everybody(target, move_of(old, target), busy)
    assert outcomes[who.username].status == "failed"
    assert target.users.get(who.username) is None
