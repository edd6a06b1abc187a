"""Writing reviews of an upload into a review log, and what they say about the cards.

Which review Check Database takes for the last one was found by asking it.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence

from msgspec.structs import replace

from chalicelib.packages.card_data import with_last_review
from chalicelib.packages.source_rows import ReviewRow, SourceCard
from chalicelib.packages.target import DAY_MS, Target
from chalicelib.scheduler.states import CardType

_INSERT = """
    INSERT OR IGNORE INTO revlog (id, cid, ease, ivl, lastIvl, factor, time, type, usn)
    VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)"""
_CRAMMED, _MANUAL = 3, 4
_RATED = f"ease > 0 AND (type != {_CRAMMED} OR factor != 0)"
_FORGOTTEN = f"ease = 0 AND factor = 0 AND type = {_MANUAL}"
# When each of these cards was last rated and last made new; no row for one without any review.
_LAST_REVIEWS = f"""
    SELECT cid, max(CASE WHEN {_RATED} THEN id END), max(CASE WHEN {_FORGOTTEN} THEN id END)
    FROM revlog WHERE cid IN ({{cards}}) GROUP BY cid"""
_CARDS_AT_ONCE = 500


def with_card_ids(rows: list[ReviewRow], card_ids: Mapping[int, int]) -> list[ReviewRow]:
    """The reviews with the ids of their cards here, by those there; others keep theirs."""
    return [
        row if (here := card_ids.get(row[1], row[1])) == row[1] else (row[0], here, *row[2:])
        for row in rows
    ]


class AddedReviews:
    """Adds reviews of cards that are added too, and tells when these were last rated.

    What it adds tells that, unless there is more in the log: reviews of cards that were deleted.
    """

    def __init__(self, target: Target, cards: Sequence[SourceCard]) -> None:
        """`cards` are those that are added."""
        self.count = 0
        self._target = target
        self._conn = target.conn
        self._following = target.now_ms
        self._last_valid = target.now_ms + DAY_MS
        self._rated: dict[int, int] = {}
        self._forgotten: dict[int, int] = {}
        self._reviewed: set[int] = set()
        self._tells_all = not self._have_reviews(cards)

    def add(self, reviews: Iterable[list[ReviewRow]]) -> None:
        """Add reviews by time, many at once, that are not there yet."""
        for rows in reviews:
            if rows and not 0 < rows[0][0] <= rows[-1][0] <= self._last_valid:
                self._tells_all = False
                self._insert(self._at_valid_times(rows))
                continue
            self._note(rows)
            if self._insert(rows) < len(rows):
                self._tells_all = False
        if self.count:
            self._target.mark_rows_changed()

    def last_of(self, cards: Sequence[SourceCard]) -> dict[int, int | None]:
        """When each card was last rated since it was last made new, epoch seconds.

        None for never; nothing for one without any review.
        """
        ids = {card.id for card in cards}
        if not self._tells_all:
            sql = _LAST_REVIEWS.format(cards=", ".join(map(str, ids)))
            return {row[0]: _last_s(*row[1:]) for row in self._conn.execute(sql)}
        return {
            card_id: _last_s(self._rated.get(card_id), self._forgotten.get(card_id))
            for card_id in ids & self._reviewed
        }

    def _note(self, rows: list[ReviewRow]) -> None:
        self._rated.update(
            (cid, review_id)
            for review_id, cid, ease, _, _, factor, _, kind in rows
            if ease > 0 and (kind != _CRAMMED or factor != 0)
        )
        self._forgotten.update(
            (cid, review_id)
            for review_id, cid, ease, _, _, factor, _, kind in rows
            if kind == _MANUAL and ease == 0 and factor == 0
        )
        self._reviewed.update(row[1] for row in rows)

    def _insert(self, rows: Iterable[ReviewRow]) -> int:
        usn = self._target.usn
        added = self._conn.executemany(_INSERT, ((*row, usn) for row in rows)).rowcount
        self.count += added
        return added

    def _at_valid_times(self, rows: list[ReviewRow]) -> Iterator[ReviewRow]:
        """A wrong clock is set right: a review whose time has not come yet was made by now.

        Each is to be written before the next one is taken.
        """
        for row in rows:
            if 0 < row[0] <= self._last_valid:
                yield row
                continue
            while self._is_taken(self._following):
                self._following += 1
            yield self._following, *row[1:]

    def _is_taken(self, review_id: int) -> bool:
        sql = "SELECT 1 FROM revlog WHERE id = ?"
        return self._conn.execute(sql, (review_id,)).fetchone() is not None

    def _have_reviews(self, cards: Sequence[SourceCard]) -> bool:
        if self._conn.execute("SELECT 1 FROM revlog LIMIT 1").fetchone() is None:
            return False
        for some in _parts(cards):
            ids = ", ".join(str(card.id) for card in some)
            sql = f"SELECT 1 FROM revlog WHERE cid IN ({ids}) LIMIT 1"
            if self._conn.execute(sql).fetchone():
                return True
        return False


def with_last_reviews(cards: Sequence[SourceCard], reviews: AddedReviews) -> Iterator[SourceCard]:
    """The cards with the time of the last rated review in `data`, where they were studied.

    Packages older than that key do not have it, and Check Database would complain of each. It
    leaves cards alone that have no reviews.
    """
    for some in _parts(cards):
        last = reviews.last_of([card for card in some if card.type != CardType.NEW])
        for card in some:
            data = with_last_review(card.data, last[card.id]) if card.id in last else card.data
            yield card if data == card.data else replace(card, data=data)


def _parts(cards: Sequence[SourceCard]) -> Iterator[Sequence[SourceCard]]:
    for start in range(0, len(cards), _CARDS_AT_ONCE):
        yield cards[start : start + _CARDS_AT_ONCE]


def _last_s(rated_ms: int | None, forgotten_ms: int | None) -> int | None:
    return rated_ms // 1000 if rated_ms and rated_ms > (forgotten_ms or 0) else None
