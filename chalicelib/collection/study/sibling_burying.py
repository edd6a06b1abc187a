"""Siblings, the cards of one note, kept apart: one is shown today, the others another day.

Sources: Anki's rslib/src/scheduler/queue/builder/burying.rs,
rslib/src/scheduler/bury_and_suspend.rs.
"""

import sqlite3
from collections.abc import Sequence

from chalicelib.collection.cards import Card
from chalicelib.collection.col import JsonObject
from chalicelib.collection.study.context import StudyContext
from chalicelib.collection.study.queue_options import Bury
from chalicelib.scheduler.states import CardQueue

# Which siblings can wait, and at what place cards of a queue are gathered.
_BURIED_BY: dict[int, Bury] = {
    CardQueue.DAY_LEARNING: Bury.DAY_LEARNING,
    CardQueue.REVIEW: Bury.REVIEWS,
    CardQueue.NEW: Bury.NEW,
}
_GATHERED_AT: dict[int, int] = {
    CardQueue.LEARNING: 0,
    CardQueue.PREVIEW: 0,
    CardQueue.DAY_LEARNING: 1,
    CardQueue.REVIEW: 2,
    CardQueue.NEW: 3,
}


class SeenNotes:
    """Leaves out cards whose siblings were gathered before them, where a sibling's deck says so."""

    def __init__(self, context: StudyContext) -> None:
        self._context = context
        # Plain numbers: there may be thousands of cards, and flags are slow.
        self._bury_of_deck: dict[int, int] = {}
        self._seen: dict[int, int] = {}

    def see(self, note_id: int, home_deck_id: int) -> int:
        """Note a card; what its siblings before it made wait."""
        before = self._seen.get(note_id, 0)
        bury = self._bury_of_deck.get(home_deck_id)
        if bury is None:
            bury = self._bury_of_deck[home_deck_id] = int(self._bury(home_deck_id))
        self._seen[note_id] = before | bury
        return before

    def _bury(self, deck_id: int) -> Bury:
        """What is to be buried with a card of this home deck."""
        deck = self._context.decks.by_id.get(deck_id)
        return Bury.NOTHING if deck is None else self._context.options_of(deck).bury


def buries_siblings(context: StudyContext, selected: Sequence[JsonObject]) -> bool:
    """Whether cards of these decks can make siblings wait, or wait for them.

    A filtered deck has cards of any deck.
    """
    lenders = context.decks.by_id.values() if any(d.get("dyn") for d in selected) else selected
    return any(context.options_of(deck).bury for deck in lenders)


def bury_siblings(
    conn: sqlite3.Connection, answered: Card, bury: Bury, *, now_s: int, usn: int
) -> None:
    """Bury the siblings of a card, given as it was before its answer, until the next day.

    Those of a queue that is gathered before the card's own are still to be shown.
    """
    place = _GATHERED_AT.get(answered.queue, 0)
    buried = [
        queue for queue, flag in _BURIED_BY.items() if flag & bury and place <= _GATHERED_AT[queue]
    ]
    marks = ", ".join("?" * len(buried))
    conn.execute(
        f"UPDATE cards SET queue = {CardQueue.SIBLING_BURIED:d}, mod = ?, usn = ?"
        f" WHERE nid = ? AND id != ? AND queue IN ({marks})",
        [now_s, usn, answered.nid, answered.id, *buried],
    )
