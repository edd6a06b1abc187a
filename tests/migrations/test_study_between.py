"""A copy dies at each single write, and the person studies before it is repeated: nothing that
was acknowledged is ever lost, and it ends as without the death."""

import shutil
import sqlite3
from collections.abc import Callable, Iterator, Mapping
from contextlib import closing
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from migrations.examining import Options
from migrations.naming import Decision
from migrations.outcomes import Outcome
from migrations.target import Target
from tests.migrations.conftest import Place
from tests.migrations.dying import KilledError, Life, Student, mortal
from tests.migrations.install import Install, build_install
from tests.migrations.moving import move_of, state_of, take_everybody

WHO, OTHER = "person-0", "another-name"
REVIEW, LATER = 7, 8
Said = Mapping[str, Decision]
NOTHING: Said = {}


def _change_everything(old: Install) -> None:
    """The old program went on: another password and name, and a further review of each card."""
    with closing(sqlite3.connect(old.admin_db)) as conn, conn:
        conn.execute("UPDATE users SET password_hash = '$2b$04$' || hex(randomblob(26)) || 'A'")
        conn.execute("UPDATE users SET name = name || '+'")
    assert old.users[0].file
    with closing(sqlite3.connect(old.users[0].file)) as conn, conn:
        conn.execute("INSERT INTO revlog SELECT id + 5, cid, usn, 3, 9, 4, 2500, 1, 1 FROM revlog")


@pytest.fixture
def old(tmp_path: Path) -> Install:
    return build_install(tmp_path / "old", 1)


@pytest.fixture
def alone(options: Options) -> Options:
    return replace(options, jobs=1)


def _at(data: Path) -> Target:
    return Place("local", {"JAVUMBO_DATA": str(data)}).open()


def _deaths(
    work: Callable[[Target], object], start: Path | None, folder: Path
) -> Iterator[tuple[Target, Student]]:
    """The data as each death leaves it, from the first write to the last."""
    for number in range(200):
        data = folder / f"dies-{number}"
        if start:
            shutil.copytree(start, data)
        target = _at(data)
        student = Student(target, (WHO, OTHER))
        student.looks()
        try:
            work(mortal(target, Life(number, after=False)))
        except KilledError:
            yield target, student
            continue
        assert number > 4
        return


def _take(target: Target, old: Install, options: Options, said: Said = NOTHING) -> Outcome:
    return take_everybody(target, move_of(old, target, said), options)[WHO]


def _copied(data: Path, old: Install, options: Options) -> dict[str, Any]:
    """The state of a copy that was never disturbed."""
    target = _at(data)
    _take(target, old, options)
    return state_of(target)


def _end(target: Target, old: Install, options: Options, said: Said = NOTHING) -> dict[str, Any]:
    """As a copy leaves it; another one changes nothing any more."""
    first = _take(target, old, options, said)
    receipts = {key: target.base.head(key) for key in target.base.keys("legacy/")}
    again = _take(target, old, options, said)
    assert {key: target.base.head(key) for key in target.base.keys("legacy/")} == receipts
    assert again.is_well == first.is_well
    assert first.is_well or first.reason
    return state_of(target) | {"is_well": first.is_well}


def _compared(state: dict[str, Any], student: Student) -> dict[str, Any]:
    """Without reviews, where the person has made some."""
    left_out = {"revlog"} if student.reviews else set()
    held = {
        name: {part: digest for part, digest in each.items() if part not in left_out}
        for name, each in state["collections"].items()
    }
    return {"users": state["users"], "done": state["done"], "collections": held}


def test_a_first_copy(old: Install, alone: Options, tmp_path: Path) -> None:
    wanted = _copied(tmp_path / "wanted", old, alone)
    studied = 0
    for target, student in _deaths(lambda target: _take(target, old, alone), None, tmp_path):
        student.studies(REVIEW)
        state = _end(target, old, alone) | {"is_well": True}
        assert set(student.reviews) <= student.looks()
        assert _compared(state, student) == _compared(wanted, student)
        studied += len(student.reviews)
    assert studied


def test_a_first_copy_of_which_the_second_finds_something_else(
    old: Install, alone: Options, tmp_path: Path
) -> None:
    wanted = _copied(tmp_path / "wanted", old, alone)
    shutil.copytree(old.admin_db.parent, tmp_path / "later")
    later = Install(tmp_path / "later/admin.db", tmp_path / "later/user_dbs", old.users)
    _change_everything(later)
    anew = _copied(tmp_path / "anew", later, alone)
    ends = set()
    for target, student in _deaths(lambda target: _take(target, old, alone), None, tmp_path):
        student.studies(REVIEW)
        state = _end(target, later, alone)
        assert set(student.reviews) <= student.looks()
        # Only whoever studies keeps what the first copy has made.
        assert state["is_well"] == (not student.reviews)
        expected = wanted if student.reviews else anew
        assert _compared(state, student) == _compared(expected, student)
        ends.add(state["is_well"])
    assert ends == {True, False}


@pytest.mark.parametrize("studies", [False, True], ids=["nobody studies", "studying"])
def test_a_second_copy(old: Install, alone: Options, tmp_path: Path, studies: bool) -> None:
    start = tmp_path / "start"
    before = _copied(start, old, alone)
    _change_everything(old)
    shutil.copytree(start, tmp_path / "wanted")
    wanted = _copied(tmp_path / "wanted", old, alone)
    ends = set()
    for target, student in _deaths(lambda target: _take(target, old, alone), start, tmp_path):
        if studies:
            student.studies(REVIEW)
            assert student.reviews == [REVIEW]  # the person is never without the collection
        state = _end(target, old, alone)
        ends.add(state["is_well"])
        assert set(student.reviews) <= student.looks()
        expected = wanted if state["is_well"] else before
        assert _compared(state, student) == _compared(expected, student)
    # Used before it was replaced, or after.
    assert ends == ({True, False} if studies else {True})


def test_another_name(old: Install, alone: Options, tmp_path: Path) -> None:
    start = tmp_path / "start"
    _copied(start, old, alone)
    said = {WHO: Decision(username=OTHER)}
    ends = set()
    for number, (target, student) in enumerate(
        _deaths(lambda target: _take(target, old, alone, said), start, tmp_path)
    ):
        student.studies(REVIEW)
        # Repeated with the mapping, and without it.
        state = _end(target, old, alone, NOTHING if number % 2 else said)
        user = student.account()
        assert user
        assert user.ready
        ends.add((user.username, state["is_well"], bool(student.reviews)))
        assert set(student.reviews) <= student.looks()
        assert list(state["users"]) == [user.username]
        student.studies(LATER)
        assert LATER in student.looks()
    assert (OTHER, True, False) in ends
    assert (WHO, False, True) in ends or (WHO, True, True) in ends
