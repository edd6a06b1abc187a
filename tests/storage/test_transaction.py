"""A function in a transaction can neither end it nor leave it, and one that reads cannot write."""

import sqlite3
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from chalicelib.storage import CollectionStorage
from tests.storage.conftest import OpenStorage
from tests.storage.memory import MemoryBaseStore
from tests.storage.tally import add, build, names

KEY = "user_dbs/ada.anki2"

ESCAPES: dict[str, Callable[[sqlite3.Connection], object]] = {
    "commit": lambda conn: conn.commit(),
    "rollback": lambda conn: conn.rollback(),
    "with": lambda conn: conn.__exit__(None, None, None),
    "executescript": lambda conn: conn.executescript("INSERT INTO one VALUES ('script')"),
    "isolation_level": lambda conn: setattr(conn, "isolation_level", None),
    "COMMIT": lambda conn: conn.execute("COMMIT"),
    "END": lambda conn: conn.execute("END"),
    "ROLLBACK": lambda conn: conn.execute("ROLLBACK"),
    "ATTACH": lambda conn: conn.execute("ATTACH ':memory:' AS other"),
    "DETACH": lambda conn: conn.execute("DETACH main"),
    "VACUUM": lambda conn: conn.execute("VACUUM"),
    "journal": lambda conn: conn.execute("PRAGMA journal_mode = WAL"),
    "user_version": lambda conn: conn.execute("PRAGMA user_version = 7"),
    "pragma function": lambda conn: conn.execute("SELECT * FROM pragma_table_info('one')"),
}

HALF_READ: dict[str, Callable[[sqlite3.Connection], Iterator[Any]]] = {
    "execute": lambda conn: conn.execute("SELECT * FROM many"),
    "cursor": lambda conn: conn.cursor().execute(
        "INSERT INTO one SELECT * FROM many RETURNING name"
    ),
    "returning": lambda conn: conn.execute("INSERT INTO one SELECT * FROM many RETURNING name"),
}

WRITES = [
    "INSERT INTO one VALUES ('x')",
    "DELETE FROM one",
    "CREATE TABLE three (a)",
    "CREATE TEMP TABLE three (a)",
    "DROP TABLE one",
    "PRAGMA query_only = OFF",
    "PRAGMA user_version = 7",
    "COMMIT",
    "ATTACH ':memory:' AS other",
    "VACUUM",
    "ANALYZE",
]


def many(conn: sqlite3.Connection) -> None:
    conn.execute("CREATE TABLE many (name TEXT)")
    conn.executemany("INSERT INTO many VALUES (?)", ((str(n),) for n in range(5000)))


@pytest.mark.parametrize("escape", ESCAPES.values(), ids=ESCAPES)
def test_a_transaction_cannot_be_ended_or_left_from_inside(
    storage: CollectionStorage, escape: Callable[[sqlite3.Connection], object]
) -> None:
    def fn(conn: sqlite3.Connection) -> None:
        add("before")(conn)
        with pytest.raises(sqlite3.DatabaseError):
            escape(conn)
        add("after")(conn)
        raise KeyError

    with pytest.raises(KeyError):
        storage.transact("ada", fn)
    assert not storage.read("ada", names)


@pytest.mark.parametrize("escape", ESCAPES.values(), ids=ESCAPES)
def test_a_refused_escape_that_is_caught_harms_nothing(
    storage: CollectionStorage, escape: Callable[[sqlite3.Connection], object]
) -> None:
    def fn(conn: sqlite3.Connection) -> None:
        add("before")(conn)
        with pytest.raises(sqlite3.DatabaseError):
            escape(conn)
        add("after")(conn)

    storage.transact("ada", fn)
    assert storage.read("ada", names) == {"before": 1, "after": 1}


@pytest.mark.parametrize("open_cursor", HALF_READ.values(), ids=HALF_READ)
def test_a_cursor_read_halfway_does_not_keep_a_commit_from_happening(
    storage: CollectionStorage, open_cursor: Callable[[sqlite3.Connection], Iterator[Any]]
) -> None:
    storage.transact("ada", many)
    held: list[Iterator[Any]] = []

    def fn(conn: sqlite3.Connection) -> None:
        held.append(open_cursor(conn))
        next(held[-1])
        conn.execute("DELETE FROM one")
        add("done")(conn)

    storage.transact("ada", fn)
    assert storage.read("ada", names) == {"done": 1}
    with pytest.raises(sqlite3.ProgrammingError):
        next(held[-1])


def test_an_error_undoes_everything_even_what_was_written_to_the_file_early(
    base: MemoryBaseStore, storage: CollectionStorage
) -> None:
    before = storage.image("ada")

    def fn(conn: sqlite3.Connection) -> None:
        conn.execute("CREATE TABLE wide (a)")
        conn.executemany("INSERT INTO wide VALUES (?)", ((b"x" * 4000,) for _ in range(5000)))
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        storage.transact("ada", fn)
    assert storage.image("ada") == before
    assert "put" not in base.calls


def test_a_transaction_that_the_database_itself_ended_is_not_stored(
    base: MemoryBaseStore, storage: CollectionStorage
) -> None:
    def fn(conn: sqlite3.Connection) -> None:
        conn.execute("CREATE UNIQUE INDEX ix ON one (name)")
        add("first")(conn)
        with pytest.raises(sqlite3.IntegrityError):
            conn.execute("INSERT OR ROLLBACK INTO one VALUES ('first')")
        add("on its own")(conn)

    with pytest.raises(sqlite3.ProgrammingError):
        storage.transact("ada", fn)
    assert not storage.read("ada", names)
    assert "put" not in base.calls


def test_savepoints_work_inside_a_transaction(storage: CollectionStorage) -> None:
    def fn(conn: sqlite3.Connection) -> None:
        add("kept")(conn)
        conn.execute("SAVEPOINT s")
        add("undone")(conn)
        conn.execute("ROLLBACK TO s")
        conn.execute("RELEASE s")

    storage.transact("ada", fn)
    assert storage.read("ada", names) == {"kept": 1}


def test_temporary_tables_do_not_outlive_their_transaction(storage: CollectionStorage) -> None:
    def fn(conn: sqlite3.Connection) -> None:
        conn.execute("CREATE TEMP TABLE scratch (a)")

    for _ in range(2):
        storage.transact("ada", fn)


@pytest.mark.parametrize("statement", WRITES)
def test_a_reading_function_cannot_write(
    base: MemoryBaseStore, storage: CollectionStorage, statement: str
) -> None:
    before = storage.image("ada")
    with pytest.raises(sqlite3.DatabaseError):
        storage.read("ada", lambda conn: conn.execute(statement).fetchall())
    assert storage.image("ada") == before
    assert "put" not in base.calls


def test_a_reading_function_can_use_what_reads(storage: CollectionStorage) -> None:
    def fn(conn: sqlite3.Connection) -> list[Any]:
        return conn.execute(
            "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 3)"
            " SELECT sum(i), (SELECT count(*) FROM one), (SELECT value FROM json_each('[5]'))"
            " FROM n"
        ).fetchall()

    assert storage.read("ada", fn) == [(6, 0, 5)]


def test_a_building_function_cannot_escape_either(
    base: MemoryBaseStore, open_storage: OpenStorage
) -> None:
    def fn(conn: sqlite3.Connection) -> None:
        build(conn)
        conn.commit()

    with pytest.raises(sqlite3.DatabaseError):
        open_storage(base).create("ada", fn)
    assert base.objects == {}


def test_no_journal_is_ever_written_beside_a_file(
    storage: CollectionStorage, tmp_path: Path
) -> None:
    def fn(conn: sqlite3.Connection) -> set[str]:
        conn.execute("CREATE TABLE wide (a)")
        conn.executemany("INSERT INTO wide VALUES (?)", ((b"x" * 4000,) for _ in range(5000)))
        return {path.suffix for path in tmp_path.rglob("*") if path.is_file()}

    assert storage.transact("ada", fn) == {".anki2"}
    assert storage.read("ada", lambda _: {p.suffix for p in tmp_path.rglob("*.anki2*")}) == {
        ".anki2"
    }
