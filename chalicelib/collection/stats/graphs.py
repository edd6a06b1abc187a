"""All statistics of a collection or a deck at once."""

import sqlite3
from dataclasses import dataclass

from chalicelib.collection.stats import cards
from chalicelib.collection.stats.history import read_history
from chalicelib.collection.stats.reviews import (
    DayCount,
    Reviews,
    Streak,
    Today,
    review_stats,
    today,
)
from chalicelib.collection.stats.scope import scope_of
from chalicelib.collection.stats.tally import Buttons, Hours, Retention
from chalicelib.collection.stats.windows import Windows, window_stats


@dataclass(frozen=True, slots=True)
class Graphs:
    """What Anki's statistics screen shows; `next_day_at` is in epoch milliseconds."""

    next_day_at: int
    rollover_hour: int
    today: Today
    streak: Streak
    reviews: Reviews
    calendar: list[DayCount]
    retention: dict[str, Retention]
    hours: dict[str, Hours]
    buttons: dict[str, Buttons]
    card_counts: cards.CardCounts
    future_due: cards.FutureDue
    intervals: list[cards.Bar]
    eases: cards.Eases
    added: list[cards.Bar]


def graphs(
    conn: sqlite3.Connection, *, now_ms: int, days: int, deck_id: int | None = None
) -> Graphs:
    """The statistics of all cards, or of a deck and its subdecks, as of `now_ms`.

    `days` is as in Anki's own query: how many days before today are chosen, 0 for all of them.
    Nothing is written. Raises NotFoundError for an unknown deck.
    Source: Anki's rslib/src/stats/graphs/mod.rs.
    """
    scope = scope_of(conn, now_ms=now_ms, days=days, deck_id=deck_id)
    windows = Windows(scope)
    history = read_history(scope, windows.borders_s)
    by_day = review_stats(scope, history, days)
    by_window = window_stats(windows, history)
    return Graphs(
        next_day_at=scope.timing.next_cutoff_s * 1000,
        rollover_hour=scope.rollover_hour,
        today=today(scope),
        streak=by_day.streak,
        reviews=by_day.reviews,
        calendar=by_day.calendar,
        retention=by_window.retention,
        hours=by_window.hours,
        buttons=by_window.buttons,
        card_counts=cards.card_counts(scope),
        future_due=cards.future_due(scope),
        intervals=cards.intervals(scope),
        eases=cards.eases(scope),
        added=cards.added(scope),
    )
