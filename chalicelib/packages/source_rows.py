"""Notes, cards and reviews of a source collection, typed and bounded.

A cell of a hostile file can hold anything, whatever its column says.
"""

import re
from collections.abc import Mapping, Sequence
from typing import Annotated, Any

import msgspec
from msgspec.structs import replace

from chalicelib.packages.card_data import clean_card_data
from chalicelib.packages.shapes import I32, I64, U16, Rule, whole

_MAX_ORDINAL = 30_000


# What a sound cell holds: anything else is mended, or the row is left out.
_Stamp = Annotated[int, msgspec.Meta(ge=0)]
_Due = Annotated[int, msgspec.Meta(ge=-I32 - 1, le=I32)]
_Count = Annotated[int, msgspec.Meta(ge=0, le=I32)]


class SourceNote(msgspec.Struct, frozen=True, array_like=True):
    """A note as it stands in the file; `modified_s` epoch seconds."""

    id: int
    guid: str
    notetype_id: int
    modified_s: _Stamp
    tags: str
    flds: str


class SourceCard(msgspec.Struct, frozen=True, array_like=True):
    """A card in the file's own units; `repaired` when its schedule could not be used."""

    id: int
    nid: int
    did: int
    ord: Annotated[int, msgspec.Meta(ge=0, le=_MAX_ORDINAL)]
    mod: _Stamp
    type: Annotated[int, msgspec.Meta(ge=0, le=3)]
    queue: Annotated[int, msgspec.Meta(ge=-3, le=4)]
    due: _Due
    ivl: _Count
    factor: Annotated[int, msgspec.Meta(ge=0, le=U16)]
    reps: _Count
    lapses: _Count
    left: _Count
    odue: _Due
    odid: _Stamp
    flags: Annotated[int, msgspec.Meta(ge=0, le=255)]
    data: str
    repaired: bool = False


class SourceReview(msgspec.Struct, frozen=True, array_like=True):
    """A row of the review log; `id` is the time of the answer in epoch milliseconds."""

    id: int
    cid: int
    ease: Annotated[int, msgspec.Meta(ge=0, le=4)]
    ivl: _Due
    last_ivl: _Due
    factor: _Count
    time_ms: _Count
    type: Annotated[int, msgspec.Meta(ge=0, le=5)]


# A sound review as the file has it.
ReviewRow = tuple[int, ...]

# In the order of the fields above.
NOTE_COLUMNS = "id, guid, mid, mod, tags, flds"
CARD_COLUMNS = (
    "id, nid, did, ord, mod, type, queue, due, ivl, factor, reps, lapses, left, odue, odid,"
    " flags, data"
)
REVIEW_COLUMNS = "id, cid, ease, ivl, lastIvl, factor, time, type"

_WHOLE = r"(?:0|[1-9]\d{0,8})"
_DECIMAL = r"(?:0|[1-9]\d{0,5})\.(?:0|\d{0,%d}[1-9])"
_CLEAN_KEYS = {
    "pos": _WHOLE,
    "s": _DECIMAL % 3,
    "d": _DECIMAL % 2,
    "dr": _DECIMAL % 1,
    "decay": _DECIMAL % 2,
    "lrt": r"(?:0|[1-9]\d{0,17})",
}
_IN_ANKIS_ORDER = "".join(
    rf'(?:"{key}":{value}(?:,(?=")|(?=\}})))?' for key, value in _CLEAN_KEYS.items()
)
# What Anki writes for nearly all cards: `clean_card_data`, which takes longer, has nothing to do.
CLEAN_DATA = re.compile(rf"\{{{_IN_ANKIS_ORDER}\}}", re.ASCII)

_ANY_ID = whole(-I64 - 1, I64)
_STAMP = whole(0, I64)
_DUE = whole(-I32 - 1, I32)
_COUNT = whole(0, I32)
_ORDINAL = whole(0, _MAX_ORDINAL)
_SCHEDULE: tuple[tuple[str, Rule], ...] = (
    ("type", whole(0, 3)),
    ("queue", whole(-3, 4)),
    ("ivl", _COUNT),
    ("factor", whole(0, U16)),
    ("reps", _COUNT),
    ("lapses", _COUNT),
    ("left", _COUNT),
)
_UNSCHEDULED: dict[str, Any] = dict.fromkeys((name for name, _ in _SCHEDULE), 0) | {
    "due": 0,
    "odue": 0,
    "data": "{}",
}


def note_from(row: Sequence[Any]) -> SourceNote | None:
    """The note, or None where there is no telling what it is."""
    try:
        return msgspec.convert(row, SourceNote)
    except msgspec.ValidationError:
        return _mended_note(row)


def _mended_note(row: Sequence[Any]) -> SourceNote | None:
    note_id, guid, notetype_id, modified_s, tags, flds = row
    try:
        return SourceNote(
            id=_number(note_id, _ANY_ID),
            guid=_text(guid),
            notetype_id=_number(notetype_id, _ANY_ID),
            modified_s=_number_or(modified_s, _STAMP, 0),
            tags=_text(tags),
            flds=_text(flds),
        )
    except (TypeError, ValueError):
        return None


def card_from(row: Sequence[Any]) -> SourceCard | None:
    """The card, as a new one where its schedule makes no sense; None where its ids make none."""
    try:
        card = msgspec.convert(row, SourceCard)
    except msgspec.ValidationError:
        return _mended_card(row)
    if CLEAN_DATA.fullmatch(card.data):
        return card
    data = clean_card_data(card.data)
    return card if data == card.data else replace(card, data=data)


def _mended_card(row: Sequence[Any]) -> SourceCard | None:
    cells = dict(zip(CARD_COLUMNS.split(", "), row, strict=True))
    schedule = _schedule(cells)
    try:
        return SourceCard(
            id=_number(cells["id"], _ANY_ID),
            nid=_number(cells["nid"], _ANY_ID),
            did=_number(cells["did"], _ANY_ID),
            ord=_number(cells["ord"], _ORDINAL),
            mod=_number_or(cells["mod"], _STAMP, 0),
            flags=_number_or(cells["flags"], whole(0, 255), 0),
            odid=_number_or(cells["odid"], whole(0, I64), 0),
            repaired=schedule is None,
            **(_UNSCHEDULED if schedule is None else schedule),
        )
    except (TypeError, ValueError):
        return None


def _schedule(cells: Mapping[str, Any]) -> dict[str, Any] | None:
    try:
        numbers = {name: _number(cells[name], rule) for name, rule in _SCHEDULE}
        data = _text(cells["data"])
    except (TypeError, ValueError):
        return None
    dues = {name: _number_or(cells[name], _DUE, 0) for name in ("due", "odue")}
    return numbers | dues | {"data": clean_card_data(data)}


def are_sound_reviews(rows: list[tuple[Any, ...]]) -> bool:
    """Whether `review_from` would make just these rows of them; for many at a time."""
    try:
        msgspec.convert(rows, list[SourceReview])
    except msgspec.ValidationError:
        return False
    return all(row[-1] or row[2] or row[-2] for row in rows)


def review_from(row: Sequence[Any]) -> SourceReview | None:
    """The review, or None where it makes no sense."""
    try:
        review: SourceReview | None = msgspec.convert(row, SourceReview)
    except msgspec.ValidationError:
        review = _mended_review(row)
    if review and not (review.type or review.ease or review.time_ms):
        return replace(review, type=5)  # Anki's number for a review that was only rescheduled
    return review


def _mended_review(row: Sequence[Any]) -> SourceReview | None:
    review_id, cid, ease, ivl, last_ivl, factor, time_ms, kind = row
    try:
        return SourceReview(
            id=_number(review_id, _ANY_ID),
            cid=_number(cid, _ANY_ID),
            ease=_number(ease, whole(0, 4)),
            ivl=_number(ivl, _DUE),
            last_ivl=_number(last_ivl, _DUE),
            factor=_number(factor, _COUNT),
            time_ms=_number(time_ms, _COUNT),
            type=_number(kind, whole(0, 5)),
        )
    except (TypeError, ValueError):
        return None


def _number(cell: Any, rule: Rule) -> int:
    """A number; text is none, even where it looks like one."""
    if not isinstance(cell, int | float):
        raise TypeError
    number: int = rule(cell)
    return number


def _number_or(cell: Any, rule: Rule, default: int) -> int:
    try:
        return _number(cell, rule)
    except (TypeError, ValueError):
        return default


def _text(cell: Any) -> str:
    if isinstance(cell, bytes | None):
        raise TypeError
    return str(cell)
