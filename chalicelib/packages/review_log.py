"""Writing reviews of an upload into a review log, and what they say about the cards.

Which review Check Database takes for the last one was found by asking it.
"""

import sqlite3
from collections.abc import Iterable, Iterator, Sequence

from msgspec.structs import replace

from chalicelib.packages.card_data import with_last_review
from chalicelib.packages.source_rows import SourceCard, SourceReview
from chalicelib.packages.target import DAY_MS
from chalicelib.scheduler.states import CardType

_INSERT = """
    INSERT OR IGNORE INTO revlog (id, cid, usn, ease, ivl, lastIvl, factor, time, type)
    VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)"""
_RATED = "ease > 0 AND (type != 3 OR factor != 0)"
_FORGOTTEN = "ease = 0 AND factor = 0 AND type = 4"
# When each of these cards was last rated and last made new; no row for one without any review.
_LAST_REVIEWS = f"""
    SELECT cid, max(CASE WHEN {_RATED} THEN id END), max(CASE WHEN {_FORGOTTEN} THEN id END)
    FROM revlog WHERE cid IN ({{cards}}) GROUP BY cid"""
_CARDS_AT_ONCE = 500


def add_reviews(
    conn: sqlite3.Connection,
    reviews: Iterable[tuple[int, SourceReview]],
    *,
    usn: int,
    now_ms: int,
) -> int:
    """Add reviews, each with the id of its card, that are not there yet; returns how many."""
    return conn.executemany(_INSERT, _rows(conn, reviews, usn, now_ms)).rowcount


def _rows(
    conn: sqlite3.Connection,
    reviews: Iterable[tuple[int, SourceReview]],
    usn: int,
    now_ms: int,
) -> Iterator[tuple[int, ...]]:
    """A wrong clock is set right: a review whose time has not come yet was made by now."""
    last_valid, following = now_ms + DAY_MS, now_ms
    for card_id, review in reviews:
        review_id = review.id
        if not 0 < review_id <= last_valid:
            while _is_taken(conn, following):
                following += 1
            review_id = following
        yield (
            review_id,
            card_id,
            usn,
            review.ease,
            review.ivl,
            review.last_ivl,
            review.factor,
            review.time_ms,
            review.type,
        )


def _is_taken(conn: sqlite3.Connection, review_id: int) -> bool:
    found = conn.execute("SELECT 1 FROM revlog WHERE id = ?", (review_id,)).fetchone()
    return found is not None


def with_last_reviews(
    conn: sqlite3.Connection, cards: Sequence[SourceCard]
) -> Iterator[SourceCard]:
    """The cards with the time of the last rated review in `data`, where they were studied.

    Packages older than that key do not have it, and Check Database would complain of each. It
    leaves cards alone that have no reviews.
    """
    for start in range(0, len(cards), _CARDS_AT_ONCE):
        some = cards[start : start + _CARDS_AT_ONCE]
        last = _last_reviews(conn, [card.id for card in some if card.type != CardType.NEW])
        for card in some:
            data = with_last_review(card.data, last[card.id]) if card.id in last else card.data
            yield card if data == card.data else replace(card, data=data)


def _last_reviews(conn: sqlite3.Connection, card_ids: Iterable[int]) -> dict[int, int | None]:
    """When each card was last rated since it was last made new, epoch seconds; None for never."""
    sql = _LAST_REVIEWS.format(cards=", ".join(map(str, card_ids)))
    return {
        card_id: rated_ms // 1000 if rated_ms and rated_ms > (forgotten_ms or 0) else None
        for card_id, rated_ms, forgotten_ms in conn.execute(sql)
    }
