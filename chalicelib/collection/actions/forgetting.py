"""Resetting cards: they become new again, their reviews stay in the log.

Source: Anki's rslib/src/scheduler/new.rs.
"""

import sqlite3
from collections.abc import Sequence
from dataclasses import dataclass, replace

from chalicelib.collection.actions.card_changes import cards_to_change, write_cards
from chalicelib.collection.actions.manual_reviews import ManualReviews
from chalicelib.collection.card_data import read_card_data, write_card_data
from chalicelib.collection.cards import Card
from chalicelib.collection.filtered import to_reschedule
from chalicelib.collection.new_cards import next_position, save_next_position
from chalicelib.collection.positions import as_i32, last_position
from chalicelib.scheduler.states import CardQueue, CardType


@dataclass(frozen=True, slots=True)
class Forgetting:
    """What a reset card keeps: its old place among the new cards, its counts of reps and lapses.

    The defaults are those of Anki's dialog.
    """

    restore_position: bool = True
    reset_counts: bool = False


def forget(conn: sqlite3.Connection, card_ids: Sequence[int], how: Forgetting, now_ms: int) -> int:
    """Make the cards new; those whose old place is not wanted or not known queue up at the end."""
    cards = cards_to_change(conn, card_ids, now_ms)
    position = next_position(conn)
    reviews = ManualReviews(conn, now_ms)
    reset: list[Card] = []
    for card in cards:
        restored = last_position(card) if how.restore_position else None
        after = _as_new(card, position if restored is None else restored, how)
        position += restored is None
        reviews.log(card, after)
        reset.append(after)
    save_next_position(conn, position)
    return write_cards(conn, reset, now_ms)


def _as_new(card: Card, position: int, how: Forgetting) -> Card:
    data = read_card_data(card.data)
    for forgotten in ("pos", "s", "d"):
        data.pop(forgotten, None)
    return replace(
        to_reschedule(card),
        due=as_i32(position),
        type=CardType.NEW,
        queue=CardQueue.NEW,
        ivl=0,
        factor=0,
        reps=0 if how.reset_counts else card.reps,
        lapses=0 if how.reset_counts else card.lapses,
        data=write_card_data(data),
    )
