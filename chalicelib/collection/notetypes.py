"""Looking notetypes up. `col.models` in the file."""

import sqlite3
from collections.abc import Mapping

from chalicelib.collection.col import JsonObject, read_document
from chalicelib.collection.stock_notetypes import BASIC_STOCK_KIND, CLOZE_KIND
from chalicelib.errors import BadInputError, NotFoundError


def all_notetypes(conn: sqlite3.Connection) -> list[JsonObject]:
    """All notetypes in name order."""
    found = read_document(conn, "models").values()
    return sorted(found, key=lambda notetype: notetype["name"].casefold())


def get_notetype(conn: sqlite3.Connection, notetype_id: int) -> JsonObject:
    """The notetype with this id. Raises NotFoundError."""
    notetype: JsonObject | None = read_document(conn, "models").get(str(notetype_id))
    if notetype is None:
        raise NotFoundError("There is no such notetype.")
    return notetype


def notetype_by_name(conn: sqlite3.Connection, name: str) -> JsonObject:
    """The notetype with this name in any case. Raises BadInputError."""
    for notetype in read_document(conn, "models").values():
        if notetype["name"].casefold() == name.casefold():
            found: JsonObject = notetype
            return found
    raise BadInputError(fields={"notetype": "there is no such notetype"})


def notetype_for_sides(conn: sqlite3.Connection) -> JsonObject:
    """The notetype of a card that is only a front and a back: Basic, whatever it is called.

    Raises BadInputError when the collection has none with two fields.
    """
    found = [
        notetype
        for _, notetype in sorted(read_document(conn, "models").items())
        if not is_cloze(notetype) and len(notetype["flds"]) > 1
    ]
    if not found:
        raise BadInputError(fields={"notetype": "name one: this collection has no basic one"})
    # False sorts before True: the stock one first, then the oldest.
    return min(found, key=lambda notetype: notetype.get("originalStockKind") != BASIC_STOCK_KIND)


def is_cloze(notetype: JsonObject) -> bool:
    return bool(notetype["type"] == CLOZE_KIND)


def field_names(notetype: JsonObject) -> list[str]:
    """The fields' names in the order of a note's values."""
    return [field["name"] for field in notetype["flds"]]


def field_values(notetype: JsonObject, given: Mapping[str, str], base: list[str]) -> list[str]:
    """`base` with the given fields replaced by name. Raises BadInputError for unknown names."""
    names = field_names(notetype)
    unknown = given.keys() - set(names)
    if unknown:
        raise BadInputError(
            fields={f"fields.{name}": "is not a field of this notetype" for name in unknown}
        )
    return [given.get(name, value) for name, value in zip(names, base, strict=True)]
