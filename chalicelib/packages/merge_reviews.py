"""The review log of added cards.

Source: Anki's rslib/src/import_export/package/apkg/import/cards.rs. Which review Check Database
takes for the last one was found by asking it.
"""

from collections.abc import Mapping

from chalicelib.packages.card_data import with_last_review
from chalicelib.packages.report import ImportLog
from chalicelib.packages.source import SourceCollection
from chalicelib.packages.source_rows import SourceReview
from chalicelib.packages.target import DAY_MS, Target

_RATED = "ease > 0 AND (type != 3 OR factor != 0)"
_FORGOTTEN = "ease = 0 AND factor = 0 AND type = 4"
# How many reviews a card has, and when it was last rated since it was last made new.
_LAST_REVIEW = f"""
    SELECT count(*), max(CASE WHEN {_RATED} AND id > coalesce(
        (SELECT max(id) FROM revlog WHERE cid = :card_id AND {_FORGOTTEN}), 0
    ) THEN id END) / 1000
    FROM revlog WHERE cid = :card_id"""


def merge_reviews(
    target: Target, source: SourceCollection, cards: Mapping[int, int], log: ImportLog
) -> int:
    """Add the reviews of added cards that are not here yet; returns how many."""
    times = _ReviewTimes(target)
    return sum(
        _insert(target, times.sensible(review.id), cards[review.cid], review)
        for review in source.reviews(log)
        if review.cid in cards
    )


class _ReviewTimes:
    """Sets a wrong clock right: a review whose time has not come yet was made by now."""

    def __init__(self, target: Target) -> None:
        self._conn = target.conn
        self._last_valid = target.now_ms + DAY_MS
        self._next = target.now_ms

    def sensible(self, review_id: int) -> int:
        """The review's own time, or one that is free."""
        if 0 < review_id <= self._last_valid:
            return review_id
        while self._is_taken(self._next):
            self._next += 1
        return self._next

    def _is_taken(self, review_id: int) -> bool:
        found = self._conn.execute("SELECT 1 FROM revlog WHERE id = ?", (review_id,)).fetchone()
        return found is not None


def _insert(target: Target, review_id: int, card_id: int, review: SourceReview) -> int:
    cursor = target.conn.execute(
        "INSERT OR IGNORE INTO revlog (id, cid, usn, ease, ivl, lastIvl, factor, time, type)"
        " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
        (
            review_id,
            card_id,
            target.usn,
            review.ease,
            review.ivl,
            review.last_ivl,
            review.factor,
            review.time_ms,
            review.type,
        ),
    )
    return cursor.rowcount


def record_last_reviews(target: Target, studied: Mapping[int, str]) -> None:
    """Write the time of the last rated review into `data` of cards where it is not so yet.

    Packages older than that key do not have it, and Check Database would complain of each. It
    leaves cards alone that have no reviews at all.
    """
    for card_id, data in studied.items():
        count, last_review_s = target.conn.execute(_LAST_REVIEW, {"card_id": card_id}).fetchone()
        complete = with_last_review(data, last_review_s) if count else data
        if complete != data:
            target.conn.execute("UPDATE cards SET data = ? WHERE id = ?", (complete, card_id))
