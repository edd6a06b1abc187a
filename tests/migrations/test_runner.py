"""Changes of our own data, forwards and backwards: of users, and of the format of the log."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import pytest

from chalicelib.accounts.users import User
from chalicelib.collection.create import create_collection
from chalicelib.errors import ConfigurationError, ConflictError, StorageUnavailableError
from chalicelib.storage import Owner
from chalicelib.storage.ports import LogEntry
from chalicelib.storage.segments import Segment, decode_segment, encode_segment
from migrations.runner import Runner
from migrations.steps import STEPS, Step
from migrations.target import Target
from tests.migrations.conftest import Place

PEOPLE = tuple(f"person-{number}" for number in range(3))
NOW_MS = 1_773_156_000_000


class _Nothing(Step):
    number, name = 1, "nothing"

    def subjects(self, target: Target) -> Sequence[str]:
        return ()

    def forward(self, target: Target, subject: str) -> None: ...
    def backward(self, target: Target, subject: str) -> None: ...


class _LanguageOfUsers(Step):
    """The users table: everybody without a language has English."""

    number, name = 2, "everybody has a language"

    def __init__(self) -> None:
        self.fails_for = ""

    def subjects(self, target: Target) -> Sequence[str]:
        return target.usernames()

    def forward(self, target: Target, subject: str) -> None:
        if subject == self.fails_for:
            raise StorageUnavailableError
        user = target.users.get(subject)
        if user and user.language is None:
            target.users.update(subject, generation=user.generation, language="en")

    def backward(self, target: Target, subject: str) -> None:
        user = target.users.get(subject)
        if user and user.language == "en":
            target.users.update(subject, generation=user.generation, language=None)


class _FormatOfTheLog(Step):
    """The commit log: entries are rewritten in a new format, here one with a leading byte, and a
    program of either version reads its own only. Folded first, so that nothing depends on it."""

    number, name = 3, "entries of the log begin with a byte"
    MARK = b"\x02"

    def subjects(self, target: Target) -> Sequence[str]:
        return [owner.ring for owner in target.storage.everybody()]

    def forward(self, target: Target, subject: str) -> None:
        target.storage.fold(Owner.of_ring(subject))
        self._rewrite(target, subject, lambda data: self.MARK + data.removeprefix(self.MARK))

    def backward(self, target: Target, subject: str) -> None:
        self._rewrite(target, subject, lambda data: data.removeprefix(self.MARK))

    def _rewrite(self, target: Target, ring: str, changed: Any) -> None:
        entries = target.log.entries(ring)
        if all(changed(entry.segment) == entry.segment for entry in entries):
            return
        target.log.delete(ring)
        for entry in entries:
            target.log.append(ring, replace(entry, segment=changed(entry.segment)))


@pytest.fixture
def target(local: Place) -> Target:
    return _peopled(local)


def _peopled(place: Place) -> Target:
    target = place.open()
    for number, name in enumerate(PEOPLE):
        language = "pt" if number == 0 else None
        user = User(
            username=name,
            name=name,
            password_hash="h",
            created_at_ms=1,
            generation=f"g{number}",
            language=language,
            ready=True,
        )
        target.users.create(user)
        target.storage.create(
            name, lambda conn: create_collection(conn, now_ms=NOW_MS, minutes_west=0)
        )
        target.storage.transact(name, lambda conn: conn.execute("UPDATE col SET mod = 7").close())
    return target


def _runner(target: Target, *more: Step) -> Runner:
    return Runner(target, lambda: NOW_MS, steps=(_Nothing(), *more), jobs=2)


def _languages(target: Target) -> list[str | None]:
    return [user.language if (user := target.users.get(name)) else "" for name in PEOPLE]


def test_users_go_forwards_and_back(place: Place) -> None:
    target = _peopled(place)
    runner = _runner(target, _LanguageOfUsers())
    seen: list[int] = []
    assert runner.run(2, lambda _step, number: seen.append(number)) == 2
    assert _languages(target) == ["pt", "en", "en"]
    assert seen == [1, 2, 3]
    assert runner.run(2) == 0
    assert runner.run(1) == 1
    assert _languages(target) == ["pt", None, None]
    found = runner.current()
    assert found.version == 1
    assert [(one.number, one.is_backward) for one in found.passages] == [
        (1, False),
        (2, False),
        (2, True),
    ]


def test_a_step_that_is_cut_short_is_repeated(target: Target) -> None:
    step = _LanguageOfUsers()
    runner = _runner(target, step)
    step.fails_for = PEOPLE[2]
    with pytest.raises(StorageUnavailableError):
        runner.run(2)
    assert runner.current().version == 1
    step.fails_for = ""
    assert runner.run(2) == 1
    assert _languages(target) == ["pt", "en", "en"]


def test_the_log_goes_forwards_and_back_and_nothing_is_lost(place: Place) -> None:
    target = _peopled(place)
    runner = _runner(target, _LanguageOfUsers(), _FormatOfTheLog())
    before = {name: target.log.entries(Owner(name, f"g{n}").ring) for n, name in enumerate(PEOPLE)}
    assert all(before.values())
    runner.run(3)
    for entries in _entries(target):
        assert all(entry.segment.startswith(_FormatOfTheLog.MARK) for entry in entries)
    runner.run(0)
    assert [one.number for one in runner.current().passages] == [1, 2, 3, 3, 2, 1]
    assert list(_entries(target)) == list(before.values())
    afresh = place.open()
    for name in PEOPLE:
        mod = afresh.storage.read(name, lambda conn: conn.execute("SELECT mod FROM col").fetchone())
        assert mod == (7,)
        afresh.storage.transact(name, lambda conn: conn.execute("UPDATE col SET mod = 8").close())


def _entries(target: Target) -> list[list[LogEntry]]:
    return [target.log.entries(Owner(name, f"g{n}").ring) for n, name in enumerate(PEOPLE)]


def test_two_runs_at_once_are_told(target: Target) -> None:
    runner = _runner(target, _LanguageOfUsers())

    class Other(_LanguageOfUsers):
        def forward(self, target: Target, subject: str) -> None:
            _runner(target, _LanguageOfUsers()).run(0)

    runner.run(1)
    with pytest.raises(ConflictError):
        Runner(target, lambda: NOW_MS, steps=(_Nothing(), Other()), jobs=1).run(2)


@pytest.mark.parametrize("to", [-1, 3])
def test_there_is_no_such_version(target: Target, to: int) -> None:
    with pytest.raises(ConfigurationError):
        _runner(target, _LanguageOfUsers()).run(to)


def test_a_program_that_is_older_than_the_data_does_nothing(target: Target) -> None:
    _runner(target, _LanguageOfUsers()).run(2)
    with pytest.raises(ConfigurationError, match="not known here"):
        _runner(target).run(1)


def test_the_steps_that_there_are_are_numbered_and_go_both_ways(target: Target) -> None:
    runner = Runner(target, lambda: NOW_MS)
    assert runner.latest == len(STEPS)
    runner.run(runner.latest)
    runner.run(0)
    assert runner.current().version == 0
    with pytest.raises(ConfigurationError):
        Runner(target, lambda: NOW_MS, steps=(_LanguageOfUsers(),))


def test_segments_of_today_have_no_such_mark() -> None:
    data = encode_segment(Segment(kind="adopt", base_seq=0, etag="e"))
    assert not data.startswith(_FormatOfTheLog.MARK)
    assert decode_segment(data).kind == "adopt"
