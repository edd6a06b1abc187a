"""The row of table `col` of a source collection: its times and its documents."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from chalicelib.collection.col import Document, JsonObject
from chalicelib.collection.deck_names import MAX_LEVELS, SEPARATOR, clean_level, name_key
from chalicelib.collection.documents import DEFAULT_OPTIONS_ID, DEFAULT_ROLLOVER
from chalicelib.collection.schema import SCHEMA_VERSION
from chalicelib.errors import TooLargeError, UnusableFileError
from chalicelib.packages.limits import SourceLimits
from chalicelib.packages.own_names import OwnNames
from chalicelib.packages.schema18 import to_schema11
from chalicelib.packages.shapes import I32, I64, Shape, cut, parse_document, values_at_most, whole
from chalicelib.packages.source_documents import (
    deck_from,
    has_broken_ease,
    notetype_from,
    options_from,
)
from chalicelib.packages.sqlite_source import SourceDatabase

_NAMES: dict[Document, str] = {
    "conf": "settings",
    "models": "notetypes",
    "decks": "decks",
    "dconf": "deck options",
    "tags": "tags",
}
_DAMAGED = "This collection has no properties that can be read."
_LATEST_S = 2**40
_SCHED_V1, _SCHED_V2 = 1, 2
_LAST_POSITION = 0xFFFF_FFFF
_CONF: Shape = {
    "schedVer": (whole(_SCHED_V1, _SCHED_V2), _SCHED_V1),
    "creationOffset": (whole(-I32, I32), None),
    "rollover": (whole(0, 23), DEFAULT_ROLLOVER),
    "nextPos": (whole(0, _LAST_POSITION), 0),
}
_SYNC: Shape = {"usn": (whole(0, I32), 0), "ls": (whole(0, I64), 0)}


@dataclass(frozen=True, slots=True)
class SourceCol:
    """Times and documents; notetypes, decks and options by id, all of them fit for Anki.

    `creation_offset` is in minutes west of UTC. `low_ease_options` are the options whose starting
    ease Anki resets together with the ease of their cards.
    """

    created_s: int
    usn: int
    last_sync_ms: int
    creation_offset: int | None
    rollover: int
    next_position: int
    is_scheduled_by_v1: bool
    notetypes: dict[int, JsonObject]
    decks: dict[int, JsonObject]
    options: dict[int, JsonObject]
    low_ease_options: frozenset[int]

    def options_of(self, deck_id: int) -> JsonObject | None:
        """The options of a deck; the default ones where there is no such deck."""
        deck = self.decks.get(deck_id, {})
        return self.options.get(deck.get("conf", DEFAULT_OPTIONS_ID))


def read_col(database: SourceDatabase, limits: SourceLimits) -> SourceCol:
    """Read and check the row. Raises UnusableFileError and TooLargeError."""
    rows = list(database.rows("SELECT crt, ver, usn, ls FROM col"))
    if len(rows) != 1:
        raise UnusableFileError(_DAMAGED)
    crt, version, usn, last_sync_ms = rows[0]
    _check_version(version, database.version)
    settings = cut(read_document(database, limits, "conf"), _CONF)
    raw_options = read_document(database, limits, "dconf")
    options = _objects(raw_options, options_from, _NAMES["dconf"], by_key=True)
    sync = cut({"usn": usn, "ls": last_sync_ms}, _SYNC)
    return SourceCol(
        created_s=_created_s(crt),
        usn=sync["usn"],
        last_sync_ms=sync["ls"],
        creation_offset=settings["creationOffset"],
        rollover=settings["rollover"],
        next_position=settings["nextPos"],
        is_scheduled_by_v1=settings["schedVer"] == _SCHED_V1,
        notetypes=_notetypes(read_document(database, limits, "models"), limits),
        decks=_decks(read_document(database, limits, "decks"), options, limits),
        options=options,
        low_ease_options=_low_ease_options(raw_options, version),
    )


def read_document(database: SourceDatabase, limits: SourceLimits, name: Document) -> JsonObject:
    """A document of schema 11 as the file has it, with all that it says and Anki may not like.

    Raises UnusableFileError and TooLargeError.
    """
    if database.version != SCHEMA_VERSION:
        return to_schema11.read_document(database, limits, name)
    ((text,),) = database.rows(f"SELECT {name} FROM col")
    if isinstance(text, str) and values_at_most(text) > limits.document_values:
        raise TooLargeError(f"There are more {_NAMES[name]} in this file than what can be taken.")
    return parse_document(text, _NAMES[name], limits.document_depth)


def _check_version(version: Any, version_of_tables: int) -> None:
    if version == version_of_tables:
        return
    if isinstance(version, int) and version > SCHEMA_VERSION:
        raise UnusableFileError(
            "This collection is in a format that is not known here; export it from Anki with"
            " “Support older Anki versions” ticked."
        )
    raise UnusableFileError("This collection was made by a version of Anki that is too old.")


def _low_ease_options(options: JsonObject, version: int) -> frozenset[int]:
    """Anki looks for the trace of the old bug while it leaves schema 11, and not later."""
    if version != SCHEMA_VERSION:
        return frozenset()
    return frozenset(int(key) for key, value in options.items() if has_broken_ease(value))


def _created_s(crt: Any) -> int:
    try:
        created_s: int = whole(0, _LATEST_S)(crt)
    except (TypeError, ValueError):
        raise UnusableFileError(_DAMAGED) from None
    return created_s


def _objects(
    document: JsonObject, convert: Callable[[Any], JsonObject], name: str, *, by_key: bool = False
) -> dict[int, JsonObject]:
    """The objects of a document by id: their own, or the key they stand under."""
    converted = {}
    for key, value in document.items():
        try:
            entry = convert({**value, "id": key} if by_key else {"id": key, **value})
        except (TypeError, ValueError):
            raise UnusableFileError(f"The {name} of this collection cannot be read.") from None
        converted[entry["id"]] = entry
    return converted


def _notetypes(document: JsonObject, limits: SourceLimits) -> dict[int, JsonObject]:
    if len(document) > limits.notetypes:
        raise TooLargeError(f"A file can bring at most {limits.notetypes} notetypes.")
    if sum(map(_parts, document.values())) > limits.notetype_parts:
        most = limits.notetype_parts
        raise TooLargeError(f"A file can bring at most {most} fields and templates.")
    return _objects(document, notetype_from, "notetypes")


def _parts(notetype: Any) -> int:
    """How many fields and templates there are."""
    lists = (notetype.get(key) for key in ("flds", "tmpls")) if isinstance(notetype, dict) else ()
    return sum(len(parts) for parts in lists if isinstance(parts, list))


def _decks(
    document: JsonObject, options: dict[int, JsonObject], limits: SourceLimits
) -> dict[int, JsonObject]:
    decks = _objects(document, deck_from, "decks")
    if len(decks) > limits.decks:
        raise TooLargeError(f"A collection can have at most {limits.decks} decks.")
    names = OwnNames("_", name_key)
    for deck in decks.values():
        deck["name"] = names.take(cleaned_deck_name(deck["name"], limits.deck_name_length))
        if not deck["dyn"] and deck["conf"] not in options:
            deck["conf"] = DEFAULT_OPTIONS_ID
    return decks


def cleaned_deck_name(name: str, longest_level: int) -> str:
    """The name as Anki reads it from a file, with too long levels cut."""
    levels = name.split(SEPARATOR)
    if len(levels) > MAX_LEVELS:
        raise UnusableFileError(f"A deck in this file is more than {MAX_LEVELS} levels deep.")
    return SEPARATOR.join(
        clean_level(clean_level(level)[:longest_level]) or "blank" for level in levels
    )
