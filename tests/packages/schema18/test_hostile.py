"""Schema-18 collections that somebody made to do harm, or that were damaged on the way."""

import random
import sqlite3
import tracemalloc
from collections.abc import Callable
from contextlib import suppress
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from chalicelib.errors import TooLargeError, UnusableFileError
from chalicelib.packages.schema18 import objects, wire
from tests.packages.judge import DATA
from tests.packages.schema18.files import (
    BLOBS,
    changed,
    collection_in,
    contents,
    database,
    latest_package,
    upgraded,
)
from tests.packages.sources import collection_file, opened
from tests.support.collections import make_note

MOST_MEMORY = 48 * 1024 * 1024
READERS = {table: (columns, read) for table, (columns, read, _) in BLOBS.items()}


@pytest.fixture(scope="module")
def collection() -> bytes:
    return upgraded(collection_file(lambda conn: make_note(conn, ["front", "back"], tags=["tag"])))


@pytest.fixture(scope="module")
def rows() -> dict[str, list[tuple[bytes, ...]]]:
    """All blobs of a real collection."""
    with database(collection_in(DATA / "jlpt-n5-studied.colpkg")) as conn:
        return {
            table: conn.execute(f"SELECT {columns} FROM {table}").fetchall()
            for table, (columns, _) in READERS.items()
        }


def damaged(data: bytes, rng: random.Random) -> bytes:
    changed_data = bytearray(data)
    for _ in range(rng.choice([1, 1, 2, 5])):
        at = rng.randrange(len(changed_data) + 1)
        match rng.randrange(4):
            case 0:
                del changed_data[at:]
            case 1:
                changed_data[at:at] = rng.randbytes(rng.randint(1, 9))
            case 2:
                changed_data[at : at + 1] = bytes([rng.choice([0, 1, 0x7F, 0x80, 0xFF])])
            case _:
                changed_data[at : at + rng.randint(1, 5)] = b""
    return bytes(changed_data)


@pytest.mark.parametrize("table", READERS)
def test_damaged_blobs_are_read_or_refused(
    rows: dict[str, list[tuple[bytes, ...]]], table: str
) -> None:
    _, read = READERS[table]
    refused = 0
    for seed in range(300):
        rng = random.Random(seed)
        blobs = [damaged(blob, rng) for blob in rng.choice(rows[table])]
        try:
            assert isinstance(read(*blobs), dict)
        except wire.WireError:
            refused += 1
    assert 20 < refused < 300


@pytest.mark.parametrize("table", READERS)
@settings(max_examples=100, deadline=None)
@given(data=st.lists(st.binary(max_size=60), min_size=2, max_size=2))
def test_any_bytes_are_read_or_refused(table: str, data: list[bytes]) -> None:
    _, read = READERS[table]
    with suppress(wire.WireError):
        assert isinstance(read(*data[: 2 if table == "decks" else 1]), dict)


def spoil(table: str, column: str, value: Any) -> Callable[[sqlite3.Connection], object]:
    """Put one value into a column whose type and constraints do not ask for it."""

    def change(conn: sqlite3.Connection) -> None:
        conn.execute("PRAGMA ignore_check_constraints = ON")
        conn.execute("PRAGMA writable_schema = ON")
        conn.execute("UPDATE sqlite_schema SET sql = replace(sql, ' NOT NULL', '')")
        conn.execute("PRAGMA writable_schema = RESET")
        where = f"rowid = (SELECT max(rowid) FROM {table})"
        where = where if table not in ("fields", "templates", "tags", "config") else "true"
        conn.execute(f"UPDATE OR IGNORE {table} SET {column} = ? WHERE {where}", (value,))

    return change


COLUMNS = [
    ("decks", "name"),
    ("decks", "mtime_secs"),
    ("decks", "usn"),
    ("decks", "common"),
    ("decks", "kind"),
    ("notetypes", "name"),
    ("notetypes", "config"),
    ("deck_config", "config"),
    ("deck_config", "usn"),
    ("fields", "ord"),
    ("fields", "ntid"),
    ("fields", "config"),
    ("templates", "name"),
    ("templates", "config"),
    ("tags", "tag"),
    ("tags", "usn"),
    ("config", "KEY"),
    ("config", "val"),
]
VALUES = [None, "text", b"", b"\xff\xff", -1, 2**63 - 1, 1.5, b"\x0a\xff\xff\xff\xff\x0f"]


@pytest.mark.parametrize(("table", "column"), COLUMNS)
def test_a_cell_of_any_type_is_read_or_refused(collection: bytes, table: str, column: str) -> None:
    for value in VALUES:
        data = changed(collection, spoil(table, column, value))
        with suppress(UnusableFileError), opened(data) as source:
            assert contents(source)["decks"]


def test_text_that_is_no_utf_8_does_no_harm(collection: bytes) -> None:
    """Also where the collation compares it."""

    def change(conn: sqlite3.Connection) -> None:
        conn.execute("DELETE FROM tags")
        for number in range(9):
            conn.execute("INSERT INTO tags VALUES (?, 0, 0, NULL)", (f"t\x00{number}zzzz",))

    data = changed(collection, change).replace(b"zzzz", b"\xff\xfe\xfd\xfc")
    with suppress(UnusableFileError), opened(data) as source:
        assert source.notetype_ids()


STRANGE: dict[str, str] = {
    "another partial index": "CREATE INDEX p ON cards (did) WHERE odid != 0",
    "Anki's partial index over something else": (
        "DROP INDEX idx_cards_odid; CREATE INDEX idx_cards_odid ON cards (odid) WHERE abs(odid) > 0"
    ),
    "an index over an expression": "CREATE INDEX e ON decks (length(common))",
    "a view": "CREATE VIEW v AS SELECT 1",
    "a trigger": "CREATE TRIGGER t AFTER INSERT ON decks BEGIN SELECT 1; END",
    "another table": "CREATE TABLE extra (x)",
    "another column": "ALTER TABLE decks ADD COLUMN extra",
    "a missing table": "DROP TABLE templates",
    "a missing column": "ALTER TABLE tags DROP COLUMN config",
    "a view in place of a table": (
        "ALTER TABLE decks RENAME TO other; CREATE VIEW decks AS SELECT * FROM other"
    ),
    "row ids where Anki has none": (
        "DROP TABLE graves; CREATE TABLE graves (oid, type, usn, PRIMARY KEY (oid, type))"
    ),
    "no row ids where Anki has them": (
        "DROP TABLE decks; CREATE TABLE decks (id integer PRIMARY KEY, name, mtime_secs, usn,"
        " common, kind) WITHOUT ROWID"
    ),
    "a computed column": (
        "DROP TABLE tags; CREATE TABLE tags (tag PRIMARY KEY, usn, collapsed, config AS (1))"
        " WITHOUT ROWID"
    ),
    "a collation nobody knows": (
        "DROP TABLE graves; CREATE TABLE graves (oid, type COLLATE nocase, usn,"
        " PRIMARY KEY (oid, type)) WITHOUT ROWID; CREATE INDEX g ON graves (usn COLLATE rtrim);"
        "CREATE VIEW v AS SELECT 1"
    ),
    "no row of properties": "DELETE FROM col",
    "the version of other tables": "UPDATE col SET ver = 11",
    "a version to come": "UPDATE col SET ver = 19",
}


@pytest.mark.parametrize("statements", STRANGE.values(), ids=STRANGE.keys())
def test_a_strange_schema_is_refused_in_one_sentence(collection: bytes, statements: str) -> None:
    data = changed(collection, lambda conn: conn.executescript(statements))
    with pytest.raises(UnusableFileError) as refusal, opened(data):
        pass
    assert refusal.value.message.count(".") == 1


def test_a_deck_of_no_kind_and_one_of_two_kinds() -> None:
    common = b""
    with pytest.raises(wire.WireError):
        objects.deck_from_blobs(common, b"")
    assert objects.deck_from_blobs(common, b"\x0a\x00\x12\x00")["dyn"] == 1
    assert objects.deck_from_blobs(common, b"\x12\x00\x0a\x00")["dyn"] == 0


@pytest.mark.parametrize(
    "other",
    [b"{", b"[]", b"\xff", b"[" * 5000, b'{"a":' * 5000, b'{"a":NaN}', b'{"a":1e999}', b"null"],
)
def test_unknown_keys_that_cannot_be_read_are_left_out(other: bytes) -> None:
    blob = wire.field(255, wire.LENGTH, other)
    assert objects.notetype_from_blob(blob) == objects.notetype_from_blob(b"")
    assert objects.options_from_blob(blob) == objects.options_from_blob(b"")


def test_unknown_keys_never_override_what_is_known() -> None:
    other = b'{"css":"evil","id":5,"name":"evil","flds":[],"originalId":7,"more":1}'
    notetype = objects.notetype_from_blob(wire.field(255, wire.LENGTH, other))
    assert notetype == {**objects.notetype_from_blob(b""), "more": 1}
    other = b'{"dyn":1,"name":"evil","new":{"perDay":9,"more":1},"rev":5,"replayq":false}'
    options = objects.options_from_blob(wire.field(255, wire.LENGTH, other))
    plain = objects.options_from_blob(b"")
    assert options == {**plain, "new": {**plain["new"], "more": 1}}
    other = b'{"dyn":1,"conf":9,"day":3,"terms":[],"timeToday":[1,1],"md":true,"more":1}'
    deck = objects.deck_from_blobs(wire.field(255, wire.LENGTH, other), b"\x0a\x00")
    assert deck == {**objects.deck_from_blobs(b"", b"\x0a\x00"), "day": 3, "terms": [], "more": 1}


def too_many(table: str, columns: str, row: str, count: int) -> Callable[..., object]:
    """More rows than a person has, each of them small."""
    numbers = f"WITH RECURSIVE n(x) AS (SELECT 1000 UNION ALL SELECT x + 1 FROM n LIMIT {count})"
    return lambda conn: conn.execute(
        f"{numbers} INSERT INTO {table} ({columns}) SELECT {row} FROM n"
    )


TOO_MANY = {
    "decks": ("decks", "id, name, mtime_secs, usn, common, kind", "x, x, 0, 0, x'', x'0a00'", 2100),
    "options": ("deck_config", "id, name, mtime_secs, usn, config", "x, x, 0, 0, x''", 2100),
    "notetypes": ("notetypes", "id, name, mtime_secs, usn, config", "x, x, 0, 0, x''", 1100),
    "fields": ("fields", "ntid, ord, name, config", "x, 0, 'a', x''", 31_000),
    "settings": ("config", "KEY, usn, mtime_secs, val", "x, 0, 0, x'31'", 21_000),
}


@pytest.mark.parametrize("rows_of", TOO_MANY.values(), ids=TOO_MANY.keys())
def test_too_many_rows_are_refused_before_they_become_objects(
    collection: bytes, rows_of: tuple[str, str, str, int]
) -> None:
    data = changed(collection, too_many(*rows_of))
    tracemalloc.start()
    try:
        with pytest.raises(TooLargeError), opened(data):
            pass
        assert tracemalloc.get_traced_memory()[1] < MOST_MEMORY
    finally:
        tracemalloc.stop()


def test_documents_of_too_many_bytes_are_refused(collection: bytes) -> None:
    blob = wire.field(3, wire.LENGTH, b"x" * 30_000)
    data = changed(
        collection, lambda conn: conn.execute("UPDATE notetypes SET config = ?", (blob,))
    )
    with opened(data):
        pass
    with pytest.raises(TooLargeError), opened(data, document_bytes=100_000):
        pass


def test_json_that_needs_much_memory_is_refused(collection: bytes) -> None:
    """Small on disk, 30 times as large as objects."""
    blob = wire.field(255, wire.LENGTH, b'{"a":[%s]}' % b",".join([b"{}"] * 600_000))
    sql = "UPDATE notetypes SET config = ? WHERE id = (SELECT min(id) FROM notetypes)"
    data = changed(collection, lambda conn: conn.execute(sql, (blob,)))
    tracemalloc.start()
    try:
        with pytest.raises(TooLargeError), opened(data):
            pass
        assert tracemalloc.get_traced_memory()[1] < MOST_MEMORY
    finally:
        tracemalloc.stop()


def cut(data: bytearray, rng: random.Random) -> None:
    del data[rng.randrange(len(data)) :]


def change_bytes(data: bytearray, rng: random.Random) -> None:
    for _ in range(rng.choice([1, 2, 8, 60])):
        data[rng.randrange(len(data))] = rng.randrange(256)


def change_page_head(data: bytearray, rng: random.Random) -> None:
    start = rng.randrange(0, len(data), 4096)
    data[start : start + 40] = rng.randbytes(40)


DAMAGE = [cut, change_bytes, change_page_head]


@pytest.mark.parametrize("kind", ["package", "collection"])
def test_damaged_files_are_read_or_refused_within_bounds(collection: bytes, kind: str) -> None:
    whole = latest_package(collection, {"a.png": b"A"}) if kind == "package" else collection
    refused = 0
    tracemalloc.start()
    try:
        for seed in range(250):
            rng = random.Random(seed)
            data = bytearray(whole)
            rng.choice(DAMAGE)(data, rng)
            try:
                with opened(bytes(data)) as source:
                    contents(source)
            except (UnusableFileError, TooLargeError):
                refused += 1
        assert tracemalloc.get_traced_memory()[1] < MOST_MEMORY
    finally:
        tracemalloc.stop()
    assert 50 < refused < 250
