"""What there is to study: the cards of a deck and its subdecks that are due, within the limits.

Served in this order: learning cards that are due, reviews and learning cards of earlier days,
new cards, and at last learning cards that come due within the learn-ahead time.
"""

import sqlite3
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from chalicelib.collection.col import read_document
from chalicelib.collection.day import current_queue
from chalicelib.collection.decks import Decks
from chalicelib.collection.documents import DEFAULT_LEARN_AHEAD_S
from chalicelib.collection.limits import LimitTree
from chalicelib.collection.options import OptionGroups
from chalicelib.scheduler.states import CardQueue
from chalicelib.scheduler.timing import Timing

# A learning or preview card is due at a second, the others on a day.
_INTRADAY = (CardQueue.LEARNING, CardQueue.PREVIEW)
# A LIMIT of SQLite that is none.
_ALL = -1


@dataclass(frozen=True, slots=True)
class Counts:
    """How many cards of each kind are left for now, as Anki shows them."""

    new: int
    learn: int
    review: int


@dataclass(frozen=True, slots=True)
class StudyQueue:
    """Ids of the cards to serve, in order; `next_learning_due_s` is for when none is left."""

    card_ids: list[int]
    counts: Counts
    next_learning_due_s: int | None


@dataclass(frozen=True, slots=True)
class _Due:
    card_id: int
    deck_id: int
    queue: int
    due: int


def learn_ahead_s(conn: sqlite3.Connection) -> int:
    """How far ahead learning cards may be shown, seconds."""
    return int(read_document(conn, "conf").get("collapseTime", DEFAULT_LEARN_AHEAD_S))


def study_queue(conn: sqlite3.Connection, deck_id: int, timing: Timing) -> StudyQueue:
    """What to study in a deck now. Raises NotFoundError."""
    gathered = _gather(conn, Decks(conn), deck_id, timing)
    ahead_until = timing.now_s + learn_ahead_s(conn)
    due_now = [card for card in gathered.intraday if card.due <= timing.now_s]
    ahead = [card for card in gathered.intraday if timing.now_s < card.due <= ahead_until]
    served = [*due_now, *gathered.days, *gathered.new, *ahead]
    return StudyQueue(
        card_ids=[card.card_id for card in served],
        counts=_counts(gathered, ahead_until),
        next_learning_due_s=gathered.intraday[0].due if gathered.intraday else None,
    )


@dataclass(frozen=True, slots=True)
class _Gathered:
    intraday: list[_Due]
    days: list[_Due]
    new: list[_Due]


def _counts(gathered: _Gathered, ahead_until: int) -> Counts:
    day_learning = sum(card.queue == CardQueue.DAY_LEARNING for card in gathered.days)
    return Counts(
        new=len(gathered.new),
        learn=day_learning + sum(card.due <= ahead_until for card in gathered.intraday),
        review=len(gathered.days) - day_learning,
    )


def _gather(conn: sqlite3.Connection, decks: Decks, deck_id: int, timing: Timing) -> _Gathered:
    selected = decks.within(deck_id)
    ignore = bool(read_document(conn, "conf").get("newCardsIgnoreReviewLimit", False))
    limits = LimitTree(
        decks, selected, OptionGroups(conn), timing.today, ignore_review_limit=ignore
    )
    deck_ids = [deck["id"] for deck in selected]
    queue = current_queue(conn, timing)
    intraday = list(_due_cards(conn, deck_ids, queue, _INTRADAY, timing.next_cutoff_s - 1))
    days = [
        card
        for kind in (CardQueue.DAY_LEARNING, CardQueue.REVIEW)
        for card in _due_cards(conn, deck_ids, queue, (kind,), timing.today)
        if limits.take_review(card.deck_id)
    ]
    new = [
        card
        for one_deck in deck_ids
        for card in _due_cards(
            conn, [one_deck], queue, (CardQueue.NEW,), None, at_most=limits.new_left(one_deck)
        )
        if limits.take_new(card.deck_id)
    ]
    return _Gathered(intraday=intraday, days=days, new=new)


def _due_cards(
    conn: sqlite3.Connection,
    deck_ids: Sequence[int],
    queue: str,
    kinds: Sequence[CardQueue],
    due_until: int | None,
    *,
    at_most: int = _ALL,
) -> Iterator[_Due]:
    deck_marks, kind_marks = (", ".join("?" * len(items)) for items in (deck_ids, kinds))
    until = "" if due_until is None else "AND due <= ?"
    rows = conn.execute(
        f"SELECT id, did, {queue} AS now_in, due FROM cards WHERE did IN ({deck_marks})"
        f" AND now_in IN ({kind_marks}) {until} ORDER BY due, ord, id LIMIT ?",
        [*deck_ids, *kinds, *([] if due_until is None else [due_until]), at_most],
    )
    return (_Due(*row) for row in rows.fetchall())
