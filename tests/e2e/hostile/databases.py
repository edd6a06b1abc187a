"""Databases that are code, or whose bytes lead around in circles."""

import random
import sqlite3
import struct
import tempfile
from collections.abc import Callable
from functools import cache
from pathlib import Path

from tests.e2e.hostile.kinds import Kind
from tests.e2e.hostile.material import (
    any_change,
    made_on_disk,
    rewritten_schema,
    running,
    small,
    spoiled,
    spoiled_18,
    wrapped,
)
from tests.packages import test_sqlite_source
from tests.packages.schema18 import test_hostile

_PAGE = 4096
_ENDLESS = "WITH RECURSIVE n(x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM n)"
_NOTES = "id, guid, mid, mod, usn, tags, flds, sfld, csum, flags, data"


def _in_place_of_notes(select: str) -> tuple[str, ...]:
    return ("ALTER TABLE notes RENAME TO old", f"CREATE VIEW notes AS {select}")


_VIEWS = (
    running(*_in_place_of_notes(f"{_ENDLESS} SELECT x AS id, x AS guid, 1 AS mid FROM n")),
    running(*_in_place_of_notes(f"{_ENDLESS} SELECT count(*) AS id FROM n")),
    running(*_in_place_of_notes(f"SELECT {_NOTES} FROM old, old b, old c, old d, old e")),
    running("DROP TABLE graves", f"CREATE VIEW graves AS {_ENDLESS} SELECT x AS usn FROM n"),
    running("CREATE VIEW v AS SELECT load_extension('x'), writefile('x', 'y')"),
    running(*(f"CREATE VIEW v{n} AS SELECT * FROM v{n - 1}, v{n - 1}" for n in range(1, 60))),
)
_TRIGGERS = (
    running("CREATE TRIGGER t AFTER UPDATE ON col BEGIN DELETE FROM notes; END"),
    running("CREATE TRIGGER t BEFORE INSERT ON notes BEGIN SELECT randomblob(999999999); END"),
    running("CREATE TRIGGER t AFTER DELETE ON cards BEGIN DELETE FROM cards; END"),
)
_VIRTUAL = (
    running("CREATE VIRTUAL TABLE f USING fts5(x)"),
    running("CREATE VIRTUAL TABLE r USING rtree(id, a, b)"),
    running("CREATE TABLE f_data (id INTEGER PRIMARY KEY, block BLOB)"),
    running("DROP TABLE graves", "CREATE VIRTUAL TABLE graves USING fts5(usn, oid, type)"),
    rewritten_schema("CREATE TABLE graves", "CREATE VIRTUAL TABLE graves USING fts5"),
    rewritten_schema("CREATE TABLE graves", "CREATE VIRTUAL TABLE graves USING nothing"),
)
_COMPUTED = (
    running("CREATE INDEX e ON notes (abs(id))"),
    running("CREATE INDEX e ON notes (id) WHERE abs(id)"),
    running("CREATE INDEX e ON cards (json_extract(data, '$.s'))"),
    running("ALTER TABLE notes ADD COLUMN more AS (zeroblob(999999999))"),
    running("DROP TABLE graves", "CREATE TABLE graves (usn, oid, type AS (1) STORED)"),
    rewritten_schema("tags text NOT NULL", "tags text AS (hex(zeroblob(9999999))) NOT NULL"),
    rewritten_schema("data text NOT NULL", "data text NOT NULL CHECK (randomblob(999999999))"),
    rewritten_schema("data text NOT NULL", "data text NOT NULL DEFAULT (randomblob(999999999))"),
    rewritten_schema("tags text NOT NULL", "tags text NOT NULL COLLATE nobody"),
    rewritten_schema("tags text NOT NULL", "tags text NOT NULL REFERENCES cards(id)"),
)
_TABLES = (
    running(*(f"CREATE TABLE t{n} (a)" for n in range(3000))),
    running(f"CREATE TABLE wide ({', '.join(f'c{n}' for n in range(1900))})"),
    running(*(f"CREATE INDEX i{n} ON notes (mod)" for n in range(1500))),
    running(
        "DROP TABLE graves", "CREATE TABLE graves (usn, oid, type, PRIMARY KEY (oid)) WITHOUT ROWID"
    ),
    rewritten_schema(")", ") STRICT"),
    rewritten_schema("CREATE TABLE notes", "CREATE TABLE sqlite_notes"),
    rewritten_schema("CREATE TABLE notes", "CREATE TEMP TABLE notes"),
    rewritten_schema("CREATE TABLE notes", f"CREATE TABLE notes /* {'x' * 2_000_000} */"),
    rewritten_schema("id integer", "id integer DEFAULT " + "(" * 900 + "1" + ")" * 900),
    rewritten_schema("NOT NULL", "\x00"),
    rewritten_schema("CREATE TABLE", "DROP TABLE"),
    running(
        "PRAGMA writable_schema = ON", "UPDATE sqlite_schema SET type = 'view' WHERE name = 'notes'"
    ),
    running("PRAGMA writable_schema = ON", "UPDATE sqlite_schema SET type = 'x'"),
    running(
        "PRAGMA writable_schema = ON", "UPDATE sqlite_schema SET name = x'ff' WHERE name = 'notes'"
    ),
    running("PRAGMA writable_schema = ON", "UPDATE sqlite_schema SET tbl_name = 'col'"),
    running(
        "ANALYZE",
        "DELETE FROM sqlite_stat1",
        "INSERT INTO sqlite_stat1 VALUES ('notes', 'ix_notes_csum', hex(zeroblob(400000)))",
    ),
)
_IDENTITY = (
    running("PRAGMA application_id = 252006673"),
    running("PRAGMA user_version = -1"),
    running("PRAGMA schema_version = -1"),
    running("PRAGMA default_cache_size = 2147483647"),
    running("UPDATE col SET ver = 18"),
    running("UPDATE col SET ver = 9223372036854775807"),
)


def _roots(rng: random.Random) -> bytes:
    """Tables and indices that begin in other places, or in each other's."""
    roots = [0, 1, 2, 3, -1, 2**31, 10**6, None, "x"]

    def change(conn: sqlite3.Connection) -> None:
        names = [name for (name,) in conn.execute("SELECT name FROM sqlite_schema")]
        conn.execute("PRAGMA writable_schema = ON")
        sql = "UPDATE sqlite_schema SET rootpage = ? WHERE name = ?"
        if rng.random() < 0.4:
            sql = (
                "UPDATE sqlite_schema SET rootpage ="
                " (SELECT rootpage FROM sqlite_schema WHERE name = ?) WHERE name = ?"
            )
            conn.execute(sql, rng.sample(names, 2))
        else:
            conn.execute(sql, (rng.choice(roots), rng.choice(names)))

    return wrapped(spoiled(change), rng)


_HEADER = {
    "page size": (16, 2, [0, 1, 2, 256, 512, 1024, 8192, 32768, 65535]),
    "write-ahead log": (18, 2, [0x0202, 0x0303, 0xFFFF, 0x0102, 0x0201]),
    "reserved bytes": (20, 1, [1, 32, 100, 255]),
    "payload fractions": (21, 3, [0, 0xFFFFFF, 0x402021]),
    "number of pages": (28, 4, [0, 1, 2, 5, 2**31, 2**32 - 1]),
    "freelist": (32, 8, [1 << 32 | 1, 2 << 32 | 9, 5 << 32 | 1, 2**64 - 1, 2**31 << 32 | 2**31]),
    "schema format": (44, 4, [0, 1, 2, 3, 5, 2**32 - 1]),
    "auto-vacuum": (52, 4, [1, 2, 9, 2**32 - 1]),
    "text encoding": (56, 4, [0, 2, 3, 4, 2**32 - 1]),
    "incremental vacuum": (64, 4, [1, 2**32 - 1]),
    "version": (92, 8, [0, 2**64 - 1]),
}


def _header(offset: int, size: int, values: list[int]) -> Callable[[random.Random], bytes]:
    def make(rng: random.Random) -> bytes:
        data = bytearray(small())
        data[offset : offset + size] = rng.choice(values).to_bytes(size, "big")
        return wrapped(bytes(data), rng)

    return make


@cache
def _made(*pragmas: str) -> bytes:
    with tempfile.TemporaryDirectory() as work_dir:
        return made_on_disk(pragmas, Path(work_dir))


_FORMS = [
    ("page_size = 512",),
    ("page_size = 65536",),
    ("auto_vacuum = 1",),
    ("auto_vacuum = 2",),
    ("page_size = 1024", "auto_vacuum = 1"),
]


def _forms(rng: random.Random) -> bytes:
    return wrapped(_made(*rng.choice(_FORMS)), rng)


@cache
def _utf_16(encoding: str) -> bytes:
    """A collection of the same rows, all of its text in UTF-16."""
    source = sqlite3.connect(":memory:")
    source.deserialize(small())
    target = sqlite3.connect(":memory:", isolation_level=None)
    target.execute(f"PRAGMA encoding = '{encoding}'")
    target.executescript("\n".join(source.iterdump()))
    source.close()
    data = target.serialize()
    target.close()
    return data


def _in_utf_16(rng: random.Random) -> bytes:
    data = bytearray(_utf_16(rng.choice(["UTF-16le", "UTF-16be"])))
    if rng.random() < 0.5:
        at = data.find("palavra".encode("utf-16-le")[1:])
        data[at : at + 6] = b"\xd8" * 6  # halves of pairs
    return wrapped(bytes(data), rng)


def _circles(rng: random.Random) -> bytes:
    """Pages that name each other, or themselves, as their children or as the rest of a value."""
    long_note = "UPDATE notes SET flds = hex(zeroblob(30000))"
    data = bytearray(spoiled(running(long_note, "PRAGMA auto_vacuum = 1")))
    pages = len(data) // _PAGE
    for _ in range(rng.choice([1, 1, 3, 10])):
        page = rng.randrange(1, pages)
        kind = rng.random()
        number = struct.pack(">I", rng.choice([page + 1, 1, 2, rng.randrange(pages), pages, 2**31]))
        if kind < 0.4:
            data[page * _PAGE : page * _PAGE + 4] = number
        elif kind < 0.7:
            data[page * _PAGE] = rng.choice([2, 5, 10, 13])
            data[page * _PAGE + 8 : page * _PAGE + 12] = number
        else:
            at = page * _PAGE + rng.randrange(_PAGE - 4)
            data[at : at + 4] = number
    return wrapped(bytes(data), rng)


def _free_pages(rng: random.Random) -> bytes:
    """A list of free pages that has no end, or holds pages that are in use."""
    grown = (
        "CREATE TABLE t (a)",
        "INSERT INTO t SELECT zeroblob(9000) FROM col, notes a, notes b",
        "DROP TABLE t",
    )
    data = bytearray(spoiled(running(*grown)))
    (trunk,) = struct.unpack(">I", data[32:36])
    at = (trunk - 1) * _PAGE
    values = [trunk, 1, 2, 2**32 - 1, len(data) // _PAGE]
    data[at : at + 4] = struct.pack(">I", rng.choice(values))
    data[at + 4 : at + 8] = struct.pack(">I", rng.choice([*values, 1022]))
    return wrapped(bytes(data), rng)


_CHANGES = {
    "views": _VIEWS,
    "triggers": _TRIGGERS,
    "virtual tables": _VIRTUAL,
    "expressions": _COMPUTED,
    "odd tables": _TABLES,
    "foreign numbers": _IDENTITY,
    "strange schemas": tuple(test_sqlite_source.STRANGE.values()),
}
_STRANGE_18 = list(test_hostile.STRANGE.values())


def _strange_18(rng: random.Random) -> bytes:
    statements = rng.choice(_STRANGE_18)
    return spoiled_18(lambda conn: conn.executescript(statements))


KINDS = [
    *(Kind(f"database, {name}", any_change(*changes)) for name, changes in _CHANGES.items()),
    *(Kind(f"database, {name}", _header(*field)) for name, field in _HEADER.items()),
    Kind("database, strange schemas of 18", _strange_18),
    Kind("database, beginnings of tables", _roots),
    Kind("database, other forms", _forms),
    Kind("database, UTF-16", _in_utf_16),
    Kind("database, circles", _circles),
    Kind("database, free pages", _free_pages),
]
