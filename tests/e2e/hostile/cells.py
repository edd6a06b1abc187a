"""Sound databases whose rows hold what no collection holds, or far too many of them."""

import random
import sqlite3
from collections.abc import Callable
from functools import cache
from typing import Any

from tests.e2e.hostile.kinds import Kind
from tests.e2e.hostile.material import any_change, rewritten_schema, small, spoiled, wrapped
from tests.packages.sources import package

_TABLES = {
    "notes": "id guid mid mod usn tags flds sfld csum flags data",
    "cards": (
        "id nid did ord mod usn type queue due ivl factor reps lapses left odue odid flags data"
    ),
    "revlog": "id cid usn ease ivl lastIvl factor time type",
    "col": "crt mod scm ver dty usn ls conf models decks dconf tags",
    "graves": "usn oid type",
}
_VALUES: list[Any] = [
    None,
    0,
    -1,
    1,
    2**31,
    -(2**31) - 1,
    2**32,
    2**63 - 1,
    -(2**63),
    0.5,
    1e300,
    9e999,
    -9e999,
    "",
    "1",
    "9" * 40,
    "text",
    "a\x00b",
    "\x1f" * 5000,
    "x" * 70_000,
    b"",
    b"\x00\xff" * 30,
    bytes(1_000_000),
    "\u202e\ufffe",
    "{}",
    '{"s": 1e999, "d": "x", "pos": -1}',
    "[" * 10_000,
]


def _cells(rng: random.Random) -> bytes:
    """A few values, in a few rows or all of them, of another type than the column."""

    def change(conn: sqlite3.Connection) -> None:
        review = "0, 3, 1, 1, 2500, 100, 1"
        conn.execute(f"INSERT INTO revlog VALUES (1000, 1, {review}), (2000, 1, {review})")
        conn.execute("INSERT INTO graves VALUES (0, 5, 0)")
        conn.execute("PRAGMA writable_schema = ON")
        conn.execute("UPDATE sqlite_schema SET sql = replace(sql, ' NOT NULL', '')")
        conn.execute("PRAGMA writable_schema = RESET")
        for _ in range(rng.choice([1, 1, 2, 6])):
            table = rng.choice([*_TABLES, "cards", "notes"])
            column = rng.choice(_TABLES[table].split())
            some = rng.choice(["1", "rowid = (SELECT max(rowid) FROM {0})"]).format(table)
            sql = f"UPDATE OR IGNORE {table} SET {column} = ? WHERE {some}"
            try:
                conn.execute(sql, (rng.choice(_VALUES),))
            except sqlite3.Error:  # a row id that is no number
                continue

    return wrapped(spoiled(change), rng)


def _not_utf_8(rng: random.Random) -> bytes:
    """Halves of surrogate pairs, and bytes that are no text at all."""
    raw = rng.choice(["eda080", "edbfbf61", "fffe", "c080", "f7bfbfbf", "61ff1f62"])
    table, column = rng.choice(
        [
            ("notes", "flds"),
            ("notes", "tags"),
            ("notes", "guid"),
            ("cards", "data"),
            ("col", "decks"),
        ]
    )
    return wrapped(
        spoiled(lambda conn: conn.execute(f"UPDATE {table} SET {column} = CAST(x'{raw}' AS text)")),
        rng,
    )


def _lost(rng: random.Random) -> bytes:
    """References that lead nowhere or around in a circle."""
    statement = rng.choice(
        [
            "UPDATE cards SET nid = 5",
            "UPDATE cards SET did = 999",
            "UPDATE cards SET did = 0, odid = 0",
            "UPDATE cards SET odid = did",
            "UPDATE cards SET odid = 55, did = 55",
            "UPDATE cards SET odid = 1, odue = 9223372036854775807",
            "UPDATE cards SET nid = (SELECT min(id) FROM notes), ord = 0",
            "UPDATE cards SET ord = 30001",
            "UPDATE cards SET ord = ord + 100",
            "UPDATE notes SET mid = 5",
            "UPDATE notes SET guid = 'same'",
            "UPDATE notes SET guid = ''",
            "UPDATE notes SET id = -id",
            "UPDATE notes SET mid = (SELECT min(mid) FROM notes)",
            "DELETE FROM cards",
            "DELETE FROM notes",
            "INSERT INTO revlog SELECT -id, id, 0, 1, 1, 1, 1, 1, 1 FROM cards",
        ]
    )
    return wrapped(spoiled(lambda conn: conn.execute(statement)), rng)


def _numbers(count: int) -> str:
    return f"WITH RECURSIVE n(x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM n LIMIT {count})"


_INSERTS = {
    "notes": (
        "INSERT INTO notes SELECT x, x, (SELECT min(mid) FROM notes), 0, 0, '', x, 0, 0, 0, ''"
        " FROM n"
    ),
    "cards": (
        "INSERT INTO cards SELECT x, (SELECT min(id) FROM notes), 1, x, 0, 0, 0, 0, x, 0, 0, 0, 0,"
        " 0, 0, 0, 0, '' FROM n"
    ),
    "revlog": "INSERT INTO revlog SELECT x, 1, 0, 3, 1, 1, 2500, 100, 1 FROM n",
    "graves": "INSERT INTO graves SELECT 0, x, x % 3 FROM n",
}


@cache
def _crowd(table: str, count: int) -> bytes:
    data = spoiled(lambda conn: conn.execute(f"{_numbers(count)} {_INSERTS[table]}"))
    return package(data)


def _too_many(rng: random.Random) -> bytes:
    return _crowd(*rng.choice([("notes", 1_000_000), ("cards", 300_000), ("revlog", 1_100_000)]))


def _many(rng: random.Random) -> bytes:
    """Within the limits."""
    return _crowd(
        *rng.choice(
            [("notes", 90_000), ("cards", 200_000), ("revlog", 900_000), ("graves", 900_000)]
        )
    )


@cache
def _tagged(notes: int, tags: int) -> bytes:
    def change(conn: sqlite3.Connection) -> None:
        conn.execute(f"{_numbers(notes)} {_INSERTS['notes']}")
        many = " ".join(f"t{n}" for n in range(tags))
        conn.execute("UPDATE notes SET tags = id || 'u ' || ?", (many,))

    return package(spoiled(change))


def _tags(rng: random.Random) -> bytes:
    return _tagged(*rng.choice([(30_000, 0), (3, 15_000), (300, 2_000), (15_000, 3)]))


_PIECES = [
    "<",
    ">",
    "<img src=",
    "<img ",
    "<!--",
    "<script>",
    "<style",
    "[sound:",
    "[sound:a]",
    "{{c1::",
    "{{c1::a}}",
    "{{c",
    "}}",
    "&",
    "&#",
    "&lt",
    '"',
    "'",
    "<img src='",
    "<div>",
    "\\(",
    "[latex]",
    "<a b='\">",
    "\u0301",
    "\ud7a3\u11a8",
    "image-occlusion:",
    "::",
    "[$]",
    "<img src=a data=",
]


def _catastrophic_fields(rng: random.Random) -> bytes:
    """Fields that a careless reader takes quadratic time for, or worse."""
    piece = "".join(rng.choices(_PIECES, k=rng.choice([1, 1, 2, 3])))
    text = (piece * (60_000 // len(piece.encode()))) + rng.choice(["", ">", "x"])
    notes = rng.choice([2, 40])

    def change(conn: sqlite3.Connection) -> None:
        conn.execute(f"{_numbers(notes)} {_INSERTS['notes']}")
        conn.execute("UPDATE notes SET flds = ? || id || x'1f' || ?", (text, text[:2000]))

    return package(spoiled(change), {"media": b'{"0": "a.png"}', "0": b"a"})


def _huge_cells(rng: random.Random) -> bytes:
    length = rng.choice([65_537, 300_000, 8_000_000, 9_000_000, 60_000_000])
    column = rng.choice(["flds", "tags", "guid", "data", "sfld"])
    value = rng.choice(["hex(zeroblob({0} / 2))", "zeroblob({0})"]).format(length)
    return package(spoiled(lambda conn: conn.execute(f"UPDATE notes SET {column} = {value}")))


_ODD_COLUMNS = (
    rewritten_schema("id integer", "id INTEGER"),
    rewritten_schema("usn integer NOT NULL", "usn blob"),
    rewritten_schema("flds text", "flds integer"),
)
_MAKERS: dict[str, Callable[[random.Random], bytes]] = {
    "cells of any kind": _cells,
    "cells that are no UTF-8": _not_utf_8,
    "rows without their like": _lost,
    "too many rows": _too_many,
    "very many rows": _many,
    "very many tags": _tags,
    "catastrophic fields": _catastrophic_fields,
    "huge cells": _huge_cells,
    "odd columns": any_change(*_ODD_COLUMNS),
    "sound after all": lambda rng: wrapped(small(), rng),
}
KINDS = [Kind(f"rows, {name}", make) for name, make in _MAKERS.items()]
