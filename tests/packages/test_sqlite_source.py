"""Databases that are code, or nothing that Anki made."""

import sqlite3
import tempfile
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from dataclasses import replace
from pathlib import Path

import pytest

from chalicelib.errors import TooLargeError, UnusableFileError
from chalicelib.packages import open_source
from chalicelib.packages.sqlite_source import SourceDatabase, open_database, private_file
from tests.packages.sources import LIMITS, collection_file, merge, opened
from tests.support.collections import make_note, new_connection

Change = Callable[[sqlite3.Connection], object]


def running(*statements: str) -> Change:
    def change(conn: sqlite3.Connection) -> None:
        for statement in statements:
            conn.execute(statement)

    return change


def replaced(table: str, definition: str) -> Change:
    return running(f"DROP TABLE {table}", definition)


REVLOG = "cid integer, usn integer, ease integer, ivl integer, lastIvl integer, time integer"

STRANGE: dict[str, Change] = {
    "a view": running("CREATE VIEW v AS SELECT 1"),
    "a view in place of a table": running(
        "ALTER TABLE notes RENAME TO sqlnotes", "CREATE VIEW notes AS SELECT * FROM sqlnotes"
    ),
    "a view in place of a table that is never read": running(
        "DROP TABLE graves", "CREATE VIEW graves AS SELECT 1 AS usn, 1 AS oid, 1 AS type"
    ),
    "a trigger": running("CREATE TRIGGER t AFTER INSERT ON notes BEGIN SELECT 1; END"),
    "a virtual table": running("CREATE VIRTUAL TABLE f USING fts5(x)"),
    "another table": running("CREATE TABLE extra (x)"),
    "a missing table": running("DROP TABLE graves"),
    "a missing column": running("ALTER TABLE notes DROP COLUMN data"),
    "another column": running("ALTER TABLE cards ADD COLUMN extra"),
    "an index over an expression": running("CREATE INDEX e ON notes (length(flds))"),
    "a partial index": running("CREATE INDEX p ON notes (id) WHERE flds > ''"),
    "an odd name for an index": running('CREATE INDEX "a""b" ON notes (lower(flds))'),
    "a computed column": replaced(
        "revlog",
        f"CREATE TABLE revlog (id integer primary key, {REVLOG}, factor integer, type AS (1))",
    ),
    "no row ids": replaced(
        "revlog",
        f"CREATE TABLE revlog (id integer primary key, {REVLOG}, factor, type) WITHOUT ROWID",
    ),
    "an id that is no row id": replaced(
        "revlog", f"CREATE TABLE revlog (id text primary key, {REVLOG}, factor, type)"
    ),
    "no row of properties": running("DELETE FROM col"),
    "two rows of properties": running(
        "INSERT INTO col SELECT 2, crt, mod, scm, ver, dty, usn, ls,"
        " conf, models, decks, dconf, tags FROM col"
    ),
}


@pytest.mark.parametrize("change", STRANGE.values(), ids=STRANGE.keys())
def test_a_strange_schema_is_refused_in_one_sentence(change: Change) -> None:
    with pytest.raises(UnusableFileError) as refusal, opened(collection_file(change)):
        pass
    assert refusal.value.message.endswith(".")
    assert refusal.value.message.count(".") == 1


@pytest.mark.parametrize(
    "change",
    [
        running("CREATE TABLE android_metadata (locale TEXT)"),
        running("ANALYZE"),
        running("DROP INDEX ix_notes_csum", "DROP INDEX ix_cards_nid"),
        running("CREATE INDEX idx_notes_mid ON notes (mid)"),
    ],
)
def test_harmless_differences_of_real_files_are_not(change: Change) -> None:
    with opened(collection_file(change)) as source:
        assert source.col.decks.keys() == {1}


@pytest.mark.parametrize(
    ("version", "sentence"),
    [(18, "Support older Anki versions"), (10, "too old"), ("11x", "too old"), (None, "too old")],
)
def test_another_schema_version_is_refused_with_a_way_out(version: object, sentence: str) -> None:
    def change(conn: sqlite3.Connection) -> None:
        conn.execute("PRAGMA writable_schema = ON")
        conn.execute("UPDATE sqlite_schema SET sql = replace(sql, ' NOT NULL', '')")
        conn.execute("PRAGMA writable_schema = RESET")
        conn.execute("UPDATE col SET ver = ?", (version,))

    with pytest.raises(UnusableFileError, match=sentence), opened(collection_file(change)):
        pass


def test_a_file_in_wal_mode_is_read(tmp_path: Path) -> None:
    path = tmp_path / "wal.anki2"
    path.write_bytes(collection_file(lambda conn: make_note(conn, ["word", "meaning"])))
    with closing(sqlite3.connect(path)) as conn:
        assert conn.execute("PRAGMA journal_mode = WAL").fetchone() == ("wal",)
        conn.execute("UPDATE col SET usn = 1")
        conn.commit()
    data = path.read_bytes()
    assert data[18:20] == b"\x02\x02"
    path.unlink()
    with open_source(data, limits=LIMITS, work_dir=tmp_path) as source:
        assert source.notetype_ids()
        assert len(list(tmp_path.iterdir())) == 1
    with closing(new_connection()) as target:
        assert merge(target, data).notes_new == 1


def test_bytes_that_are_no_utf_8_are_replaced() -> None:
    def change(conn: sqlite3.Connection) -> None:
        make_note(conn, ["word", "meaning"])
        conn.execute("UPDATE notes SET flds = CAST(x'ff41' || x'1f' || x'fe42' AS text)")

    with closing(new_connection()) as target:
        merge(target, collection_file(change))
        assert target.execute("SELECT flds FROM notes").fetchone() == ("\ufffdA\x1f\ufffdB",)


def test_a_name_in_the_schema_that_is_no_utf_8_is_refused() -> None:
    data = collection_file(lambda conn: None).replace(b"ix_notes_csum", b"ix_\xeeotes_csum")
    damaged = data.replace(b"CREATE INDEX ix_\xee", b"CREATE XNDEX ix_\xee")
    assert damaged != data
    with pytest.raises(UnusableFileError), opened(damaged):
        pass


def test_damage_in_what_is_never_read_is_damage() -> None:
    """A file that is partly broken may be broken in what it says, too."""
    roots: list[int] = []

    def change(conn: sqlite3.Connection) -> None:
        make_note(conn, ["word", "meaning"])
        sql = "SELECT rootpage FROM sqlite_schema WHERE name = 'ix_cards_sched'"
        roots.append(conn.execute(sql).fetchone()[0])

    data = bytearray(collection_file(change))
    data[(roots[0] - 1) * 4096] = 0
    with pytest.raises(UnusableFileError, match="damaged"), opened(bytes(data)):
        pass


def test_a_huge_value_is_refused() -> None:
    def change(conn: sqlite3.Connection) -> None:
        make_note(conn, ["word", "meaning"])
        conn.execute("UPDATE notes SET data = zeroblob(100000), flds = hex(zeroblob(100000))")

    with closing(new_connection()) as target, pytest.raises(TooLargeError):
        merge(target, collection_file(change), document_bytes=50_000)


@contextmanager
def database(query_steps: int = LIMITS.query_steps) -> Iterator[SourceDatabase]:
    data = collection_file(lambda conn: [make_note(conn, [str(n), ""]) for n in range(60)])
    limits = replace(LIMITS, query_steps=query_steps)
    with private_file(Path(tempfile.gettempdir())) as file:
        file.write(data)
        with open_database(file, limits) as opened_database:
            yield opened_database


@pytest.mark.parametrize(
    "sql",
    [
        "ATTACH DATABASE ':memory:' AS other",
        "PRAGMA trusted_schema = ON",
        "PRAGMA query_only",
        "UPDATE notes SET flds = ''",
        "INSERT INTO graves VALUES (0, 0, 0)",
        "CREATE TABLE x (y)",
        "CREATE TEMP TABLE x (y)",
        "DROP TABLE notes",
        "VACUUM",
        "BEGIN",
        "SELECT load_extension('x')",
        "SELECT randomblob(9)",
        "SELECT writefile('x', 'y')",
        "SELECT * FROM sqlite_schema",
        "SELECT * FROM pragma_database_list",
        "WITH RECURSIVE n(x) AS (SELECT 1 UNION ALL SELECT x FROM n) SELECT * FROM n",
    ],
)
def test_nothing_but_reading_the_five_tables_is_possible(sql: str) -> None:
    with database() as source, pytest.raises(UnusableFileError):
        list(source.rows(sql))


def test_a_query_without_end_is_stopped_by_what_it_does() -> None:
    endless = "SELECT count(*) FROM notes a, notes b, notes c, notes d, notes e"
    with database(query_steps=2_000_000) as source:
        with pytest.raises(UnusableFileError):
            list(source.rows(endless))
        assert len(list(source.rows("SELECT id FROM notes"))) == 60
