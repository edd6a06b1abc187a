"""The order of the new cards: giving some of them other positions, or all those of a deck.

Source: Anki's rslib/src/scheduler/new.rs.
"""

import sqlite3
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, replace

from chalicelib.collection.actions.card_changes import (
    cards_of_decks,
    cards_to_change,
    select_cards,
    write_cards,
)
from chalicelib.collection.actions.draws import drawn
from chalicelib.collection.cards import Card
from chalicelib.collection.col import read_document, write_document
from chalicelib.collection.positions import as_i32
from chalicelib.errors import BadInputError
from chalicelib.scheduler.states import CardQueue, CardType

# From here on, Anki's Check Database takes a position for a mistake.
MAX_POSITION = 1_999_999


@dataclass(frozen=True, slots=True)
class NewOrder:
    """Where the first note goes, how far the next one is, and whether the notes are shuffled.

    `shift_existing` makes room: what stands at or after the first position moves back.
    """

    starting_from: int
    step: int
    randomize: bool = False
    shift_existing: bool = False


def reposition(
    conn: sqlite3.Connection, card_ids: Sequence[int], order: NewOrder, seed: int, now_ms: int
) -> int:
    """Put new cards into the order of their ids here, cards of one note at one position.

    How many of them were new. Raises BadInputError where positions would get too large.
    """
    count = len(cards_to_change(conn, card_ids, now_ms))
    if order.shift_existing:
        _shift(conn, order.starting_from, order.step * count, now_ms)
    # Only now: those to be put in order may have been shifted too.
    cards = cards_to_change(conn, card_ids, now_ms)
    notes = list(dict.fromkeys(card.nid for card in cards))
    if order.randomize:
        notes.sort(key=lambda note_id: drawn(seed, note_id))
    _remember(conn, order)
    return write_cards(conn, _placed(cards, notes, order), now_ms)


def sort_decks(
    conn: sqlite3.Connection, deck_ids: Sequence[int], *, randomize: bool, seed: int, now_ms: int
) -> None:
    """Put the new cards that live in each deck in the order of their notes, or shuffle them."""
    of_deck: defaultdict[int, list[Card]] = defaultdict(list)
    for card in cards_of_decks(conn, deck_ids, [CardType.NEW]):
        of_deck[card.home_deck_id].append(card)
    placed: list[Card] = []
    for cards in of_deck.values():
        notes = sorted(
            {card.nid for card in cards}, key=lambda note: drawn(seed, note) if randomize else note
        )
        placed += _placed(cards, notes, NewOrder(starting_from=1, step=1))
    write_cards(conn, placed, now_ms)


def _placed(cards: Sequence[Card], notes: Sequence[int], order: NewOrder) -> list[Card]:
    """Those of the cards that are new, where the order of the notes puts them."""
    position = {note_id: order.starting_from + n * order.step for n, note_id in enumerate(notes)}
    _check(max(position.values(), default=0))
    placed = [_at(card, position[card.nid]) for card in cards]
    return [card for card in placed if card is not None]


def _at(card: Card, position: int) -> Card | None:
    """The card at a position; None if it is not new."""
    if card.type == CardType.NEW and card.odid:
        return replace(card, odue=as_i32(position))
    if card.type == CardType.NEW or card.queue == CardQueue.NEW:
        return replace(card, due=as_i32(position))
    return None


def _shift(conn: sqlite3.Connection, start: int, by: int, now_ms: int) -> None:
    cards = select_cards(conn, "due >= :start AND type = :new", start=start, new=CardType.NEW)
    _check(max((card.due + by for card in cards), default=0))
    write_cards(conn, [_at(card, card.due + by) or card for card in cards], now_ms)


def _check(highest: int) -> None:
    if highest > MAX_POSITION:
        raise BadInputError(f"The position of a new card is at most {MAX_POSITION}.")


def _remember(conn: sqlite3.Connection, order: NewOrder) -> None:
    """Anki's dialog shows the same choices the next time."""
    conf = read_document(conn, "conf")
    chosen = {
        "randomOrderReposition": order.randomize,
        "shiftPositionOfExistingCards": order.shift_existing,
    }
    write_document(conn, "conf", conf | chosen)
