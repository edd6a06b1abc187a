"""Reviews per day: their kinds and times, today's, the calendar, and days in a row.

Day 0 is today, -1 yesterday. Sources: Anki's rslib/src/stats/graphs/reviews.rs and today.rs.
"""

from collections.abc import Iterable
from dataclasses import dataclass

from chalicelib.collection.stats.entries import BUTTON, IS_ANSWER, IS_MATURE, TAKEN_MS, TYPE
from chalicelib.collection.stats.history import KINDS, History
from chalicelib.collection.stats.scope import Scope
from chalicelib.scheduler.states import RevlogType
from chalicelib.scheduler.timing import DAY_S

# A day, and how much of each of the five kinds: learn, relearn, young, mature, filtered.
KindsOfDay = tuple[int, int, int, int, int, int]
# A day and a number.
DayCount = tuple[int, int]

_CALENDAR_DAYS = 365


@dataclass(frozen=True, slots=True)
class Today:
    """Today's answers; times in milliseconds. `again_count` and `correct_count` make up all."""

    answer_count: int
    answer_ms: int
    again_count: int
    correct_count: int
    mature_count: int
    mature_correct: int
    learn_count: int
    review_count: int
    relearn_count: int
    filtered_count: int


@dataclass(frozen=True, slots=True)
class Reviews:
    """Numbers and milliseconds of the days that have any, the earliest first."""

    count: list[KindsOfDay]
    time_ms: list[KindsOfDay]


@dataclass(frozen=True, slots=True)
class Streak:
    """Days in a row with an answer; the current ones end today, or yesterday if not yet today."""

    current: int
    longest: int


@dataclass(frozen=True, slots=True)
class ReviewStats:
    """What is counted by day: the chosen days, a year or more for the calendar, all for streaks."""

    reviews: Reviews
    calendar: list[DayCount]
    streak: Streak


def today(scope: Scope) -> Today:
    """What was answered since the last rollover."""
    row = scope.conn.execute(
        f"""SELECT count(*), total(taken_ms), total(button <= 1), total(button > 1),
            total(mature), total(mature AND button > 1),
            total(kind = {RevlogType.LEARNING}), total(kind = {RevlogType.REVIEW}),
            total(kind = {RevlogType.RELEARNING}), total(kind = {RevlogType.FILTERED})
        FROM (SELECT {TYPE} AS kind, {BUTTON} AS button, {IS_MATURE} AS mature,
                {TAKEN_MS} AS taken_ms
            FROM revlog WHERE id >= :today_ms AND id < :end_ms AND {IS_ANSWER}
                AND {scope.revlog})""",
        scope.bound | {"today_ms": (scope.timing.next_cutoff_s - DAY_S) * 1000},
    ).fetchone()
    return Today(*map(int, row))


def review_stats(scope: Scope, history: History, days: int) -> ReviewStats:
    """Everything that is counted by day; `days` as for the scope."""
    count, time_ms = _Table(), _Table()
    totals: dict[int, int] = {}
    for group in history.answers():
        totals[group.day] = totals.get(group.day, 0) + group.answers
        if history.borders_s[group.stretch] >= scope.start_s:
            count.add(group.day, group.kind, group.answers)
            time_ms.add(group.day, group.kind, group.taken_ms)
    return ReviewStats(
        reviews=Reviews(count=count.rows(), time_ms=time_ms.rows()),
        calendar=_calendar(totals, days),
        streak=streak_of(totals),
    )


def _calendar(totals: dict[int, int], days: int) -> list[DayCount]:
    first = -max(days, _CALENDAR_DAYS) if days else min(totals, default=0)
    return sorted((day, number) for day, number in totals.items() if day >= first)


def streak_of(days: Iterable[int]) -> Streak:
    """Of the days on which something was answered, in any order."""
    longest = run = 0
    previous: int | None = None
    for day in sorted(days):
        run = run + 1 if previous == day - 1 else 1
        longest, previous = max(longest, run), day
    lasts = previous is not None and previous >= -1
    return Streak(current=run if lasts else 0, longest=longest)


class _Table:
    """Numbers by day and kind."""

    def __init__(self) -> None:
        self._days: dict[int, list[int]] = {}

    def add(self, day: int, kind: int, number: int) -> None:
        self._days.setdefault(day, [0] * KINDS)[kind] += number

    def rows(self) -> list[KindsOfDay]:
        return [
            (day, learn, relearn, young, mature, filtered)
            for day, (learn, relearn, young, mature, filtered) in sorted(self._days.items())
        ]
