"""Notetypes: listing, adding, changing with their notes and cards, removing."""

import sqlite3
from collections.abc import Mapping, Sequence
from typing import Annotated, Any, Literal

import msgspec

from chalicelib.api.request import ApiRequest
from chalicelib.api.routing import Routes
from chalicelib.api.validation import Id
from chalicelib.collection.col import JsonObject
from chalicelib.collection.decks import Decks
from chalicelib.collection.notetypes.changes import NotetypeState, change_notetype
from chalicelib.collection.notetypes.lifecycle import add_notetype, remove_notetype
from chalicelib.collection.notetypes.lookup import (
    all_notetypes,
    field_names,
    get_notetype,
    is_cloze,
    note_counts,
)
from chalicelib.collection.notetypes.parts import Part
from chalicelib.collection.notetypes.stock import stock_notetype
from chalicelib.errors import BadInputError, TooLargeError

routes = Routes()

_MAX_FONT_LENGTH = 100
# What Anki can store.
_MAX_FONT_SIZE = 2**16 - 1

# The API's names and those of the file.
_FIELD_MEMBERS = {
    "font": "font",
    "size": "size",
    "rtl": "rtl",
    "sticky": "sticky",
    "description": "description",
    "plain_text": "plainText",
    "collapsed": "collapsed",
    "exclude_from_search": "excludeFromSearch",
}
_TEMPLATE_MEMBERS = {
    "question": "qfmt",
    "answer": "afmt",
    "browser_question": "bqfmt",
    "browser_answer": "bafmt",
    "deck_id": "did",
}
_TEXTS = ("description", "question", "answer", "browser_question", "browser_answer")

Unset = msgspec.UnsetType
StockKind = Literal["basic", "basic_reversed", "basic_optional_reversed", "basic_typing", "cloze"]


class FieldBody(msgspec.Struct, forbid_unknown_fields=True, kw_only=True):
    name: str
    was: str | Unset | None = msgspec.UNSET
    font: Annotated[str, msgspec.Meta(max_length=_MAX_FONT_LENGTH)] | Unset = msgspec.UNSET
    size: Annotated[int, msgspec.Meta(ge=0, le=_MAX_FONT_SIZE)] | Unset = msgspec.UNSET
    rtl: bool | Unset = msgspec.UNSET
    sticky: bool | Unset = msgspec.UNSET
    description: str | Unset = msgspec.UNSET
    plain_text: bool | Unset = msgspec.UNSET
    collapsed: bool | Unset = msgspec.UNSET
    exclude_from_search: bool | Unset = msgspec.UNSET


class TemplateBody(msgspec.Struct, forbid_unknown_fields=True, kw_only=True):
    name: str
    was: str | Unset | None = msgspec.UNSET
    question: str | Unset = msgspec.UNSET
    answer: str | Unset = msgspec.UNSET
    browser_question: str | Unset = msgspec.UNSET
    browser_answer: str | Unset = msgspec.UNSET
    deck_id: Id | Unset | None = msgspec.UNSET


class NotetypeBody(msgspec.Struct):
    name: str | None = None
    css: str | None = None
    sort_field: str | None = None
    fields: list[FieldBody] | None = None
    templates: list[TemplateBody] | None = None


class NewNotetypeBody(msgspec.Struct):
    name: str
    copy_of: Id | None = None
    stock: StockKind | None = None


@routes.add("GET", "/api/notetypes")
def list_notetypes(request: ApiRequest) -> dict[str, Any]:
    """All notetypes, each with its fields, its templates and the number of its notes."""
    return {"notetypes": request.read(_all_json)}


@routes.add("GET", "/api/notetypes/{notetype_id}")
def read_notetype(request: ApiRequest) -> dict[str, Any]:
    """One notetype."""
    notetype_id = request.path_id("notetype_id")
    return {"notetype": request.read(lambda conn: _json(conn, get_notetype(conn, notetype_id)))}


@routes.add("POST", "/api/notetypes", body=NewNotetypeBody)
def create_notetype(request: ApiRequest) -> dict[str, Any]:
    """Add a copy of a notetype, or one of Anki's own, under another name."""
    body = request.body(NewNotetypeBody)
    if body.copy_of is not None and body.stock is not None:
        raise BadInputError(fields={"stock": "give either copy_of or stock"})

    def create(conn: sqlite3.Connection) -> dict[str, Any]:
        added = add_notetype(conn, body.name, _base(conn, body), request.now_ms)
        return {"notetype_id": added["id"], "notetype": _json(conn, added)}

    return request.transact("Add notetype", create)


@routes.add("PUT", "/api/notetypes/{notetype_id}", body=NotetypeBody)
def update_notetype(request: ApiRequest) -> dict[str, Any]:
    """Make a notetype as it is given; what is left out stays."""
    notetype_id, body = request.path_id("notetype_id"), request.body(NotetypeBody)
    _check_sizes(body, request.services.settings.max_field_bytes)

    def update(conn: sqlite3.Connection) -> dict[str, Any]:
        _check_decks(conn, notetype_id, body.templates or [])
        changed = change_notetype(conn, notetype_id, _state(body), request.now_ms)
        return {"notetype": _json(conn, changed)}

    return request.transact_with_backup("notetype", "Update notetype", update)


@routes.add("DELETE", "/api/notetypes/{notetype_id}")
def delete_notetype(request: ApiRequest) -> dict[str, Any]:
    """Remove a notetype with all its notes and their cards; tells how many."""
    notetype_id = request.path_id("notetype_id")

    def remove(conn: sqlite3.Connection) -> dict[str, Any]:
        removed = remove_notetype(conn, notetype_id, request.now_ms)
        return {"deleted": {"cards": removed.cards, "notes": removed.notes}}

    return request.transact_with_backup("notetype", "Remove notetype", remove)


def _base(conn: sqlite3.Connection, body: NewNotetypeBody) -> JsonObject:
    if body.copy_of is not None:
        return get_notetype(conn, body.copy_of)
    return stock_notetype(body.stock or "basic")


def _state(body: NotetypeBody) -> NotetypeState:
    return NotetypeState(
        name=body.name,
        css=body.css,
        sort_field=body.sort_field,
        fields=_parts(body.fields, _FIELD_MEMBERS),
        templates=_parts(body.templates, _TEMPLATE_MEMBERS),
    )


def _parts(
    given: Sequence[FieldBody | TemplateBody] | None, members: Mapping[str, str]
) -> list[Part] | None:
    return None if given is None else [_part(one, members) for one in given]


def _part(given: FieldBody | TemplateBody, members: Mapping[str, str]) -> Part:
    values = {key: getattr(given, name) for name, key in members.items()}
    return Part(
        name=given.name,
        was=given.was if isinstance(given.was, str) else None,
        is_new=given.was is None,
        members={key: value for key, value in values.items() if value is not msgspec.UNSET},
    )


def _check_sizes(body: NotetypeBody, limit: int) -> None:
    texts = [body.css or ""]
    for one in (*(body.fields or ()), *(body.templates or ())):
        texts += [getattr(one, name, "") or "" for name in _TEXTS]
    if max(len(text.encode(errors="replace")) for text in texts) > limit:
        raise TooLargeError(f"A template, style or description is at most {limit} bytes.")


def _check_decks(
    conn: sqlite3.Connection, notetype_id: int, templates: Sequence[TemplateBody]
) -> None:
    """A deck that a template already sends its cards to may be gone by now."""
    present = {template["did"] for template in get_notetype(conn, notetype_id)["tmpls"]}
    decks = Decks(conn).by_id
    for template in templates:
        if not template.deck_id or template.deck_id in present:
            continue
        deck = decks.get(template.deck_id)
        if deck is None or deck["dyn"]:
            reason = "there is no such deck that takes new cards"
            raise BadInputError(fields={f"templates.{template.name}": reason})


def _all_json(conn: sqlite3.Connection) -> list[dict[str, Any]]:
    counts = note_counts(conn)
    return [_notetype_json(one, counts.get(one["id"], 0)) for one in all_notetypes(conn)]


def _json(conn: sqlite3.Connection, notetype: JsonObject) -> dict[str, Any]:
    return _notetype_json(notetype, note_counts(conn).get(notetype["id"], 0))


def _notetype_json(notetype: JsonObject, notes: int) -> dict[str, Any]:
    names = field_names(notetype)
    return {
        "id": notetype["id"],
        "name": notetype["name"],
        "kind": "cloze" if is_cloze(notetype) else "standard",
        "note_count": notes,
        "sort_field": next(iter(names[max(0, notetype["sortf"]) :]), None),
        "fields": [_part_json(field, _FIELD_MEMBERS) for field in notetype["flds"]],
        "templates": [_part_json(template, _TEMPLATE_MEMBERS) for template in notetype["tmpls"]],
        "css": notetype["css"],
    }


def _part_json(part: JsonObject, members: Mapping[str, str]) -> dict[str, Any]:
    return {"name": part["name"], **{name: part[key] for name, key in members.items()}}
