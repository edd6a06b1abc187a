"""Reads the revlog once and groups it by all that any of the statistics wants to know.

Grouping is what takes time, and more groups take more of it. So rows are grouped by day and kind,
and a group carries one character for each of its answers that tells the rest: counting these is
next to nothing. Only constants come out of the expressions, whatever a strange file has put into
the columns. Sources: Anki's rslib/src/revlog/mod.rs and rslib/src/storage/revlog/mod.rs.
"""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from chalicelib.collection.stats.entries import BUTTON, IS_MATURE, TAKEN_MS, TYPE
from chalicelib.collection.stats.scope import Scope
from chalicelib.collection.stats.tally import BUTTONS, HOURS, Alike, Span
from chalicelib.scheduler.states import RevlogType
from chalicelib.scheduler.timing import DAY_S

# Kinds of answers, in the order of the review graph; then what is no answer.
LEARN, RELEARN, YOUNG, MATURE, FILTERED, NO_ANSWER = range(6)
KINDS = NO_ANSWER

_KIND = f"""CASE type
    WHEN {RevlogType.REVIEW} THEN {YOUNG} + {IS_MATURE}
    WHEN {RevlogType.RELEARNING} THEN {RELEARN}
    WHEN {RevlogType.FILTERED} THEN {FILTERED}
    WHEN {RevlogType.MANUAL} THEN {NO_ANSWER}
    WHEN {RevlogType.RESCHEDULED} THEN {NO_ANSWER}
    ELSE {LEARN} END"""

# As in Anki, counted back from the end of today: what was answered in the very first second of a
# day belongs to the day before.
_DAYS_BACK = f"(:cutoff_s - id / 1000) / {DAY_S}"

_HOUR = f"(id - :hours_from_ms) / 3600000 % {HOURS}"
# What is only looked at in a filtered deck has no ease.
_PREVIEWED = f"(type = {RevlogType.FILTERED} AND factor = 0)"
_SPAN = f"""CASE WHEN {IS_MATURE} THEN {Span.MATURE}
    WHEN lastIvl >= 1 THEN {Span.YOUNG}
    WHEN lastIvl > -{DAY_S} THEN {Span.LESS_THAN_A_DAY}
    ELSE {Span.STEP_OF_DAYS} END"""

# The mixed radix of a character, and the first one that is used: all lie below the surrogates.
_PREVIEWS, _TYPES, _SHOWN_BUTTONS, _SPANS = 2, len(RevlogType), BUTTONS + 2, len(Span)
_FIRST_CHARACTER = 32
_ALIKE = f"""char(((({_HOUR} * {_PREVIEWS} + {_PREVIEWED}) * {_TYPES} + {TYPE})
    * {_SHOWN_BUTTONS} + {BUTTON}) * {_SPANS} + {_SPAN} + {_FIRST_CHARACTER})"""

_MAX_KINDS, _MAX_STRETCHES = 8, 16


class Group(NamedTuple):
    """Answers of one day (0 is today, -1 yesterday), stretch and kind, and their time.

    `alike` has a character for each of them; `counted` reads it.
    """

    day: int
    stretch: int
    kind: int
    answers: int
    taken_ms: int
    alike: str


@dataclass(frozen=True, slots=True)
class History:
    """The whole revlog of a scope, in groups; stretches lie between the borders, epoch seconds."""

    borders_s: Sequence[int]
    groups: list[Group]

    def answers(self) -> Iterable[Group]:
        """The groups of answers, without what only changed the schedule."""
        return (group for group in self.groups if group.kind != NO_ANSWER)

    def counted(self, stretch: int) -> Iterable[tuple[Alike, int]]:
        """All that happened in the stretch after a border, with numbers."""
        alike = "".join(group.alike for group in self.groups if group.stretch == stretch)
        return ((_decoded(character), number) for character, number in Counter(alike).items())


def read_history(scope: Scope, borders_s: Sequence[int]) -> History:
    """What the revlog says from the first border to the last one; they stand in order."""
    ends = {f"end{n}": border_s * 1000 for n, border_s in enumerate(borders_s[1:])}
    stretch = " ".join(f"WHEN id < :{name} THEN {n}" for n, name in enumerate(ends))
    # Before the first hour of 1970 nobody answered: no hour is negative.
    hours_from_ms = (scope.bound["west_s"] - DAY_S) * 1000
    rows = scope.conn.execute(
        f"""SELECT ({_DAYS_BACK} * {_MAX_STRETCHES} + CASE {stretch} END) * {_MAX_KINDS} + {_KIND}
                AS place, count(*), sum({TAKEN_MS}), group_concat({_ALIKE}, '')
        FROM revlog WHERE id >= :begin_ms AND id < :end{len(ends) - 1} AND {scope.revlog}
        GROUP BY place""",
        scope.bound | ends | {"begin_ms": borders_s[0] * 1000, "hours_from_ms": hours_from_ms},
    )
    return History(borders_s, [_group(*row) for row in rows])


def _group(place: int, answers: int, taken_ms: int, alike: str) -> Group:
    rest, kind = divmod(place, _MAX_KINDS)
    days_back, stretch = divmod(rest, _MAX_STRETCHES)
    return Group(-days_back, stretch, kind, answers, taken_ms, alike)


def _decoded(character: str) -> Alike:
    rest, span = divmod(ord(character) - _FIRST_CHARACTER, _SPANS)
    rest, button = divmod(rest, _SHOWN_BUTTONS)
    rest, kind = divmod(rest, _TYPES)
    hour, previewed = divmod(rest, _PREVIEWS)
    return Alike(hour, kind, button, span, bool(previewed))
