"""Foreign base files: of an earlier version of the service, or put there by hand."""

from pathlib import Path

import msgspec
import pytest

from chalicelib.errors import StorageUnavailableError
from chalicelib.storage import CollectionStorage, Owner
from chalicelib.storage.ports import LogEntry
from chalicelib.storage.versions import BaseVersion
from tests.storage.by_hand import KEY, put_by_hand, run_on, tally_file
from tests.storage.conftest import OpenStorage, Stores
from tests.storage.memory import Crash, Fault, MemoryBaseStore
from tests.storage.memory_log import MemoryCommitLog
from tests.storage.tally import add, build, names
from tests.storage.watch import Place, Watch, acting_at, failing_at, places

CONFLICTS = "conflicts/ada/-/"


def conflict(stores: Stores, path: Path) -> object:
    """The names in the only conflict copy."""
    (key,) = stores.base.keys(CONFLICTS)
    found = stores.base.get(key)
    assert found
    return run_on(path, found.data, names)


@pytest.mark.parametrize("fault", [Fault.CRASH_BEFORE, Fault.CRASH_AFTER])
def test_a_process_that_dies_anywhere_in_an_adoption_leaves_it_to_the_next(
    stores: Stores, open_storage: OpenStorage, fault: Fault, tmp_path: Path
) -> None:
    """With commits unfolded, so that a conflict copy is kept as well."""
    storage = open_storage(stores)
    storage.create("ada", build)
    watch = Watch(stores)

    def put_in_place_beside_a_commit(name: str) -> None:
        storage.transact("ada", add("unfolded"))
        put_by_hand(stores.base, KEY, tally_file(tmp_path / "made.anki2", name))

    put_in_place_beside_a_commit("first")
    clean = watch.since(lambda: open_storage(watch.stores).read("ada", names))
    for count, place in enumerate(places(clean), start=2):
        storage.fold("ada")
        put_in_place_beside_a_commit(f"outside {count}")
        with pytest.raises(Crash):
            open_storage(Watch(stores, failing_at(place, fault)).stores).read("ada", names)
        for container in (open_storage(stores), storage):
            assert container.read("ada", names) == {f"outside {count}": 1}
        assert len(stores.base.keys(CONFLICTS)) == count


def test_of_a_file_put_in_place_and_unfolded_commits_the_file_wins_and_the_commits_are_kept(
    any_stores: Stores, open_storage: OpenStorage, tmp_path: Path
) -> None:
    storage = open_storage(any_stores)
    storage.create("ada", build)
    storage.transact("ada", add("folded"))
    storage.fold("ada")
    storage.transact("ada", add("also folded"))
    storage.fold("ada")
    storage.transact("ada", add("unfolded"))
    image = storage.image("ada")
    put_by_hand(any_stores.base, KEY, tally_file(tmp_path / "made.anki2", "outside"))
    assert open_storage(any_stores).read("ada", names) == {"outside": 1}
    assert storage.read("ada", names) == {"outside": 1}, "a warm container follows"
    (key,) = any_stores.base.keys(CONFLICTS)
    kept = any_stores.base.get(key)
    assert kept
    assert kept.data == image
    assert key == Owner("ada").conflict_key(3)
    assert storage.transact("ada", add("next")) == "next"
    storage.fold("ada")
    assert open_storage(any_stores).read("ada", names) == {"outside": 1, "next": 1}


def test_a_file_put_in_place_of_a_folded_one_leaves_a_copy_of_that(
    stores: Stores, storage: CollectionStorage, open_storage: OpenStorage, tmp_path: Path
) -> None:
    """It may have been made from an older one, so that nothing else has what was folded since."""
    storage.transact("ada", add("folded"))
    storage.fold("ada")
    put_by_hand(stores.base, KEY, tally_file(tmp_path / "made.anki2", "outside"))
    assert open_storage(stores).read("ada", names) == {"outside": 1}
    assert stores.base.keys(CONFLICTS) == [Owner("ada").conflict_key(1)]


def test_a_warm_container_that_commits_on_beside_the_file_loses_nothing_for_good(
    any_stores: Stores, open_storage: OpenStorage, tmp_path: Path
) -> None:
    """It has not seen the file yet; its commits are unfolded ones like those before."""
    storage = open_storage(any_stores)
    storage.create("ada", build)
    storage.transact("ada", add("folded"))
    storage.fold("ada")
    storage.transact("ada", add("before"))
    put_by_hand(any_stores.base, KEY, tally_file(tmp_path / "made.anki2", "outside"))
    storage.transact("ada", add("after"))
    storage.fold("ada")
    assert storage.read("ada", names) == {"outside": 1}
    assert open_storage(any_stores).read("ada", names) == {"outside": 1}
    assert conflict(any_stores, tmp_path / "kept") == {"folded": 1, "before": 1, "after": 1}


@pytest.mark.parametrize("method", ["head", "put"])
def test_a_file_put_in_place_while_a_fold_is_under_way_wins(
    stores: Stores, open_storage: OpenStorage, method: str, tmp_path: Path
) -> None:
    watch = Watch(stores)
    storage = open_storage(watch.stores)
    storage.create("ada", build)
    storage.transact("ada", add("unfolded"))
    made = tally_file(tmp_path / "made.anki2", "outside")
    watch.plan = acting_at(Place(method, 0), lambda: put_by_hand(stores.base, KEY, made))
    storage.fold("ada")
    for container in (storage, open_storage(stores)):
        assert container.read("ada", names) == {"outside": 1}
    assert conflict(stores, tmp_path / "kept") == {"unfolded": 1}


def test_a_file_put_in_place_just_after_a_fold_wins(
    stores: Stores, open_storage: OpenStorage, tmp_path: Path
) -> None:
    storage = open_storage(stores)
    storage.create("ada", build)
    storage.transact("ada", add("folded"))
    storage.fold("ada")
    put_by_hand(stores.base, KEY, tally_file(tmp_path / "made.anki2", "outside"))
    assert open_storage(stores).read("ada", names) == {"outside": 1}
    assert storage.read("ada", names) == {"outside": 1}


def test_a_mandatory_fold_meets_the_file_and_follows_it(
    open_storage: OpenStorage, tmp_path: Path
) -> None:
    stores = Stores(MemoryBaseStore(), MemoryCommitLog(slots=4))
    storage = open_storage(stores)
    storage.on_fold_due(lambda _: None)
    storage.create("ada", build)
    for n in range(4):
        storage.transact("ada", add(str(n)))
    put_by_hand(stores.base, KEY, tally_file(tmp_path / "made.anki2", "outside"))
    storage.transact("ada", add("next"))
    for container in (storage, open_storage(stores)):
        assert container.read("ada", names) == {"outside": 1, "next": 1}
    assert conflict(stores, tmp_path / "kept") == {"0": 1, "1": 1, "2": 1, "3": 1}


def test_of_two_files_put_in_place_one_after_the_other_the_last_one_wins_each_time(
    stores: Stores, open_storage: OpenStorage, tmp_path: Path
) -> None:
    storage = open_storage(stores)
    storage.create("ada", build)
    storage.on_fold_due(lambda _: None)
    for n in range(4):
        made = tally_file(tmp_path / "made.anki2", f"outside {n % 2}")
        put_by_hand(stores.base, KEY, made)
        assert open_storage(stores).read("ada", names) == {f"outside {n % 2}": 1}
        assert storage.read("ada", names) == {f"outside {n % 2}": 1}
        storage.transact("ada", add(f"unfolded {n}"))
    kept = [stores.base.get(key) for key in stores.base.keys(CONFLICTS)]
    assert [run_on(tmp_path / "kept", found.data, names) for found in kept if found] == [
        {f"outside {n % 2}": 1, f"unfolded {n}": 1} for n in range(3)
    ]


@pytest.mark.parametrize("folder", ["the same container", "another container"])
def test_the_same_file_put_in_place_again_after_a_fold_wins_again(
    any_stores: Stores, open_storage: OpenStorage, folder: str, tmp_path: Path
) -> None:
    made = tally_file(tmp_path / "made.anki2", "outside")
    storage, other = open_storage(any_stores), open_storage(any_stores)
    storage.create("ada", build)
    for n in range(3):
        put_by_hand(any_stores.base, KEY, made)
        assert open_storage(any_stores).read("ada", names) == {"outside": 1}
        assert storage.read("ada", names) == {"outside": 1}
        storage.transact("ada", add(f"change {n}"))
        (storage if folder == "the same container" else other).fold("ada")
        assert open_storage(any_stores).read("ada", names) == {"outside": 1, f"change {n}": 1}


@pytest.mark.parametrize("folder", ["the same container", "another container"])
def test_the_same_file_put_in_place_again_is_not_folded_over_by_who_had_adopted_it(
    stores: Stores, open_storage: OpenStorage, folder: str, tmp_path: Path
) -> None:
    """It remembers the file from the first time, is warm, and knows of no fold by another."""
    made = tally_file(tmp_path / "made.anki2", "outside")
    put_by_hand(stores.base, KEY, made)
    storage, other = open_storage(stores), open_storage(stores)
    storage.on_fold_due(lambda _: None)
    storage.transact("ada", add("folded"))
    (storage if folder == "the same container" else other).fold("ada")
    put_by_hand(stores.base, KEY, made)
    storage.transact("ada", add("unfolded"))
    storage.fold("ada")
    for container in (storage, open_storage(stores)):
        assert container.read("ada", names) == {"outside": 1}


def test_where_the_replaced_file_is_gone_the_unfolded_commits_are_kept_as_they_are(
    any_stores: Stores, open_storage: OpenStorage, tmp_path: Path
) -> None:
    storage = open_storage(any_stores)
    storage.on_fold_due(lambda _: None)
    put_by_hand(any_stores.base, KEY, tally_file(tmp_path / "made.anki2", "first"))
    storage.transact("ada", add("unfolded"))
    any_stores.base.delete(KEY)
    put_by_hand(any_stores.base, KEY, tally_file(tmp_path / "made.anki2", "second"))
    entries = any_stores.log.entries("ada#")
    assert open_storage(any_stores).read("ada", names) == {"second": 1}
    (key,) = any_stores.base.keys(CONFLICTS)
    kept = any_stores.base.get(key)
    assert key == f"{Owner('ada').conflict_key(2)}.segments"
    assert kept
    assert msgspec.msgpack.decode(kept.data, type=list[LogEntry]) == entries


def test_a_container_that_has_the_state_at_hand_keeps_it_though_the_replaced_file_is_gone(
    stores: Stores, storage: CollectionStorage, tmp_path: Path
) -> None:
    storage.transact("ada", add("unfolded"))
    image = storage.image("ada")
    stores.base.delete(KEY)
    put_by_hand(stores.base, KEY, tally_file(tmp_path / "made.anki2", "outside"))
    storage.fold("ada")
    assert storage.read("ada", names) == {"outside": 1}
    (key,) = stores.base.keys(CONFLICTS)
    kept = stores.base.get(key)
    assert kept
    assert kept.data == image


def test_an_older_folded_file_put_back_with_its_metadata_brings_nothing_back_and_loses_nothing(
    base: MemoryBaseStore, stores: Stores, storage: CollectionStorage, open_storage: OpenStorage
) -> None:
    """Its commits follow it in the log: to restore an older state is a replacement."""
    storage.transact("ada", add("one"))
    storage.fold("ada")
    older = base.objects[KEY]
    storage.transact("ada", add("two"))
    storage.fold("ada")
    storage.transact("ada", add("three"))
    base.place(KEY, older.data, older.metadata)
    for container in (storage, open_storage(stores)):
        assert container.read("ada", names) == {"one": 1, "two": 1, "three": 1}
    storage.fold("ada")
    version = BaseVersion.of(base.objects[KEY])
    assert version
    assert version.seq == 3


def test_a_file_too_old_for_the_log_put_back_with_its_metadata_is_refused(
    open_storage: OpenStorage,
) -> None:
    base = MemoryBaseStore()
    stores = Stores(base, MemoryCommitLog(slots=4))
    storage = open_storage(stores)
    storage.create("ada", build)
    older = base.objects[KEY]
    for n in range(9):
        storage.transact("ada", add(str(n)))
    base.place(KEY, older.data, older.metadata)
    with pytest.raises(StorageUnavailableError, match="do not fit"):
        open_storage(stores).read("ada", names)
    assert base.objects[KEY] == older
    storage.fold("ada")
    assert len(open_storage(stores).read("ada", names)) == 9, "a warm container mends it"
