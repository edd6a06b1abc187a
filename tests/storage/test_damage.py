"""What is stored and is not whole: refused, told as an outage, and never written over."""

import os
import sqlite3
from collections.abc import Callable

import msgspec
import pytest

from chalicelib.errors import StorageUnavailableError
from chalicelib.storage import CollectionStorage, LockedS3SQLiteConnection
from chalicelib.storage.ports import LogEntry
from chalicelib.storage.segments import Segment, decode_segment, encode_segment
from tests.storage.by_hand import KEY, put_by_hand
from tests.storage.conftest import OpenStorage, Stores
from tests.storage.memory import MemoryBaseStore
from tests.storage.memory_log import MemoryCommitLog
from tests.storage.tally import add, build, names
from tests.storage.texts import incompressible
from tests.storage.watch import WRITES, Watch

BROKEN: dict[str, Callable[[bytes], bytes]] = {
    "empty": lambda image: b"",
    "text": lambda image: b"<html>not a database</html>" * 200,
    "cut in a page": lambda image: image[:-100],
    "cut in a page, by another program": lambda image: image[:24] + b"\0\0\0\xff" + image[28:-100],
    "cut at a page": lambda image: image[:-4096],
    "header only": lambda image: image[:100],
    "first bytes lost": lambda image: image[16:],
    "odd page size": lambda image: image[:16] + b"\x0f\xff" + image[18:],
}


def refused(storage: CollectionStorage) -> None:
    """No use of the collection gets anywhere."""
    uses: list[Callable[[], object]] = [
        lambda: storage.read("ada", names),
        lambda: storage.transact("ada", add("mine")),
        lambda: storage.image("ada"),
        lambda: storage.fold("ada"),
        lambda: LockedS3SQLiteConnection("ada", storage).__enter__(),
    ]
    for use in uses:
        with pytest.raises(StorageUnavailableError):
            use()


@pytest.mark.parametrize("ours", [True, False], ids=["our metadata", "by hand"])
@pytest.mark.parametrize("broken", BROKEN.values(), ids=BROKEN)
def test_what_is_not_a_whole_database_is_refused_and_never_written_over(
    base: MemoryBaseStore,
    stores: Stores,
    storage: CollectionStorage,
    open_storage: OpenStorage,
    broken: Callable[[bytes], bytes],
    ours: bool,
) -> None:
    storage.transact("ada", add("one"))
    storage.fold("ada")
    base.place(KEY, broken(storage.image("ada")), base.objects[KEY].metadata if ours else {})
    stored, watch = base.objects[KEY], Watch(stores)
    cold = open_storage(watch.stores)
    refused(cold)
    assert not cold.create("ada", build)
    assert base.objects[KEY] == stored
    assert WRITES.isdisjoint(watch.calls)


def test_a_damaged_file_put_in_place_leaves_the_unfolded_commits_alone(
    stores: Stores, open_storage: OpenStorage
) -> None:
    storage = open_storage(stores)
    storage.create("ada", build)
    storage.transact("ada", add("unfolded"))
    entries = stores.log.entries("ada#")
    image = storage.image("ada")
    put_by_hand(stores.base, KEY, image[:4096] + bytes(4096) + image[8192:])
    refused(open_storage(stores))
    assert stores.log.entries("ada#") == entries
    assert storage.read("ada", names) == {"unfolded": 1}, "a warm container goes on"
    put_by_hand(stores.base, KEY, image)
    assert open_storage(stores).read("ada", names) == {"unfolded": 1}


def test_damage_found_only_while_working_is_an_outage_and_stores_nothing(
    base: MemoryBaseStore, stores: Stores, storage: CollectionStorage, open_storage: OpenStorage
) -> None:
    """The metadata says that an engine stored these bytes, so they are not looked through."""
    stored = base.objects[KEY]
    data = stored.data[:4096] + os.urandom(len(stored.data) - 4096)
    base.place(KEY, data, stored.metadata)
    damaged, watch = base.objects[KEY], Watch(stores)
    cold = open_storage(watch.stores)
    for use in (cold.transact, cold.read):
        with pytest.raises(StorageUnavailableError):
            use("ada", names)
    assert base.objects[KEY] == damaged
    assert WRITES.isdisjoint(watch.calls)


@pytest.mark.parametrize("folded", [True, False])
def test_a_base_file_that_was_deleted_by_hand_is_never_made_again(
    any_stores: Stores, open_storage: OpenStorage, folded: bool
) -> None:
    storage = open_storage(any_stores)
    storage.create("ada", build)
    storage.transact("ada", add("one"))
    if folded:
        storage.fold("ada")
    any_stores.base.delete(KEY)
    watch = Watch(any_stores)
    cold = open_storage(watch.stores)
    refused(cold)
    with pytest.raises(StorageUnavailableError):
        cold.create("ada", build)
    assert WRITES.isdisjoint(watch.calls)
    assert any_stores.base.head(KEY) is None


def test_a_base_file_that_was_deleted_comes_back_with_its_file(
    base: MemoryBaseStore, stores: Stores, storage: CollectionStorage, open_storage: OpenStorage
) -> None:
    storage.transact("ada", add("one"))
    stored = base.objects[KEY]
    base.delete(KEY)
    storage.transact("ada", add("two"))
    refused(open_storage(stores))
    base.place(KEY, stored.data, stored.metadata)
    assert open_storage(stores).read("ada", names) == {"one": 1, "two": 1}


def spoil(log: MemoryCommitLog, seq: int, change: Callable[[Segment], bytes]) -> None:
    """Change a commit behind the engine's back."""
    held = log.rings["ada#"]
    entry = held[seq]
    held[seq] = LogEntry(seq, entry.tx, change(decode_segment(entry.segment)))


def flipped(segment: Segment) -> bytes:
    """Other content, of which only the checksum tells."""
    return encode_segment(msgspec.structs.replace(segment, checksum=segment.checksum ^ 1))


SPOILT: dict[str, Callable[[Segment], bytes]] = {
    "checksum": flipped,
    "cut off": lambda segment: encode_segment(segment)[:-20],
    "empty": lambda _: b"",
    "of a newer service": lambda segment: encode_segment(
        msgspec.structs.replace(segment, version=segment.version + 1)
    ),
    "other page size": lambda segment: encode_segment(
        msgspec.structs.replace(segment, page_size=8192)
    ),
    "without its pages": lambda segment: encode_segment(msgspec.structs.replace(segment, parts={})),
    "shorter": lambda segment: encode_segment(
        msgspec.structs.replace(segment, page_count=segment.page_count - 1)
    ),
}


@pytest.mark.parametrize("change", SPOILT.values(), ids=SPOILT)
def test_a_commit_that_is_not_as_it_was_made_is_not_applied(
    stores: Stores,
    storage: CollectionStorage,
    open_storage: OpenStorage,
    log: MemoryCommitLog,
    change: Callable[[Segment], bytes],
) -> None:
    """Neither by a container that is behind nor by one that opens; who has the state mends it."""
    behind = open_storage(stores)
    storage.transact("ada", add("zero"))
    behind.read("ada", names)
    storage.transact("ada", add("one"))
    good = log.rings["ada#"][2]
    spoil(log, 2, change)
    for container in (behind, open_storage(stores)):
        refused(container)
    log.rings["ada#"][2] = good
    for container in (behind, open_storage(stores)):
        assert container.read("ada", names) == {"zero": 1, "one": 1}


def test_a_commit_that_is_missing_in_the_middle_is_not_passed_over(
    stores: Stores, storage: CollectionStorage, open_storage: OpenStorage, log: MemoryCommitLog
) -> None:
    """Nor where what follows is told whole, and not as a difference to it."""
    behind = open_storage(stores)
    behind.read("ada", names)
    storage.on_fold_due(lambda _: None)
    for name in ("first", "missing", incompressible(4_000_000)):
        storage.transact("ada", add(name))
    del log.rings["ada#"][2]
    for container in (behind, open_storage(stores)):
        with pytest.raises(StorageUnavailableError):
            container.read("ada", names)
    storage.fold("ada")
    for container in (behind, open_storage(stores)):
        assert container.read("ada", names) == storage.read("ada", names)


def test_a_log_that_was_lost_is_begun_anew_after_the_base_file(
    stores: Stores, storage: CollectionStorage, open_storage: OpenStorage, log: MemoryCommitLog
) -> None:
    """The table was restored empty: what was folded is there, and the next commit follows it."""
    storage.transact("ada", add("folded"))
    storage.fold("ada")
    log.rings.clear()
    cold = open_storage(stores)
    assert cold.read("ada", names) == {"folded": 1}
    cold.transact("ada", add("next"))
    for container in (storage, open_storage(stores)):
        assert container.read("ada", names) == {"folded": 1, "next": 1}


def test_own_state_that_the_log_does_not_confirm_is_given_up(
    stores: Stores, storage: CollectionStorage, open_storage: OpenStorage, log: MemoryCommitLog
) -> None:
    """The log was set back to before a commit, and went on from there by another way."""
    storage.transact("ada", add("common"))
    before = dict(log.rings["ada#"])
    storage.transact("ada", add("abandoned"))
    log.rings["ada#"] = before
    open_storage(stores).transact("ada", add("other way"))
    assert storage.read("ada", names) == {"common": 1, "other way": 1}


def test_nothing_is_stored_of_what_a_damaged_state_would_give(
    stores: Stores, storage: CollectionStorage, log: MemoryCommitLog
) -> None:
    def damage(conn: sqlite3.Connection) -> None:
        add("one")(conn)
        error = sqlite3.DatabaseError("database disk image is malformed")
        error.sqlite_errorcode = sqlite3.SQLITE_CORRUPT
        raise error

    with pytest.raises(StorageUnavailableError):
        storage.transact("ada", damage)
    assert log.rings == {}
    assert storage.read("ada", names) == {}
