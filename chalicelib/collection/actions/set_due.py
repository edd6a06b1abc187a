"""Setting the day on which cards are due; cards that are no review cards become some.

Source: Anki's rslib/src/scheduler/reviews.rs.
"""

import re
import sqlite3
from collections.abc import Sequence
from dataclasses import dataclass, replace

from chalicelib.collection.actions.card_changes import cards_to_change, write_cards
from chalicelib.collection.actions.draws import drawn_between
from chalicelib.collection.actions.manual_reviews import ManualReviews
from chalicelib.collection.card_data import read_card_data, write_card_data
from chalicelib.collection.cards import Card
from chalicelib.collection.day import timing_at
from chalicelib.collection.deck_options.groups import OptionGroups
from chalicelib.collection.decks import Decks
from chalicelib.collection.filtered import to_reschedule
from chalicelib.collection.positions import last_position
from chalicelib.errors import BadInputError
from chalicelib.scheduler.options import options_from_dconf
from chalicelib.scheduler.states import CardQueue, CardType

# Beyond this, Anki's Check Database takes a day for a mistake.
MAX_DAYS = 36_500

_DAYS = re.compile(r"(\d+)(?:-(\d+))?(!)?", re.ASCII)
_MAX_LENGTH = 20


@dataclass(frozen=True, slots=True)
class DueDays:
    """Days from today, both ends included; `reset` says that the interval becomes the same."""

    low: int
    high: int
    reset: bool


def parse_due_days(text: str) -> DueDays:
    """`3`, `3-7`, and either with `!` at its end. Raises BadInputError."""
    match = _DAYS.fullmatch(text) if len(text) <= _MAX_LENGTH else None
    if match is None:
        raise BadInputError(fields={"days": "must be like 0, 3-7 or 3-7!"})
    first = int(match[1])
    low, high = sorted((first, first if match[2] is None else int(match[2])))
    if high > MAX_DAYS:
        raise BadInputError(fields={"days": f"must be at most {MAX_DAYS}"})
    return DueDays(low, high, reset=match[3] is not None)


def set_due_date(
    conn: sqlite3.Connection, card_ids: Sequence[int], days: DueDays, seed: int, now_ms: int
) -> int:
    """Make each card due on a day within `days`, drawn from `seed` where there is a choice."""
    cards = sorted(cards_to_change(conn, card_ids, now_ms), key=lambda card: card.id)
    today = timing_at(conn, now_ms).today
    reviews = ManualReviews(conn, now_ms)
    eases = _InitialEases(conn)
    rescheduled: list[Card] = []
    for card in cards:
        in_days = drawn_between(days.low, days.high, seed, card.id)
        after = _due_in(card, in_days, today, reset=days.reset)
        if after.factor == 0:
            after = replace(after, factor=eases.of_deck(card.home_deck_id))
        reviews.log(card, after)
        rescheduled.append(after)
    return write_cards(conn, rescheduled, now_ms)


def _due_in(card: Card, in_days: int, today: int, *, reset: bool) -> Card:
    """A card that was reviewed before keeps its interval and its ease, unless `reset`."""
    keeps = card.type in (CardType.REVIEW, CardType.RELEARNING) and not reset
    data = read_card_data(card.data)
    if card.type == CardType.NEW:
        # Anki leaves there what a reset card was last answered, and finds fault with it later.
        data.pop("lrt", None)
    position = last_position(card)
    if position is not None:
        data["pos"] = position
    return replace(
        to_reschedule(card),
        ivl=max(1, card.ivl if keeps else in_days),
        due=today + in_days,
        type=CardType.REVIEW,
        queue=CardQueue.REVIEW,
        data=write_card_data(data),
    )


class _InitialEases:
    """The ease that a card of a deck begins with, in permille."""

    def __init__(self, conn: sqlite3.Connection) -> None:
        self._decks = Decks(conn)
        self._groups = OptionGroups(conn)
        self._known: dict[int, int] = {}

    def of_deck(self, deck_id: int) -> int:
        if deck_id not in self._known:
            group = self._groups.of_deck(self._decks.by_id.get(deck_id, {}))
            self._known[deck_id] = options_from_dconf(group).initial_factor
        return self._known[deck_id]
