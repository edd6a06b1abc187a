"""Notes, cards and reviews of a source collection, typed and bounded.

A cell of a hostile file can hold anything, whatever its column says.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from chalicelib.packages.card_data import clean_card_data
from chalicelib.packages.shapes import I32, I64, U16, Rule, whole

_MAX_ORDINAL = 30_000


@dataclass(frozen=True, slots=True)
class SourceNote:
    """A note as it stands in the file; `modified_s` epoch seconds."""

    id: int
    guid: str
    notetype_id: int
    modified_s: int
    tags: str
    flds: str


@dataclass(frozen=True, slots=True, kw_only=True)
class SourceCard:
    """A card in the file's own units; `repaired` when its schedule could not be used."""

    id: int
    nid: int
    did: int
    ord: int
    mod: int
    type: int
    queue: int
    due: int
    ivl: int
    factor: int
    reps: int
    lapses: int
    left: int
    odue: int
    odid: int
    flags: int
    data: str
    repaired: bool = False


@dataclass(frozen=True, slots=True)
class SourceReview:
    """A row of the review log; `id` is the time of the answer in epoch milliseconds."""

    id: int
    cid: int
    ease: int
    ivl: int
    last_ivl: int
    factor: int
    time_ms: int
    type: int


NOTE_COLUMNS = "id, guid, mid, mod, tags, flds"
CARD_COLUMNS = (
    "id, nid, did, ord, mod, type, queue, due, ivl, factor, reps, lapses, left, odue, odid,"
    " flags, data"
)
REVIEW_COLUMNS = "id, cid, ease, ivl, lastIvl, factor, time, type"

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


def review_from(row: Sequence[Any]) -> SourceReview | None:
    """The review, or None where it makes no sense."""
    review_id, cid, ease, ivl, last_ivl, factor, time_ms, kind = row
    try:
        review = SourceReview(
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
    is_unnamed_reschedule = (review.type, review.ease, review.time_ms) == (0, 0, 0)
    return replace(review, type=5) if is_unnamed_reschedule else review


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
