"""Histories too rare for dice: each of them needs several things to go wrong one after another."""

import os
import sqlite3
from collections.abc import Callable
from contextlib import AbstractContextManager, closing
from pathlib import Path

import msgspec
import pytest

from chalicelib.errors import StorageUnavailableError
from chalicelib.storage import Owner, Request
from chalicelib.storage.ports import (
    AmbiguousOutcomeError,
    LogEntry,
    PreconditionFailedError,
)
from tests.storage.conftest import OpenStorage, Stores
from tests.storage.fuzz_world import one_thread, replaced
from tests.storage.memory import Fault, FaultyBaseStore, MemoryBaseStore, plan_of
from tests.storage.memory_log import FaultyCommitLog, MemoryCommitLog
from tests.storage.tally import add, build, large, names

KEY = Owner("ada").base_key


def nothing_happens(_: Owner) -> None:
    """A fold that is due is left to the sweep."""


def once(method: str, do: Callable[[], None]) -> Callable[[str], None]:
    """A plan in which something happens just before the first call of the method."""
    left = [do]

    def plan(called: str) -> None:
        if called == method and left:
            left.pop()()

    return plan


def put_by_hand(base: MemoryBaseStore, tmp_path: Path, name: str) -> None:
    """Edit a copy of the base file, and put it in its place."""
    base.place(KEY, edited(base.objects[KEY].data, tmp_path, name))


def edited(data: bytes, tmp_path: Path, name: str) -> bytes:
    path = tmp_path / f"{name}.anki2"
    path.write_bytes(data)
    with closing(sqlite3.connect(path)) as conn, conn:
        add(name)(conn)
    return path.read_bytes()


def names_in(data: bytes) -> set[str]:
    with closing(sqlite3.connect(":memory:")) as conn:
        conn.deserialize(data)
        return set(names(conn))


def test_a_foreign_file_that_others_adopted_and_folded_meanwhile_is_not_adopted_again(
    stores: Stores, base: MemoryBaseStore, open_storage: OpenStorage, tmp_path: Path
) -> None:
    """The opener has the file, then others go on, and then it reads the ring."""
    rival = open_storage(stores)
    rival.create("ada", build)
    rival.transact("ada", add("before"))
    rival.fold("ada")
    put_by_hand(base, tmp_path, "by hand")

    def go_on() -> None:
        fresh = open_storage(stores)
        fresh.transact("ada", add("adopted"))
        fresh.fold("ada")
        fresh.transact("ada", add("after"))

    slow = open_storage(Stores(base, FaultyCommitLog(stores.log, once("entries", go_on))))
    everything = {"before": 1, "by hand": 1, "adopted": 1, "after": 1}
    with one_thread(lambda: False):
        assert slow.read("ada", names) == everything
    assert open_storage(stores).read("ada", names) == everything


def test_a_container_that_read_the_ring_before_the_base_knows_the_keys_in_between(
    stores: Stores, base: MemoryBaseStore, open_storage: OpenStorage
) -> None:
    rival, request = open_storage(stores), Request("key", b"digest")
    rival.create("ada", build)
    rival.transact("ada", add("before"))

    def go_on() -> None:
        rival.transact("ada", add("once"), request)
        rival.fold("ada")

    slow = open_storage(Stores(FaultyBaseStore(base, once("download", go_on)), stores.log))
    with one_thread(lambda: True):
        assert slow.transact("ada", add("once"), request) == "once"
    assert rival.read("ada", names) == {"before": 1, "once": 1}


def test_changes_of_an_adopted_file_are_kept_when_that_is_overwritten(
    stores: Stores, base: MemoryBaseStore, open_storage: OpenStorage, tmp_path: Path
) -> None:
    storage = open_storage(stores)
    storage.create("ada", build)
    put_by_hand(base, tmp_path, "first")
    adopter = open_storage(stores)
    adopter.on_fold_due(nothing_happens)
    adopter.transact("ada", add("acknowledged"))
    put_by_hand(base, tmp_path, "second")
    assert open_storage(stores).read("ada", names) == {"first": 1, "second": 1}
    kept = [key for key in base.keys("conflicts/") if key.endswith(".anki2")]
    assert {"first", "acknowledged"} in [names_in(base.objects[key].data) for key in kept]


def test_what_was_folded_since_somebody_took_the_file_home_is_kept(
    stores: Stores, base: MemoryBaseStore, open_storage: OpenStorage, tmp_path: Path
) -> None:
    """The file that comes back by hand lacks it, and so does the ring's unfolded part."""
    storage = open_storage(stores)
    storage.create("ada", build)
    taken_home = base.objects[KEY].data
    storage.transact("ada", add("acknowledged"))
    storage.fold("ada")
    base.place(KEY, edited(taken_home, tmp_path, "by hand"))
    assert open_storage(stores).read("ada", names) == {"by hand": 1}
    kept = [key for key in base.keys("conflicts/") if key.endswith(".anki2")]
    assert [names_in(base.objects[key].data) for key in kept] == [{"acknowledged"}]


def test_a_foreign_file_that_is_put_back_is_the_collection_for_everybody(
    stores: Stores, base: MemoryBaseStore, open_storage: OpenStorage, tmp_path: Path
) -> None:
    """A container that once opened that very file does not take it for folded."""
    first = open_storage(stores)
    first.create("ada", build)
    put_by_hand(base, tmp_path, "by hand")
    foreign = base.objects[KEY].data
    storage = open_storage(stores)
    storage.transact("ada", add("folded"))
    storage.fold("ada")
    storage.transact("ada", add("unfolded"))
    base.place(KEY, foreign)
    storage.fold("ada")
    assert storage.read("ada", names) == open_storage(stores).read("ada", names) == {"by hand": 1}
    kept = [key for key in base.keys("conflicts/") if key.endswith(".anki2")]
    assert {"by hand", "folded", "unfolded"} in [names_in(base.objects[key].data) for key in kept]


@pytest.mark.parametrize("written", range(4))
def test_a_replica_that_was_half_brought_up_to_date_is_never_folded(
    base: MemoryBaseStore, open_storage: OpenStorage, written: int
) -> None:
    """The disk is full in the middle of another one's commit; then the ring is."""
    stores = Stores(base, MemoryCommitLog(slots=8))
    behind, folder, writer = (open_storage(stores) for _ in range(3))
    behind.create("ada", build)
    for storage in (behind, folder, writer):
        storage.on_fold_due(nothing_happens)
        storage.read("ada", names)
    for number in range(5):
        writer.transact("ada", large(f"{number}"))
    folder.fold("ada")
    for number in range(5, 8):
        writer.transact("ada", large(f"{number}"))
    behind.read("ada", names)
    folder.transact("ada", large("last"))
    with full_disk(after=written), pytest.raises(StorageUnavailableError):
        behind.read("ada", names)
    behind.transact("ada", add("next"))
    expected = dict.fromkeys([*"01234567", "last", "next"], 1)
    assert open_storage(stores).read("ada", names) == behind.read("ada", names) == expected


def full_disk(after: int) -> AbstractContextManager[None]:
    """A disk that takes so many more pages."""
    own, left = os.pwrite, [None] * after

    def pwrite(descriptor: int, data: bytes, offset: int) -> int:
        if not left:
            raise OSError(28, "No space left on device")
        left.pop()
        return own(descriptor, data, offset)

    return replaced(os, "pwrite", pwrite)


def test_a_spill_is_not_taken_for_stored_while_its_lost_write_is_still_under_way(
    stores: Stores, base: MemoryBaseStore, open_storage: OpenStorage
) -> None:
    """S3 answers 409 then, and the earlier write may yet come to nothing."""

    answers = [AmbiguousOutcomeError, PreconditionFailedError]

    def plan(method: str) -> None:
        if method == "put" and answers:
            raise answers.pop(0)

    open_storage(stores).create("ada", build)
    storage = open_storage(Stores(FaultyBaseStore(base, plan), stores.log))
    storage.transact("ada", large("large", 200_000))
    assert open_storage(stores).read("ada", names) == {"large": 1}


def test_a_late_fold_does_not_take_the_place_of_a_later_one(
    stores: Stores, base: MemoryBaseStore, open_storage: OpenStorage
) -> None:
    storage = open_storage(stores)
    storage.create("ada", build)
    storage.transact("ada", add("one"))
    faulty = FaultyBaseStore(base, plan_of("put", *[Fault.LATE] * 4))
    with pytest.raises(StorageUnavailableError):
        open_storage(Stores(faulty, stores.log)).fold("ada")
    storage.transact("ada", add("two"))
    assert storage.fold("ada") == 2
    faulty.land()
    assert base.objects[KEY].metadata["seq"] == "2"


def test_unfolded_commits_are_never_overwritten(
    base: MemoryBaseStore, open_storage: OpenStorage
) -> None:
    stores = Stores(base, MemoryCommitLog(slots=8))
    storage = open_storage(stores)
    storage.create("ada", build)
    storage.on_fold_due(nothing_happens)
    for number in range(30):
        storage.transact("ada", add(f"{number}"))
        oldest = min(entry.seq for entry in stores.log.entries(Owner("ada").ring))
        assert int(base.objects[KEY].metadata["seq"]) >= oldest - 1
    assert open_storage(stores).read("ada", names) == {f"{number}": 1 for number in range(30)}


def test_a_spill_is_there_until_it_is_folded(
    stores: Stores, base: MemoryBaseStore, open_storage: OpenStorage
) -> None:
    """The first folds after a large commit fail; a later one finds all that it needs."""
    faulty = FaultyBaseStore(base, plan_of("head", None, *[Fault.OUTAGE] * 9))
    storage = open_storage(Stores(faulty, stores.log))
    storage.create("ada", build)
    storage.transact("ada", large("large", 200_000))
    storage.fold_soon("ada")
    assert int(base.objects[KEY].metadata["seq"]) == 0
    other = open_storage(stores)
    assert other.read("ada", names) == {"large": 1}
    assert other.fold("ada") == 1
    assert open_storage(stores).read("ada", names) == {"large": 1}
    other.transact("ada", add("next"))
    other.fold("ada")
    assert base.keys("segments/") == []


def test_a_commit_that_was_changed_in_the_log_is_refused(
    stores: Stores, log: MemoryCommitLog, open_storage: OpenStorage
) -> None:
    """Of an answer that cannot be right nothing is shown, and nothing is written over."""
    storage, other = open_storage(stores), open_storage(stores)
    storage.create("ada", build)
    other.read("ada", names)
    storage.transact("ada", add("right"))
    ring = log.rings[Owner("ada").ring]
    ring[1] = LogEntry(1, ring[1].tx, without_a_page(ring[1].segment))
    for container in (other, open_storage(stores)):
        with pytest.raises(StorageUnavailableError):
            container.read("ada", names)
        with pytest.raises(StorageUnavailableError):
            container.transact("ada", add("wrong"))
    assert list(ring) == [1]


def without_a_page(segment: bytes) -> bytes:
    fields = msgspec.msgpack.decode(segment)
    changes = msgspec.msgpack.decode(fields["p"]["pages"])
    fields["p"]["pages"] = msgspec.msgpack.encode(changes[1:])
    return msgspec.msgpack.encode(fields)


def test_a_replica_that_was_damaged_on_the_disk_is_thrown_away(
    stores: Stores, open_storage: OpenStorage, tmp_path: Path
) -> None:
    storage = open_storage(stores)
    storage.create("ada", build)
    damaged = open_storage(stores, cache_dir=tmp_path / "damaged")
    damaged.read("ada", names)
    (path,) = (tmp_path / "damaged").glob("*/*.anki2")
    with path.open("r+b") as file:
        file.seek(-100, os.SEEK_END)
        file.write(bytes(range(100)))
    storage.transact("ada", add("right"))
    assert damaged.read("ada", names) == {"right": 1}
    assert damaged.image("ada") == storage.image("ada")


def test_a_ring_is_marked_for_as_long_as_it_is_written(
    stores: Stores, open_storage: OpenStorage
) -> None:
    now_ms = 0
    storage = open_storage(stores, now_ms=lambda: now_ms)
    storage.create("ada", build)
    for minute in range(0, 300, 10):
        now_ms = minute * 60_000
        storage.transact("ada", add(f"{minute}"))
        assert stores.log.marks()
        if minute % 60 == 50:
            storage.sweep()


def test_a_commit_whose_answer_was_lost_is_not_made_again(
    stores: Stores, base: MemoryBaseStore, open_storage: OpenStorage
) -> None:
    open_storage(stores).create("ada", build)
    faulty = FaultyCommitLog(stores.log, plan_of("append", Fault.LOST_ANSWER))
    storage = open_storage(Stores(base, faulty))
    tries = []
    storage.transact("ada", lambda conn: tries.append(add("once")(conn)))
    assert tries == ["once"]
    assert open_storage(stores).read("ada", names) == {"once": 1}
