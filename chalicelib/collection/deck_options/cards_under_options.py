"""What other deck options mean for the cards that are there already.

Source: Anki's rslib/src/deckconfig/update.rs.
"""

import sqlite3
from collections.abc import Sequence

from chalicelib.collection.actions.remaining_steps import Steps, adjust_decks
from chalicelib.collection.actions.repositioning import sort_decks
from chalicelib.collection.col import JsonObject
from chalicelib.scheduler.options import block_or_defaults

_RANDOM = 0


def adds_in_random_order(group: JsonObject) -> bool:
    """Whether an option group gives new cards a random position rather than the next one."""
    order = block_or_defaults(group, "new").get("order")
    return order == _RANDOM and type(order) is int


def follow_options(
    conn: sqlite3.Connection,
    deck_ids: Sequence[int],
    before: JsonObject,
    after: JsonObject,
    now_ms: int,
) -> None:
    """Fit the cards of some decks to their new option group, or to their group's new options.

    New cards are shuffled, or go back to the order of their notes; cards on steps keep those
    steps that they have not passed. The shuffle follows from `now_ms`.
    """
    if before is after:
        return
    randomize = adds_in_random_order(after)
    if randomize != adds_in_random_order(before):
        sort_decks(conn, deck_ids, randomize=randomize, seed=now_ms, now_ms=now_ms)
    old, new = Steps.of_group(before), Steps.of_group(after)
    if old != new:
        adjust_decks(conn, deck_ids, old, new, now_ms)
