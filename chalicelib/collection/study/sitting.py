"""What was answered just now: Anki keeps its queue while somebody studies, and this tells how far.

Anki builds a queue when studying begins and then only takes cards from it. Here it is built for
each request; the reviews of this sitting tell what stood at the front of the queue when it began,
so that what is left is served as Anki would go on.
"""

import sqlite3
from collections.abc import Container
from dataclasses import dataclass, field

from chalicelib.collection.day import day_start_ms
from chalicelib.scheduler.states import RevlogType
from chalicelib.scheduler.timing import Timing

# After a break this long, Anki is taken to have built its queue anew.
_BREAK_MS = 30 * 60 * 1000

_LEARNING = (RevlogType.LEARNING, RevlogType.RELEARNING)


@dataclass(frozen=True, slots=True)
class LastAnswer:
    """The card answered last, and when it had been shown (epoch seconds)."""

    card_id: int
    shown_s: int


@dataclass(slots=True)
class Sitting:
    """The cards answered in it, and how many were new, reviews or learning cards of other days."""

    card_ids: set[int] = field(default_factory=set)
    new: int = 0
    reviews: int = 0
    day_learning: int = 0
    last: LastAnswer | None = None

    def count(self, card_id: int, kind: int, before: int | None, last: int) -> None:
        """Add an answer. The intervals before it are days when positive, seconds when negative.

        `before` is the one that the answer before this one gave, `last` that of the card's step.
        """
        self.card_ids.add(card_id)
        if kind == RevlogType.REVIEW:
            self.reviews += 1
        elif kind == RevlogType.LEARNING and last == 0:
            self.new += 1
        elif kind in _LEARNING and before is not None and before > 0:
            self.day_learning += 1


# What a card waited for is the interval that the answer before gave: a step of minutes becomes a
# day where the day ends before it, and the step itself (`lastIvl`) does not tell of that.
_ANSWERS = """SELECT revlog.id, revlog.time, cards.did, cid, revlog.type,
    CASE WHEN revlog.type != 1 THEN (
        SELECT ivl FROM revlog AS before WHERE before.cid = revlog.cid AND before.id < revlog.id
        ORDER BY before.id DESC LIMIT 1
    ) END,
    lastIvl
FROM revlog JOIN cards ON cards.id = cid
WHERE revlog.id BETWEEN ? AND ? AND ease > 0 ORDER BY revlog.id DESC"""


def current_sitting(conn: sqlite3.Connection, deck_ids: Container[int], timing: Timing) -> Sitting:
    """The answers of today to cards of these decks, up to the last break."""
    now_ms = timing.now_s * 1000 + 999
    rows = conn.execute(_ANSWERS, (day_start_ms(timing, timing.today), now_ms))
    sitting, later_ms = Sitting(), now_ms
    for answered_ms, taken_ms, deck_id, card_id, *what in rows:
        if later_ms - answered_ms > _BREAK_MS:
            break
        later_ms = answered_ms
        if deck_id in deck_ids:
            if sitting.last is None:
                sitting.last = LastAnswer(card_id, (answered_ms - taken_ms) // 1000)
            sitting.count(card_id, *what)
    return sitting
