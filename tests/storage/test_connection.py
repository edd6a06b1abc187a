"""The context manager over one private copy."""

import sqlite3
from collections.abc import Callable, Generator
from pathlib import Path
from threading import Barrier

import pytest

from chalicelib.errors import ConfigurationError
from chalicelib.storage import (
    CollectionStorage,
    ConflictError,
    LockedS3SQLiteConnection,
    StorageOptions,
)
from chalicelib.storage import connection as connection_module
from chalicelib.storage.connection import set_default_storage
from tests.storage.conftest import OpenStorage, Stores
from tests.storage.tally import add, build, names
from tests.storage.threads import run_together
from tests.storage.watch import WRITES, Watch

Work = Callable[[sqlite3.Connection], object]


@pytest.fixture
def no_default(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(connection_module, "_default", [])


def in_connection(storage: CollectionStorage, work: Work) -> object:
    with LockedS3SQLiteConnection("ada", storage) as conn:
        return work(conn)


def test_what_one_connection_writes_the_next_one_reads(
    any_stores: Stores, open_storage: OpenStorage
) -> None:
    storage = open_storage(any_stores)
    storage.create("ada", build)
    with LockedS3SQLiteConnection("ada", storage) as conn:
        add("one")(conn)
    for elsewhere in (storage, open_storage(any_stores)):
        with LockedS3SQLiteConnection("ada", elsewhere) as conn:
            assert names(conn) == {"one": 1}


def test_a_connection_sees_the_current_state(
    stores: Stores, storage: CollectionStorage, open_storage: OpenStorage
) -> None:
    storage.read("ada", names)
    open_storage(stores).transact("ada", add("elsewhere"))
    with LockedS3SQLiteConnection("ada", storage) as conn:
        assert names(conn) == {"elsewhere": 1}


def test_an_exception_undoes_the_block_and_is_raised_through(
    stores: Stores, open_storage: OpenStorage
) -> None:
    watch = Watch(stores)
    storage = open_storage(watch.stores)
    storage.create("ada", build)
    watch.calls.clear()
    error = OSError(28, "the caller's own")

    def fail(conn: sqlite3.Connection) -> None:
        add("one")(conn)
        raise error

    with pytest.raises(OSError, match="the caller's own") as raised:
        in_connection(storage, fail)
    assert raised.value is error
    assert WRITES.isdisjoint(watch.calls)
    assert storage.read("ada", names) == {}


def test_of_two_overlapping_connections_the_first_to_leave_commits_and_the_second_conflicts(
    any_stores: Stores, open_storage: OpenStorage
) -> None:
    storage = open_storage(any_stores)
    storage.create("ada", build)
    storage.transact("ada", add("row"))
    change = "UPDATE one SET name = ?"
    second = LockedS3SQLiteConnection("ada", storage)
    conn = second.__enter__()
    with LockedS3SQLiteConnection("ada", storage) as first:
        conn.execute(change, ("second",))
        conn.execute("DELETE FROM two")
        first.execute(change, ("first",))
        first.execute("UPDATE two SET name = 'first'")
    with pytest.raises(ConflictError):
        second.__exit__(None, None, None)
    for somebody in (storage, open_storage(any_stores)):
        assert somebody.read("ada", names) == {"first": 1}


def test_a_connection_overtaken_by_a_transaction_elsewhere_conflicts(
    stores: Stores, storage: CollectionStorage, open_storage: OpenStorage
) -> None:
    """By one commit, and by more than one look at the log tells of."""
    for commits in (1, 12):
        slow = LockedS3SQLiteConnection("ada", open_storage(stores))
        add("overtaken")(slow.__enter__())
        for _ in range(commits):
            storage.transact("ada", add("elsewhere"))
        with pytest.raises(ConflictError):
            slow.__exit__(None, None, None)
    assert storage.read("ada", names) == {"elsewhere": 13}


def test_an_overlapping_connection_that_changed_nothing_does_not_conflict(
    storage: CollectionStorage,
) -> None:
    with LockedS3SQLiteConnection("ada", storage) as outer:
        with LockedS3SQLiteConnection("ada", storage) as inner:
            add("inner")(inner)
        assert names(outer) == {}
    assert storage.read("ada", names) == {"inner": 1}


def test_connections_of_many_threads_never_wait_for_each_other(storage: CollectionStorage) -> None:
    """All of them are inside at once before any of them leaves."""
    together = Barrier(8, timeout=30)
    outcomes: list[str] = []

    def work(name: str) -> None:
        try:
            with LockedS3SQLiteConnection("ada", storage) as conn:
                add(name)(conn)
                together.wait()
        except ConflictError:
            outcomes.append("conflict")
        else:
            outcomes.append(name)

    run_together([lambda n=n: work(str(n)) for n in range(8)])  # type: ignore[misc]
    (winner,) = set(outcomes) - {"conflict"}
    assert outcomes.count("conflict") == 7
    assert storage.read("ada", names) == {winner: 1}


def test_a_long_connection_does_not_hold_up_the_other_threads_of_its_user(
    stores: Stores, open_storage: OpenStorage
) -> None:
    """Not even for a moment: their replica stays warm."""
    watch = Watch(stores)
    storage = open_storage(watch.stores)
    storage.create("ada", build)
    storage.read("ada", names)
    with LockedS3SQLiteConnection("ada", storage) as conn:
        add("long")(conn)
        watch.calls.clear()
        run_together(
            [
                lambda: storage.transact("ada", names),
                lambda: storage.read("ada", names),
                lambda: storage.image("ada"),
            ]
        )
        assert watch.calls == ["following"] * 3
    assert storage.read("ada", names) == {"long": 1}


def test_a_connection_can_be_entered_again_after_it_was_left(storage: CollectionStorage) -> None:
    connection = LockedS3SQLiteConnection("ada", storage)
    for name in ("one", "two"):
        with connection as conn:
            add(name)(conn)
    assert storage.read("ada", names) == {"one": 1, "two": 1}


def test_the_connection_is_closed_after_the_block_and_leaves_no_file(
    storage: CollectionStorage, tmp_path: Path
) -> None:
    with LockedS3SQLiteConnection("ada", storage) as conn:
        add("one")(conn)
    with pytest.raises(sqlite3.ProgrammingError):
        conn.execute("SELECT 1")
    files = [path for path in (tmp_path / "cache").rglob("*") if path.is_file()]
    assert len(files) == 1, "the warm replica"


def test_a_connection_that_is_thrown_away_inside_changes_nothing(
    storage: CollectionStorage,
) -> None:
    def held() -> Generator[None, None, None]:
        with LockedS3SQLiteConnection("ada", storage) as conn:
            add("one")(conn)
            yield

    generator = held()
    next(generator)
    generator.close()
    assert storage.read("ada", names) == {}


@pytest.mark.usefixtures("no_default")
def test_the_default_storage_is_used_where_none_is_given(storage: CollectionStorage) -> None:
    with pytest.raises(ConfigurationError):
        LockedS3SQLiteConnection("ada")
    set_default_storage(lambda: storage)
    with LockedS3SQLiteConnection("ada") as conn:
        add("one")(conn)
    assert storage.read("ada", names) == {"one": 1}


def test_options_have_defaults_that_work(stores: Stores) -> None:
    storage = CollectionStorage(stores.base, stores.log, StorageOptions())
    storage.create("ada", build)
    with LockedS3SQLiteConnection("ada", storage) as conn:
        add("one")(conn)
    assert storage.read("ada", names) == {"one": 1}
