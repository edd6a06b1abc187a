"""What a request costs that finds its collection at hand, and what it costs to catch up."""

import sqlite3
from collections.abc import Callable

import pytest

from chalicelib.storage import CollectionStorage
from tests.storage.conftest import OpenStorage, Stores
from tests.storage.memory import MemoryBaseStore
from tests.storage.memory_log import MemoryCommitLog
from tests.storage.tally import add, build, names
from tests.storage.watch import READS, Watch

Use = Callable[[CollectionStorage], object]


class OwnError(Exception):
    pass


def fail(conn: sqlite3.Connection) -> None:
    add("failed")(conn)
    raise OwnError


def undo_itself(conn: sqlite3.Connection) -> None:
    conn.execute("SAVEPOINT s")
    add("undone")(conn)
    conn.execute("ROLLBACK TO s")


NO_CHANGES: dict[str, Callable[[sqlite3.Connection], object]] = {
    "only reads": names,
    "deletes nothing": lambda conn: conn.execute("DELETE FROM one WHERE name = 'nobody'").rowcount,
    "sets what is there": lambda conn: conn.execute("UPDATE one SET name = name").rowcount,
    "undoes itself": undo_itself,
    "makes a temporary table": lambda conn: conn.execute("CREATE TEMP TABLE t (x)").rowcount,
}


def test_a_warm_change_is_one_append_and_a_warm_reading_one_look_at_the_log(
    any_stores: Stores, open_storage: OpenStorage
) -> None:
    watch = Watch(any_stores)
    storage = open_storage(watch.stores)
    storage.create("ada", build)
    storage.transact("ada", add("first"))
    assert watch.since(lambda: storage.transact("ada", add("one"))) == ["append"]
    assert watch.since(lambda: storage.read("ada", names)) == ["following"]
    assert watch.since(lambda: storage.image("ada")) == ["following"]


@pytest.mark.parametrize("fn", NO_CHANGES.values(), ids=NO_CHANGES)
def test_a_transaction_that_changes_nothing_is_one_look_at_the_log_and_writes_nothing(
    stores: Stores, open_storage: OpenStorage, fn: Callable[[sqlite3.Connection], object]
) -> None:
    watch = Watch(stores)
    storage = open_storage(watch.stores)
    storage.create("ada", build)
    storage.transact("ada", add("one"))
    assert watch.since(lambda: storage.transact("ada", fn)) == ["following"]


def test_a_transaction_that_fails_is_one_look_at_the_log_and_writes_nothing(
    stores: Stores, open_storage: OpenStorage
) -> None:
    watch = Watch(stores)
    storage = open_storage(watch.stores)
    storage.create("ada", build)
    storage.transact("ada", add("one"))

    def failing() -> None:
        with pytest.raises(OwnError):
            storage.transact("ada", fail)

    assert watch.since(failing) == ["following"]
    assert storage.read("ada", names) == {"one": 1}


READINGS: dict[str, Use] = {
    "read": lambda storage: storage.read("ada", names),
    "image": lambda storage: storage.image("ada"),
    "exists": lambda storage: storage.exists("ada"),
    "inspect": lambda storage: storage.inspect("ada"),
    "clean up": lambda storage: storage.clean_up(),
}


@pytest.mark.parametrize("use", READINGS.values(), ids=READINGS)
@pytest.mark.parametrize("state", ["warm", "behind", "cold"])
def test_a_request_that_only_reads_writes_nothing(
    stores: Stores, storage: CollectionStorage, open_storage: OpenStorage, use: Use, state: str
) -> None:
    watch = Watch(stores)
    reader = open_storage(watch.stores)
    if state != "cold":
        reader.read("ada", names)
    if state != "warm":
        storage.transact("ada", add("elsewhere"))
    assert set(watch.since(lambda: use(reader))) <= READS


def test_of_fifty_uses_in_a_row_only_the_first_downloads(
    stores: Stores, open_storage: OpenStorage
) -> None:
    open_storage(stores).create("ada", build)
    watch = Watch(stores)
    storage = open_storage(watch.stores)
    for n in range(25):
        storage.transact("ada", add(str(n)))
        storage.read("ada", names)
    assert watch.calls.count("download") == 1


def test_a_container_that_is_behind_catches_up_without_a_download(
    any_stores: Stores, open_storage: OpenStorage
) -> None:
    """By fewer commits than one look tells of, and by more."""
    watch = Watch(any_stores)
    ahead, behind = open_storage(any_stores), open_storage(watch.stores)
    ahead.create("ada", build)
    behind.read("ada", names)
    for commits, looks in ((1, 1), (7, 1), (20, 3)):
        for _ in range(commits):
            ahead.transact("ada", add("one"))
        assert watch.since(lambda: behind.read("ada", names)) == ["following"] * looks
        assert behind.image("ada") == ahead.image("ada")


def test_a_container_that_is_behind_by_more_than_the_ring_holds_opens_again(
    open_storage: OpenStorage,
) -> None:
    stores = Stores(MemoryBaseStore(), MemoryCommitLog(slots=4))
    watch = Watch(stores)
    ahead, behind = open_storage(stores), open_storage(watch.stores)
    ahead.create("ada", build)
    behind.transact("ada", add("before"))
    for n in range(11):
        ahead.transact("ada", add(str(n)))
        if n in (3, 4, 10):
            assert behind.image("ada") == ahead.image("ada")
    assert watch.calls.count("download") > 1
