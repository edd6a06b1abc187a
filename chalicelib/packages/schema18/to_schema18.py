"""A schema-11 collection turned into one of schema 18, as Anki does on opening it.

Source: Anki's rslib/src/storage/upgrades/mod.rs (`upgrade_to_latest_schema`). What Anki repairs
on the way is not repaired here: collections are kept so that there is nothing to repair.
"""

import sqlite3
from collections.abc import Iterable, Iterator
from typing import Any

from chalicelib.collection.col import JsonObject, read_document
from chalicelib.collection.deck_names import SEPARATOR
from chalicelib.packages.schema18 import schema, unicase
from chalicelib.packages.schema18.objects import (
    deck_blobs,
    field_blob,
    json_bytes,
    notetype_blob,
    options_blob,
    template_blob,
)
from chalicelib.packages.schema18.to_schema11 import NATIVE_SEPARATOR
from chalicelib.packages.shapes import I64, whole

_COLLAPSED = 1
_EMPTIED = "conf = '', models = '', decks = '', dconf = '', tags = ''"
_NUMBER = whole(-I64 - 1, I64)
_Row = tuple[Any, ...]


def upgrade_to_schema18(conn: sqlite3.Connection) -> None:
    """Turn the collection of `conn` into schema 18, in a transaction of its own.

    It must be a private copy, of a collection that Anki finds nothing wrong with.
    """
    unicase.register(conn)
    rows = {
        "config": list(_config_rows(read_document(conn, "conf"))),
        "tags": list(_tag_rows(read_document(conn, "tags"))),
        "deck_config": list(_options_rows(read_document(conn, "dconf"))),
        "decks": list(_deck_rows(read_document(conn, "decks"))),
        **_notetype_tables(read_document(conn, "models")),
        "graves": conn.execute("SELECT oid, type, usn FROM graves").fetchall(),
    }
    conn.execute("BEGIN IMMEDIATE")
    conn.execute("DROP TABLE graves")
    schema.create_tables(conn)
    for table, table_rows in rows.items():
        _insert(conn, table, table_rows)
    schema.create_indices(conn)
    conn.execute(f"UPDATE col SET ver = ?, {_EMPTIED}", (schema.SCHEMA_VERSION,))
    conn.execute("COMMIT")


def _insert(conn: sqlite3.Connection, table: str, rows: Iterable[_Row]) -> None:
    """Of rows with the same key the first one stays, as with tags in two cases."""
    marks = ", ".join("?" for _ in schema.TABLES[table])
    conn.executemany(f"INSERT OR IGNORE INTO {table} VALUES ({marks})", rows)


def _config_rows(conf: JsonObject) -> Iterator[_Row]:
    for key, value in conf.items():
        yield _storable(key), 0, 0, json_bytes(value)


def _tag_rows(tags: JsonObject) -> Iterator[_Row]:
    for tag, usn in tags.items():
        yield _storable(tag), _number(usn), _COLLAPSED, None


def _options_rows(document: JsonObject) -> Iterator[_Row]:
    for options_id, options in _objects(document):
        yield options_id, *_description(options), options_blob(options)


def _deck_rows(document: JsonObject) -> Iterator[_Row]:
    taken: set[str] = set()
    for deck_id, deck in _objects(document):
        name, modified_s, usn = _description(deck)
        native_name = _unique(name.replace(SEPARATOR, NATIVE_SEPARATOR), taken, "_")
        yield deck_id, native_name, modified_s, usn, *deck_blobs(deck)


def _notetype_tables(document: JsonObject) -> dict[str, list[_Row]]:
    """The rows of the three tables that notetypes are spread over."""
    tables: dict[str, list[_Row]] = {"notetypes": [], "fields": [], "templates": []}
    taken: set[str] = set()
    for notetype_id, notetype in _objects(document):
        name, modified_s, usn = _description(notetype)
        core = (notetype_id, _unique(name, taken, "_"), modified_s, usn, notetype_blob(notetype))
        tables["notetypes"].append(core)
        for ordinal, name, field in _parts(notetype.get("flds")):
            tables["fields"].append((notetype_id, ordinal, name, field_blob(field)))
        for ordinal, name, template in _parts(notetype.get("tmpls")):
            row = (notetype_id, ordinal, name, 0, 0, template_blob(template))
            tables["templates"].append(row)
    return tables


def _parts(parts: Any) -> Iterator[tuple[int, str, JsonObject]]:
    """Fields or templates with their place and a name that none before them has."""
    taken: set[str] = set()
    listed = parts if isinstance(parts, list) else []
    for ordinal, part in enumerate(part for part in listed if isinstance(part, dict)):
        yield ordinal, _unique(_name(part), taken, "+"), part


def _objects(document: JsonObject) -> Iterator[tuple[int, JsonObject]]:
    for key, value in document.items():
        if isinstance(value, dict):
            yield _number(key), value


def _description(value: JsonObject) -> tuple[str, int, int]:
    """Name, time of change in seconds, and usn."""
    return _name(value), _number(value.get("mod")), _number(value.get("usn"))


def _name(value: JsonObject) -> str:
    return _storable(str(value.get("name", "")))


def _storable(text: str) -> str:
    """Without lone surrogates, which JSON can hold and SQLite cannot."""
    return text.encode(errors="replace").decode()


def _number(value: Any) -> int:
    try:
        number: int = _NUMBER(value)
    except (TypeError, ValueError, OverflowError):
        number = 0
    return number


def _unique(name: str, taken: set[str], suffix: str) -> str:
    while unicase.unicase_key(name) in taken:
        name += suffix
    taken.add(unicase.unicase_key(name))
    return name
