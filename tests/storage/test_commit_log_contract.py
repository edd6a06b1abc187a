"""What every commit log keeps, whatever lies behind it."""

from concurrent.futures import ThreadPoolExecutor
from itertools import count
from threading import Barrier
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from chalicelib.errors import StorageUnavailableError
from chalicelib.storage.ports import (
    RING_SLOTS,
    AmbiguousOutcomeError,
    CommitLog,
    Following,
    LogEntry,
    Mark,
)
from tests.storage.log_fixtures import MakeLog
from tests.storage.memory import Crash, Fault, plan_of
from tests.storage.memory_log import FaultyCommitLog, MemoryCommitLog

RING = "ada#g1"
WRITERS = 12


def entry(seq: int, tx: str = "tx", segment: bytes = b"segment") -> LogEntry:
    return LogEntry(seq, f"{tx}-{seq}", segment)


def fill(log: CommitLog, first: int, last: int, ring: str = RING) -> None:
    for seq in range(first, last + 1):
        assert log.append(ring, entry(seq)) is None


def numbers(following: Following) -> list[int]:
    return [found.seq for found in following.entries]


def test_an_empty_ring_has_nothing(any_log: CommitLog) -> None:
    assert any_log.slots == RING_SLOTS
    assert any_log.entries(RING) == []
    assert any_log.following(RING, 0) == Following(None, (), more=False)
    assert any_log.marks() == []
    any_log.delete(RING)
    any_log.unmark(Mark(RING, 1))


def test_what_was_appended_is_read_as_it_was(any_log: CommitLog) -> None:
    first = LogEntry(1, "a transaction", bytes(range(256)))
    second = LogEntry(2, "another", b"\x00")
    assert any_log.append(RING, first) is None
    assert any_log.append(RING, second) is None
    assert any_log.entries(RING) == [first, second]
    assert any_log.following(RING, 0) == Following(None, (first, second), more=False)
    assert any_log.following(RING, 1) == Following(first, (second,), more=False)
    assert any_log.following(RING, 2) == Following(second, (), more=False)


def test_a_slot_that_is_taken_stays_as_it_is_and_its_occupant_is_told(any_log: CommitLog) -> None:
    winner = entry(1, "winner")
    any_log.append(RING, winner)
    assert any_log.append(RING, entry(1, "loser")) == winner
    assert any_log.append(RING, winner) == winner
    assert any_log.entries(RING) == [winner]


def test_a_slot_is_taken_over_one_lap_later(make_log: MakeLog) -> None:
    log = make_log(4)
    fill(log, 1, 9)
    assert log.entries(RING) == [entry(seq) for seq in (6, 7, 8, 9)]


def test_a_writer_that_was_lapped_is_refused_and_meets_the_later_lap(make_log: MakeLog) -> None:
    log = make_log(4)
    fill(log, 1, 11)
    for seq in range(1, 12):
        occupant = log.append(RING, entry(seq, "late"))
        assert occupant == entry(next(n for n in range(8, 12) if n % 4 == seq % 4))
    assert log.entries(RING) == [entry(seq) for seq in range(8, 12)]


def test_rings_have_nothing_to_do_with_each_other(any_log: CommitLog) -> None:
    others = ["ada#g2", "ada#", "ad#g1", "adaa#g1", "ada#g11"]
    for ring in [RING, *others]:
        assert any_log.append(ring, entry(1, ring)) is None
        any_log.mark(Mark(ring, 5))
    any_log.delete(RING)
    assert any_log.entries(RING) == []
    assert sorted(mark.ring for mark in any_log.marks()) == sorted(others)
    for ring in others:
        assert any_log.entries(ring) == [entry(1, ring)]
        assert numbers(any_log.following(ring, 0)) == [1]


@pytest.mark.parametrize("slots", [2, 4, 9, 10, 128])
def test_a_reader_at_any_commit_comes_to_the_head(make_log: MakeLog, slots: int) -> None:
    """From each commit of the last lap, and with the ring's end at each place of the window."""
    log, head = make_log(slots), 2 * slots + slots // 2
    fill(log, 1, head)
    for start in range(head - slots + 1, head + 1, max(1, slots // 16)):
        seq, more = start, True
        while more:
            found = log.following(RING, seq)
            assert found.anchor == entry(seq)
            assert numbers(found) == list(range(seq + 1, seq + 1 + len(found.entries)))
            assert found.entries or not found.more
            seq, more = seq + len(found.entries), found.more
        assert seq == head


def test_more_tells_exactly_that_the_window_was_full(any_log: CommitLog) -> None:
    fill(any_log, 1, 20)
    window = len(any_log.following(RING, 0).entries)
    assert 1 <= window < 20
    for seq in range(21):
        assert any_log.following(RING, seq).more == (20 - seq >= window)


def test_the_window_does_not_reach_back_to_what_the_reader_has(any_log: CommitLog) -> None:
    fill(any_log, 1, RING_SLOTS + 6)
    for seq in range(RING_SLOTS - 2, RING_SLOTS + 7):
        # One request reaches to the end of the ring.
        last = min(seq + 8, RING_SLOTS + 6 if seq >= RING_SLOTS - 1 else RING_SLOTS - 1)
        expected = range(seq + 1, last + 1)
        assert numbers(any_log.following(RING, seq)) == list(expected)


def test_a_reader_that_was_lapped_sees_it(make_log: MakeLog) -> None:
    log = make_log(16)
    fill(log, 1, 20)
    found = log.following(RING, 3)
    assert found.anchor == entry(19)
    assert numbers(found) == [5, 6, 7, 8, 9, 10, 11, 20]
    fill(log, 21, 40)
    found = log.following(RING, 3)
    assert found.anchor == entry(35)
    assert numbers(found) == list(range(25, 25 + 3)) + list(range(36, 36 + 5))
    assert found.more


def test_a_reader_ahead_of_the_ring_finds_nothing_new(any_log: CommitLog) -> None:
    """Its base file is newer than what it still sees, or the ring was deleted."""
    fill(any_log, 1, 5)
    assert any_log.following(RING, 40) == Following(None, (), more=False)
    assert any_log.following(RING, RING_SLOTS + 2) == Following(entry(2), (), more=False)


def test_large_segments_come_whole_and_over_as_many_pages_as_they_take(any_log: CommitLog) -> None:
    """A page of a DynamoDB query ends at 1 MB, an item at 400 KB."""
    large = [LogEntry(seq, "tx", bytes([seq % 251]) * 400_000) for seq in range(24, 32)]
    for one in large:
        any_log.append(RING, one)
    assert any_log.following(RING, 23) == Following(None, tuple(large), more=True)
    assert any_log.following(RING, 24) == Following(large[0], tuple(large[1:]), more=False)
    assert any_log.entries(RING) == large
    assert any_log.append(RING, entry(30)) == large[6]
    any_log.delete(RING)
    assert any_log.entries(RING) == []


def test_a_deleted_ring_is_empty_in_every_slot_and_can_be_filled_again(any_log: CommitLog) -> None:
    fill(any_log, 1, RING_SLOTS)
    any_log.mark(Mark(RING, 5))
    any_log.delete(RING)
    assert any_log.entries(RING) == []
    assert any_log.marks() == []
    assert any_log.append(RING, entry(1, "new")) is None
    assert any_log.entries(RING) == [entry(1, "new")]


def test_a_mark_is_as_late_as_its_latest(any_log: CommitLog) -> None:
    any_log.mark(Mark(RING, 20))
    any_log.mark(Mark("bob#g", 7))
    any_log.mark(Mark(RING, 30))
    any_log.mark(Mark(RING, 10))
    assert set(any_log.marks()) == {Mark(RING, 30), Mark("bob#g", 7)}
    assert len(any_log.marks()) == 2


def test_only_the_very_mark_that_was_seen_is_removed(any_log: CommitLog) -> None:
    any_log.mark(Mark(RING, 20))
    for other in (Mark(RING, 19), Mark(RING, 21), Mark("bob#g", 20)):
        any_log.unmark(other)
    assert any_log.marks() == [Mark(RING, 20)]
    any_log.unmark(Mark(RING, 20))
    assert any_log.marks() == []
    any_log.mark(Mark(RING, 5))
    assert any_log.marks() == [Mark(RING, 5)]


def test_a_mark_is_no_commit_and_a_commit_no_mark(any_log: CommitLog) -> None:
    any_log.mark(Mark(RING, 20))
    assert any_log.entries(RING) == []
    fill(any_log, 1, 1)
    any_log.unmark(Mark(RING, 20))
    assert any_log.entries(RING) == [entry(1)]


def append_at_once(log: CommitLog, ring: str, entries: list[LogEntry]) -> list[LogEntry | None]:
    """What as many writers as there are entries got, who all began together."""
    start = Barrier(len(entries))

    def append(own: LogEntry) -> LogEntry | None:
        start.wait(60)
        return log.append(ring, own)

    with ThreadPoolExecutor(len(entries)) as pool:
        return list(pool.map(append, entries))


def test_of_many_writers_of_one_slot_one_wins_and_the_others_meet_it(make_log: MakeLog) -> None:
    log = make_log(4)
    for seq in range(1, 10):
        rivals = [entry(seq, f"writer-{writer}") for writer in range(WRITERS)]
        answers = append_at_once(log, RING, rivals)
        winner = rivals[answers.index(None)]
        assert answers.count(None) == 1
        assert set(answers) == {None, winner}
        assert log.entries(RING)[-1] == winner


def test_of_many_writers_of_different_laps_the_latest_stays(make_log: MakeLog) -> None:
    log = make_log(2)
    laps = [entry(2 * lap) for lap in range(1, WRITERS + 1)]
    for round_ in range(4):
        answers = append_at_once(log, f"ada#{round_}", laps)
        assert log.entries(f"ada#{round_}") == [laps[-1]]
        for own, occupant in zip(laps, answers, strict=True):
            assert occupant is None or occupant.seq > own.seq


def test_readers_beside_a_writer_see_every_acknowledged_commit(make_log: MakeLog) -> None:
    log, acknowledged = make_log(8), [1]
    fill(log, 1, 1)

    def write() -> None:
        for seq in range(2, 41):
            fill(log, seq, seq)
            acknowledged.append(seq)

    def read() -> None:
        while (before := acknowledged[-1]) < 40:
            anchor = log.following(RING, before).anchor
            assert anchor
            assert anchor.seq >= before
            assert log.entries(RING)[-1].seq >= before

    with ThreadPoolExecutor(3) as pool:
        for job in [pool.submit(job) for job in (write, read, read)]:
            job.result()


SLOTS = 4
seqs = st.integers(1, 3 * SLOTS)
rings = st.sampled_from(["ada#", "ada#g", "bob#g"])
times = st.integers(1, 4)
steps = st.one_of(
    st.tuples(
        st.just("append"), rings, st.builds(LogEntry, seqs, st.sampled_from("xy"), st.binary())
    ),
    st.tuples(st.just("following"), rings, st.integers(0, 3 * SLOTS)),
    st.tuples(st.just("delete"), rings, st.none()),
    st.tuples(st.sampled_from(["mark", "unmark"]), rings, times),
)


class Model:
    """The port's words in a dictionary."""

    def __init__(self) -> None:
        self.held: dict[tuple[str, int], LogEntry] = {}
        self.marks: dict[str, int] = {}

    def append(self, ring: str, new: LogEntry) -> LogEntry | None:
        occupant = self.held.get((ring, new.seq % SLOTS))
        if occupant is None or occupant.seq < new.seq:
            self.held[ring, new.seq % SLOTS] = new
            return None
        return occupant

    def following(self, ring: str, seq: int) -> Following:
        own = seq % SLOTS
        far = SLOTS if own < SLOTS - 1 else SLOTS + own
        next_ = [self.held.get((ring, slot % SLOTS)) for slot in range(own, far)]
        newer = sorted(
            (found for found in next_[1:] if found and found.seq > seq),
            key=lambda found: found.seq,
        )
        return Following(next_[0], tuple(newer), more=next_[-1] in newer)

    def entries(self, ring: str) -> list[LogEntry]:
        held = [found for (of, _), found in self.held.items() if of == ring]
        return sorted(held, key=lambda found: found.seq)

    def delete(self, ring: str, _: None) -> None:
        self.held = {key: found for key, found in self.held.items() if key[0] != ring}
        self.marks.pop(ring, None)

    def mark(self, ring: str, at_ms: int) -> None:
        self.marks[ring] = max(at_ms, self.marks.get(ring, at_ms))

    def unmark(self, ring: str, at_ms: int) -> None:
        if self.marks.get(ring) == at_ms:
            del self.marks[ring]


@pytest.fixture
def small_log(make_log: MakeLog) -> CommitLog:
    return make_log(SLOTS)


stories = count()


@settings(max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(story=st.lists(steps, min_size=1, max_size=12))
def test_every_story_goes_as_in_a_dictionary(
    small_log: CommitLog, story: list[tuple[str, str, Any]]
) -> None:
    """Each story has rings of its own in the one log."""
    model, number = Model(), next(stories)
    touched = {f"{number}-{ring}" for _, ring, _ in story}
    for method, name, value in story:
        ring = f"{number}-{name}"
        expected = getattr(model, method)(ring, value)
        assert call(small_log, method, ring, value) == expected
        assert {ring: small_log.entries(ring) for ring in touched} == {
            ring: model.entries(ring) for ring in touched
        }
    marks = [mark for mark in small_log.marks() if mark.ring in touched]
    assert sorted((mark.ring, mark.at_ms) for mark in marks) == sorted(model.marks.items())


def call(log: CommitLog, method: str, ring: str, value: Any) -> object:
    match method:
        case "mark" | "unmark":
            return getattr(log, method)(Mark(ring, value))
        case "delete":
            log.delete(ring)
            return None
    return getattr(log, method)(ring, value)


def failing(log: CommitLog, method: str, *faults: Fault) -> FaultyCommitLog:
    return FaultyCommitLog(log, plan_of(method, *faults))


@pytest.mark.parametrize(
    ("fault", "raised", "takes_effect"),
    [
        (Fault.LOST_REQUEST, AmbiguousOutcomeError, False),
        (Fault.LOST_ANSWER, AmbiguousOutcomeError, True),
        (Fault.OUTAGE, StorageUnavailableError, False),
        (Fault.CRASH_BEFORE, Crash, False),
        (Fault.CRASH_AFTER, Crash, True),
    ],
)
def test_a_faulty_log_does_what_its_fault_says(
    fault: Fault, raised: type[BaseException], takes_effect: bool
) -> None:
    memory = MemoryCommitLog()
    with pytest.raises(raised):
        failing(memory, "append", fault).append(RING, entry(1))
    assert memory.entries(RING) == ([entry(1)] if takes_effect else [])


def test_a_late_append_lands_only_where_its_slot_still_waits_for_it() -> None:
    memory = MemoryCommitLog()
    log = failing(memory, "append", Fault.LATE, Fault.LATE)
    for seq in (1, 2):
        with pytest.raises(AmbiguousOutcomeError):
            log.append(RING, entry(seq, "late"))
    assert memory.entries(RING) == []
    assert log.append(RING, entry(1, "other")) is None
    log.land()
    assert memory.entries(RING) == [entry(1, "other"), entry(2, "late")]


@pytest.mark.parametrize("fault", [Fault.LOST_REQUEST, Fault.LOST_ANSWER, Fault.LATE])
def test_only_an_append_has_an_open_outcome(fault: Fault) -> None:
    for method, value in [
        ("following", 0),
        ("delete", None),
        ("mark", 1),
        ("unmark", 1),
    ]:
        with pytest.raises(StorageUnavailableError):
            call(failing(MemoryCommitLog(), method, fault), method, RING, value)
