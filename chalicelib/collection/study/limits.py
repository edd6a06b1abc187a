"""Today's limits: how many new and review cards each deck may still show.

Source: Anki's rslib/src/decks/limits.rs.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from chalicelib.collection.col import JsonObject
from chalicelib.collection.study.context import StudyContext

IGNORE_REVIEW_LIMIT = "newCardsIgnoreReviewLimit"
APPLY_ALL_PARENT_LIMITS = "applyAllParentLimits"

# More than a file can hold cards.
_MOST = 0xFFFF_FFFF


@dataclass(slots=True)
class Remaining:
    """What is left of today's limits.

    `new_within_review`: new cards use up the review limit too, so there are never more of them
    left than of reviews.
    """

    new: int
    review: int
    new_within_review: bool

    def cap(self, other: "Remaining") -> None:
        """Let there be no more left than another deck has."""
        self.new = min(self.new, other.new)
        self.review = min(self.review, other.review)

    def take_review(self) -> bool:
        """Use up a review; whether that was the last one."""
        self.review -= 1
        if self.new_within_review:
            self.new = min(self.new, self.review)
        return self.review == 0

    def take_new(self) -> bool:
        """Use up a new card; whether that was the last one."""
        self.new -= 1
        return self.new == 0


def remaining_today(context: StudyContext, deck: JsonObject, today: int) -> Remaining:
    """A deck's own limits less what was studied in it today; a filtered deck has none."""
    options = context.options_of(deck)
    if deck.get("dyn"):
        return Remaining(options.new_limit, options.review_limit, new_within_review=False)
    new_today = counted_today(deck, "newToday", today)
    new = _own_limit(deck, "newLimit", today, options.new_limit) - new_today
    review = _own_limit(deck, "reviewLimit", today, options.review_limit)
    review -= counted_today(deck, "revToday", today)
    within_review = not context.is_on(IGNORE_REVIEW_LIMIT)
    if within_review:
        review -= new_today
        new = min(new, review)
    return Remaining(_within_bounds(new), _within_bounds(review), within_review)


def _within_bounds(left: int) -> int:
    return min(max(0, left), _MOST)


def counted_today(deck: JsonObject, counter: str, today: int) -> int:
    """A day counter of the deck, 0 when it was last written on another day."""
    match deck.get(counter):
        case [int(day), int(amount)] if day == today:
            return amount
    return 0


def counter_day(deck: JsonObject, counter: str) -> int:
    """The day on which a counter of the deck was last written."""
    match deck.get(counter):
        case [int(day), int()]:
            return day
    return 0


def _own_limit(deck: JsonObject, name: str, today: int, default: int) -> int:
    for_today: Any = deck.get(f"{name}Today")
    if isinstance(for_today, dict) and for_today.get("today") == today:
        return _number(for_today.get("limit"), default)
    return _number(deck.get(name), default)


def _number(value: object, default: int) -> int:
    return value if type(value) is int else default


@dataclass(frozen=True, slots=True)
class _Node:
    """What a deck has left, and what each of its subdecks has."""

    left: Remaining
    below: list[Remaining]

    def cap_below(self) -> None:
        for left in self.below:
            left.cap(self.left)


class LimitTree:
    """The limits of a deck and its subdecks while cards are gathered from them.

    The limits of the deck's own parents hold too where the collection says so. No deck has more
    left than its parent, when that has none.
    """

    def __init__(self, context: StudyContext, selected: Sequence[JsonObject], today: int) -> None:
        root_id = selected[0]["id"]
        above = limiting_parents(context, root_id)
        self._left: dict[int, Remaining] = {}
        self._chains: dict[int, list[_Node]] = {}
        for deck in (*reversed(above), *selected):
            left = remaining_today(context, deck, today)
            parent = context.decks.parent(deck)
            chain = self._chains.get(parent["id"], []) if parent else []
            if chain:
                left.cap(chain[0].left)
            for node in chain:
                node.below.append(left)
            self._left[deck["id"]] = left
            self._chains[deck["id"]] = [_Node(left, []), *chain]
        self._root = self._left[root_id]

    @property
    def no_reviews_left(self) -> bool:
        return self._root.review <= 0

    @property
    def no_new_left(self) -> bool:
        return self._root.new <= 0

    def has_review(self, deck_id: int) -> bool:
        """Whether a deck and its parents all have a review left."""
        return self._left[deck_id].review > 0

    def take_review(self, deck_id: int) -> None:
        """Use up one review of a deck and its parents."""
        for node in self._chains[deck_id]:
            if node.left.take_review():
                node.cap_below()

    def has_new(self, deck_id: int) -> bool:
        """Whether a deck and its parents all have a new card left."""
        return self._left[deck_id].new > 0

    def take_new(self, deck_id: int) -> None:
        """Use up one new card of a deck and its parents."""
        for node in self._chains[deck_id]:
            if node.left.take_new():
                node.cap_below()


def limiting_parents(context: StudyContext, deck_id: int) -> list[JsonObject]:
    """The parents whose limits hold when a deck itself is studied, nearest first."""
    if not context.is_on(APPLY_ALL_PARENT_LIMITS):
        return []
    return context.decks.with_ancestors(deck_id)[1:]
