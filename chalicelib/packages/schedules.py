"""What happens to a card's schedule on its way into another collection.

Sources: Anki's rslib/src/import_export/package/apkg/import/cards.rs, rslib/src/scheduler/new.rs,
rslib/src/scheduler/filtered/card.rs and, for what Check Database would complain of,
rslib/src/storage/card/fix_due_new.sql and its neighbours.
"""

from msgspec.structs import replace

from chalicelib.collection.card_data import read_card_data, write_card_data
from chalicelib.collection.filtered import FIRST_EPOCH_DUE
from chalicelib.collection.positions import as_i32
from chalicelib.packages.source_rows import SourceCard
from chalicelib.scheduler.states import CardQueue, CardType

_DAY_QUEUES = (CardQueue.REVIEW, CardQueue.DAY_LEARNING)
_FIRST_IMPOSSIBLE_POSITION = 1_000_000
_LAST_POSSIBLE_DAY = 100_000
_FORGOTTEN_DATA = ("pos", "s", "d")


def queue_of_type(card: SourceCard) -> int:
    """The queue that the card's type asks for, once nothing holds it back."""
    if card.type == CardType.NEW:
        return CardQueue.NEW
    if card.type == CardType.REVIEW:
        return CardQueue.REVIEW
    return CardQueue.LEARNING if card.due > FIRST_EPOCH_DUE else CardQueue.DAY_LEARNING


def taken_home(card: SourceCard) -> SourceCard:
    """A lent card with its own due, staying in a deck that will no longer be a filtered one."""
    if not card.odid:
        return card
    home = replace(card, due=card.odue or card.due, odue=0, odid=0)
    return home if home.queue < 0 else replace(home, queue=queue_of_type(home))


def position_of(card: SourceCard) -> int | None:
    """Where the card stands among the new ones, or stood; None if that is not known."""
    if card.type == CardType.NEW:
        return card.odue if card.odid else card.due
    position: int | None = read_card_data(card.data).get("pos")
    return position


def made_new(card: SourceCard, position: int) -> SourceCard:
    """The card as if it was never studied, in the deck where it is."""
    data = read_card_data(card.data)
    for forgotten in _FORGOTTEN_DATA:
        data.pop(forgotten, None)
    return replace(
        card,
        type=int(CardType.NEW),
        queue=int(CardQueue.NEW),
        due=as_i32(position),
        ivl=0,
        factor=0,
        reps=0,
        lapses=0,
        odid=0,
        odue=0,
        flags=0,
        data=write_card_data(data),
    )


def rebased(card: SourceCard, days_ahead: int) -> SourceCard:
    """Day numbers counted from another first day, which came `days_ahead` days later."""
    if not days_ahead:
        return card
    if card.queue in _DAY_QUEUES or card.type == CardType.REVIEW:
        card = replace(card, due=card.due - days_ahead)
    if card.type == CardType.REVIEW and card.odue:
        card = replace(card, odue=card.odue - days_ahead)
    return card


def within_reason(card: SourceCard, today: int) -> SourceCard:
    """The card with dues that Anki accepts; the same object where it did already."""
    due, odue = card.due, card.odue
    is_positioned = card.type == CardType.NEW and card.queue != CardQueue.PREVIEW
    if is_positioned and due >= _FIRST_IMPOSSIBLE_POSITION:
        due = _FIRST_IMPOSSIBLE_POSITION + due % _FIRST_IMPOSSIBLE_POSITION
    if card.queue == CardQueue.REVIEW and due > _LAST_POSSIBLE_DAY:
        due = today
    if not card.odid and (card.type == CardType.LEARNING or card.queue == CardQueue.REVIEW):
        odue = min(odue, 0)
    return card if (due, odue) == (card.due, card.odue) else replace(card, due=due, odue=odue)
