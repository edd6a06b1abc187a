"""The tables of an Anki collection, schema 11.

Source: Anki's rslib/src/storage/schema11.sql (the file format, not its text).
"""

import sqlite3

SCHEMA_VERSION = 11

TABLES: dict[str, tuple[str, ...]] = {
    "col": (
        "id integer PRIMARY KEY",
        "crt integer NOT NULL",
        "mod integer NOT NULL",
        "scm integer NOT NULL",
        "ver integer NOT NULL",
        "dty integer NOT NULL",
        "usn integer NOT NULL",
        "ls integer NOT NULL",
        "conf text NOT NULL",
        "models text NOT NULL",
        "decks text NOT NULL",
        "dconf text NOT NULL",
        "tags text NOT NULL",
    ),
    "notes": (
        "id integer PRIMARY KEY",
        "guid text NOT NULL",
        "mid integer NOT NULL",
        "mod integer NOT NULL",
        "usn integer NOT NULL",
        "tags text NOT NULL",
        "flds text NOT NULL",
        "sfld integer NOT NULL",
        "csum integer NOT NULL",
        "flags integer NOT NULL",
        "data text NOT NULL",
    ),
    "cards": (
        "id integer PRIMARY KEY",
        "nid integer NOT NULL",
        "did integer NOT NULL",
        "ord integer NOT NULL",
        "mod integer NOT NULL",
        "usn integer NOT NULL",
        "type integer NOT NULL",
        "queue integer NOT NULL",
        "due integer NOT NULL",
        "ivl integer NOT NULL",
        "factor integer NOT NULL",
        "reps integer NOT NULL",
        "lapses integer NOT NULL",
        "left integer NOT NULL",
        "odue integer NOT NULL",
        "odid integer NOT NULL",
        "flags integer NOT NULL",
        "data text NOT NULL",
    ),
    "revlog": (
        "id integer PRIMARY KEY",
        "cid integer NOT NULL",
        "usn integer NOT NULL",
        "ease integer NOT NULL",
        "ivl integer NOT NULL",
        "lastIvl integer NOT NULL",
        "factor integer NOT NULL",
        "time integer NOT NULL",
        "type integer NOT NULL",
    ),
    "graves": (
        "usn integer NOT NULL",
        "oid integer NOT NULL",
        "type integer NOT NULL",
    ),
}

INDICES: dict[str, str] = {
    "ix_notes_usn": "notes (usn)",
    "ix_cards_usn": "cards (usn)",
    "ix_revlog_usn": "revlog (usn)",
    "ix_cards_nid": "cards (nid)",
    "ix_cards_sched": "cards (did, queue, due)",
    "ix_revlog_cid": "revlog (cid)",
    "ix_notes_csum": "notes (csum)",
}


def create_tables(conn: sqlite3.Connection) -> None:
    """Make the empty tables and indices; the row of `col` is the caller's."""
    create_bare_tables(conn)
    for table in TABLES:
        create_indices(conn, table)


def create_bare_tables(conn: sqlite3.Connection) -> None:
    """Make the empty tables alone."""
    for table, columns in TABLES.items():
        conn.execute(f"CREATE TABLE {table} ({', '.join(columns)})")


def create_indices(conn: sqlite3.Connection, table: str) -> None:
    """Make the indices of a bare table; of very many rows it is faster once they are there."""
    for index, target in INDICES.items():
        if target.startswith(f"{table} "):
            conn.execute(f"CREATE INDEX {index} ON {target}")


def column_names(table: str) -> tuple[str, ...]:
    """The names of a table's columns, in the file's order."""
    return tuple(column.split()[0] for column in TABLES[table])
