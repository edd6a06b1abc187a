"""All that a collection holds, as one JSON value, and back."""

import sqlite3
from collections.abc import Mapping
from typing import Any

from chalicelib.collection.col import parse
from chalicelib.collection.schema import column_names, create_tables

State = dict[str, list[list[Any]]]

_TABLES = ("col", "notes", "cards", "revlog", "graves")


def state_of(conn: sqlite3.Connection) -> State:
    return {
        table: [list(row) for row in conn.execute(f"SELECT * FROM {table} ORDER BY 1").fetchall()]
        for table in _TABLES
    }


def collection_of(state: Mapping[str, list[list[Any]]]) -> sqlite3.Connection:
    """A collection in memory that holds the state."""
    conn = sqlite3.connect(":memory:", isolation_level=None)
    create_tables(conn)
    for table, rows in state.items():
        marks = ", ".join("?" * len(column_names(table)))
        conn.executemany(f"INSERT INTO {table} VALUES ({marks})", rows)
    return conn


def comparable(state: Mapping[str, list[list[Any]]]) -> dict[str, Any]:
    """The state without what differs between Anki, a client, and a server: each `usn`."""
    found: dict[str, Any] = {}
    for table, rows in state.items():
        names = column_names(table)
        entries = [dict(zip(names, row, strict=True)) for row in rows]
        for entry in entries:
            entry.pop("usn", None)
        if table == "graves":
            found[table] = sorted((entry["type"], entry["oid"]) for entry in entries)
        elif table == "col":
            found |= _col(entries[0])
        else:
            found[table] = {entry["id"]: entry for entry in entries}
    return found


def _col(row: dict[str, Any]) -> dict[str, Any]:
    documents = {name: parse(row[name]) for name in ("conf", "models", "decks", "dconf")}
    for name in ("models", "decks", "dconf"):
        for entry in documents[name].values():
            entry.pop("usn", None)
    return {**documents, "tags": sorted(parse(row["tags"])), "crt": row["crt"], "scm": row["scm"]}
