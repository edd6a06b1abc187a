"""How many steps a learning card has left when it comes under other options.

Source: Anki's rslib/src/card/mod.rs.
"""

import sqlite3
from collections.abc import Sequence
from dataclasses import dataclass, replace

from chalicelib.collection.actions.card_changes import cards_of_decks, write_cards
from chalicelib.collection.cards import Card
from chalicelib.collection.col import JsonObject
from chalicelib.scheduler.float32 import f32
from chalicelib.scheduler.options import options_from_dconf
from chalicelib.scheduler.states import CardType

# Old clients add a multiple of this to the number of steps left.
_TODAY = 1000

_ON_STEPS = (CardType.LEARNING, CardType.RELEARNING)


@dataclass(frozen=True, slots=True)
class Steps:
    """The learning and the relearning steps of an option group, minutes in single precision."""

    learning: tuple[float, ...]
    relearning: tuple[float, ...]

    @classmethod
    def of_group(cls, group: JsonObject) -> "Steps":
        options = options_from_dconf(group)
        return cls(
            tuple(f32(minutes) for minutes in options.learn_steps),
            tuple(f32(minutes) for minutes in options.relearn_steps),
        )

    def of_card(self, card: Card) -> tuple[float, ...] | None:
        """The steps that a card is on; None for a card that is on none."""
        return {CardType.LEARNING: self.learning, CardType.RELEARNING: self.relearning}.get(
            CardType(card.type) if card.type in list(CardType) else CardType.NEW
        )


def with_steps_adjusted(card: Card, old: Steps, new: Steps) -> Card:
    """The card with the steps of `new` left that it had not passed on the steps of `old`."""
    old_steps, new_steps = old.of_card(card), new.of_card(card)
    if not old_steps or new_steps is None:
        return card
    remaining = card.left % _TODAY
    adjusted = _steps_left(remaining, old_steps, new_steps)
    return card if adjusted == remaining else replace(card, left=adjusted)


def _steps_left(remaining: int, old: Sequence[float], new: Sequence[float]) -> int:
    """The new steps after the last one that is no longer than the last step passed; at least 1."""
    passed = len(old) - remaining - 1
    left = len(new)
    if passed >= 0:
        longer = [count for count, step in enumerate(reversed(new)) if step <= old[passed]]
        left = longer[0] if longer else left
    return max(1, left)


def adjust_decks(
    conn: sqlite3.Connection, deck_ids: Sequence[int], old: Steps, new: Steps, now_ms: int
) -> None:
    """Adjust the steps left of the cards that live in these decks, if theirs have changed."""
    changed = [
        adjusted
        for card in cards_of_decks(conn, deck_ids, _ON_STEPS)
        if old.of_card(card) != new.of_card(card)
        and (adjusted := with_steps_adjusted(card, old, new)) != card
    ]
    write_cards(conn, changed, now_ms)
