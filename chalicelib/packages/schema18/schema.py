"""The tables that schema 18 has beside those of schema 11, or otherwise than there.

Sources: Anki's rslib/src/storage/upgrades/schema14_upgrade.sql to schema18_upgrade.sql and the
indices that it makes on opening (the file format, not its text).
"""

import sqlite3

from chalicelib.collection import schema as schema11

SCHEMA_VERSION = 18

_NAMED_OBJECT = (
    "name text NOT NULL COLLATE unicase",
    "mtime_secs integer NOT NULL",
    "usn integer NOT NULL",
)
_NAMED_PART = ("ntid integer NOT NULL", "ord integer NOT NULL")

TABLES: dict[str, tuple[str, ...]] = {
    "config": (
        "KEY text NOT NULL PRIMARY KEY",
        "usn integer NOT NULL",
        "mtime_secs integer NOT NULL",
        "val blob NOT NULL",
    ),
    "tags": (
        "tag text NOT NULL PRIMARY KEY COLLATE unicase",
        "usn integer NOT NULL",
        "collapsed boolean NOT NULL",
        "config blob NULL",
    ),
    "deck_config": ("id integer PRIMARY KEY NOT NULL", *_NAMED_OBJECT, "config blob NOT NULL"),
    "notetypes": ("id integer NOT NULL PRIMARY KEY", *_NAMED_OBJECT, "config blob NOT NULL"),
    "fields": (*_NAMED_PART, "name text NOT NULL COLLATE unicase", "config blob NOT NULL"),
    "templates": (*_NAMED_PART, *_NAMED_OBJECT, "config blob NOT NULL"),
    "decks": (
        "id integer PRIMARY KEY NOT NULL",
        *_NAMED_OBJECT,
        "common blob NOT NULL",
        "kind blob NOT NULL",
    ),
    "graves": ("oid integer NOT NULL", "type integer NOT NULL", "usn integer NOT NULL"),
}

_KEYS = {
    "fields": "PRIMARY KEY (ntid, ord)",
    "templates": "PRIMARY KEY (ntid, ord)",
    "graves": "PRIMARY KEY (oid, type)",
}

WITHOUT_ROWID = frozenset({"config", "tags", *_KEYS})

INDICES: dict[str, str] = {
    "UNIQUE INDEX idx_fields_name_ntid": "fields (name, ntid)",
    "UNIQUE INDEX idx_templates_name_ntid": "templates (name, ntid)",
    "INDEX idx_templates_usn": "templates (usn)",
    "UNIQUE INDEX idx_notetypes_name": "notetypes (name)",
    "INDEX idx_notetypes_usn": "notetypes (usn)",
    "UNIQUE INDEX idx_decks_name": "decks (name)",
    "INDEX idx_notes_mid": "notes (mid)",
    "INDEX idx_cards_odid": "cards (odid) WHERE odid != 0",
    "INDEX idx_graves_pending": "graves (usn)",
}


def create_tables(conn: sqlite3.Connection) -> None:
    """Make the tables empty; those of schema 11 that have their names must be gone."""
    for table, columns in TABLES.items():
        parts = [*columns, _KEYS[table]] if table in _KEYS else columns
        ending = " WITHOUT ROWID" if table in WITHOUT_ROWID else ""
        conn.execute(f"CREATE TABLE {table} ({', '.join(parts)}){ending}")


def create_indices(conn: sqlite3.Connection) -> None:
    """Make the indices; a collection that Anki had open may have some of them already."""
    for index, target in INDICES.items():
        conn.execute(f"CREATE {index.replace('INDEX', 'INDEX IF NOT EXISTS')} ON {target}")


def column_names(table: str) -> frozenset[str]:
    """The names of the columns of any table of schema 18."""
    columns = TABLES.get(table) or schema11.TABLES[table]
    return frozenset(column.split()[0] for column in columns)
