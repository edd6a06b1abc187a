"""Real processes on one target: killed by SIGKILL at many moments while people study in between,
and several at once."""

import multiprocessing
import os
import sqlite3
import time
from collections import defaultdict
from contextlib import closing
from dataclasses import dataclass, field
from itertools import count
from multiprocessing.process import BaseProcess
from pathlib import Path
from uuid import uuid4

from migrations.examining import Options
from migrations.target import Target
from migrations.verifying import verify_all
from tests.migrations.conftest import Place
from tests.migrations.dying import Student
from tests.migrations.install import NOW_MS, Install, build_install
from tests.migrations.moving import move_of, quietly, state_of, take_everybody

_PEOPLE = 8
_server = multiprocessing.get_context("forkserver")
_server.set_forkserver_preload(["tests.migrations.moving", "boto3"])


def _copy(place: Place, old: Install, folder: Path, jobs: int) -> None:
    """In a process of its own; all names that are suggested are accepted."""
    os.environ.update(place.environ)
    folder.mkdir()
    options = Options(folder, lambda: NOW_MS, lambda: uuid4().hex, jobs=jobs)
    target = place.open()
    take_everybody(target, move_of(old, target), options)


@dataclass
class People:
    """Everybody of the install, who study whenever they are let in."""

    target: Target
    names: list[str]
    moments: count = field(default_factory=lambda: count(1))  # type: ignore[type-arg]
    acknowledged: dict[str, set[int]] = field(default_factory=lambda: defaultdict(set))

    def study(self, names: list[str]) -> None:
        for name in names:
            student = Student(self.target, (name,))
            student.studies(next(self.moments))
            self.acknowledged[name].update(student.reviews)

    def check(self) -> None:
        for name, reviews in self.acknowledged.items():
            assert reviews <= Student(self.target, (name,)).looks()


def _killed(place: Place, old: Install, folder: Path, after_s: float) -> bool:
    """Whether it was killed in its work."""
    process = _started(place, old, folder, 2)
    time.sleep(after_s)
    process.kill()
    process.join()
    return process.exitcode != 0


def _started(place: Place, old: Install, folder: Path, jobs: int) -> BaseProcess:
    process = _server.Process(target=_copy, args=(place, old, folder, jobs))
    process.start()
    return process


def _took(old: Install, folder: Path) -> float:
    """How long a copy takes, at the second time, when everything is imported."""
    for number in range(2):
        elsewhere = Place("local", {"JAVUMBO_DATA": str(folder / f"timed-{number}")})
        began = time.monotonic()
        process = _started(elsewhere, old, folder / f"work-{number}", 2)
        process.join()
        assert process.exitcode == 0
    return time.monotonic() - began


def _change_everything(old: Install) -> None:
    with closing(sqlite3.connect(old.admin_db)) as conn, conn:
        conn.execute("UPDATE users SET name = name || '+'")
    for user in old.users:
        if user.file:
            with closing(sqlite3.connect(user.file)) as conn, conn:
                conn.execute("UPDATE cards SET flags = 1")


def test_kill_9_at_many_moments(place: Place, options: Options, tmp_path: Path) -> None:
    count, kills = (8, 5) if place.stage == "local" else (4, 2)
    old = build_install(tmp_path / "old", count)
    target = place.open()
    people = People(target, sorted(person.username for person in move_of(old, target).people))
    whole_s, were_killed = _took(old, tmp_path), 0
    for number in range(kills):
        after_s = whole_s * (number + 1) / (kills + 1)
        were_killed += _killed(place, old, tmp_path / f"first-{number}", after_s)
        people.study(people.names[number : number + 1])
    first = take_everybody(target, move_of(old, target), options)
    assert {one.status for one in first.values()} <= {"taken", "already"}
    people.check()
    _change_everything(old)
    for number in range(kills):
        after_s = whole_s * (number + 1) / (kills + 1)
        were_killed += _killed(place, old, tmp_path / f"second-{number}", after_s)
        people.study(people.names[number : number + 2])
        people.check()
    outcomes = take_everybody(target, move_of(old, target), options)
    people.check()
    refused = {one.old_username for one in outcomes.values() if not one.is_well}
    assert all(one.reason for one in outcomes.values() if not one.is_well)
    studied = {one.old_username for one in outcomes.values() if people.acknowledged[one.username]}
    differing = {one.username for one in verify_all(target, move_of(old, target), options, quietly)}
    assert refused <= differing <= studied
    assert {one.is_done for one in target.receipts.all(1)} == {True}
    assert were_killed


def _beside(place: Place, folder: Path) -> Place:
    """Somewhere else: only to know how long a copy takes."""
    return Place("local", {"JAVUMBO_DATA": str(folder / "beside")})


def test_copies_at_the_same_time(place: Place, options: Options, tmp_path: Path) -> None:
    """Each may find that another one is writing; one more, alone, finds everything in order."""
    old = build_install(tmp_path / "old", _PEOPLE if place.stage == "local" else 4)
    reference = _beside(place, tmp_path).open()
    take_everybody(reference, move_of(old, reference), options)
    running = [_started(place, old, tmp_path / f"at-once-{n}", 2) for n in range(3)]
    for process in running:
        process.join()
    target = place.open()
    outcomes = take_everybody(target, move_of(old, target), options)
    assert {one.status for one in outcomes.values()} <= {"taken", "already"}
    assert verify_all(target, move_of(old, target), options, quietly) == []
    assert state_of(target) == state_of(reference)
