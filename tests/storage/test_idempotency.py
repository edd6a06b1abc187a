"""A request sent again with its key: its first outcome once more, and no second change."""

import sqlite3
from functools import partial
from pathlib import Path
from threading import Barrier, Event

import pytest

from chalicelib.errors import IdempotencyKeyReusedError
from chalicelib.storage import CollectionStorage, Request
from chalicelib.storage.ports import LogEntry
from tests.storage.conftest import OpenStorage, Stores
from tests.storage.memory import MemoryBaseStore
from tests.storage.memory_log import MemoryCommitLog
from tests.storage.tally import add, build, names
from tests.storage.texts import incompressible
from tests.storage.threads import run_together
from tests.storage.watch import Place, Watch, acting_at

REQUEST = Request("key", b"digest")


def add_counting(conn: sqlite3.Connection) -> dict[str, object]:
    """Each outcome differs from those of other states."""
    add("mine")(conn)
    return {"count": sum(names(conn).values()), "list": [1.5, None, True, "ä"], "empty": {}}


FIRST = {"count": 1, "list": [1.5, None, True, "ä"], "empty": {}}


def test_a_request_sent_again_gives_its_first_outcome_wherever_it_arrives(
    any_stores: Stores, open_storage: OpenStorage
) -> None:
    here, elsewhere = open_storage(any_stores), open_storage(any_stores)
    here.create("ada", build)
    elsewhere.read("ada", names)
    assert here.transact("ada", add_counting, REQUEST) == FIRST
    here.transact("ada", add("another"))
    for container in (here, elsewhere, open_storage(any_stores)):
        assert container.transact("ada", add_counting, REQUEST) == FIRST
    assert here.read("ada", names) == {"mine": 1, "another": 1}


class OvertakenEntries(MemoryCommitLog):
    """Tells when it has read a ring for the first time, before its answer arrives."""

    def __init__(self) -> None:
        super().__init__()
        self.read = Event()

    def entries(self, ring: str) -> list[LogEntry]:
        found = super().entries(ring)
        self.read.set()
        return found


def test_an_outcome_that_is_folded_during_an_opening_is_known_to_it(
    base: MemoryBaseStore, open_storage: OpenStorage
) -> None:
    """The ring was read before the commit, and the base file is downloaded after its fold."""
    log = OvertakenEntries()
    stores = Stores(base, log)
    storage = open_storage(stores)
    storage.create("ada", build)
    storage.read("ada", names)
    log.read.clear()

    def commit_and_fold() -> None:
        assert log.read.wait(30)
        storage.transact("ada", add_counting, REQUEST)
        storage.fold("ada")

    watch = Watch(stores, acting_at(Place("download", 0), commit_and_fold))
    assert open_storage(watch.stores).transact("ada", add_counting, REQUEST) == FIRST
    assert storage.read("ada", names) == {"mine": 1}


def test_a_warm_container_that_knows_the_outcome_asks_nobody(
    stores: Stores, open_storage: OpenStorage
) -> None:
    watch = Watch(stores)
    storage = open_storage(watch.stores)
    storage.create("ada", build)
    storage.transact("ada", add_counting, REQUEST)
    assert watch.since(lambda: storage.transact("ada", add_counting, REQUEST)) == []


def test_an_outcome_outlives_a_fold_of_its_commit(
    stores: Stores, open_storage: OpenStorage
) -> None:
    storage = open_storage(stores)
    storage.create("ada", build)
    storage.transact("ada", add_counting, REQUEST)
    assert storage.fold("ada") == 1
    for container in (storage, open_storage(stores)):
        assert container.transact("ada", add_counting, REQUEST) == FIRST
    assert storage.read("ada", names) == {"mine": 1}


@pytest.mark.parametrize("answer", ["small", "spilled"])
def test_an_outcome_is_known_for_a_hundred_later_changes(
    stores: Stores, storage: CollectionStorage, open_storage: OpenStorage, answer: str
) -> None:
    """In every container: the one that made it, one that followed, one that slept, a new one."""
    large = incompressible(250_000 if answer == "spilled" else 10)

    def change(conn: sqlite3.Connection) -> str:
        add("mine")(conn)
        return large

    following, sleeping = open_storage(stores), open_storage(stores)
    storage.transact("ada", change, REQUEST)
    sleeping.read("ada", names)
    for n in range(100):
        (storage if n % 2 else following).transact("ada", add("later"), Request(f"{n}", b""))
    storage.sweep()
    for container in (storage, following, sleeping, open_storage(stores)):
        assert container.transact("ada", change, REQUEST) == large
    assert storage.read("ada", names) == {"mine": 1, "later": 100}


def test_a_container_that_slept_for_a_lap_does_not_stumble_over_what_is_gone(
    base: MemoryBaseStore, open_storage: OpenStorage
) -> None:
    """The ring has forgotten the request, so it is a new one."""
    stores = Stores(base, MemoryCommitLog(slots=4))
    large = incompressible(250_000)

    def change(conn: sqlite3.Connection) -> str:
        add("mine")(conn)
        return large

    awake, sleeping = open_storage(stores), open_storage(stores)
    awake.create("ada", build)
    sleeping.transact("ada", change, REQUEST)
    for _ in range(6):
        awake.transact("ada", add("later"))
    awake.fold("ada")
    assert sleeping.transact("ada", change, REQUEST) == large


def test_a_key_that_the_log_has_forgotten_is_free_again_everywhere(
    base: MemoryBaseStore, open_storage: OpenStorage
) -> None:
    stores = Stores(base, MemoryCommitLog(slots=4))
    storage = open_storage(stores)
    storage.create("ada", build)
    for n, container in enumerate((storage, storage, open_storage(stores))):
        assert container.transact("ada", add(f"use {n}"), Request("key", b"%d" % n))
        for _ in range(5):
            storage.transact("ada", add("later"))
    assert storage.read("ada", names) == {"use 0": 1, "use 1": 1, "use 2": 1, "later": 15}


def test_another_request_with_the_same_key_is_refused_and_changes_nothing(
    stores: Stores, open_storage: OpenStorage
) -> None:
    storage = open_storage(stores)
    storage.create("ada", build)
    storage.transact("ada", add("first"), REQUEST)
    other = Request("key", b"other digest")
    for container in (storage, open_storage(stores)):
        with pytest.raises(IdempotencyKeyReusedError):
            container.transact("ada", add("second"), other)
    assert storage.read("ada", names) == {"first": 1}


def test_keys_of_different_people_have_nothing_to_do_with_each_other(
    storage: CollectionStorage,
) -> None:
    storage.create("bob", build)
    assert storage.transact("ada", add("ada's"), REQUEST) == "ada's"
    assert storage.transact("bob", add("bob's"), Request("key", b"other")) == "bob's"


def test_a_request_sent_twice_at_once_through_two_containers_is_one_change(
    any_stores: Stores, open_storage: OpenStorage
) -> None:
    """Both run on the same state; the loser meets the winner's commit and gives its answer."""
    first, second = open_storage(any_stores), open_storage(any_stores)
    first.create("ada", build)
    answers: list[object] = []

    def overtaken(conn: sqlite3.Connection) -> dict[str, object]:
        if not answers:
            answers.append(second.transact("ada", add_counting, REQUEST))
        return add_counting(conn)

    answers.append(first.transact("ada", overtaken, REQUEST))
    assert answers == [FIRST, FIRST]
    assert first.read("ada", names) == second.read("ada", names) == {"mine": 1}


def test_a_request_sent_by_many_threads_at_once_is_one_change(
    any_stores: Stores, open_storage: OpenStorage
) -> None:
    """Two of them in each container."""
    storages = [open_storage(any_stores) for _ in range(4)]
    storages[0].create("ada", build)
    together = Barrier(8, timeout=30)
    answers = []

    def send(storage: CollectionStorage) -> None:
        together.wait()
        answers.append(storage.transact("ada", add_counting, REQUEST))

    run_together([partial(send, storages[n % 4]) for n in range(8)])
    assert answers == [FIRST] * 8
    assert open_storage(any_stores).read("ada", names) == {"mine": 1}


def test_different_requests_with_one_key_at_once_are_one_change_and_one_refusal(
    stores: Stores, storage: CollectionStorage, open_storage: OpenStorage
) -> None:
    rival = open_storage(stores)
    watch = Watch(stores)
    storage = open_storage(watch.stores)
    storage.read("ada", names)
    watch.plan = acting_at(
        Place("append", 0), lambda: rival.transact("ada", add("rival"), Request("key", b"other"))
    )
    with pytest.raises(IdempotencyKeyReusedError):
        storage.transact("ada", add("mine"), REQUEST)
    assert storage.read("ada", names) == {"rival": 1}


def test_the_key_of_a_request_that_failed_can_be_used_again(
    stores: Stores, open_storage: OpenStorage
) -> None:
    storage = open_storage(stores)
    storage.create("ada", build)

    def fail(conn: sqlite3.Connection) -> str:
        add("failed")(conn)
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        storage.transact("ada", fail, REQUEST)
    assert storage.transact("ada", add("mine"), Request("key", b"other digest")) == "mine"
    assert storage.read("ada", names) == {"mine": 1}


def test_an_answer_that_is_no_json_is_refused_before_anything_is_written(
    stores: Stores, open_storage: OpenStorage
) -> None:
    watch = Watch(stores)
    storage = open_storage(watch.stores)
    storage.create("ada", build)
    watch.calls.clear()

    def change(conn: sqlite3.Connection) -> object:
        add("mine")(conn)
        return object()

    with pytest.raises(TypeError):
        storage.transact("ada", change, REQUEST)
    assert "append" not in watch.calls
    assert storage.read("ada", names) == {}


def test_an_outcome_outlives_a_file_put_in_place_and_a_replacement(
    storage: CollectionStorage, stores: Stores, open_storage: OpenStorage, tmp_path: Path
) -> None:
    image = tmp_path / "image.anki2"
    image.write_bytes(storage.image("ada"))
    storage.transact("ada", add_counting, REQUEST)
    storage.replace("ada", image)
    for container in (storage, open_storage(stores)):
        assert container.transact("ada", add_counting, REQUEST) == FIRST
    assert storage.read("ada", names) == {}
