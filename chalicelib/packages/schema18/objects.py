"""Notetypes, decks and options: the blobs of schema 18 as the JSON objects of schema 11, and back.

What schema 18 has in columns (ids, names, times) is left to the caller.
"""

import json
from collections.abc import Set as AbstractSet
from typing import Any

from chalicelib.collection.col import JsonObject, dump
from chalicelib.errors import UnusableFileError
from chalicelib.packages.schema18 import wire
from chalicelib.packages.schema18.message import Message, decode, encode
from chalicelib.packages.schema18.tables import (
    DECK_COMMON,
    DECK_KINDS,
    NOTETYPE,
    NOTETYPE_FIELD,
    OPTIONS,
    OTHER_KEY,
    TEMPLATE,
    TODAY,
)
from chalicelib.packages.shapes import I32, parse_document, whole

_MOST_DEPTH = 30
_OPTION_BLOCKS = ("new", "rev", "lapse")
_OBSOLETE_DECK_KEYS = frozenset({"return"})
# "new" amounts of an earlier day are no longer today's; the time is always of the last day.
_RESET_WITH_THE_DAY = ("newToday", "revToday", "lrnToday")
_DAY_SOURCES = ("newToday", "revToday", "timeToday")


def _keys(shape: Message, *columns: str) -> frozenset[str]:
    return frozenset({str(field.path[0]) for field in shape.fields} - {OTHER_KEY} | {*columns})


_NOTETYPE_KEYS = _keys(NOTETYPE, "id", "name", "mod", "usn", "flds", "tmpls")
_FIELD_KEYS = _keys(NOTETYPE_FIELD, "name", "ord")
_TEMPLATE_KEYS = _keys(TEMPLATE, "name", "ord")
_OPTIONS_KEYS = _keys(OPTIONS, "id", "name", "mod", "usn", "dyn", *_OPTION_BLOCKS)
_BLOCK_KEYS = {
    block: frozenset(str(field.path[1]) for field in OPTIONS.fields if field.path[0] == block)
    for block in _OPTION_BLOCKS
}
_DECK_KEYS = {
    number: (_keys(DECK_COMMON, "id", "name", "mod", "usn", "md") - {"day"} | _keys(kind))
    | {str(key) for key in kind.blank()}
    for number, kind in DECK_KINDS.items()
}


def notetype_from_blob(blob: bytes) -> JsonObject:
    """All of a notetype but its columns, fields and templates. Raises WireError, as all here do."""
    return _opened(NOTETYPE, _NOTETYPE_KEYS, blob)


def field_from_blob(blob: bytes) -> JsonObject:
    return _opened(NOTETYPE_FIELD, _FIELD_KEYS, blob)


def template_from_blob(blob: bytes) -> JsonObject:
    return _opened(TEMPLATE, _TEMPLATE_KEYS, blob)


def deck_from_blobs(common: bytes, kind: bytes) -> JsonObject:
    """A deck from its two messages."""
    number, kind_data = _deck_kind(kind)
    value: JsonObject = decode(DECK_COMMON, common)
    day = value.pop("day")
    for key in TODAY:
        value[key][0] = day
    other = _without(_other(value.pop(OTHER_KEY)), _DECK_KEYS[number])
    return {**other, **value, **decode(DECK_KINDS[number], kind_data)}


def options_from_blob(blob: bytes) -> JsonObject:
    """Deck options; unknown keys go back to the blocks that they came from."""
    value: JsonObject = decode(OPTIONS, blob)
    other = _other(value.pop(OTHER_KEY))
    for block in _OPTION_BLOCKS:
        inner = other.pop(block, None)
        value[block] = {**inner, **value[block]} if isinstance(inner, dict) else value[block]
    return {**_without(other, _OPTIONS_KEYS), **value}


def notetype_blob(notetype: JsonObject) -> bytes:
    return _closed(NOTETYPE, notetype, _without(notetype, _NOTETYPE_KEYS))


def field_blob(field: JsonObject) -> bytes:
    return _closed(NOTETYPE_FIELD, field, _without(field, _FIELD_KEYS))


def template_blob(template: JsonObject) -> bytes:
    return _closed(TEMPLATE, template, _without(template, _TEMPLATE_KEYS))


def deck_blobs(deck: JsonObject) -> tuple[bytes, bytes]:
    """The two messages of a deck."""
    number = 2 if deck.get("dyn") in (1, True) else 1
    other = _without(deck, _DECK_KEYS[number] | _OBSOLETE_DECK_KEYS)
    common = _closed(DECK_COMMON, {**deck, **_last_day(deck)}, other)
    return common, wire.field(number, wire.LENGTH, encode(DECK_KINDS[number], deck))


def options_blob(options: JsonObject) -> bytes:
    other = _without(options, _OPTIONS_KEYS)
    for block, known in _BLOCK_KEYS.items():
        inner = options.get(block)
        unknown = _without(inner, known) if isinstance(inner, dict) else {}
        other |= {block: unknown} if unknown else {}
    return _closed(OPTIONS, options, other)


def _opened(shape: Message, known: AbstractSet[str], blob: bytes) -> JsonObject:
    value: JsonObject = decode(shape, blob)
    other = _other(value.pop(OTHER_KEY))
    return {**_without(other, known), **value}


def _closed(shape: Message, value: JsonObject, other: JsonObject) -> bytes:
    return encode(shape, {**value, OTHER_KEY: json_bytes(other) if other else b""})


def _without(value: JsonObject, keys: AbstractSet[str]) -> JsonObject:
    return {key: item for key, item in value.items() if key not in keys}


def _other(data: bytes) -> JsonObject:
    """Unknown keys; none where they cannot be read, as in Anki."""
    if not data:
        return {}
    try:
        return parse_document(data.decode(), "other", _MOST_DEPTH)
    except (UnicodeDecodeError, UnusableFileError):
        return {}


def json_bytes(value: Any) -> bytes:
    """JSON as Anki writes it into a blob."""
    try:
        return dump(value).encode()
    except (TypeError, ValueError, OverflowError):  # numbers and characters that msgspec refuses
        return json.dumps(value, ensure_ascii=False, separators=(",", ":")).encode(errors="replace")


def _deck_kind(data: bytes) -> tuple[int, bytes]:
    found = None
    for number, wire_type, value in wire.read_fields(data):
        if number in DECK_KINDS and wire_type == wire.LENGTH and isinstance(value, bytes):
            found = number, value
    if found is None:
        raise wire.WireError
    return found


def _last_day(deck: JsonObject) -> JsonObject:
    """The one day that schema 18 keeps, with the amounts of earlier days reset."""
    pairs = {key: _pair(deck.get(key)) for key in TODAY}
    day = max(pairs[key][0] for key in _DAY_SOURCES)
    for key in _RESET_WITH_THE_DAY:
        if pairs[key][0] != day:
            pairs[key] = [day, 0]
    return {"day": day, **pairs}


def _pair(value: Any) -> list[int]:
    """Day and amount; what is missing or no number is 0."""
    day, amount = [0, 0, *value][-2:] if isinstance(value, list) else (0, 0)
    return [_whole_or_zero(day), _whole_or_zero(amount)]


def _whole_or_zero(value: Any) -> int:
    try:
        number: int = whole(-I32 - 1, I32)(value)
    except (TypeError, ValueError, OverflowError):
        number = 0
    return number
