"""A change on old state: made again, and nothing that came of old state is told to anybody."""

import sqlite3
import threading
from functools import partial

import pytest

from chalicelib.errors import (
    ConflictError,
)
from chalicelib.storage import CollectionStorage
from tests.storage.conftest import OpenStorage, Stores
from tests.storage.tally import add, build, names
from tests.storage.watch import Watch


class OwnError(Exception):
    pass


def test_a_change_is_made_again_on_fresh_state_when_another_writer_was_first(
    stores: Stores, storage: CollectionStorage, open_storage: OpenStorage
) -> None:
    rival = open_storage(stores)
    seen = []

    def fn(conn: sqlite3.Connection) -> int:
        seen.append(names(conn))
        if len(seen) <= 3:
            rival.transact("ada", add(f"rival {len(seen)}"))
        add("mine")(conn)
        return len(seen)

    assert storage.transact("ada", fn) == 4
    assert [len(state) for state in seen] == [0, 1, 2, 3]
    assert storage.read("ada", names) == {"rival 1": 1, "rival 2": 1, "rival 3": 1, "mine": 1}


def test_the_first_loss_against_another_writer_costs_one_append_and_no_wait(
    any_stores: Stores, open_storage: OpenStorage
) -> None:
    watch, waits = Watch(any_stores), list[float]()
    rival = open_storage(any_stores)
    storage = open_storage(watch.stores, sleep=waits.append)
    rival.create("ada", build)
    storage.transact("ada", add("first"))
    rivals = iter(["rival"])

    def fn(conn: sqlite3.Connection) -> None:
        for name in rivals:
            rival.transact("ada", add(name))
        add("mine")(conn)

    assert watch.since(lambda: storage.transact("ada", fn)) == ["append", "append"]
    assert waits == []
    assert rival.read("ada", names) == {"first": 1, "rival": 1, "mine": 1}


def test_a_change_that_always_comes_second_is_a_conflict_and_leaves_nothing(
    stores: Stores, storage: CollectionStorage, open_storage: OpenStorage
) -> None:
    waits: list[float] = []
    slow = open_storage(stores, retries=4, sleep=waits.append, random=lambda: 1.0)
    runs = []

    def fn(conn: sqlite3.Connection) -> None:
        runs.append(1)
        storage.transact("ada", add(f"rival {len(runs)}"))
        add("mine")(conn)

    with pytest.raises(ConflictError):
        slow.transact("ada", fn)
    assert len(runs) == 5
    assert len(waits) == 3, "none after the first loss"
    assert waits == sorted(waits)
    assert "mine" not in storage.read("ada", names)


@pytest.mark.parametrize(
    "error",
    [OwnError(), OSError(28, "mine"), sqlite3.DatabaseError("mine"), ConflictError()],
    ids=lambda error: type(error).__name__,
)
def test_an_error_inside_is_raised_through_as_it_is_and_changes_nothing(
    storage: CollectionStorage, error: Exception
) -> None:
    def fn(conn: sqlite3.Connection) -> None:
        add("mine")(conn)
        raise error

    for use in (storage.transact, storage.read):
        with pytest.raises(type(error)) as raised:
            use("ada", fn if use == storage.transact else partial(throw, error))
        assert raised.value is error
    assert storage.read("ada", names) == {}


def throw(error: Exception, conn: sqlite3.Connection) -> None:
    raise error


def test_what_the_tables_refuse_is_raised_through(storage: CollectionStorage) -> None:
    storage.transact("ada", lambda conn: conn.execute("CREATE UNIQUE INDEX u ON one (name)") and 1)
    storage.transact("ada", add("one"))
    with pytest.raises(sqlite3.IntegrityError):
        storage.transact("ada", add("one"))
    assert storage.read("ada", names) == {"one": 1}


def test_a_result_without_a_change_is_still_of_the_current_state(
    stores: Stores, storage: CollectionStorage, open_storage: OpenStorage
) -> None:
    storage.read("ada", names)
    open_storage(stores).transact("ada", add("elsewhere"))
    assert storage.transact("ada", names) == {"elsewhere": 1}


def test_an_error_that_only_old_state_gives_is_not_raised(
    stores: Stores, open_storage: OpenStorage
) -> None:
    storage, elsewhere = open_storage(stores), open_storage(stores)
    storage.create("ada", build)

    def second(conn: sqlite3.Connection) -> str:
        if not names(conn)["first"]:
            raise OwnError
        return add("second")(conn)

    with pytest.raises(OwnError):
        storage.transact("ada", second)
    elsewhere.transact("ada", add("first"))
    assert storage.transact("ada", second) == "second"
    elsewhere.transact("ada", lambda conn: conn.execute("DROP TABLE two") and 1)
    with pytest.raises(sqlite3.OperationalError, match="two"):
        storage.transact("ada", names)


def test_a_long_transaction_does_not_hold_up_the_other_threads_of_its_user(
    stores: Stores, storage: CollectionStorage, open_storage: OpenStorage
) -> None:
    """They wait for a moment and go on by themselves; then the long one runs again."""
    inside, done = threading.Event(), threading.Event()
    runs = []

    def long(conn: sqlite3.Connection) -> None:
        runs.append(names(conn))
        inside.set()
        assert done.wait(30)
        add("long")(conn)

    thread = threading.Thread(target=storage.transact, args=("ada", long))
    thread.start()
    assert inside.wait(30)
    storage.transact("ada", add("short"))
    assert open_storage(stores).read("ada", names) == {"short": 1}
    done.set()
    thread.join()
    assert runs == [{}, {"short": 1}]
    assert storage.read("ada", names) == {"short": 1, "long": 1}


def test_uses_inside_each_other_do_not_wait_for_each_other(storage: CollectionStorage) -> None:
    """The inner ones work on the committed state; the outer one that was overtaken runs again."""
    runs = []

    def outer(conn: sqlite3.Connection) -> object:
        runs.append(names(conn))
        add("outer")(conn)
        if len(runs) == 1:
            storage.transact("ada", add("inner"))
        return storage.read("ada", lambda _: storage.transact("ada", names))

    assert storage.transact("ada", outer) == {"inner": 1}
    assert runs == [{}, {"inner": 1}]
    assert storage.read("ada", names) == {"inner": 1, "outer": 1}
