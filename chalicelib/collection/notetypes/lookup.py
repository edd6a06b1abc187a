"""Looking notetypes up. `col.models` in the file."""

import sqlite3
from collections.abc import Mapping, Sequence

from chalicelib.collection.col import JsonObject, read_document
from chalicelib.collection.notetypes.shape import shaped
from chalicelib.collection.notetypes.stock import BASIC_STOCK_KIND, CLOZE_KIND
from chalicelib.errors import BadInputError, NotFoundError


def all_notetypes(conn: sqlite3.Connection) -> list[JsonObject]:
    """All notetypes in name order."""
    found = notetypes_by_id(conn).values()
    return sorted(found, key=lambda notetype: str(notetype["name"]).casefold())


def notetypes_by_id(conn: sqlite3.Connection) -> dict[int, JsonObject]:
    """All notetypes in the order of the file."""
    return {
        int(key): shaped(stored, int(key)) for key, stored in read_document(conn, "models").items()
    }


def get_notetype(conn: sqlite3.Connection, notetype_id: int) -> JsonObject:
    """The notetype with this id. Raises NotFoundError."""
    stored = read_document(conn, "models").get(str(notetype_id))
    if stored is None:
        raise NotFoundError("There is no such notetype.")
    return shaped(stored, notetype_id)


def notetype_by_name(conn: sqlite3.Connection, name: str) -> JsonObject:
    """The notetype with this name in any case. Raises BadInputError."""
    for notetype in notetypes_by_id(conn).values():
        if notetype["name"].casefold() == name.casefold():
            return notetype
    raise BadInputError(fields={"notetype": "there is no such notetype"})


def notetype_for_sides(conn: sqlite3.Connection) -> JsonObject:
    """The notetype of a card that is only a front and a back: Basic, whatever it is called.

    Raises BadInputError when the collection has none with two fields.
    """
    found = [
        notetype
        for _, notetype in sorted(notetypes_by_id(conn).items())
        if not is_cloze(notetype) and len(notetype["flds"]) > 1
    ]
    if not found:
        raise BadInputError(fields={"notetype": "name one: this collection has no basic one"})
    # False sorts before True: the stock one first, then the oldest.
    return min(found, key=lambda notetype: notetype.get("originalStockKind") != BASIC_STOCK_KIND)


def note_counts(conn: sqlite3.Connection) -> dict[int, int]:
    """How many notes each notetype has, by id; those without notes are left out."""
    return dict(conn.execute("SELECT mid, count(*) FROM notes GROUP BY mid").fetchall())


def is_cloze(notetype: JsonObject) -> bool:
    return bool(notetype["type"] == CLOZE_KIND)


def field_names(notetype: JsonObject) -> list[str]:
    """The fields' names in the order of a note's values."""
    return [field["name"] for field in notetype["flds"]]


def fields_of_notetype(notetype: JsonObject, fields: Sequence[str]) -> list[str]:
    """As many fields as the notetype has: empty ones more, or those over joined to the last.

    Source: Anki's rslib/src/notes/mod.rs (`fix_field_count`).
    """
    last = len(notetype["flds"]) - 1
    fitting = [*fields, *[""] * (last + 1 - len(fields))]
    return [*fitting[:last], "; ".join(fitting[last:])]


def field_values(notetype: JsonObject, given: Mapping[str, str], base: list[str]) -> list[str]:
    """`base` with the given fields replaced by name. Raises BadInputError for unknown names."""
    names = field_names(notetype)
    unknown = given.keys() - set(names)
    if unknown:
        raise BadInputError(
            fields={f"fields.{name}": "is not a field of this notetype" for name in unknown}
        )
    return [given.get(name, value) for name, value in zip(names, base, strict=True)]
