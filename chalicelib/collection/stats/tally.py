"""Adds answers up: by the hour, by the button, and into true retention.

Sources: Anki's rslib/src/stats/graphs/hours.rs, buttons.rs and retention.rs.
"""

from dataclasses import dataclass
from enum import IntEnum
from typing import NamedTuple

from chalicelib.collection.stats.entries import NOT_ANSWERS
from chalicelib.scheduler.states import RevlogType

HOURS = 24
BUTTONS = 4
AGAIN = 1

# By the hour of the person's clock: answers, and correct ones among them.
Hours = list[list[int]]


class Span(IntEnum):
    """How long a card had waited for its answer."""

    LESS_THAN_A_DAY = 0
    # A day or more, but in a learning step.
    STEP_OF_DAYS = 1
    YOUNG = 2
    MATURE = 3


class Alike(NamedTuple):
    """What answers have in common that count in the same way; `previewed` changed nothing."""

    hour: int
    type: int
    button: int
    span: int
    previewed: bool

    @property
    def counts_for_retention(self) -> bool:
        """Whether it tells if a card was remembered over days."""
        over_days = self.type == RevlogType.REVIEW or self.span != Span.LESS_THAN_A_DAY
        return over_days and self.button > 0 and not self.previewed


@dataclass(slots=True)
class Passed:
    """How many cards were remembered, and how many were not."""

    passed: int = 0
    failed: int = 0


@dataclass(frozen=True, slots=True)
class Retention:
    """True retention: answers to cards with an interval of a day or more."""

    young: Passed
    mature: Passed
    all: Passed


@dataclass(frozen=True, slots=True)
class Buttons:
    """How often each of the four buttons was chosen."""

    learning: list[int]
    young: list[int]
    mature: list[int]


class Tally:
    """The sums of one stretch of time; tallies of several make up that of a longer one."""

    def __init__(self) -> None:
        self.hours: Hours = [[0, 0] for _ in range(HOURS)]
        self.buttons = Buttons(*([0] * BUTTONS for _ in range(3)))
        self.retention = Retention(Passed(), Passed(), Passed())

    def count(self, answers: Alike, number: int) -> None:
        """Add a number of answers that are alike."""
        if answers.type not in NOT_ANSWERS:
            if answers.type != RevlogType.FILTERED:
                self.hours[answers.hour][0] += number
                self.hours[answers.hour][1] += number if answers.button > AGAIN else 0
            if 1 <= answers.button <= BUTTONS:
                self._buttons_of(answers)[answers.button - 1] += number
        if answers.counts_for_retention:
            self._count_retention(answers, number)

    def _buttons_of(self, answers: Alike) -> list[int]:
        if answers.type != RevlogType.REVIEW:
            return self.buttons.learning
        return self.buttons.mature if answers.span == Span.MATURE else self.buttons.young

    def _count_retention(self, answers: Alike, number: int) -> None:
        group = self.retention.mature if answers.span == Span.MATURE else self.retention.young
        for passed in (group, self.retention.all):
            if answers.button == AGAIN:
                passed.failed += number
            else:
                passed.passed += number

    def add(self, other: "Tally") -> None:
        """Add another stretch."""
        for mine, theirs in zip(self._numbers(), other._numbers(), strict=True):
            mine[:] = [a + b for a, b in zip(mine, theirs, strict=True)]
        for mine_of, theirs_of in zip(self._passed(), other._passed(), strict=True):
            mine_of.passed += theirs_of.passed
            mine_of.failed += theirs_of.failed

    def _numbers(self) -> list[list[int]]:
        return [*self.hours, self.buttons.learning, self.buttons.young, self.buttons.mature]

    def _passed(self) -> tuple[Passed, Passed, Passed]:
        return self.retention.young, self.retention.mature, self.retention.all
