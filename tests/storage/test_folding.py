"""Folding: when it is asked for, when it must be, and what it makes of the base file."""

import random
from pathlib import Path

import pytest

from chalicelib.errors import NotFoundError, StorageUnavailableError
from chalicelib.storage import CollectionStorage, LockedS3SQLiteConnection, Owner
from tests.storage.by_hand import KEY, put_by_hand, run_on, tally_file
from tests.storage.conftest import OpenStorage, Stores
from tests.storage.folds import base_seq, commit_some, never
from tests.storage.memory import Fault, MemoryBaseStore
from tests.storage.memory_log import MemoryCommitLog
from tests.storage.tally import add, build, names
from tests.storage.texts import incompressible
from tests.storage.watch import WRITES, Watch


@pytest.fixture
def asked(storage: CollectionStorage) -> list[Owner]:
    """Whom the storage asked to have folded; nobody does it."""
    asked: list[Owner] = []
    storage.on_fold_due(asked.append)
    return asked


def test_a_fold_is_asked_for_after_64_commits_and_while_it_fails_every_16_more(
    storage: CollectionStorage, asked: list[Owner]
) -> None:
    times: list[int] = []
    for n in range(1, 121):
        storage.transact("ada", add("one"))
        if len(asked) > len(times):
            times.append(n)
    assert times == [64, 80, 96, 112]
    assert set(asked) == {Owner("ada")}


def test_changes_through_connections_count_like_others(
    storage: CollectionStorage, asked: list[Owner]
) -> None:
    for _ in range(66):
        with LockedS3SQLiteConnection("ada", storage) as conn:
            add("one")(conn)
    assert asked == [Owner("ada")]


def test_after_a_fold_the_next_one_is_due_64_commits_later(
    storage: CollectionStorage, asked: list[Owner]
) -> None:
    commit_some(storage, 70)
    storage.fold("ada")
    commit_some(storage, 63)
    assert len(asked) == 1
    commit_some(storage, 1)
    assert len(asked) == 2


def test_a_fold_by_another_container_is_learnt_from_its_commits(
    stores: Stores, storage: CollectionStorage, asked: list[Owner], open_storage: OpenStorage
) -> None:
    elsewhere = open_storage(stores)
    commit_some(storage, 60)
    elsewhere.fold("ada")
    elsewhere.transact("ada", add("elsewhere"))
    commit_some(storage, 62)
    assert asked == []
    commit_some(storage, 1)
    assert asked == [Owner("ada")]


def test_a_fold_is_asked_for_after_64_kb_of_commits(
    log: MemoryCommitLog, storage: CollectionStorage, asked: list[Owner]
) -> None:
    commits = 0
    while not asked:
        storage.transact("ada", add(incompressible(4000, commits)))
        commits += 1
    sizes = [len(entry.segment) for entry in log.entries("ada#")]
    assert sum(sizes) >= 64 * 1024 > sum(sizes[:-1])
    storage.fold("ada")
    commit_some(storage, 10)
    assert len(asked) == 1


def test_over_a_foreign_file_a_fold_is_asked_for_at_once(
    stores: Stores, open_storage: OpenStorage, tmp_path: Path
) -> None:
    put_by_hand(stores.base, KEY, tally_file(tmp_path / "made.anki2", "theirs"))
    storage, asked = open_storage(stores), list[Owner]()
    storage.on_fold_due(asked.append)
    storage.transact("ada", add("ours"))
    assert asked == [Owner("ada")]
    storage.fold("ada")
    commit_some(storage, 20)
    assert asked == [Owner("ada")]


def test_small_changes_of_others_count_as_well(
    stores: Stores, storage: CollectionStorage, asked: list[Owner], open_storage: OpenStorage
) -> None:
    commit_some(open_storage(stores), 63)
    assert asked == []
    storage.transact("ada", add("one"))
    assert asked == [Owner("ada")]


def test_a_new_container_knows_how_much_is_unfolded(
    stores: Stores, storage: CollectionStorage, asked: list[Owner], open_storage: OpenStorage
) -> None:
    commit_some(storage, 63)
    fresh = open_storage(stores)
    fresh.on_fold_due(asked.append)
    fresh.transact("ada", add("one"))
    assert asked == [Owner("ada")]


def test_a_fold_asked_for_soon_is_the_same_request(
    storage: CollectionStorage, asked: list[Owner]
) -> None:
    storage.fold_soon("ada")
    assert asked == [Owner("ada")]


def test_where_nobody_else_does_it_the_fold_is_done_at_once(
    stores: Stores, open_storage: OpenStorage
) -> None:
    storage = open_storage(stores)
    storage.create("ada", build)
    commit_some(storage, 65)
    assert base_seq(stores.base) == 64
    assert open_storage(stores).read("ada", names) == {"one": 65}


@pytest.mark.parametrize("fault", [Fault.OUTAGE, Fault.LOST_REQUEST, Fault.LATE])
@pytest.mark.parametrize("method", ["head", "put", "following"])
def test_a_fold_that_fails_after_a_commit_does_not_fail_the_request(
    stores: Stores, open_storage: OpenStorage, method: str, fault: Fault
) -> None:
    watch = Watch(stores)
    storage = open_storage(watch.stores)
    storage.create("ada", build)
    watch.plan = lambda called: fault if called == method else None
    commit_some(storage, 64)
    watch.plan = lambda _: None
    assert storage.read("ada", names) == {"one": 64}
    commit_some(storage, 16)
    assert base_seq(stores.base) == 80


def test_the_folded_file_is_a_plain_complete_file_and_the_image_of_its_state(
    any_stores: Stores, open_storage: OpenStorage, tmp_path: Path
) -> None:
    storage = open_storage(any_stores)
    storage.create("ada", build)
    for seq in range(1, 4):
        storage.transact("ada", add(incompressible(10_000, seq)))
        storage.transact("ada", add("one"))
        assert storage.fold("ada") == 2 * seq
        stored = any_stores.base.get(KEY)
        assert stored
        assert stored.data[18:20] == b"\x01\x01"
        assert stored.data[24:28] == stored.data[92:96] == (2 * seq).to_bytes(4, "big")
        assert stored.data == storage.image("ada") == open_storage(any_stores).image("ada")
        assert run_on(tmp_path / "opened.anki2", stored.data, names) == storage.read("ada", names)


def test_every_fold_has_bytes_of_its_own(stores: Stores, storage: CollectionStorage) -> None:
    """So that no state is taken for an earlier one with the same rows."""
    etags = set()
    for _ in range(3):
        storage.transact("ada", add("one"))
        storage.transact("ada", lambda conn: conn.execute("DELETE FROM one") and 1)
        storage.transact("ada", lambda conn: conn.execute("DELETE FROM two") and 1)
        storage.fold("ada")
        head = stores.base.head(KEY)
        assert head
        etags.add(head.etag)
    assert len(etags) == 3


def test_a_fold_of_what_is_folded_writes_nothing(
    stores: Stores, storage: CollectionStorage, open_storage: OpenStorage
) -> None:
    commit_some(storage, 3)
    assert storage.fold("ada") == 3
    watch = Watch(stores)
    elsewhere = open_storage(watch.stores)
    assert elsewhere.fold("ada") == 3
    assert elsewhere.fold("ada") == 3
    assert WRITES.isdisjoint(watch.calls)


def test_a_fold_is_of_all_that_is_committed_wherever_it_was(
    stores: Stores, open_storage: OpenStorage
) -> None:
    storage, folder = open_storage(stores), open_storage(stores)
    storage.create("ada", build)
    folder.read("ada", names)
    commit_some(storage, 3)
    assert folder.fold("ada") == 3
    assert base_seq(stores.base) == 3


SLOTS = 4


@pytest.fixture
def small() -> Stores:
    """Stores whose rings have four slots."""
    return Stores(MemoryBaseStore(), MemoryCommitLog(slots=SLOTS))


def test_before_the_ring_laps_what_would_be_overwritten_is_folded(
    small: Stores, open_storage: OpenStorage
) -> None:
    watch = Watch(small)
    storages = [open_storage(watch.stores) for _ in range(2)]
    storages[0].create("ada", build)
    for storage in storages:
        storage.on_fold_due(never)
    dice = random.Random(1)
    for seq in range(1, 60):
        dice.choice(storages).transact("ada", add("one"))
        assert base_seq(small.base) >= seq - SLOTS
        assert open_storage(small).read("ada", names) == {"one": seq}
    assert watch.calls.count("put") <= 1 + 60 / SLOTS * 2, "and not more often than needed"


@pytest.mark.parametrize("method", ["head", "put"])
def test_where_the_mandatory_fold_fails_nothing_is_overwritten(
    small: Stores, open_storage: OpenStorage, method: str
) -> None:
    watch = Watch(small)
    storage = open_storage(watch.stores)
    storage.create("ada", build)
    storage.on_fold_due(never)
    commit_some(storage, SLOTS)
    watch.plan = lambda called: Fault.OUTAGE if called == method else None
    with pytest.raises(StorageUnavailableError):
        storage.transact("ada", add("one"))
    with pytest.raises(StorageUnavailableError), LockedS3SQLiteConnection("ada", storage):
        pass
    assert open_storage(small).read("ada", names) == {"one": SLOTS}
    watch.plan = lambda _: None
    storage.transact("ada", add("one"))
    assert open_storage(small).read("ada", names) == {"one": SLOTS + 1}


def test_every_kind_of_change_makes_room_first(
    small: Stores, open_storage: OpenStorage, tmp_path: Path
) -> None:
    storage = open_storage(small)
    storage.create("ada", build)
    storage.on_fold_due(never)
    image = tmp_path / "image.anki2"
    for n in range(1, 20):
        commit_some(storage, SLOTS - 1)
        with LockedS3SQLiteConnection("ada", storage) as conn:
            add("one")(conn)
        image.write_bytes(storage.image("ada"))
        storage.replace("ada", image)
        assert base_seq(small.base) >= n * (SLOTS + 1) - SLOTS
        assert open_storage(small).read("ada", names) == {"one": n * SLOTS}


def test_a_stale_container_folds_nothing_older_over_what_is_there(
    small: Stores, open_storage: OpenStorage
) -> None:
    """It has to make room for a change, and does not know that others did."""
    storage, stale = open_storage(small), open_storage(small)
    storage.create("ada", build)
    for each in (storage, stale):
        each.on_fold_due(never)
    commit_some(stale, SLOTS)
    commit_some(storage, 3 * SLOTS)
    before = base_seq(small.base)
    stale.transact("ada", add("one"))
    assert base_seq(small.base) >= before
    assert open_storage(small).read("ada", names) == {"one": 4 * SLOTS + 1}


def test_an_adopted_base_file_is_folded_over_as_ours(
    stores: Stores, open_storage: OpenStorage, tmp_path: Path
) -> None:
    put_by_hand(stores.base, KEY, tally_file(tmp_path / "made.anki2", "theirs"))
    storage = open_storage(stores)
    storage.on_fold_due(lambda _: None)
    storage.transact("ada", add("ours"))
    assert storage.fold("ada") == 2
    assert base_seq(stores.base) == 2
    for container in (storage, open_storage(stores)):
        assert container.read("ada", names) == {"theirs": 1, "ours": 1}
        container.transact("ada", add("ours"))
        container.transact("ada", lambda conn: conn.execute("DELETE FROM one") and 1)
        container.transact("ada", lambda conn: conn.execute("DELETE FROM two") and 1)
        container.transact("ada", add("theirs"))
        container.transact("ada", add("ours"))


def test_there_is_nothing_to_fold_where_there_is_no_collection(storage: CollectionStorage) -> None:
    with pytest.raises(NotFoundError):
        storage.fold("bob")
