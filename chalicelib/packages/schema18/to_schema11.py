"""The tables of an uploaded schema-18 collection as the JSON documents of schema 11.

Source: Anki's rslib/src/storage/upgrades/mod.rs (`downgrade_to_schema_11`).
"""

from collections.abc import Callable, Iterator, Sequence
from typing import Any

from chalicelib.collection.col import Document, JsonObject
from chalicelib.collection.deck_names import SEPARATOR
from chalicelib.errors import TooLargeError, UnusableFileError
from chalicelib.packages.limits import SourceLimits
from chalicelib.packages.schema18.objects import (
    deck_from_blobs,
    field_from_blob,
    notetype_from_blob,
    options_from_blob,
    template_from_blob,
)
from chalicelib.packages.shapes import I64, Rule, parse_json, text, whole
from chalicelib.packages.sqlite_source import SourceDatabase

NATIVE_SEPARATOR = "\x1f"
"""Between the levels of a deck's name in schema 18."""

_MOST_PARTS = 30_000
_MOST_SETTINGS = 20_000
_MOST_TAGS = 100_000
_CONTAINER_BYTES = 15

_NUMBER = whole(-I64 - 1, I64)
_ORDINAL = whole(0, _MOST_PARTS)


def _blob(cell: Any) -> bytes:
    if not isinstance(cell, bytes):
        raise TypeError
    return cell


_NAMED = (_NUMBER, text, _NUMBER, _NUMBER)

# For each table: what it is called to a person, the query, and the rule of each column.
_CONFIG = ("settings", "SELECT KEY, val FROM config NOT INDEXED", (text, _blob))
_TAGS = ("tags", "SELECT tag, usn FROM tags NOT INDEXED", (text, _NUMBER))
_DECK_CONFIG = (
    "deck options",
    "SELECT id, name, mtime_secs, usn, config FROM deck_config NOT INDEXED",
    (*_NAMED, _blob),
)
_DECKS = (
    "decks",
    "SELECT id, name, mtime_secs, usn, common, kind FROM decks NOT INDEXED",
    (*_NAMED, _blob, _blob),
)
_NOTETYPES = (
    "notetypes",
    "SELECT id, name, mtime_secs, usn, config FROM notetypes NOT INDEXED",
    (*_NAMED, _blob),
)
_FIELDS = (
    "fields",
    "SELECT ntid, ord, name, config FROM fields NOT INDEXED",
    (_NUMBER, _ORDINAL, text, _blob),
)
_TEMPLATES = (
    "templates",
    "SELECT ntid, ord, name, config FROM templates NOT INDEXED",
    (_NUMBER, _ORDINAL, text, _blob),
)

_Table = tuple[str, str, tuple[Rule, ...]]
_Row = tuple[Any, ...]


def read_document(database: SourceDatabase, limits: SourceLimits, name: Document) -> JsonObject:
    """One of the five documents of `col`, by the name of its column.

    Raises UnusableFileError for a row that is none of Anki's, and TooLargeError for more rows or
    bytes than a document can be.
    """
    return _READERS[name](database, limits)


def _settings(database: SourceDatabase, limits: SourceLimits) -> JsonObject:
    """What cannot be read is as good as not set."""
    settings = {}
    for key, value in _rows(database, limits, _CONFIG, _MOST_SETTINGS):
        try:
            settings[key] = parse_json(value.decode(), limits.document_depth)
        except (TypeError, ValueError):
            continue
    return settings


def _tags(database: SourceDatabase, limits: SourceLimits) -> JsonObject:
    return dict(_rows(database, limits, _TAGS, _MOST_TAGS))


def _options(database: SourceDatabase, limits: SourceLimits) -> JsonObject:
    rows = _rows(database, limits, _DECK_CONFIG, limits.decks)
    return {
        str(row[0]): _described(row, _converted(_DECK_CONFIG, options_from_blob, row[4]))
        for row in rows
    }


def _decks(database: SourceDatabase, limits: SourceLimits) -> JsonObject:
    decks = {}
    for row in _rows(database, limits, _DECKS, limits.decks):
        deck = _described(row, _converted(_DECKS, deck_from_blobs, row[4], row[5]))
        deck["name"] = deck["name"].replace(NATIVE_SEPARATOR, SEPARATOR)
        decks[str(row[0])] = deck
    return decks


def _notetypes(database: SourceDatabase, limits: SourceLimits) -> JsonObject:
    fields = _parts(database, limits, _FIELDS, field_from_blob)
    templates = _parts(database, limits, _TEMPLATES, template_from_blob)
    notetypes = {}
    for row in _rows(database, limits, _NOTETYPES, limits.notetypes):
        notetype = _described(row, _converted(_NOTETYPES, notetype_from_blob, row[4]))
        notetype["flds"] = fields.get(row[0], [])
        notetype["tmpls"] = templates.get(row[0], [])
        notetypes[str(row[0])] = notetype
    return notetypes


def _parts(
    database: SourceDatabase,
    limits: SourceLimits,
    table: _Table,
    convert: Callable[[bytes], JsonObject],
) -> dict[int, list[JsonObject]]:
    """Fields or templates in their order, by the notetype they belong to."""
    parts: dict[int, list[JsonObject]] = {}
    rows = sorted(_rows(database, limits, table, _MOST_PARTS), key=lambda row: (row[0], row[1]))
    for notetype_id, ordinal, name, blob in rows:
        part = {"name": name, "ord": ordinal, **_converted(table, convert, blob)}
        parts.setdefault(notetype_id, []).append(part)
    return parts


def _described(row: _Row, config: JsonObject) -> JsonObject:
    """The object with what the columns say of it."""
    object_id, name, modified_s, usn, *_ = row
    return {"id": object_id, "name": name, "mod": modified_s, "usn": usn, **config}


def _converted(table: _Table, convert: Callable[..., JsonObject], *blobs: bytes) -> JsonObject:
    try:
        return convert(*blobs)
    except ValueError:
        raise _unreadable(table) from None


def _rows(
    database: SourceDatabase, limits: SourceLimits, table: _Table, most: int
) -> Iterator[_Row]:
    """Typed rows. Together they may have as many bytes as the document they become."""
    what, sql, rules = table
    room = limits.document_bytes
    for count, cells in enumerate(database.rows(sql)):
        row = _typed(table, cells, rules)
        room -= sum(map(_cost, row))
        if count >= most or room < 0:
            raise TooLargeError(f"There are more {what} in this file than what can be taken.")
        yield row


def _cost(cell: Any) -> int:
    """Bytes, with those that the JSON in a blob needs as objects."""
    if isinstance(cell, bytes):
        return len(cell) + _CONTAINER_BYTES * (cell.count(b"{") + cell.count(b"["))
    return len(cell) if isinstance(cell, str) else 0


def _typed(table: _Table, cells: Sequence[Any], rules: Sequence[Rule]) -> _Row:
    try:
        return tuple(rule(cell) for rule, cell in zip(rules, cells, strict=True))
    except (TypeError, ValueError):
        raise _unreadable(table) from None


def _unreadable(table: _Table) -> UnusableFileError:
    return UnusableFileError(f"The {table[0]} of this collection cannot be read.")


_READERS: dict[Document, Callable[[SourceDatabase, SourceLimits], JsonObject]] = {
    "conf": _settings,
    "models": _notetypes,
    "decks": _decks,
    "dconf": _options,
    "tags": _tags,
}
