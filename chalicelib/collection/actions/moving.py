"""Moving cards to another deck.

Source: Anki's rslib/src/card/mod.rs.
"""

import sqlite3
from collections.abc import Sequence
from dataclasses import replace

from chalicelib.collection.actions.card_changes import change_cards
from chalicelib.collection.actions.remaining_steps import Steps, with_steps_adjusted
from chalicelib.collection.card_data import read_card_data, write_card_data
from chalicelib.collection.cards import Card
from chalicelib.collection.deck_options.groups import OptionGroups
from chalicelib.collection.decks import Decks
from chalicelib.collection.filtered import at_home
from chalicelib.errors import BadInputError

_OF_FSRS = ("s", "d", "dr", "decay")


def move_cards(conn: sqlite3.Connection, card_ids: Sequence[int], deck_id: int, now_ms: int) -> int:
    """Put the cards into a deck; one that a filtered deck has comes home first, with its own due.

    Raises NotFoundError, and BadInputError for a filtered deck.
    """
    decks = Decks(conn)
    target = decks.get(deck_id)
    if target["dyn"]:
        raise BadInputError(fields={"deck_id": "a filtered deck takes no cards this way"})
    steps = _StepsOfDecks(decks, OptionGroups(conn))

    def move(card: Card) -> Card | None:
        if card.did == deck_id:
            return None
        on_steps = with_steps_adjusted(card, steps.of(card.home_deck_id), steps.of(deck_id))
        return replace(at_home(on_steps), did=deck_id, data=_without_fsrs(card.data))

    return change_cards(conn, card_ids, move, now_ms)


def _without_fsrs(data: str) -> str:
    """What FSRS knows of a card depends on its deck's options."""
    known = read_card_data(data)
    return write_card_data({key: known[key] for key in known if key not in _OF_FSRS})


class _StepsOfDecks:
    def __init__(self, decks: Decks, groups: OptionGroups) -> None:
        self._decks = decks
        self._groups = groups
        self._known: dict[int, Steps] = {}

    def of(self, deck_id: int) -> Steps:
        if deck_id not in self._known:
            group = self._groups.of_deck(self._decks.by_id.get(deck_id, {}))
            self._known[deck_id] = Steps.of_group(group)
        return self._known[deck_id]
