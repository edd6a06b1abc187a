"""What other deck options mean for the cards that are there already.

Source: Anki's rslib/src/deckconfig/update.rs.
"""

import sqlite3

from chalicelib.collection.actions.remaining_steps import Steps, adjust_deck
from chalicelib.collection.actions.repositioning import sort_deck
from chalicelib.collection.col import JsonObject
from chalicelib.scheduler.options import block_or_defaults

_RANDOM = 0


def adds_in_random_order(group: JsonObject) -> bool:
    """Whether an option group gives new cards a random position rather than the next one."""
    order = block_or_defaults(group, "new").get("order")
    return order == _RANDOM and type(order) is int


def follow_options(
    conn: sqlite3.Connection, deck_id: int, before: JsonObject, after: JsonObject, now_ms: int
) -> None:
    """Fit the cards of a deck itself to its new option group, or to its group's new options.

    New cards are shuffled, or go back to the order of their notes; cards on steps keep those
    steps that they have not passed. The shuffle follows from `now_ms`.
    """
    if before is after:
        return
    randomize = adds_in_random_order(after)
    if randomize != adds_in_random_order(before):
        sort_deck(conn, deck_id, randomize=randomize, seed=now_ms, now_ms=now_ms)
    old, new = Steps.of_group(before), Steps.of_group(after)
    if old != new:
        adjust_deck(conn, deck_id, old, new, now_ms)
