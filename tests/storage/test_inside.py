"""What can be done inside a transaction of either kind, and what cannot."""

import sqlite3
from collections.abc import Callable
from pathlib import Path

import pytest

from chalicelib.storage import (
    CollectionStorage,
    LockedS3SQLiteConnection,
)
from tests.storage.conftest import OpenStorage, Stores
from tests.storage.tally import add, build, names
from tests.storage.watch import Watch

Work = Callable[[sqlite3.Connection], object]


Within = Callable[[CollectionStorage, Work], object]


def in_transact(storage: CollectionStorage, work: Work) -> object:
    return storage.transact("ada", work)


def in_connection(storage: CollectionStorage, work: Work) -> object:
    with LockedS3SQLiteConnection("ada", storage) as conn:
        return work(conn)


def in_creation(storage: CollectionStorage, work: Work) -> object:
    def build_and_work(conn: sqlite3.Connection) -> None:
        build(conn)
        work(conn)

    return storage.create("bob", build_and_work)


@pytest.fixture(params=[in_transact, in_connection])
def within(request: pytest.FixtureRequest) -> Within:
    """Does work in a transaction of either kind."""
    chosen: Within = request.param
    return chosen


def commit_by_with(conn: sqlite3.Connection) -> None:
    with conn:
        add("two")(conn)


ENDS: dict[str, Work] = {
    "commit": lambda conn: conn.commit(),
    "rollback": lambda conn: conn.rollback(),
    "with": commit_by_with,
    "executescript": lambda conn: conn.executescript("INSERT INTO one VALUES ('x');"),
    "COMMIT": lambda conn: conn.execute("COMMIT"),
    "isolation_level": lambda conn: setattr(conn, "isolation_level", None),
    "ATTACH": lambda conn: conn.execute("ATTACH ':memory:' AS other"),
    "DETACH": lambda conn: conn.execute("DETACH main"),
    "PRAGMA": lambda conn: conn.execute("PRAGMA journal_mode = DELETE"),
    "VACUUM": lambda conn: conn.execute("VACUUM"),
}


@pytest.mark.parametrize("end", ENDS.values(), ids=ENDS)
def test_nothing_inside_ends_the_transaction_or_leaves_its_file(
    within: Within, storage: CollectionStorage, end: Work
) -> None:
    def work(conn: sqlite3.Connection) -> None:
        add("one")(conn)
        end(conn)

    with pytest.raises(sqlite3.Error):
        within(storage, work)
    assert storage.read("ada", names) == {}


@pytest.mark.parametrize("end", ENDS.values(), ids=ENDS)
def test_after_a_refusal_inside_the_transaction_goes_on(
    within: Within, storage: CollectionStorage, end: Work
) -> None:
    def work(conn: sqlite3.Connection) -> None:
        with pytest.raises(sqlite3.Error):
            end(conn)
        conn.execute("DELETE FROM one")
        conn.execute("DELETE FROM two")
        add("one")(conn)

    within(storage, work)
    assert storage.read("ada", names) == {"one": 1}


@pytest.mark.parametrize("within", [in_transact, in_connection, in_creation])
def test_a_statement_that_rolls_everything_back_is_an_error_and_no_change(
    storage: CollectionStorage, within: Within
) -> None:
    def work(conn: sqlite3.Connection) -> None:
        add("one")(conn)
        conn.execute("CREATE TABLE u (x UNIQUE)")
        conn.execute("INSERT INTO u VALUES (1)")
        with pytest.raises(sqlite3.IntegrityError):
            conn.execute("INSERT OR ROLLBACK INTO u VALUES (1)")
        if within is not in_creation:
            add("outside of any transaction")(conn)

    with pytest.raises(sqlite3.ProgrammingError, match="ended from inside"):
        within(storage, work)
    assert storage.read("ada", names) == {}
    assert not storage.exists("bob")


def half_read(conn: sqlite3.Connection) -> sqlite3.Cursor:
    cursor = conn.execute("SELECT name FROM one")
    cursor.fetchone()
    return cursor


HALF_READ: dict[str, Work] = {
    "execute": half_read,
    "cursor": lambda conn: conn.cursor().execute("SELECT name FROM one").fetchone(),
    "RETURNING": lambda conn: conn.execute(
        "UPDATE one SET name = name || '' RETURNING name"
    ).fetchone(),
    "RETURNING, kept": lambda conn: conn.execute("UPDATE one SET name = name || '' RETURNING name"),
    "kept by itself": lambda conn: setattr(conn, "kept", half_read(conn)),
}


@pytest.mark.parametrize("read", HALF_READ.values(), ids=HALF_READ)
def test_a_half_read_cursor_hinders_nothing_and_holds_nothing(
    within: Within, storage: CollectionStorage, read: Work, tmp_path: Path
) -> None:
    for name in "abc":
        storage.transact("ada", add(name))
    cursors = []

    def work(conn: sqlite3.Connection) -> None:
        cursors.append(read(conn))
        add("one")(conn)
        cursors.append(read(conn))

    within(storage, work)
    assert storage.read("ada", names) == {"a": 1, "b": 1, "c": 1, "one": 1}
    storage.transact("ada", add("two"))
    assert storage.read("ada", names)["two"] == 1


def test_temporary_tables_are_gone_afterwards(within: Within, storage: CollectionStorage) -> None:
    def work(conn: sqlite3.Connection) -> None:
        conn.execute("CREATE TEMP TABLE t AS SELECT 1")
        conn.execute("CREATE TEMP TRIGGER r AFTER INSERT ON one BEGIN DELETE FROM two; END")

    within(storage, work)
    within(storage, work)
    storage.transact("ada", add("one"))
    assert storage.read("ada", names) == {"one": 1}


def test_savepoints_work(within: Within, storage: CollectionStorage) -> None:
    def work(conn: sqlite3.Connection) -> None:
        add("kept")(conn)
        conn.execute("SAVEPOINT inner")
        add("undone")(conn)
        conn.execute("ROLLBACK TO inner")
        conn.execute("RELEASE inner")
        conn.execute("SAVEPOINT left_open")
        add("last")(conn)

    within(storage, work)
    assert storage.read("ada", names) == {"kept": 1, "last": 1}


def test_a_reading_cannot_write(storage: CollectionStorage) -> None:
    with pytest.raises(sqlite3.OperationalError):
        storage.read("ada", add("mine"))
    assert storage.read("ada", names) == {}


def test_what_was_undone_or_refused_costs_the_replica_nothing(
    stores: Stores, open_storage: OpenStorage
) -> None:
    """It is at hand afterwards, however much had been written before the end."""
    watch = Watch(stores)
    storage = open_storage(watch.stores)
    storage.create("ada", build)
    storage.transact("ada", add("one"))

    def spill_and_fail(conn: sqlite3.Connection) -> None:
        conn.executemany("INSERT INTO one VALUES (?)", ((str(n) * 500,) for n in range(5000)))
        raise ZeroDivisionError

    image = storage.image("ada")
    watch.calls.clear()
    with pytest.raises(ZeroDivisionError):
        storage.transact("ada", spill_and_fail)
    assert storage.image("ada") == image
    storage.transact("ada", add("two"))
    assert watch.calls == ["following", "following", "append"]
