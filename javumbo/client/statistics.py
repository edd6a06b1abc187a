"""What GET /api/stats answers; docs/api.md says what each member counts."""

from typing import TypedDict


class Today(TypedDict):
    answer_count: int
    answer_ms: int
    again_count: int
    correct_count: int
    learn_count: int
    review_count: int
    relearn_count: int
    filtered_count: int
    mature_count: int
    mature_correct: int


class Streak(TypedDict):
    current: int
    longest: int


class Reviews(TypedDict):
    count: list[list[int]]
    time_ms: list[list[int]]


class Answered(TypedDict):
    passed: int
    failed: int


class Retention(TypedDict):
    young: Answered
    mature: Answered
    all: Answered


class StateCounts(TypedDict):
    new: int
    learn: int
    relearn: int
    young: int
    mature: int


class ActiveCounts(StateCounts):
    suspended: int
    buried: int


class CardCounts(TypedDict):
    excluding_inactive: ActiveCounts
    including_inactive: StateCounts


class FutureDue(TypedDict):
    due: list[list[int]]
    have_backlog: bool
    backlog: int
    daily_load: int


class Eases(TypedDict):
    eases: list[list[int]]
    average: float


class Stats(TypedDict):
    next_day_at: int
    rollover_hour: int
    today: Today
    streak: Streak
    reviews: Reviews
    calendar: list[list[int]]
    retention: dict[str, Retention]
    hours: dict[str, list[list[int]]]
    buttons: dict[str, dict[str, list[int]]]
    card_counts: CardCounts
    future_due: FutureDue
    intervals: list[list[int]]
    eases: Eases
    added: list[list[int]]
