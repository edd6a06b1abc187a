"""The place of a new card in the queue of new ones.

Source: Anki's rslib/src/scheduler/new.rs.
"""

from chalicelib.collection.card_data import read_card_data
from chalicelib.collection.cards import Card
from chalicelib.scheduler.states import CardType

_I32, _U32 = 1 << 31, 1 << 32


def last_position(card: Card) -> int | None:
    """Where a card stands among the new ones, or stood before it left them; None if not known."""
    if card.type != CardType.NEW:
        position: int | None = read_card_data(card.data).get("pos")
        return position
    return (card.odue if card.odid else card.due) % _U32


def as_i32(position: int) -> int:
    """A position as Anki's signed column `due` holds it."""
    return (position + _I32) % _U32 - _I32
