"""The context manager over one private copy."""

import sqlite3
from threading import Barrier, Thread

import pytest

from chalicelib.errors import ConfigurationError
from chalicelib.storage import CollectionStorage, ConflictError, LockedS3SQLiteConnection
from chalicelib.storage import connection as connection_module
from chalicelib.storage.connection import set_default_storage
from tests.storage.conftest import OpenStorage
from tests.storage.memory import MemoryBaseStore
from tests.storage.tally import add, names


@pytest.fixture
def no_default(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(connection_module, "_default", [])


def test_what_one_connection_writes_the_next_one_reads(
    base: MemoryBaseStore, storage: CollectionStorage, open_storage: OpenStorage
) -> None:
    with LockedS3SQLiteConnection("ada", storage) as conn:
        add("one")(conn)
    for elsewhere in (storage, open_storage(base)):
        with LockedS3SQLiteConnection("ada", elsewhere) as conn:
            assert names(conn) == {"one": 1}


def test_an_exception_undoes_the_block_and_is_raised_through(storage: CollectionStorage) -> None:
    def fail() -> None:
        with LockedS3SQLiteConnection("ada", storage) as conn:
            add("one")(conn)
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        fail()
    assert storage.read("ada", names) == {}


def test_of_two_overlapping_connections_the_first_to_leave_commits_and_the_second_conflicts(
    storage: CollectionStorage,
) -> None:
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
    assert storage.read("ada", names) == {"first": 1}


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

    threads = [Thread(target=work, args=(str(n),)) for n in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    (winner,) = set(outcomes) - {"conflict"}
    assert outcomes.count("conflict") == 7
    assert storage.read("ada", names) == {winner: 1}


def test_a_connection_can_be_entered_again_after_it_was_left(storage: CollectionStorage) -> None:
    connection = LockedS3SQLiteConnection("ada", storage)
    for name in ("one", "two"):
        with connection as conn:
            add(name)(conn)
    assert storage.read("ada", names) == {"one": 1, "two": 1}


def test_the_connection_is_closed_after_the_block(storage: CollectionStorage) -> None:
    with LockedS3SQLiteConnection("ada", storage) as conn:
        pass
    with pytest.raises(sqlite3.ProgrammingError):
        conn.execute("SELECT 1")


@pytest.mark.usefixtures("no_default")
def test_the_default_storage_is_used_where_none_is_given(storage: CollectionStorage) -> None:
    with pytest.raises(ConfigurationError):
        LockedS3SQLiteConnection("ada")
    set_default_storage(lambda: storage)
    with LockedS3SQLiteConnection("ada") as conn:
        add("one")(conn)
    assert storage.read("ada", names) == {"one": 1}
