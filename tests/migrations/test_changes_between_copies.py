"""A copy that is repeated once the old install has gone on: what changed is taken anew, and what
somebody works with already is left alone."""

import sqlite3
from contextlib import closing

import pytest

from chalicelib.accounts.users import User
from migrations.contents import counts_of
from migrations.examining import Options
from migrations.naming import Decision
from migrations.outcomes import Outcome
from migrations.target import Target
from migrations.verifying import verify_all
from tests.migrations.conftest import Place
from tests.migrations.install import Install, OldUser, build_install
from tests.migrations.moving import move_of, quietly, take_everybody, with_everybody

WHO = "person-0"


@pytest.fixture
def few(tmp_path: object) -> Install:
    return build_install(tmp_path / "old", 2)  # type: ignore[operator]


@pytest.fixture
def target(local: Place, few: Install, options: Options) -> Target:
    return with_everybody(local, few, options)


def _study(old: OldUser) -> None:
    assert old.file
    with closing(sqlite3.connect(old.file)) as conn, conn:
        conn.execute("INSERT INTO revlog SELECT id + 5, cid, usn, 3, 9, 4, 2500, 1, 1 FROM revlog")


def _again(target: Target, few: Install, options: Options, **more: Decision) -> Outcome:
    outcomes = take_everybody(target, move_of(few, target, more), options)
    assert outcomes["person-1"].status == "already"
    return outcomes[WHO]


def test_what_was_studied_there_meanwhile_is_taken_anew(
    place: Place, few: Install, options: Options
) -> None:
    target = with_everybody(place, few, options)
    reviews = target.storage.read(WHO, counts_of)["revlog"]
    _study(few.users[0])
    findings = verify_all(target, move_of(few, target), options, quietly)
    assert WHO in {finding.username for finding in findings}
    assert _again(target, few, options).status == "taken"
    assert target.storage.read(WHO, counts_of)["revlog"] == 2 * reviews
    assert verify_all(target, move_of(few, target), options, quietly) == []


def test_a_changed_password_is_taken_anew(target: Target, few: Install, options: Options) -> None:
    with closing(sqlite3.connect(few.admin_db)) as conn, conn:
        conn.execute("UPDATE users SET password_hash = 'another' WHERE user_id = 1")
    outcome = _again(target, few, options)
    assert outcome.status == "taken"
    assert any("none of bcrypt's" in line for line in outcome.attention)
    user = target.users.get(WHO)
    assert user
    assert user.password_hash == "another"


def _answer_here(target: Target) -> None:
    target.storage.transact(WHO, lambda conn: conn.execute("UPDATE col SET mod = mod + 1").close())


def _choose_password_here(target: Target) -> None:
    target.users.update(WHO, password_hash="mine")


def _delete_here(target: Target) -> None:
    target.storage.delete(WHO)
    target.users.delete(WHO)


def _register_anew_here(target: Target) -> None:
    _delete_here(target)
    target.users.create(
        User(username=WHO, name="n", password_hash="h", created_at_ms=1, generation="other")
    )


@pytest.mark.parametrize(
    "use", [_answer_here, _choose_password_here, _delete_here, _register_anew_here]
)
def test_what_is_in_use_here_is_left_alone(
    target: Target, few: Install, options: Options, use: object
) -> None:
    use(target)  # type: ignore[operator]
    before = target.users.get(WHO)
    _study(few.users[0])
    outcome = _again(target, few, options)
    assert outcome.status == "not_taken"
    assert outcome.reason
    assert target.users.get(WHO) == before


def test_a_finished_copy_brings_no_deleted_account_back(
    target: Target, few: Install, options: Options
) -> None:
    _delete_here(target)
    _again(target, few, options)
    assert target.users.get(WHO) is None


def test_a_name_that_was_registered_here_before_is_left_alone(
    local: Place, few: Install, options: Options
) -> None:
    target = local.open()
    mine = User(username=WHO, name="n", password_hash="h", created_at_ms=1, generation="mine")
    target.users.create(mine)
    outcome = take_everybody(target, move_of(few, target), options)[WHO]
    assert (outcome.status, target.users.get(WHO)) == ("not_taken", mine)
    decision = {WHO: Decision(username="person-zero")}
    outcome = take_everybody(target, move_of(few, target, decision), options)[WHO]
    assert (outcome.status, outcome.username) == ("taken", "person-zero")


def test_decisions_are_remembered(target: Target, few: Install, options: Options) -> None:
    decisions = {WHO: Decision(collection="empty")}
    assert _again(target, few, options, **decisions).status == "empty"
    assert _again(target, few, options).status == "already"
    user = target.users.get(WHO)
    assert user
    assert not user.ready
    assert verify_all(target, move_of(few, target), options, quietly) == []
