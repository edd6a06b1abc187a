"""Somebody does something in the middle of a copy, just before any one of its writes: what was
acknowledged is never lost, removed or written over."""

import shutil
import sqlite3
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing
from dataclasses import replace
from functools import partial
from pathlib import Path

import pytest

from chalicelib.accounts.users import User
from chalicelib.collection.create import create_collection
from chalicelib.errors import UsernameTakenError
from chalicelib.storage import Owner
from migrations.contents import counts_of
from migrations.examining import Options
from migrations.naming import Decision
from migrations.outcomes import Outcome
from migrations.target import Target
from tests.migrations.conftest import Place
from tests.migrations.dying import Interruption, Student, mortal
from tests.migrations.install import NOW_MS, Install, build_install
from tests.migrations.moving import move_of, take_everybody

WHO, OTHER = "person-0", "another-name"
REVIEW, LATER, MY_HASH = 7, 8, "$2b$04$mine"


@pytest.fixture
def old(tmp_path: Path) -> Install:
    return build_install(tmp_path / "old", 1)


@pytest.fixture
def alone(options: Options) -> Options:
    return replace(options, jobs=1)


@pytest.fixture
def start(tmp_path: Path, old: Install, alone: Options) -> Path:
    """The data after a first copy; the old install has changed since."""
    target = _at(tmp_path / "start")
    take_everybody(target, move_of(old, target), alone)
    with closing(sqlite3.connect(old.admin_db)) as conn, conn:
        conn.execute("UPDATE users SET name = name || '+', password_hash = '$2b$04$theirs'")
    assert old.users[0].file
    with closing(sqlite3.connect(old.users[0].file)) as conn, conn:
        conn.execute("UPDATE cards SET flags = 1")
    return tmp_path / "start"


def _at(data: Path) -> Target:
    return Place("local", {"JAVUMBO_DATA": str(data)}).open()


def _interrupted(
    work: Callable[[Target], Outcome],
    acts: Sequence[Callable[[Student], object]],
    start: Path | None,
    folder: Path,
) -> Iterator[tuple[Student, Outcome]]:
    for number in range(200):
        data = folder / f"interrupted-{number}"
        if start:
            shutil.copytree(start, data)
        target = _at(data)
        student = Student(target, (WHO, OTHER))
        student.looks()
        interruption = Interruption(number, *(partial(act, student) for act in acts))
        outcome = work(mortal(target, interruption))
        if not interruption.has_begun:
            assert number > 4
            return
        interruption.finish()
        yield student, outcome


@pytest.mark.parametrize("said", [{}, {WHO: Decision(username=OTHER)}], ids=["again", "renamed"])
def test_studying(
    old: Install, alone: Options, start: Path, tmp_path: Path, said: dict[str, Decision]
) -> None:
    ends = set()

    def work(target: Target) -> Outcome:
        return take_everybody(target, move_of(old, target, said), alone)[WHO]

    for student, outcome in _interrupted(work, [lambda one: one.studies(REVIEW)], start, tmp_path):
        assert set(student.reviews) <= student.looks()
        assert outcome.is_well or outcome.reason
        student.studies(LATER)
        assert LATER in student.looks()
        ends.add((outcome.is_well, bool(student.reviews)))
    assert (False, True) in ends


@pytest.mark.parametrize("said", [{}, {WHO: Decision(username=OTHER)}], ids=["again", "renamed"])
def test_choosing_a_password(
    old: Install, alone: Options, start: Path, tmp_path: Path, said: dict[str, Decision]
) -> None:
    ends = set()

    def work(target: Target) -> Outcome:
        return take_everybody(target, move_of(old, target, said), alone)[WHO]

    changed: list[bool] = []

    def act(student: Student) -> None:
        changed.append(student.changes_password(MY_HASH))

    for student, outcome in _interrupted(work, [act], start, tmp_path):
        user = student.account()
        assert user
        assert (user.password_hash == MY_HASH) == changed[-1]
        assert outcome.is_well or outcome.reason
        ends.add((outcome.is_well, changed[-1]))
        student.studies(LATER)
        assert LATER in student.looks()
    assert (False, True) in ends


def test_deleting_the_account(old: Install, alone: Options, start: Path, tmp_path: Path) -> None:
    def delete(student: Student) -> None:
        user = student.account()
        assert user
        student.target.users.update(WHO, generation=user.generation, ending=True)
        student.server.delete(Owner(WHO, user.generation))
        student.target.users.delete(WHO, generation=user.generation)

    def work(target: Target) -> Outcome:
        return take_everybody(target, move_of(old, target), alone)[WHO]

    for student, outcome in _interrupted(work, [delete], start, tmp_path):
        target = student.target
        assert target.users.get(WHO) is None
        assert target.base.keys("user_dbs/") == []
        assert outcome.is_well or outcome.reason


def test_registering_under_the_name(old: Install, alone: Options, tmp_path: Path) -> None:
    """Either the name is taken, or the newcomer has it and a collection, undisturbed."""
    registered: list[bool] = []

    def register(student: Student) -> None:
        registered.append(_registers(student.target))

    def begin(student: Student) -> None:
        if registered[-1]:
            _makes_collection(student.target)

    def work(target: Target) -> Outcome:
        return take_everybody(target, move_of(old, target), alone)[WHO]

    ends = set()
    for student, outcome in _interrupted(work, [register, begin], None, tmp_path):
        target = student.target
        user = target.users.get(WHO)
        assert user
        is_mine = user.generation == "newcomer"
        assert is_mine == registered[-1]
        assert target.storage.read(WHO, counts_of)["notes"] == 0 or not is_mine
        assert outcome.is_well == (not is_mine)
        ends.add(is_mine)
    assert ends == {True, False}


def _registers(target: Target) -> bool:
    """As the API does, in its order; the collection comes a moment later."""
    if target.storage.exists(Owner(WHO, "newcomer")):
        return False
    user = User(username=WHO, name="New", password_hash="h", created_at_ms=1, generation="newcomer")
    try:
        target.users.create(user)
    except UsernameTakenError:
        return False
    return True


def _makes_collection(target: Target) -> None:
    target.storage.create(
        Owner(WHO, "newcomer"),
        lambda conn: create_collection(conn, now_ms=NOW_MS, minutes_west=0),
    )
    target.users.update(WHO, ready=True)
