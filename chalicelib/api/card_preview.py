"""How a card would look, before its note or its template is stored."""

import sqlite3
from collections.abc import Mapping
from typing import Annotated, Any

import msgspec

from chalicelib.api.media import media_url
from chalicelib.api.request import ApiRequest
from chalicelib.api.routing import Routes
from chalicelib.api.validation import Id
from chalicelib.collection.cardgen import ordinals_to_generate
from chalicelib.collection.col import JsonObject
from chalicelib.collection.decks import Decks
from chalicelib.collection.notes import NoteLimits, check_size, find_duplicate
from chalicelib.collection.notetypes.lookup import field_values, get_notetype, is_cloze
from chalicelib.collection.rendering.render import render_card
from chalicelib.collection.tags import check_tags, join_tags
from chalicelib.collection.text import normalize_field
from chalicelib.errors import BadInputError, TooLargeError

routes = Routes()

# More than any notetype has templates, or a note can hold deletions.
_MAX_ORD = 1_000_000

Ord = Annotated[int, msgspec.Meta(ge=0, le=_MAX_ORD)]


class TriedTemplate(msgspec.Struct, forbid_unknown_fields=True):
    """What stands in the place of the notetype's own."""

    question: str
    answer: str
    css: str | None = None


class PreviewBody(msgspec.Struct):
    """A note as it may become; `ord` chooses one of its cards, else it is the first."""

    notetype_id: Id
    fields: dict[str, str]
    tags: list[str] = []
    deck_id: Id | None = None
    ord: Ord | None = None
    template: TriedTemplate | None = None


@routes.add("POST", "/api/cards/preview", body=PreviewBody)
def preview_card(request: ApiRequest) -> dict[str, Any]:
    """Show one card of a note that is not stored, and which cards it gives; changes nothing."""
    body = request.body(PreviewBody)
    _check_template(body.template, request.services.settings.max_field_bytes)
    shown = request.read(lambda conn: _preview(conn, body, _limits(request)))
    return shown | {"media_url": media_url(request)}


def _preview(conn: sqlite3.Connection, body: PreviewBody, limits: NoteLimits) -> dict[str, Any]:
    notetype = get_notetype(conn, body.notetype_id)
    fields, tags = _note(body, notetype, limits)
    ordinals = ordinals_to_generate(_tried(notetype, body), fields, tags=join_tags(tags))
    duplicate = find_duplicate(conn, notetype["id"], fields[0]) if fields[0] else None
    shown = _shown_ordinal(body, ordinals)
    card = None if shown is None else _card(conn, body, notetype, fields, tags, shown)
    return {"ordinals": ordinals, "card": card, "duplicate_of": duplicate}


def _note(
    body: PreviewBody, notetype: JsonObject, limits: NoteLimits
) -> tuple[list[str], list[str]]:
    given = field_values(notetype, body.fields, [""] * len(notetype["flds"]))
    fields, tags = [normalize_field(value) for value in given], check_tags(body.tags)
    check_size(fields, tags, limits)
    return fields, list(tags)


def _shown_ordinal(body: PreviewBody, ordinals: list[int]) -> int | None:
    """A tried template is always shown, if only to see what is wrong with it."""
    if body.ord is not None and (body.template or body.ord in ordinals):
        return body.ord
    return next(iter(ordinals), 0 if body.template else None)


def _card(
    conn: sqlite3.Connection,
    body: PreviewBody,
    notetype: JsonObject,
    fields: list[str],
    tags: list[str],
    ordinal: int,
) -> dict[str, Any]:
    deck_name = "" if body.deck_id is None else Decks(conn).get(body.deck_id)["name"]
    rendered = render_card(
        _tried(notetype, body),
        ordinal,
        fields,
        tags=join_tags(tags).strip(),
        deck_name=deck_name,
    )
    return {
        "ord": ordinal,
        "question": rendered.question,
        "answer": rendered.answer,
        "css": rendered.css,
    }


def _tried(notetype: JsonObject, body: PreviewBody) -> JsonObject:
    """The notetype with the template that is tried out in the place of the one of `ord`."""
    tried = body.template
    if tried is None:
        return notetype
    templates: list[Mapping[str, Any]] = list(notetype["tmpls"])
    at = 0 if is_cloze(notetype) else body.ord or 0
    if at > len(templates):
        raise BadInputError(fields={"ord": "there is no such template"})
    name = templates[at]["name"] if at < len(templates) else ""
    one = {"name": name, "qfmt": tried.question, "afmt": tried.answer}
    css = notetype["css"] if tried.css is None else tried.css
    return {**notetype, "css": css, "tmpls": [*templates[:at], one, *templates[at + 1 :]]}


def _check_template(tried: TriedTemplate | None, limit: int) -> None:
    texts = (tried.question, tried.answer, tried.css or "") if tried else ()
    if any(len(text.encode(errors="replace")) > limit for text in texts):
        raise TooLargeError(f"A template or style is at most {limit} bytes.")


def _limits(request: ApiRequest) -> NoteLimits:
    settings = request.services.settings
    return NoteLimits(
        max_field_bytes=settings.max_field_bytes, max_note_bytes=settings.max_note_bytes
    )
