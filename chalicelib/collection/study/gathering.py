"""The cards that a study queue is made of, gathered in Anki's order and within the limits.

Source: Anki's rslib/src/scheduler/queue/builder/gathering.rs.
"""

import json
import sqlite3
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import Any, NamedTuple

from chalicelib.collection.col import JsonObject
from chalicelib.collection.day import stands_in
from chalicelib.collection.study.context import StudyContext
from chalicelib.collection.study.limits import LimitTree
from chalicelib.collection.study.orders import (
    BY_RETRIEVABILITY,
    REVIEW_COLUMNS,
    gathering_salt,
    signed_fnv_hash,
    sorted_new,
)
from chalicelib.collection.study.queue_options import Bury, NewGatherPriority
from chalicelib.collection.study.retrievability import retrievability
from chalicelib.collection.study.sibling_burying import SeenNotes, buries_siblings
from chalicelib.collection.study.sitting import Sitting
from chalicelib.scheduler.states import CardQueue
from chalicelib.scheduler.timing import Timing

INTRADAY = (CardQueue.LEARNING, CardQueue.PREVIEW)

_COLUMNS = (
    "id, CAST(nid AS integer), did, CASE WHEN odid != 0 THEN odid ELSE did END,"
    " CAST(ord AS integer), CAST(due AS integer), CAST(reps AS integer), CAST(mod AS integer)"
)
# `place` is that of the card's deck in the tree; the decks come as a JSON array.
_SOURCE = (
    "(SELECT key AS place, value AS deck_id FROM json_each(:decks))"
    " CROSS JOIN cards ON did = deck_id"
)
# Cards with one position and template follow each other as Anki's index has them.
_BY_POSITION = "due, ord, did, id"
_FROM_HIGHEST_POSITION = "due DESC, ord, did, id"
_BY_INDEX = "did, due, id"


class GatheredCard(NamedTuple):
    """A card of the queue. `due` is in its queue's own unit, `mod` in seconds."""

    id: int
    note_id: int
    deck_id: int
    home_deck_id: int
    ord: int
    due: int
    reps: int
    mod: int


_WIDTH = len(GatheredCard._fields)


@dataclass(slots=True)
class Gathered:
    """The cards of each kind, each kind in its order."""

    intraday: list[GatheredCard]
    day_learning: list[GatheredCard]
    reviews: list[GatheredCard]
    new: list[GatheredCard]


def gather(
    conn: sqlite3.Connection,
    context: StudyContext,
    deck_id: int,
    timing: Timing,
    sitting: Sitting,
) -> Gathered:
    """What is to be studied today in a deck and its subdecks. Raises NotFoundError."""
    gatherer = _Gatherer(conn, context, context.decks.within(deck_id), timing, sitting)
    return Gathered(
        intraday=gatherer.intraday(),
        day_learning=gatherer.due(CardQueue.DAY_LEARNING, Bury.DAY_LEARNING),
        reviews=gatherer.due(CardQueue.REVIEW, Bury.REVIEWS),
        new=gatherer.new(),
    )


class _Gatherer:
    """Takes kind after kind: what the first ones use up of the limits is gone for the next."""

    def __init__(
        self,
        conn: sqlite3.Connection,
        context: StudyContext,
        selected: Sequence[JsonObject],
        timing: Timing,
        sitting: Sitting,
    ) -> None:
        self._conn = conn
        self._deck_ids = [deck["id"] for deck in selected]
        self._options = context.options_of(selected[0])
        self._limits = LimitTree(context, selected, timing.today)
        self._seen = SeenNotes(context)
        self._burying = buries_siblings(context, selected)
        self._timing = timing
        self._new_day = context.is_new_day(timing)
        self._sitting = sitting

    def intraday(self) -> list[GatheredCard]:
        """Learning cards of today.

        One that was answered in this sitting makes no sibling wait: the answer has buried those
        that were to be, and Anki keeps the others in the queue that it has built before.
        """
        order = f"did, queue = {CardQueue.PREVIEW:d}, due, id"
        cards = [_card(row) for row in self._rows(INTRADAY, "due <= :cutoff", order)]
        for card in cards:
            if card.id not in self._sitting.card_ids:
                self._seen.see(card.note_id, card.home_deck_id)
        return cards

    def due(self, queue: CardQueue, kind: Bury) -> list[GatheredCard]:
        """Cards that are due on a day, while there are reviews left."""
        found: list[GatheredCard] = []
        if self._limits.no_reviews_left:
            return found
        for card in self._in_review_order(queue):
            if self._limits.no_reviews_left:
                break
            if self._limits.has_review(card.deck_id) and self._admits(card, int(kind)):
                self._limits.take_review(card.deck_id)
                found.append(card)
        return found

    def new(self) -> list[GatheredCard]:
        """New cards, while there are any left, as they are shown."""
        found: list[GatheredCard] = []
        new = int(Bury.NEW)
        for card in self._new_in_order():
            if self._limits.has_new(card.deck_id) and self._admits(card, new):
                self._limits.take_new(card.deck_id)
                found.append(card)
            if self._limits.no_new_left:
                break
        return sorted_new(found, self._options.new_sort, self._timing.today)

    def _admits(self, card: GatheredCard, kind: int) -> bool:
        """Whether no sibling that was gathered before makes the card wait."""
        return not (self._burying and self._seen.see(card.note_id, card.home_deck_id) & kind)

    def _in_review_order(self, queue: CardQueue) -> Iterator[GatheredCard]:
        """Cards of a queue that are due: in the order of the options, ties by hash."""
        order = self._options.review_order
        if order in BY_RETRIEVABILITY:
            yield from self._by_retrievability(queue, descending=BY_RETRIEVABILITY[order])
            return
        columns = REVIEW_COLUMNS[order]
        values = [column.removesuffix(" DESC") for column in columns]
        rows = self._rows((queue,), "due <= :today", ", ".join(columns), values)
        for _, tied in groupby(rows, key=lambda row: row[_WIDTH:]):
            yield from sorted(map(_card, tied), key=_hash)

    def _by_retrievability(self, queue: CardQueue, *, descending: bool) -> Iterable[GatheredCard]:
        """The likeliest to be forgotten first, or last; cards that FSRS does not know are first."""
        values = ("data", "CASE WHEN odue != 0 THEN odue ELSE due END", "ivl")
        sign = -1 if descending else 1

        def key(row: Sequence[Any]) -> tuple[bool, float, int]:
            data, due, interval = row[_WIDTH:]
            chance = retrievability(data, due, interval, self._timing)
            known = chance is not None
            return known is not descending, sign * (chance or 0), _hash(_card(row))

        rows = self._rows((queue,), "due <= :today", "", values)
        return map(_card, sorted(rows, key=key))

    def _new_in_order(self) -> Iterator[GatheredCard]:
        """New cards in the order of `newGatherPriority`."""
        salt = gathering_salt(self._timing.today)
        match self._options.new_gather:
            case NewGatherPriority.DECK:
                yield from self._new_by_deck(lambda cards: cards)
            case NewGatherPriority.DECK_THEN_RANDOM_NOTES:
                yield from self._new_by_deck(lambda cards: _by_note_hash(cards, salt))
            case NewGatherPriority.LOWEST_POSITION:
                yield from self._new(self._deck_ids, _BY_POSITION)
            case NewGatherPriority.HIGHEST_POSITION:
                yield from self._new(self._deck_ids, _FROM_HIGHEST_POSITION)
            case NewGatherPriority.RANDOM_NOTES:
                yield from _by_note_hash(self._new(self._deck_ids, _BY_INDEX), salt)
            case NewGatherPriority.RANDOM_CARDS:
                cards = self._new(self._deck_ids, _BY_INDEX)
                yield from sorted(cards, key=lambda card: signed_fnv_hash(card.id, salt))

    def _new_by_deck(
        self, in_order: Callable[[Iterable[GatheredCard]], Iterable[GatheredCard]]
    ) -> Iterator[GatheredCard]:
        for deck_id in self._deck_ids:
            for card in in_order(self._new([deck_id], _BY_POSITION)):
                if not self._limits.has_new(deck_id):
                    break
                yield card

    def _new(self, deck_ids: Sequence[int], order: str) -> Iterator[GatheredCard]:
        return map(_card, self._rows((CardQueue.NEW,), "", order, deck_ids=deck_ids))

    def _rows(
        self,
        queues: Sequence[CardQueue],
        due: str,
        order: str,
        values: Sequence[str] = (),
        *,
        deck_ids: Sequence[int] | None = None,
    ) -> sqlite3.Cursor:
        """The cards of these queues, with `values` after their own columns."""
        conditions = [stands_in(queues, new_day=self._new_day), due]
        return self._conn.execute(
            f"SELECT {', '.join((_COLUMNS, *values))} FROM {_SOURCE}"
            f" WHERE {' AND '.join(filter(None, conditions))}"
            f" {f'ORDER BY {order}' if order else ''}",
            {
                "decks": json.dumps(self._deck_ids if deck_ids is None else deck_ids),
                "today": self._timing.today,
                "cutoff": self._timing.next_cutoff_s,
            },
        )


def _card(row: Sequence[Any]) -> GatheredCard:
    return GatheredCard._make(row[:_WIDTH])


def _hash(card: GatheredCard) -> int:
    return signed_fnv_hash(card.id, card.mod)


def _by_note_hash(cards: Iterable[GatheredCard], salt: int) -> list[GatheredCard]:
    return sorted(cards, key=lambda card: (signed_fnv_hash(card.note_id, salt), card.ord))
