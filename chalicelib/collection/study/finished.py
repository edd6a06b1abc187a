"""Why nothing is left to study in a deck, and what waits for later.

Source: Anki's rslib/src/scheduler/congrats.rs, and its screen after the last card.
"""

import json
import sqlite3
from dataclasses import dataclass

from chalicelib.collection.day import BURIED
from chalicelib.collection.filtered import queue_of_type
from chalicelib.collection.study.context import StudyContext
from chalicelib.scheduler.states import CardQueue
from chalicelib.scheduler.timing import Timing

# On a new day buried cards are where their type belongs, before anything has unburied them.
_WAITING = f"""SELECT
    total(belongs = {CardQueue.NEW:d}),
    total(belongs IN ({CardQueue.REVIEW:d}, {CardQueue.DAY_LEARNING:d}) AND due <= :today),
    total(belongs = {CardQueue.LEARNING:d}),
    total(belongs = {CardQueue.SIBLING_BURIED:d}),
    total(belongs = {CardQueue.USER_BURIED:d}),
    min(CASE WHEN belongs = {CardQueue.LEARNING:d} THEN CAST(due AS integer) END)
FROM (
    SELECT due, {{belongs}} AS belongs
    FROM (SELECT value AS deck_id FROM json_each(:decks)) CROSS JOIN cards ON did = deck_id
)"""
_ON_A_NEW_DAY = f"CASE WHEN queue IN {BURIED} THEN {queue_of_type()} ELSE queue END"


@dataclass(frozen=True, slots=True, kw_only=True)
class Waiting:
    """How many cards wait beyond today's limits, on later steps, and buried until tomorrow.

    `reviews` are due today, learning cards of earlier days among them. `learning_shown_s` is when
    the next of `learning` can be shown, which is before it is due; epoch seconds.
    """

    new: int
    reviews: int
    learning: int
    buried_siblings: int
    buried_by_user: int
    learning_shown_s: int | None


def waiting_in_deck(
    conn: sqlite3.Connection, deck_id: int, timing: Timing, context: StudyContext | None = None
) -> Waiting:
    """What a deck and its subdecks hold when their queue is empty. Raises NotFoundError."""
    context = context or StudyContext(conn)
    belongs = _ON_A_NEW_DAY if context.is_new_day(timing) else "queue"
    deck_ids = [deck["id"] for deck in context.decks.within(deck_id)]
    new, reviews, learning, siblings, by_user, due_s = conn.execute(
        _WAITING.format(belongs=belongs), {"decks": json.dumps(deck_ids), "today": timing.today}
    ).fetchone()
    return Waiting(
        new=int(new),
        reviews=int(reviews),
        learning=int(learning),
        buried_siblings=int(siblings),
        buried_by_user=int(by_user),
        learning_shown_s=due_s - context.learn_ahead_s if due_s and due_s > 0 else None,
    )
