"""What is said once holds for later commands, and what can be said of those who were taken."""

import sqlite3
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import pytest

from chalicelib.accounts.users import User
from migrations.contents import counts_of
from migrations.examining import Options
from migrations.naming import Decision
from migrations.originals import unclaimed_key
from migrations.taking import take
from migrations.target import Target
from migrations.verifying import verify_all
from tests.migrations.conftest import Place
from tests.migrations.install import Install, build_install
from tests.migrations.moving import move_of, quietly, state_of, take_everybody, with_everybody

WHO, NEXT = "person-0", "person-1"
SKIP = Decision(collection="skip")


@pytest.fixture
def few(tmp_path: Path) -> Install:
    return build_install(tmp_path / "old", 2)


@pytest.fixture
def target(local: Place, few: Install, options: Options) -> Target:
    return with_everybody(local, few, options)


def _study(target: Target, name: str) -> None:
    target.storage.transact(name, lambda conn: conn.execute("UPDATE col SET mod = mod + 1").close())


def test_who_is_renamed_before_anything_was_done_has_one_account(
    place: Place, few: Install, options: Options
) -> None:
    target = with_everybody(place, few, options)
    cards = target.storage.read(WHO, counts_of)
    old = target.users.get(WHO)
    assert old
    said = {WHO: Decision(username="lilian")}
    outcomes = take_everybody(target, move_of(few, target, said), options)
    assert outcomes[WHO].status == "taken"
    assert target.usernames() == ["lilian", NEXT]
    assert target.storage.read("lilian", counts_of) == cards
    assert not target.base.head(f"user_dbs/{WHO}.anki2")
    assert not [key for key in target.base.keys("legacy/") if WHO in key and "unclaimed" not in key]
    assert verify_all(target, move_of(few, target), options, quietly) == []
    # And back again.
    back = {WHO: Decision(username=WHO)}
    outcomes = take_everybody(target, move_of(few, target, back), options)
    assert outcomes[WHO].status == "taken"
    assert target.usernames() == [WHO, NEXT]
    assert verify_all(target, move_of(few, target), options, quietly) == []


def test_who_has_studied_keeps_the_name(target: Target, few: Install, options: Options) -> None:
    _study(target, WHO)
    before = state_of(target)
    said = {WHO: Decision(username="lilian")}
    outcome = take_everybody(target, move_of(few, target, said), options)[WHO]
    assert (outcome.status, "in use" in outcome.reason) == ("not_taken", True)
    assert state_of(target) == before
    assert take_everybody(target, move_of(few, target), options)[WHO].status == "already"


def test_of_two_accounts_of_one_person_none_that_is_used_is_taken_away(
    target: Target, few: Install, options: Options
) -> None:
    """As a copy that knew nothing of the first one has left them."""
    said = {WHO: Decision(username="lilian")}
    person = move_of(few, None, said).people[0]
    assert take(target, person, options).status == "taken"
    _study(target, WHO)
    before = state_of(target)
    for name in ("lilian", WHO):
        said = {WHO: Decision(username=name)}
        outcome = take_everybody(target, move_of(few, target, said), options)[WHO]
        assert WHO in before["users"]
        assert state_of(target)["collections"][WHO] == before["collections"][WHO]
        assert outcome.is_well == (name == WHO)
    assert target.usernames() == [WHO, NEXT]


def test_nobody_gets_a_name_under_which_somebody_else_was_taken(
    target: Target, few: Install, options: Options
) -> None:
    said = {WHO: Decision(username=NEXT), NEXT: Decision(username="next-one")}
    for _ in range(2):  # free once the other one has gone elsewhere
        outcomes = take_everybody(target, move_of(few, target, said), options)
    assert {one.status for one in outcomes.values()} <= {"taken", "already"}
    assert target.usernames() == ["next-one", NEXT]
    with closing(sqlite3.connect(few.admin_db)) as conn, conn:
        conn.execute("DELETE FROM users WHERE username = ?", (NEXT,))
    before = state_of(target)["collections"]
    said = {WHO: Decision(username="next-one")}
    outcome = take_everybody(target, move_of(few, target, said), options)[WHO]
    assert outcome.status == "not_taken"
    assert outcome.reason.startswith(f"{NEXT} was taken under this name")
    assert state_of(target)["collections"] == before


def test_who_was_left_out_stays_left_out(local: Place, few: Install, options: Options) -> None:
    target = local.open()
    take_everybody(target, move_of(few, target, {WHO: SKIP}), options)
    assert verify_all(target, move_of(few, target), options, quietly) == []
    outcomes = take_everybody(target, move_of(few, target), options)
    assert outcomes[WHO].status == "skipped"
    assert target.usernames() == [NEXT]
    # When the turn has come, an empty decision is enough.
    outcomes = take_everybody(target, move_of(few, target, {WHO: Decision()}), options)
    assert outcomes[WHO].status == "taken"
    assert verify_all(target, move_of(few, target), options, quietly) == []


def test_who_was_deleted_in_the_old_install_can_be_decided_on(
    local: Place, few: Install, options: Options
) -> None:
    target = local.open()
    take_everybody(target, move_of(few, target), options)
    with closing(sqlite3.connect(few.admin_db)) as conn, conn:
        conn.execute("DELETE FROM users WHERE username = ?", (WHO,))
    findings = verify_all(target, move_of(few, target), options, quietly)
    assert [one.username for one in findings if not one.is_note and one.username] == [WHO]
    take_everybody(target, move_of(few, target, {WHO: SKIP}), options)
    findings = verify_all(target, move_of(few, target), options, quietly)
    assert [(one.username, one.is_note) for one in findings] == [(WHO, True)]
    assert target.users.get(WHO)


def test_accounts_that_were_not_taken_over_are_told(
    target: Target, few: Install, options: Options
) -> None:
    target.users.create(
        User(username="newcomer", name="n", password_hash="h", created_at_ms=1, generation="g")
    )
    (finding,) = verify_all(target, move_of(few, target), options, quietly)
    assert finding.is_note
    assert "newcomer" in finding.difference


def test_where_people_live_is_said_once(local: Place, few: Install, options: Options) -> None:
    target = local.open()
    there = replace(options, offset=180)
    take_everybody(target, move_of(few, target), there)
    assert verify_all(target, move_of(few, target), options, quietly) == []
    outcomes = take_everybody(target, move_of(few, target), options)
    assert {one.status for one in outcomes.values()} == {"already"}
    elsewhere = replace(options, offset=0)
    outcomes = take_everybody(target, move_of(few, target), elsewhere)
    assert {one.status for one in outcomes.values()} == {"taken"}


def test_the_file_of_whom_nothing_was_made_is_kept(
    local: Place, few: Install, options: Options
) -> None:
    target = local.open()
    target.users.create(
        User(username=WHO, name="n", password_hash="h", created_at_ms=1, generation="mine")
    )
    assert take_everybody(target, move_of(few, target), options)[WHO].status == "not_taken"
    assert few.users[0].file
    stored = target.base.get(unclaimed_key(few.users[0].file.name))
    assert stored
    assert stored.data == few.users[0].file.read_bytes()
