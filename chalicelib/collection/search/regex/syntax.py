"""What a regular expression is made of, once it was read."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from enum import Enum, auto

# Whether a character belongs to a set.
Predicate = Callable[[str], bool]

MAX_NESTING = 50


class RegexError(Exception):
    """The pattern is none; `position` (from 0) is where in it, `reason` why."""

    def __init__(self, reason: str, position: int) -> None:
        super().__init__(reason)
        self.reason = reason
        self.position = position


class Edge(Enum):
    """A place between two characters."""

    TEXT_START = auto()
    TEXT_END = auto()
    LINE_START = auto()
    LINE_END = auto()
    WORD_EDGE = auto()
    NO_WORD_EDGE = auto()
    WORD_START = auto()
    WORD_END = auto()
    NO_WORD_BEFORE = auto()
    NO_WORD_AFTER = auto()


@dataclass(frozen=True, slots=True)
class One:
    """One character of a set; `text` is it, in some case, where there is but one."""

    matches: Predicate
    text: str = ""


@dataclass(frozen=True, slots=True)
class At:
    edge: Edge


@dataclass(frozen=True, slots=True)
class Chain:
    parts: Sequence["Pattern"]


@dataclass(frozen=True, slots=True)
class Choice:
    parts: Sequence["Pattern"]


@dataclass(frozen=True, slots=True)
class Repeat:
    """At least `least` times, at most `most`; None: any number."""

    pattern: "Pattern"
    least: int
    most: int | None


Pattern = One | At | Chain | Choice | Repeat
