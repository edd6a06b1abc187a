"""How many cards are left for today, without gathering them.

How many cards a tree of limits lets through does not depend on the order in which they come, so
they need not be looked at one by one; only where siblings are buried they must be. Source: Anki's
rslib/src/decks/tree.rs.
"""

import json
import sqlite3
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from chalicelib.collection.col import JsonObject
from chalicelib.collection.day import BURIED
from chalicelib.collection.filtered import queue_of_type
from chalicelib.collection.study.context import StudyContext
from chalicelib.collection.study.limits import (
    APPLY_ALL_PARENT_LIMITS,
    Remaining,
    limiting_parents,
    remaining_today,
)
from chalicelib.scheduler.states import CardQueue
from chalicelib.scheduler.timing import Timing


def _count(queue: CardQueue, due: str, most: str) -> str:
    return (
        "(SELECT count(*) FROM (SELECT 1 FROM cards"
        f" WHERE did = deck.value AND queue = {queue:d}{due} LIMIT {most}))"
    )


_DUE_TODAY = " AND due <= :today"
_BY_DECK = f"""SELECT deck.value,
    {_count(CardQueue.NEW, "", ":most_new")},
    {_count(CardQueue.REVIEW, _DUE_TODAY, ":most_reviews")},
    {_count(CardQueue.DAY_LEARNING, _DUE_TODAY, ":most_reviews")},
    {_count(CardQueue.LEARNING, " AND due <= :learning_s", "-1")}
    + {_count(CardQueue.PREVIEW, " AND due <= :preview_s", "-1")}
FROM json_each(:decks) AS deck"""
# On a new day these are where their type belongs, before anything has unburied them.
_BURIED_BY_DECK = f"""SELECT did,
    sum(belongs = {CardQueue.NEW:d}),
    sum(belongs = {CardQueue.REVIEW:d}{_DUE_TODAY}),
    sum(belongs = {CardQueue.DAY_LEARNING:d}{_DUE_TODAY}),
    sum(belongs = {CardQueue.LEARNING:d} AND due <= :learning_s)
FROM (
    SELECT did, due, {queue_of_type()} AS belongs
    FROM (SELECT value AS deck_id FROM json_each(:decks)) CROSS JOIN cards ON did = deck_id
    WHERE queue IN {BURIED}
) GROUP BY did"""


@dataclass(frozen=True, slots=True)
class Counts:
    """How many cards of each kind are left for now, as Anki shows them."""

    new: int
    learn: int
    review: int


@dataclass(slots=True)
class _Due:
    new: int = 0
    review: int = 0
    day_learning: int = 0
    intraday: int = 0

    def add(self, other: "_Due") -> None:
        self.new += other.new
        self.review += other.review
        self.day_learning += other.day_learning
        self.intraday += other.intraday

    def cap(self, left: Remaining) -> None:
        """Learning cards of earlier days use up the review limit first, then reviews, then new."""
        self.day_learning = min(self.day_learning, left.review)
        self.review = min(self.review, left.review - self.day_learning)
        new_left = left.new
        if left.new_within_review:
            new_left = min(new_left, left.review - self.day_learning - self.review)
        self.new = min(self.new, new_left)

    def counts(self) -> Counts:
        return Counts(new=self.new, learn=self.intraday + self.day_learning, review=self.review)


def counts_of_decks(
    conn: sqlite3.Connection, timing: Timing, context: StudyContext | None = None
) -> dict[int, Counts]:
    """The counts of each deck by its id, as the deck list shows them.

    Siblings that will be buried count. What other decks use up of a parent's limit does not.
    """
    context = context or StudyContext(conn)
    decks = context.decks.in_tree_order()
    # Anki's deck list does not count a learning card that comes due at this very second.
    latest_s = timing.now_s + context.learn_ahead_s
    left = {deck["id"]: remaining_today(context, deck, timing.today) for deck in decks}
    if context.is_on(APPLY_ALL_PARENT_LIMITS):
        _cap_by_parents(context, decks, left)
    due = _due_by_deck(conn, context, left, timing, learning_s=latest_s - 1, preview_s=latest_s)
    _cap(context, decks, due, left)
    return {deck_id: counted.counts() for deck_id, counted in due.items()}


def counts_of_deck(
    conn: sqlite3.Connection, context: StudyContext, deck_id: int, timing: Timing
) -> Counts:
    """The counts of the queue of a deck in which no siblings are buried. Raises NotFoundError."""
    decks = context.decks.within(deck_id)
    latest_s = min(timing.now_s + context.learn_ahead_s, timing.next_cutoff_s)
    left = {deck["id"]: remaining_today(context, deck, timing.today) for deck in decks}
    due = _due_by_deck(conn, context, left, timing, learning_s=latest_s, preview_s=latest_s)
    _cap(context, decks, due, left)
    for parent in limiting_parents(context, deck_id):
        due[deck_id].cap(remaining_today(context, parent, timing.today))
    return due[deck_id].counts()


def _cap_by_parents(
    context: StudyContext, decks: Sequence[JsonObject], left: Mapping[int, Remaining]
) -> None:
    """No deck may show more than its parent could show of its own; the decks in tree order."""
    for deck in decks:
        parent = context.decks.parent(deck)
        if parent is not None:
            left[deck["id"]].cap(left[parent["id"]])


def _cap(
    context: StudyContext,
    decks: Sequence[JsonObject],
    due: Mapping[int, _Due],
    left: Mapping[int, Remaining],
) -> None:
    """Cap each deck's counts by its limits, and add them to those of its parent.

    The decks are in tree order; the subdecks come first, so that a parent sums what they show.
    """
    for deck in reversed(decks):
        due[deck["id"]].cap(left[deck["id"]])
        parent = context.decks.parent(deck)
        if parent is not None and parent["id"] in due:
            due[parent["id"]].add(due[deck["id"]])


def _due_by_deck(
    conn: sqlite3.Connection,
    context: StudyContext,
    left: Mapping[int, Remaining],
    timing: Timing,
    *,
    learning_s: int,
    preview_s: int,
) -> dict[int, _Due]:
    """What each deck itself has; cards beyond the highest limit need not be counted."""
    values = {
        "decks": json.dumps(list(left)),
        "today": timing.today,
        "learning_s": learning_s,
        "preview_s": preview_s,
        "most_new": max(one.new for one in left.values()),
        "most_reviews": max(one.review for one in left.values()),
    }
    due = {deck_id: _Due(*counts) for deck_id, *counts in conn.execute(_BY_DECK, values)}
    if context.is_new_day(timing):
        for deck_id, *counts in conn.execute(_BURIED_BY_DECK, values):
            due[deck_id].add(_Due(*counts))
    return due
