"""Notes and their cards: listing, adding, changing, deleting."""

import sqlite3
from collections.abc import Sequence
from typing import Annotated, Any

import msgspec

from chalicelib.api.card_view import CardPresenter
from chalicelib.api.documented import PerPage, Search
from chalicelib.api.media import media_url
from chalicelib.api.request import ApiRequest
from chalicelib.api.routing import Routes
from chalicelib.api.validation import Id
from chalicelib.collection.actions.moving import move_cards
from chalicelib.collection.browsing import SORT_KEYS, page_of_cards
from chalicelib.collection.cards import get_card
from chalicelib.collection.col import JsonObject, touch
from chalicelib.collection.day import timing_at
from chalicelib.collection.decks import Decks
from chalicelib.collection.graves import delete_cards
from chalicelib.collection.guid import GUID_BITS, guid_from_bits
from chalicelib.collection.notes import (
    AddedNote,
    NewNote,
    NoteLimits,
    add_note,
    change_note,
    check_fields,
    check_size,
    get_note,
)
from chalicelib.collection.notetypes.lookup import (
    field_names,
    field_values,
    fields_of_notetype,
    get_notetype,
    notetype_by_name,
    notetype_for_sides,
    notetypes_by_id,
)
from chalicelib.collection.search import search_cards
from chalicelib.collection.tags import check_tags
from chalicelib.errors import BadInputError

routes = Routes()

_DEFAULT_PER_PAGE = 50
_MAX_PAGE_NUMBER = 1_000_000


Sort = Annotated[
    str,
    msgspec.Meta(
        description="With - in front to reverse.",
        extra_json_schema={"enum": [sign + key for key in SORT_KEYS for sign in ("", "-")]},
    ),
]


class CardsQuery(msgspec.Struct):
    deck_id: Id | None = None
    q: Search = ""
    page: Annotated[int, msgspec.Meta(ge=1, le=_MAX_PAGE_NUMBER)] = 1
    per_page: PerPage = _DEFAULT_PER_PAGE
    sort: Sort = "created"


class NewCardBody(msgspec.Struct):
    """`front` and `back` are a note's first two fields; without a notetype it is a basic one."""

    deck_id: Id
    front: str | None = None
    back: str | None = None
    notetype: str | None = None
    notetype_id: Id | None = None
    fields: dict[str, str] | None = None
    tags: list[str] = []
    allow_duplicate: bool = True


class CardChangesBody(msgspec.Struct):
    front: str | None = None
    back: str | None = None
    fields: dict[str, str] | None = None
    tags: list[str] | None = None
    deck_id: Id | None = None


@routes.add("GET", "/api/cards", query=CardsQuery)
def list_cards(request: ApiRequest) -> dict[str, Any]:
    """One page of the cards that a search finds, in a deck and its subdecks or in all decks."""
    query = request.query(CardsQuery)
    _check_paging(query, request.services.settings.max_page)
    return request.read(lambda conn: _page_json(conn, query, request.now_ms))


@routes.add("POST", "/api/cards", body=NewCardBody)
def create_card(request: ApiRequest) -> dict[str, Any]:
    """Add a note, by front and back or by notetype and fields, and the cards it makes."""
    body = request.body(NewCardBody)
    tags = check_tags(body.tags)
    guid = guid_from_bits(request.services.random_bits(GUID_BITS))

    def create(conn: sqlite3.Connection) -> dict[str, Any]:
        notetype = _chosen_notetype(conn, body)
        fields = _new_fields(body, notetype)
        check_size(fields, tags, _limits(request))
        new = NewNote(
            notetype=notetype,
            fields=check_fields(fields, notetype),
            tags=tags,
            deck_id=body.deck_id,
            guid=guid,
        )
        return _added_json(
            add_note(conn, new, request.now_ms, allow_duplicate=body.allow_duplicate)
        )

    return request.transact("Add note", create)


@routes.add("GET", "/api/cards/{card_id}")
def read_card(request: ApiRequest) -> dict[str, Any]:
    """One card with all fields of its note, and both its sides."""
    card_id = request.path_id("card_id")
    card = request.read(lambda conn: _detail(conn, card_id, request.now_ms))
    return {"card": card, "media_url": media_url(request)}


@routes.add("PUT", "/api/cards/{card_id}", body=CardChangesBody)
def update_card(request: ApiRequest) -> dict[str, Any]:
    """Change the note's fields or tags, or move the card to another deck."""
    card_id, body = request.path_id("card_id"), request.body(CardChangesBody)
    _refuse_both_ways(body)
    tags = None if body.tags is None else check_tags(body.tags)

    def update(conn: sqlite3.Connection) -> dict[str, Any]:
        _change_note_of(conn, card_id, body, tags, request)
        if body.deck_id is not None:
            move_cards(conn, [card_id], body.deck_id, request.now_ms)
        return {"card": _detail(conn, card_id, request.now_ms)}

    return request.transact("Edit note" if body.deck_id is None else "Change deck", update)


@routes.add("DELETE", "/api/cards/{card_id}")
def remove_card(request: ApiRequest) -> dict[str, Any]:
    """Delete a card, and its note when that was its last one."""
    card_id = request.path_id("card_id")

    def remove(conn: sqlite3.Connection) -> dict[str, Any]:
        get_card(conn, card_id)
        removed = delete_cards(conn, [card_id])
        touch(conn, request.now_ms)
        return {"deleted": {"cards": removed.cards, "notes": removed.notes}}

    return request.transact("Delete card", remove)


def _check_paging(query: CardsQuery, max_page: int) -> None:
    problems = {}
    if query.per_page > max_page:
        problems["per_page"] = f"must be at most {max_page}"
    if query.sort.removeprefix("-") not in SORT_KEYS:
        problems["sort"] = f"must be one of {', '.join(SORT_KEYS)}, with - in front to reverse"
    if problems:
        raise BadInputError(fields=problems)


def _page_json(conn: sqlite3.Connection, query: CardsQuery, now_ms: int) -> dict[str, Any]:
    deck_ids = None
    if query.deck_id is not None:
        deck_ids = [deck["id"] for deck in Decks(conn).within(query.deck_id)]
    timing = timing_at(conn, now_ms)
    total, cards = page_of_cards(
        conn,
        search_cards(conn, query.q, timing, within_decks=deck_ids),
        sort=query.sort.removeprefix("-"),
        descending=query.sort.startswith("-"),
        offset=(query.page - 1) * query.per_page,
        limit=query.per_page,
    )
    presenter = CardPresenter(conn, timing)
    return {
        "cards": [presenter.summary(card) for card in cards],
        "pagination": {
            "total": total,
            "page": query.page,
            "per_page": query.per_page,
            "total_pages": -(-total // query.per_page),
        },
    }


def _detail(conn: sqlite3.Connection, card_id: int, now_ms: int) -> dict[str, Any]:
    return CardPresenter(conn, timing_at(conn, now_ms)).detail(get_card(conn, card_id))


def _new_fields(body: NewCardBody, notetype: JsonObject) -> list[str]:
    empty = [""] * len(notetype["flds"])
    _refuse_both_ways(body)
    if body.fields is not None:
        return field_values(notetype, body.fields, empty)
    if body.front is None or body.back is None:
        missing = [name for name in ("front", "back") if getattr(body, name) is None]
        raise BadInputError(fields=dict.fromkeys(missing, "is missing"))
    return _with_sides(notetype, body.front, body.back, empty)


def _chosen_notetype(conn: sqlite3.Connection, body: NewCardBody) -> JsonObject:
    named = None if body.notetype is None else notetype_by_name(conn, body.notetype)
    if body.notetype_id is None:
        return named or notetype_for_sides(conn)
    chosen = notetypes_by_id(conn).get(body.notetype_id)
    if chosen is None:
        raise BadInputError(fields={"notetype_id": "there is no such notetype"})
    if named and named["id"] != body.notetype_id:
        raise BadInputError(fields={"notetype_id": "is not that of the notetype's name"})
    return chosen


def _refuse_both_ways(body: NewCardBody | CardChangesBody) -> None:
    if body.fields is not None and (body.front is not None or body.back is not None):
        raise BadInputError(fields={"fields": "give either fields, or front and back"})


def _with_sides(
    notetype: JsonObject, front: str | None, back: str | None, base: list[str]
) -> list[str]:
    """`front` and `back` are the first and the second field, whatever the notetype calls them."""
    names = field_names(notetype)
    if back is not None and len(names) == 1:
        raise BadInputError(fields={"back": "this notetype has only one field"})
    given = {
        name: side for name, side in zip(names, (front, back), strict=False) if side is not None
    }
    return field_values(notetype, given, base)


def _change_note_of(
    conn: sqlite3.Connection,
    card_id: int,
    body: CardChangesBody,
    tags: Sequence[str] | None,
    request: ApiRequest,
) -> None:
    card = get_card(conn, card_id)
    note = get_note(conn, card.nid)
    notetype = get_notetype(conn, note.notetype_id)
    stored = fields_of_notetype(notetype, note.fields)
    fields = _with_sides(notetype, body.front, body.back, stored)
    fields = field_values(notetype, body.fields or {}, fields)
    if fields == note.fields and tags is None:
        return
    tags = note.tags if tags is None else tags
    check_size(fields, tags, _limits(request))
    checked = check_fields(fields, notetype, before=stored)
    change_note(conn, note, fields=checked, tags=tags, now_ms=request.now_ms)


def _limits(request: ApiRequest) -> NoteLimits:
    settings = request.services.settings
    return NoteLimits(
        max_field_bytes=settings.max_field_bytes, max_note_bytes=settings.max_note_bytes
    )


def _added_json(added: AddedNote) -> dict[str, Any]:
    body: dict[str, Any] = {
        "note_id": added.note_id,
        "card_id": added.card_ids[0],
        "card_ids": added.card_ids,
    }
    if added.duplicate_of is not None:
        body["duplicate_of"] = added.duplicate_of
    return body
