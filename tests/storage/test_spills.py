"""Parts too large for the log: where they lie, for how long, and what becomes of what is left."""

import sqlite3
from pathlib import Path

import pytest

from chalicelib.errors import StorageUnavailableError
from chalicelib.storage import CollectionStorage, Owner, Request
from chalicelib.storage.segments import SPILL_BYTES, decode_segment
from tests.storage.by_hand import KEY, put_by_hand, tally_file
from tests.storage.conftest import OpenStorage, Stores
from tests.storage.folds import never
from tests.storage.memory import Crash, Fault, MemoryBaseStore, plan_of
from tests.storage.memory_log import MemoryCommitLog
from tests.storage.tally import add, build, names
from tests.storage.texts import incompressible
from tests.storage.watch import Place, Watch, acting_at, failing_at

SPILLS = "segments/ada/-/"
LARGE = incompressible(250_000)
VERY_LARGE = incompressible(2_000_000)


def kinds(stores: Stores) -> list[str]:
    """The commits' numbers and the kinds of their spilled parts."""
    keys = stores.base.keys(SPILLS)
    return sorted(
        f"{key.removeprefix(SPILLS).split('-')[0]} {key.rsplit('.', 1)[1]}" for key in keys
    )


class Noting:
    """A recorder that notes as much as it was told to."""

    def __init__(self, noted: bytes) -> None:
        self._noted = noted

    def begin(self, conn: sqlite3.Connection) -> None:
        conn.execute("CREATE TEMP TABLE IF NOT EXISTS noted (x)")

    def end(self, conn: sqlite3.Connection) -> bytes:
        assert conn.execute("SELECT * FROM noted").fetchall() == []
        return self._noted


def test_a_large_change_is_read_by_everybody_though_its_entry_is_small(
    any_stores: Stores, open_storage: OpenStorage
) -> None:
    storage, behind = open_storage(any_stores), open_storage(any_stores)
    storage.create("ada", build)
    storage.on_fold_due(never)
    behind.read("ada", names)
    storage.transact("ada", add(VERY_LARGE))
    (entry,) = any_stores.log.entries("ada#")
    assert len(entry.segment) < 400
    assert kinds(any_stores) == ["1 pages"]
    storage.transact("ada", add("next"))
    for container in (storage, behind, open_storage(any_stores)):
        assert container.read("ada", names) == {VERY_LARGE: 1, "next": 1}
    assert storage.image("ada") == behind.image("ada") == open_storage(any_stores).image("ada")


def test_after_a_large_change_a_fold_is_asked_for(storage: CollectionStorage) -> None:
    """Until then everybody who opens the collection has to fetch its part as well."""
    asked: list[Owner] = []
    storage.on_fold_due(asked.append)
    storage.transact("ada", add("small"))
    assert asked == []
    storage.transact("ada", add(LARGE))
    assert asked == [Owner("ada")]


def test_no_entry_is_larger_than_what_spills(
    stores: Stores, storage: CollectionStorage, open_storage: OpenStorage, log: MemoryCommitLog
) -> None:
    storage.on_fold_due(never)
    for n in range(20):
        name = incompressible(20_000 * n, n)
        answer = incompressible(15_000 * n, n)
        storage.transact(
            "ada",
            lambda conn: add(name)(conn) and answer,  # noqa: B023
            Request(str(n), b""),
            recorder=Noting(answer.encode()),
        )
    sizes = [len(entry.segment) for entry in log.entries("ada#")]
    assert max(sizes) < SPILL_BYTES + 1000
    assert max(sizes) > SPILL_BYTES / 2, "and none is spilled without need"
    assert storage.image("ada") == open_storage(stores).image("ada")


def test_what_was_noted_is_kept_with_the_commit(
    storage: CollectionStorage, log: MemoryCommitLog
) -> None:
    storage.transact("ada", add("one"), recorder=Noting(b"noted"), operation="Add")
    (entry,) = log.entries("ada#")
    segment = decode_segment(entry.segment)
    assert segment.parts["undo"] == b"noted"
    assert segment.operation == "Add"
    assert segment.request_key == ""


def fold_twice(storage: CollectionStorage) -> None:
    """Nothing from before the first one is needed any more, by nobody."""
    for _ in range(2):
        storage.transact("ada", add("next"))
        storage.fold("ada")


def test_spilled_pages_stay_until_they_are_folded_for_good_and_go_with_a_sweep(
    any_stores: Stores, open_storage: OpenStorage
) -> None:
    storage, behind = open_storage(any_stores), open_storage(any_stores)
    storage.create("ada", build)
    storage.on_fold_due(never)
    behind.read("ada", names)
    storage.transact("ada", add(LARGE))
    storage.transact("ada", add("next"))
    assert kinds(any_stores) == ["1 pages"]
    for _ in range(2):
        assert storage.sweep() == []
        storage.transact("ada", add("next"))
    assert storage.sweep() == []
    assert kinds(any_stores) == []
    for container in (behind, storage, open_storage(any_stores)):
        assert container.read("ada", names) == {LARGE: 1, "next": 3}


def test_a_file_put_in_place_after_a_large_change_still_leaves_a_conflict_copy(
    any_stores: Stores, open_storage: OpenStorage, tmp_path: Path
) -> None:
    """Though the file that the large change was folded into may be gone."""
    storage = open_storage(any_stores)
    storage.create("ada", build)
    storage.on_fold_due(never)
    for name in ("first", LARGE):
        storage.transact("ada", add(name))
        assert storage.sweep() == []
    storage.transact("ada", add("unfolded"))
    image = storage.image("ada")
    put_by_hand(any_stores.base, KEY, tally_file(tmp_path / "made.anki2", "outside"))
    assert open_storage(any_stores).read("ada", names) == {"outside": 1}
    kept = any_stores.base.get(Owner("ada").conflict_key(3))
    assert kept
    assert kept.data == image


def test_answers_and_notes_stay_while_their_commit_is_in_the_ring(
    open_storage: OpenStorage,
) -> None:
    stores = Stores(MemoryBaseStore(), MemoryCommitLog(slots=6))
    storage = open_storage(stores)
    storage.create("ada", build)
    change = add(LARGE)
    storage.transact("ada", change, Request("key", b""), recorder=Noting(LARGE.encode()))
    assert kinds(stores) == ["1 answer", "1 pages", "1 undo"]
    storage.fold("ada")
    fold_twice(storage)
    for _ in range(3):
        assert kinds(stores) == ["1 answer", "1 undo"]
        assert open_storage(stores).transact("ada", change, Request("key", b"")) == LARGE
        storage.transact("ada", add("next"))
        storage.fold("ada")
    fold_twice(storage)
    assert kinds(stores) == []


def test_what_a_crash_left_goes_once_its_commit_is_somebody_elses(
    stores: Stores, open_storage: OpenStorage
) -> None:
    storage = open_storage(stores)
    storage.create("ada", build)
    storage.on_fold_due(never)
    watch = Watch(stores, failing_at(Place("append", 0), Fault.CRASH_BEFORE))
    with pytest.raises(Crash):
        open_storage(watch.stores).transact("ada", add(LARGE))
    storage.fold("ada")
    assert kinds(stores) == ["1 pages"], "the commit may still come"
    storage.transact("ada", add("mine"))
    storage.fold("ada")
    fold_twice(storage)
    assert kinds(stores) == []
    assert open_storage(stores).read("ada", names) == {"mine": 1, "next": 2}


def test_what_the_loser_of_a_race_left_goes_as_well(
    stores: Stores, storage: CollectionStorage, open_storage: OpenStorage
) -> None:
    watch = Watch(stores)
    loser = open_storage(watch.stores)
    loser.on_fold_due(never)
    loser.read("ada", names)
    watch.plan = acting_at(Place("append", 0), lambda: storage.transact("ada", add("rival")))
    loser.transact("ada", add(LARGE))
    assert kinds(stores) == ["1 pages", "2 pages"]
    assert open_storage(stores).read("ada", names) == {"rival": 1, LARGE: 1}
    storage.fold("ada")
    fold_twice(storage)
    assert kinds(stores) == []


def test_a_part_whose_commit_is_under_way_is_not_swept(
    stores: Stores, open_storage: OpenStorage
) -> None:
    storage = open_storage(stores)
    storage.create("ada", build)
    fold_twice(storage)
    watch = Watch(stores)
    slow = open_storage(watch.stores)
    slow.on_fold_due(never)
    slow.read("ada", names)

    def sweep() -> None:
        assert kinds(stores) == ["3 pages"]
        assert storage.sweep() == []

    watch.plan = acting_at(Place("append", 0), sweep)
    slow.transact("ada", add(LARGE))
    assert open_storage(stores).read("ada", names) == {"next": 2, LARGE: 1}


@pytest.mark.parametrize("fault", [Fault.LOST_REQUEST, Fault.LOST_ANSWER, Fault.LATE])
def test_a_part_whose_storing_got_no_answer_is_sent_again(
    stores: Stores, open_storage: OpenStorage, fault: Fault
) -> None:
    watch = Watch(stores)
    storage = open_storage(watch.stores)
    storage.create("ada", build)
    storage.on_fold_due(never)
    watch.plan = plan_of("put", fault)
    storage.transact("ada", add(LARGE))
    watch.land()
    assert open_storage(stores).read("ada", names) == {LARGE: 1}


@pytest.mark.parametrize("fault", [Fault.OUTAGE, Fault.LOST_REQUEST, Fault.LATE])
def test_without_its_part_nothing_is_committed(
    stores: Stores, open_storage: OpenStorage, fault: Fault
) -> None:
    watch = Watch(stores)
    storage = open_storage(watch.stores)
    storage.create("ada", build)
    storage.transact("ada", add("before"))
    watch.plan = lambda called: fault if called == "put" else None
    watch.calls.clear()
    with pytest.raises(StorageUnavailableError):
        storage.transact("ada", add(LARGE))
    assert "append" not in watch.calls
    watch.plan = lambda _: None
    watch.land()
    assert storage.read("ada", names) == open_storage(stores).read("ada", names) == {"before": 1}
    storage.transact("ada", add(LARGE))
    assert open_storage(stores).read("ada", names) == {"before": 1, LARGE: 1}


def test_a_part_that_is_lost_makes_nobody_read_a_wrong_state(
    stores: Stores, storage: CollectionStorage, open_storage: OpenStorage, base: MemoryBaseStore
) -> None:
    """Whoever still has the state at hand mends it."""
    behind = open_storage(stores)
    behind.read("ada", names)
    storage.on_fold_due(never)
    storage.transact("ada", add(LARGE))
    (key,) = base.keys(SPILLS)
    base.delete(key)
    for container in (behind, open_storage(stores)):
        with pytest.raises(StorageUnavailableError):
            container.read("ada", names)
        with pytest.raises(StorageUnavailableError):
            container.transact("ada", add("wrong"))
    storage.transact("ada", add("right"))
    storage.fold("ada")
    for container in (behind, open_storage(stores)):
        assert container.read("ada", names) == {LARGE: 1, "right": 1}


def test_an_outage_while_a_part_is_fetched_leaves_the_replica_as_it_was(
    stores: Stores, storage: CollectionStorage, open_storage: OpenStorage
) -> None:
    watch = Watch(stores)
    behind = open_storage(watch.stores)
    behind.read("ada", names)
    storage.on_fold_due(never)
    storage.transact("ada", add("first"))
    storage.transact("ada", add(LARGE))
    watch.plan = lambda called: Fault.OUTAGE if called == "get" else None
    with pytest.raises(StorageUnavailableError):
        behind.read("ada", names)
    watch.plan = lambda _: None
    assert behind.read("ada", names) == {"first": 1, LARGE: 1}


def test_a_strange_file_among_the_parts_disturbs_nobody(
    stores: Stores, storage: CollectionStorage, base: MemoryBaseStore
) -> None:
    base.place(f"{SPILLS}README", b"put here by a person")
    storage.transact("ada", add(LARGE))
    storage.fold("ada")
    fold_twice(storage)
    assert storage.sweep() == []
    assert list(base.keys(SPILLS)) == [f"{SPILLS}README"]
