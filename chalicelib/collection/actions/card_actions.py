"""Suspending, burying and flagging cards, which leaves their schedule alone, and deleting them.

Source: Anki's rslib/src/scheduler/bury_and_suspend.rs and rslib/src/card/mod.rs.
"""

import json
import sqlite3
from collections.abc import Sequence
from dataclasses import replace
from enum import Enum

from chalicelib.collection.actions.card_changes import (
    cards_to_change,
    change_cards,
    select_cards,
    write_cards,
    write_cards_as_they_are,
)
from chalicelib.collection.cards import Card
from chalicelib.collection.col import touch
from chalicelib.collection.day import timing_at, unbury_on_new_day
from chalicelib.collection.decks import Decks
from chalicelib.collection.filtered import with_queue_of_type
from chalicelib.collection.graves import delete_cards
from chalicelib.scheduler.states import CardQueue

_FLAG_BITS = 0b111
_HELD_BACK = (CardQueue.SUSPENDED, CardQueue.SIBLING_BURIED, CardQueue.USER_BURIED)


class Buried(Enum):
    """Which buried cards: those a person buried, those buried as siblings, or all."""

    ALL = (CardQueue.SIBLING_BURIED, CardQueue.USER_BURIED)
    SIBLINGS = (CardQueue.SIBLING_BURIED,)
    USER = (CardQueue.USER_BURIED,)


def suspend(conn: sqlite3.Connection, card_ids: Sequence[int], now_ms: int) -> int:
    """Take the cards out of study until they are unsuspended; how many were not already.

    Raises NotFoundError for an unknown card; so do all actions on cards.
    """
    return change_cards(conn, card_ids, _suspended, now_ms)


def _suspended(card: Card) -> Card | None:
    return None if card.is_suspended else replace(card, queue=CardQueue.SUSPENDED)


def bury(conn: sqlite3.Connection, card_ids: Sequence[int], now_ms: int) -> int:
    """Take the cards out of study until tomorrow; suspended ones stay suspended."""
    return change_cards(conn, card_ids, _buried, now_ms)


def _buried(card: Card) -> Card | None:
    if card.queue in (CardQueue.USER_BURIED, CardQueue.SUSPENDED):
        return None
    return replace(card, queue=CardQueue.USER_BURIED)


def restore(conn: sqlite3.Connection, card_ids: Sequence[int], now_ms: int) -> int:
    """Unsuspend and unbury the cards: to Anki, both are one thing."""
    return change_cards(conn, card_ids, _restored, now_ms)


def _restored(card: Card) -> Card | None:
    return with_queue_of_type(card) if card.queue in _HELD_BACK else None


def unbury_deck(conn: sqlite3.Connection, deck_id: int, which: Buried, now_ms: int) -> int:
    """Unbury the cards that are in a deck or its subdecks now. Raises NotFoundError."""
    decks = Decks(conn).within(deck_id)
    unbury_on_new_day(conn, timing_at(conn, now_ms))
    cards = select_cards(
        conn,
        "did IN (SELECT value FROM json_each(:decks))"
        " AND queue IN (SELECT value FROM json_each(:queues))",
        decks=json.dumps([deck["id"] for deck in decks]),
        queues=json.dumps(which.value),
    )
    return write_cards(conn, [with_queue_of_type(card) for card in cards], now_ms)


def flag(conn: sqlite3.Connection, card_ids: Sequence[int], colour: int, now_ms: int) -> int:
    """Give the cards a flag, 1 to 7, or 0 for none.

    `mod` stays, so that a device in the middle of a study session need not build its queue anew.
    """
    cards = cards_to_change(conn, card_ids, now_ms)
    flagged = [replace(card, flags=card.flags & ~_FLAG_BITS | colour) for card in cards]
    changed = [after for before, after in zip(cards, flagged, strict=True) if before != after]
    return write_cards_as_they_are(conn, changed, now_ms)


def delete(conn: sqlite3.Connection, card_ids: Sequence[int], now_ms: int) -> int:
    """Delete the cards, and each note that has none left; their reviews stay in the log."""
    cards = cards_to_change(conn, card_ids, now_ms)
    delete_cards(conn, [card.id for card in cards])
    touch(conn, now_ms)
    return len(cards)
