"""Filtered decks: not modelled, but cards that an imported one holds can go home.

Source: Anki's rslib/src/scheduler/filtered/card.rs.
"""

import sqlite3
from dataclasses import replace

from chalicelib.collection.cards import Card
from chalicelib.collection.col import server_usn
from chalicelib.scheduler.states import CardQueue, CardType

# A learning card's due above this is an epoch second, below it a day number.
FIRST_EPOCH_DUE = 1_000_000_000


def return_cards_home(conn: sqlite3.Connection, deck_id: int, now_ms: int) -> None:
    """Give the cards of a filtered deck back to their own decks, with their own due."""
    conn.execute(
        f"""UPDATE cards SET
            did = odid,
            due = CASE WHEN odue != 0 THEN odue ELSE due END,
            queue = CASE WHEN queue < 0 THEN queue ELSE {queue_of_type("odue")} END,
            odid = 0, odue = 0, mod = ?, usn = ?
        WHERE did = ? AND odid != 0""",
        (now_ms // 1000, server_usn(conn), deck_id),
    )


def queue_of_type(due: str = "due") -> str:
    """SQL for the queue that a card's type asks for, once nothing holds it back."""
    return (
        f"CASE type WHEN {CardType.NEW} THEN {CardQueue.NEW}"
        f" WHEN {CardType.REVIEW} THEN {CardQueue.REVIEW}"
        f" ELSE CASE WHEN {due} > {FIRST_EPOCH_DUE} THEN {CardQueue.LEARNING}"
        f" ELSE {CardQueue.DAY_LEARNING} END END"
    )


def with_queue_of_type(card: Card) -> Card:
    """The card in the queue that its type asks for."""
    match card.type:
        case CardType.NEW:
            queue = CardQueue.NEW
        case CardType.REVIEW:
            queue = CardQueue.REVIEW
        case _:
            is_today = card.due > FIRST_EPOCH_DUE
            queue = CardQueue.LEARNING if is_today else CardQueue.DAY_LEARNING
    return replace(card, queue=queue)


def at_home(card: Card) -> Card:
    """The card back in its own deck with its own due, still held back if it was."""
    if card.odid == 0:
        return card
    home = replace(card, did=card.odid, due=card.odue or card.due, odid=0, odue=0)
    return home if card.queue < 0 else with_queue_of_type(home)


def to_reschedule(card: Card) -> Card:
    """The card back in its own deck; its due and queue are about to be set anew."""
    return replace(card, did=card.odid, odid=0, odue=0) if card.odid else card
