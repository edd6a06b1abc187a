"""What there is to study: the cards of a deck and its subdecks that are due, within the limits.

Served in this order: learning cards that are due; reviews, learning cards of earlier days and new
cards, mixed as the options of the deck say; at last learning cards that come due within the
learn-ahead time. Source: Anki's rslib/src/scheduler/queue/ (mod.rs, learning.rs, builder/mod.rs).
"""

import json
import sqlite3
from collections.abc import Sequence
from dataclasses import dataclass

from chalicelib.collection.day import stands_in
from chalicelib.collection.study.context import StudyContext
from chalicelib.collection.study.deck_counts import Counts, counts_of_deck
from chalicelib.collection.study.gathering import INTRADAY, Gathered, GatheredCard, gather
from chalicelib.collection.study.orders import mixed
from chalicelib.collection.study.queue_options import QueueOptions
from chalicelib.collection.study.sibling_burying import buries_siblings
from chalicelib.collection.study.sitting import LastAnswer, Sitting, current_sitting
from chalicelib.scheduler.timing import Timing

__all__ = ["Counts", "StudyQueue", "next_learning_due_s", "queue_counts", "study_queue"]


@dataclass(frozen=True, slots=True)
class StudyQueue:
    """Ids of the cards to serve, in order; `next_learning_due_s` is for when none is left."""

    card_ids: list[int]
    counts: Counts
    next_learning_due_s: int | None


def study_queue(
    conn: sqlite3.Connection, deck_id: int, timing: Timing, context: StudyContext | None = None
) -> StudyQueue:
    """What to study in a deck now. Raises NotFoundError.

    `context` is what this transaction has read of `col` already.
    """
    context = context or StudyContext(conn)
    gathered, sitting = _gathered(conn, context, deck_id, timing)
    main = _main_queue(gathered, context.options_of(context.decks.get(deck_id)), sitting)
    ahead_until = timing.now_s + context.learn_ahead_s
    learning = _learning_queue(gathered.intraday)
    if sitting.last is not None and not main:
        learning = _not_straight_back(learning, sitting.last, context.learn_ahead_s)
    due_now = [card for card in learning if card.due <= timing.now_s]
    ahead = [card for card in learning if timing.now_s < card.due <= ahead_until]
    return StudyQueue(
        card_ids=[card.id for card in (*due_now, *main, *ahead)],
        counts=_counts(gathered, ahead_until),
        next_learning_due_s=min((card.due for card in gathered.intraday), default=None),
    )


def queue_counts(
    conn: sqlite3.Connection, deck_id: int, timing: Timing, context: StudyContext | None = None
) -> Counts:
    """The counts of `study_queue` alone, which take less to find out. Raises NotFoundError."""
    context = context or StudyContext(conn)
    if not buries_siblings(context, context.decks.within(deck_id)):
        return counts_of_deck(conn, context, deck_id, timing)
    gathered, _ = _gathered(conn, context, deck_id, timing)
    return _counts(gathered, timing.now_s + context.learn_ahead_s)


def next_learning_due_s(
    conn: sqlite3.Connection, deck_id: int, timing: Timing, context: StudyContext | None = None
) -> int | None:
    """The same of `study_queue` alone, epoch seconds. Raises NotFoundError."""
    context = context or StudyContext(conn)
    deck_ids = [deck["id"] for deck in context.decks.within(deck_id)]
    learning = stands_in(INTRADAY, new_day=context.is_new_day(timing))
    due_s: int | None
    (due_s,) = conn.execute(
        "SELECT min(CAST(due AS integer))"
        " FROM (SELECT value AS deck_id FROM json_each(?)) CROSS JOIN cards ON did = deck_id"
        f" WHERE {learning} AND due <= ?",
        (json.dumps(deck_ids), timing.next_cutoff_s),
    ).fetchone()
    return due_s


def _gathered(
    conn: sqlite3.Connection, context: StudyContext, deck_id: int, timing: Timing
) -> tuple[Gathered, Sitting]:
    deck_ids = {deck["id"] for deck in context.decks.within(deck_id)}
    sitting = current_sitting(conn, deck_ids, timing)
    return gather(conn, context, deck_id, timing, sitting), sitting


def _counts(gathered: Gathered, ahead_until: int) -> Counts:
    return Counts(
        new=len(gathered.new),
        learn=len(gathered.day_learning)
        + sum(card.due <= ahead_until for card in gathered.intraday),
        review=len(gathered.reviews),
    )


def _main_queue(gathered: Gathered, options: QueueOptions, sitting: Sitting) -> list[GatheredCard]:
    of_earlier_days = mixed(
        gathered.reviews,
        gathered.day_learning,
        options.day_learning_mix,
        shown=(sitting.reviews, sitting.day_learning),
    )
    shown = (sitting.reviews + sitting.day_learning, sitting.new)
    return mixed(of_earlier_days, gathered.new, options.new_mix, shown)


def _learning_queue(cards: Sequence[GatheredCard]) -> list[GatheredCard]:
    """Cards that were answered before come first, then by when they are due."""
    return sorted(cards, key=lambda card: (card.reps == 0, card.due))


def _not_straight_back(
    learning: Sequence[GatheredCard], last: LastAnswer, ahead_s: int
) -> list[GatheredCard]:
    """The card that was answered last stands behind the next one, if it can be shown as well."""
    latest = last.shown_s + ahead_s
    others = [card for card in learning if card.id != last.card_id]
    answered = [card for card in learning if card.id == last.card_id]
    if not others or not answered or answered[0].due > latest:
        return list(learning)
    following = others[0].due
    if following < answered[0].due or following + 1 >= latest:
        return list(learning)
    return _learning_queue([*others, answered[0]._replace(due=following + 1)])
