"""Pieces of SQL, the values bound to them, and the matchers that they call by number."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from chalicelib.collection.search.regex import Matcher

NOTHING = "0"
EVERYTHING = "1"
_GROUP = 30


@dataclass(slots=True)
class Bindings:
    """What one statement needs beside its text. Equal values are bound once."""

    values: list[str | float] = field(default_factory=list)
    matchers: list[Matcher] = field(default_factory=list)
    _numbers: dict[str | float, int] = field(default_factory=dict)

    def bind(self, value: str | float) -> str:
        """The placeholder of a value."""
        number = self._numbers.get(value)
        if number is None or type(self.values[number - 1]) is not type(value):
            self.values.append(value)
            number = self._numbers[value] = len(self.values)
        return f"?{number}"

    def matcher(self, matcher: Matcher) -> int:
        """The number by which the SQL functions know it."""
        self.matchers.append(matcher)
        return len(self.matchers) - 1


def any_of(conditions: Sequence[str]) -> str:
    """In brackets, that at least one holds."""
    return f"({joined(' OR ', conditions)})" if conditions else NOTHING


def id_list(ids: Iterable[int]) -> str:
    """Whole numbers in brackets."""
    return f"({', '.join(str(int(one)) for one in ids)})"


def joined(joiner: str, conditions: Sequence[str]) -> str:
    """Without brackets; a long row in groups, because SQLite nests what it joins."""
    while len(conditions) > _GROUP:
        conditions = [
            f"({joiner.join(conditions[begin : begin + _GROUP])})"
            for begin in range(0, len(conditions), _GROUP)
        ]
    return joiner.join(conditions)
