"""Folds beside other folds, changes and openings, and folds that go wrong: nothing is lost."""

from collections.abc import Callable
from pathlib import Path
from threading import Event

import pytest

from chalicelib.errors import StorageUnavailableError
from chalicelib.storage import CollectionStorage
from chalicelib.storage.ports import ObjectHead
from tests.storage.by_hand import KEY, put_by_hand, tally_file
from tests.storage.conftest import OpenStorage, Stores
from tests.storage.folds import base_seq, commit_some, never
from tests.storage.memory import Crash, Fault, MemoryBaseStore, plan_of
from tests.storage.memory_log import MemoryCommitLog
from tests.storage.tally import add, build, names
from tests.storage.threads import run_together
from tests.storage.watch import Place, Watch, acting_at, failing_at, places


def test_nobody_waits_for_a_fold(stores: Stores, open_storage: OpenStorage) -> None:
    """A thread changes and reads the collection while its base file is being stored."""
    watch = Watch(stores)
    storage = open_storage(watch.stores)
    storage.create("ada", build)
    commit_some(storage, 2)
    meanwhile = []

    def work() -> None:
        meanwhile.extend(watch.since(lambda: storage.transact("ada", add("meanwhile"))))
        meanwhile.extend(watch.since(lambda: storage.read("ada", names)))

    watch.plan = acting_at(Place("put", 0), lambda: run_together([work]))
    assert storage.fold("ada") == 2
    assert meanwhile == ["append", "following"]
    assert storage.read("ada", names) == {"one": 2, "meanwhile": 1}
    assert open_storage(stores).read("ada", names) == {"one": 2, "meanwhile": 1}


SLOTS = 4


def test_two_folders_at_once_make_one_base_file(
    any_stores: Stores, open_storage: OpenStorage
) -> None:
    watch = Watch(any_stores)
    first, second = open_storage(any_stores), open_storage(watch.stores)
    first.create("ada", build)
    commit_some(first, 3)
    second.read("ada", names)
    watch.plan = acting_at(Place("put", 0), lambda: first.fold("ada"))
    assert second.fold("ada") == 3
    assert watch.calls.count("put") == 1
    assert base_seq(any_stores.base) == 3
    assert open_storage(any_stores).read("ada", names) == {"one": 3}


@pytest.mark.parametrize("method", ["head", "put"])
def test_a_slow_folder_with_an_older_image_does_not_put_the_base_back(
    any_stores: Stores, open_storage: OpenStorage, method: str
) -> None:
    watch = Watch(any_stores)
    fast, slow = open_storage(any_stores), open_storage(watch.stores)
    fast.create("ada", build)
    commit_some(fast, 3)
    slow.read("ada", names)

    def overtake() -> None:
        commit_some(fast, 4)
        fast.fold("ada")

    watch.plan = acting_at(Place(method, 0), overtake)
    assert slow.fold("ada") == 7, "what it learns"
    assert base_seq(any_stores.base) == 7
    assert open_storage(any_stores).read("ada", names) == {"one": 7}


def test_a_folder_that_is_ahead_of_another_tries_again(
    stores: Stores, storage: CollectionStorage, open_storage: OpenStorage
) -> None:
    """The older image arrives first, after the newer one's folder has looked."""
    commit_some(storage, 2)
    watch_older, watch_newer = Watch(stores), Watch(stores)
    older, newer = open_storage(watch_older.stores), open_storage(watch_newer.stores)
    watch_older.plan = plan_of("put", *[Fault.LATE] * 4)
    with pytest.raises(StorageUnavailableError):
        older.fold("ada")
    commit_some(storage, 2)
    watch_newer.plan = acting_at(Place("put", 0), watch_older.land)
    assert newer.fold("ada") == 4
    assert watch_newer.calls.count("put") == 2
    assert base_seq(stores.base) == 4


@pytest.mark.parametrize("fault", [Fault.LOST_REQUEST, Fault.LOST_ANSWER, Fault.LATE])
def test_a_fold_without_an_answer_is_found_out(
    stores: Stores, open_storage: OpenStorage, fault: Fault
) -> None:
    watch = Watch(stores)
    storage = open_storage(watch.stores)
    storage.create("ada", build)
    commit_some(storage, 2)
    watch.plan = plan_of("put", fault)
    assert storage.fold("ada") == 2
    commit_some(storage, 1)
    assert storage.fold("ada") == 3
    watch.land()
    assert base_seq(stores.base) == 3
    assert open_storage(stores).read("ada", names) == {"one": 3}


@pytest.mark.parametrize("fault", [Fault.CRASH_BEFORE, Fault.CRASH_AFTER])
def test_a_process_that_dies_anywhere_in_a_fold_changes_nothing_for_anybody(
    stores: Stores, open_storage: OpenStorage, fault: Fault
) -> None:
    storage = open_storage(stores)
    storage.create("ada", build)
    commit_some(storage, 1)
    clean = Watch(stores)
    open_storage(clean.stores).fold("ada")
    for count, place in enumerate(places(clean.calls), start=2):
        commit_some(storage, 1)
        with pytest.raises(Crash):
            open_storage(Watch(stores, failing_at(place, fault)).stores).fold("ada")
        assert base_seq(stores.base) in {count - 1, count}
        if place.method == "put":
            assert base_seq(stores.base) == (count - 1 if fault is Fault.CRASH_BEFORE else count)
        assert open_storage(stores).read("ada", names) == {"one": count}
        assert open_storage(stores).fold("ada") == count
        assert storage.read("ada", names) == {"one": count}


@pytest.mark.parametrize("foreign", [True, False])
@pytest.mark.parametrize("count", [1, SLOTS - 1, SLOTS, SLOTS + 1, 2 * SLOTS])
def test_whatever_others_commit_between_the_calls_of_a_fold_is_there(
    open_storage: OpenStorage, tmp_path: Path, count: int, foreign: bool
) -> None:
    """In a small ring, so that they lap it meanwhile."""

    def world() -> tuple[Watch, CollectionStorage, CollectionStorage]:
        stores = Stores(MemoryBaseStore(), MemoryCommitLog(slots=SLOTS))
        if foreign:
            put_by_hand(stores.base, KEY, tally_file(tmp_path / "made.anki2", "one"))
        watch = Watch(stores)
        folder, other = open_storage(watch.stores), open_storage(stores)
        for storage in (folder, other):
            storage.on_fold_due(never)
        if not foreign:
            other.create("ada", build)
            commit_some(other, 1)
        commit_some(folder, 1)
        watch.calls.clear()
        return watch, folder, other

    watch, folder, _ = world()
    for place in places(watch.since(lambda: folder.fold("ada"))):  # noqa: B023
        watch, folder, other = world()
        watch.plan = acting_at(place, lambda: commit_some(other, count))  # noqa: B023
        folder.fold("ada")
        commit_some(folder, 1)
        for storage in (folder, other, open_storage(watch.stores)):
            assert storage.read("ada", names) == {"one": 3 + count}


def test_readers_between_a_fold_and_its_commits_see_the_head(
    any_stores: Stores, open_storage: OpenStorage
) -> None:
    """A cold opener fetches the base and the ring at once; a fold comes in between."""
    storage = open_storage(any_stores)
    storage.create("ada", build)
    for method in ("download", "entries"):
        commit_some(storage, 2)
        watch = Watch(any_stores)
        watch.plan = acting_at(Place(method, 0), lambda: fold_and_go_on(storage))
        head = sum(storage.read("ada", names).values())
        assert sum(open_storage(watch.stores).read("ada", names).values()) >= head


def fold_and_go_on(storage: CollectionStorage) -> None:
    storage.fold("ada")
    commit_some(storage, 2)


class OvertakenDownload(MemoryBaseStore):
    """Others go on between the end of the first download and whatever its caller does next."""

    def __init__(self) -> None:
        super().__init__()
        self.then: Callable[[], object] = lambda: None

    def download(self, key: str, path: Path, *, version: str | None = None) -> ObjectHead | None:
        found = super().download(key, path, version=version)
        then, self.then = self.then, lambda: None
        then()
        return found


def test_a_foreign_file_that_is_adopted_and_folded_over_during_an_opening_is_adopted_once(
    open_storage: OpenStorage, tmp_path: Path
) -> None:
    """It was downloaded before that, and the ring was read after it."""
    base, folded = OvertakenDownload(), Event()
    stores = Stores(base, MemoryCommitLog())
    base.place(KEY, tally_file(tmp_path / "made.anki2", "theirs"))
    other = open_storage(stores)
    watch = Watch(stores, acting_at(Place("entries", 0), lambda: folded.wait(30)))

    def adopt_and_fold() -> None:
        for _ in range(2):
            other.transact("ada", add("ours"))
            other.fold("ada")
        other.transact("ada", add("ours"))
        folded.set()

    base.then = adopt_and_fold
    for container in (open_storage(watch.stores), other, open_storage(stores)):
        assert container.read("ada", names) == {"theirs": 1, "ours": 3}


def test_a_cold_opener_meets_a_lap_between_the_base_and_the_ring(open_storage: OpenStorage) -> None:
    """What it downloaded is too old for the ring that it got: it fetches both again."""
    base, lapped = OvertakenDownload(), Event()
    small = Stores(base, MemoryCommitLog(slots=SLOTS))
    storage = open_storage(small)
    storage.create("ada", build)
    commit_some(storage, 2)

    def lap() -> None:
        commit_some(storage, 9)
        lapped.set()

    base.then = lap
    watch = Watch(small, acting_at(Place("entries", 0), lambda: lapped.wait(30)))
    assert open_storage(watch.stores).read("ada", names) == {"one": 11}
    assert watch.calls.count("download") == 2
