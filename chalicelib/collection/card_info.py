"""What Anki's Card Info shows of a card beyond its own row: its answers, and what they sum up to.

Sources: Anki's rslib/src/stats/card.rs and rslib/src/revlog/mod.rs.
"""

import sqlite3
from dataclasses import dataclass
from typing import Literal

from chalicelib.collection.stats.entries import BUTTON, TAKEN_MS, TYPE
from chalicelib.scheduler.states import RevlogType
from chalicelib.scheduler.timing import DAY_S

ReviewKind = Literal["learning", "review", "relearning", "filtered", "manual", "rescheduled"]

MAX_REVIEWS = 1000

_KINDS: dict[int, ReviewKind] = {
    RevlogType.LEARNING: "learning",
    RevlogType.REVIEW: "review",
    RevlogType.RELEARNING: "relearning",
    RevlogType.FILTERED: "filtered",
    RevlogType.MANUAL: "manual",
    RevlogType.RESCHEDULED: "rescheduled",
}
_I32_MAX = 2**31 - 1
_INTERVAL = f"""CASE WHEN typeof(ivl) IN ('integer', 'real') AND abs(ivl) <= {_I32_MAX}
    THEN CAST(ivl AS INTEGER) ELSE 0 END"""
_EASE = """CASE WHEN typeof(factor) IN ('integer', 'real') AND factor BETWEEN 0 AND 65535
    THEN CAST(factor AS INTEGER) ELSE 0 END"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Review:
    """One row of `revlog`; `rating` is 0 where the schedule was changed without an answer."""

    reviewed_at: int
    kind: ReviewKind
    rating: int
    interval_s: int
    ease: float
    taken_ms: int


@dataclass(frozen=True, slots=True, kw_only=True)
class CardHistory:
    """Times are epoch ms; the reviews are the latest ones, the newest first.

    The average is over the answers with a rating, but the total has all time, as in Anki.
    """

    first_review_at: int | None
    latest_review_at: int | None
    average_ms: int
    total_ms: int
    review_count: int
    reviews: list[Review]


def card_history(conn: sqlite3.Connection, card_id: int) -> CardHistory:
    """All that the revlog knows of a card; of its rows the latest `MAX_REVIEWS`."""
    first, latest, answers, total_ms, review_count = conn.execute(
        f"""SELECT min(id) FILTER (WHERE {BUTTON} > 0), max(id) FILTER (WHERE {BUTTON} > 0),
            count(*) FILTER (WHERE {BUTTON} > 0), coalesce(sum({TAKEN_MS}), 0), count(*)
        FROM revlog WHERE cid = ?""",
        (card_id,),
    ).fetchone()
    return CardHistory(
        first_review_at=first,
        latest_review_at=latest,
        average_ms=round(total_ms / answers) if answers else 0,
        total_ms=total_ms if answers else 0,
        review_count=review_count,
        reviews=_reviews(conn, card_id),
    )


def _reviews(conn: sqlite3.Connection, card_id: int) -> list[Review]:
    rows = conn.execute(
        f"""SELECT id, {TYPE}, {BUTTON}, {_INTERVAL}, {_EASE}, {TAKEN_MS}
        FROM revlog WHERE cid = ? ORDER BY id DESC LIMIT {MAX_REVIEWS}""",
        (card_id,),
    )
    return [_review(*row) for row in rows]


def _review(
    reviewed_at: int, kind: int, rating: int, interval: int, ease: int, taken_ms: int
) -> Review:
    return Review(
        reviewed_at=reviewed_at,
        kind=_KINDS[kind],
        rating=rating,
        # Days, or seconds with a minus.
        interval_s=interval * DAY_S if interval > 0 else -interval,
        ease=ease / 1000,
        taken_ms=taken_ms,
    )
