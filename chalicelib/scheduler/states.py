"""The values the scheduler works on: a card's columns, and what they mean while it is answered."""

from dataclasses import dataclass
from enum import IntEnum


class CardType(IntEnum):
    """Column `type` of a card."""

    NEW = 0
    LEARNING = 1
    REVIEW = 2
    RELEARNING = 3


class CardQueue(IntEnum):
    """Column `queue` of a card."""

    USER_BURIED = -3
    SIBLING_BURIED = -2
    SUSPENDED = -1
    NEW = 0
    LEARNING = 1
    REVIEW = 2
    DAY_LEARNING = 3
    PREVIEW = 4


class RevlogType(IntEnum):
    """Column `type` of a revlog row."""

    LEARNING = 0
    REVIEW = 1
    RELEARNING = 2
    FILTERED = 3
    MANUAL = 4
    RESCHEDULED = 5


class Rating(IntEnum):
    """The four answer buttons; column `ease` of a revlog row."""

    AGAIN = 1
    HARD = 2
    GOOD = 3
    EASY = 4


@dataclass(frozen=True, slots=True, kw_only=True)
class CardState:
    """The scheduling columns of a card, in Anki's own units.

    `due` is a position for a new card, epoch seconds in the learning queue, else a day number; of
    a card in a filtered deck give the home due (`odue`). `interval` is in days, `factor` in
    permille. `left` is the number of steps remaining; old clients add a multiple of 1000 to it.
    """

    card_id: int
    type: int
    queue: int
    due: int
    interval: int
    factor: int
    reps: int
    lapses: int
    left: int


@dataclass(frozen=True, slots=True)
class Step:
    """A learning or relearning step: its delay, and the steps remaining, this one included."""

    delay_s: int
    remaining: int


@dataclass(frozen=True, slots=True)
class New:
    pass


@dataclass(frozen=True, slots=True)
class Learning:
    step: Step


@dataclass(frozen=True, slots=True)
class Review:
    """A card on an interval of days. `ease` is a factor such as 2.5, in single precision.

    `leech` is set by the lapse that makes the card a leech.
    """

    interval: int
    ease: float
    lapses: int = 0
    days_late: int = 0
    leech: bool = False


@dataclass(frozen=True, slots=True)
class Relearning:
    """A lapsed card on a relearning step; `review` is what it goes back to."""

    step: Step
    review: Review


AnsweredState = Learning | Review | Relearning
StudyState = New | AnsweredState
