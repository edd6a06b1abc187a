"""Today's limits: how many new and review cards each deck may still show.

Source: Anki's rslib/src/decks/limits.rs.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from chalicelib.collection.col import JsonObject
from chalicelib.collection.decks import Decks
from chalicelib.collection.options import OptionGroups, daily_limits

_NO_LIMIT = 9999


@dataclass(slots=True)
class Remaining:
    """What is left of today's limits."""

    new: int
    review: int


def remaining_today(
    deck: JsonObject, groups: OptionGroups, today: int, *, ignore_review_limit: bool
) -> Remaining:
    """A deck's own limits less what was studied in it today.

    Unless the collection says otherwise, new cards use up the review limit too and are capped
    by it. A filtered deck has no limits.
    """
    if deck["dyn"]:
        return Remaining(new=_NO_LIMIT, review=_NO_LIMIT)
    limits = daily_limits(groups.of_deck(deck))
    new = _own_limit(deck, "newLimit", today, limits.new) - counted_today(deck, "newToday", today)
    review = _own_limit(deck, "reviewLimit", today, limits.review)
    review -= counted_today(deck, "revToday", today)
    if not ignore_review_limit:
        review -= counted_today(deck, "newToday", today)
        new = min(new, review)
    return Remaining(new=max(0, new), review=max(0, review))


def counted_today(deck: JsonObject, counter: str, today: int) -> int:
    """A day counter of the deck, 0 when it was last written on another day."""
    day, amount = deck[counter]
    return int(amount) if day == today else 0


def _own_limit(deck: JsonObject, name: str, today: int, default: int) -> int:
    for_today: Any = deck.get(f"{name}Today")
    if isinstance(for_today, dict) and for_today.get("today") == today:
        return int(for_today["limit"])
    own = deck.get(name)
    return default if own is None else int(own)


class LimitTree:
    """The limits of a deck and its subdecks while cards are gathered from them."""

    def __init__(
        self,
        decks: Decks,
        selected: Sequence[JsonObject],
        groups: OptionGroups,
        today: int,
        *,
        ignore_review_limit: bool,
    ) -> None:
        self._ignore_review_limit = ignore_review_limit
        self._left = {
            deck["id"]: remaining_today(
                deck, groups, today, ignore_review_limit=ignore_review_limit
            )
            for deck in selected
        }
        self._chains = {
            deck["id"]: [
                self._left[above["id"]]
                for above in decks.with_ancestors(deck["id"])
                if above["id"] in self._left
            ]
            for deck in selected
        }

    def take_review(self, deck_id: int) -> bool:
        """Use up one review of a deck and its parents, if all of them have one left."""
        chain = self._chains[deck_id]
        if any(left.review <= 0 for left in chain):
            return False
        for left in chain:
            left.review -= 1
            if not self._ignore_review_limit:
                left.new = min(left.new, left.review)
        return True

    def new_left(self, deck_id: int) -> int:
        """How many new cards of a deck could be taken now."""
        return max(0, min(left.new for left in self._chains[deck_id]))

    def take_new(self, deck_id: int) -> bool:
        """Use up one new card of a deck and its parents, if all of them have one left."""
        chain = self._chains[deck_id]
        if any(left.new <= 0 for left in chain):
            return False
        for left in chain:
            left.new -= 1
        return True
