"""A pattern as a small machine: characters to go past, forks, and edges to check.

Source of the method: K. Thompson, "Regular Expression Search Algorithm" (1968).
"""

from dataclasses import dataclass, field

from chalicelib.collection.search.regex.syntax import (
    At,
    Chain,
    Choice,
    Edge,
    One,
    Pattern,
    Predicate,
    RegexError,
    Repeat,
)

MAX_INSTRUCTIONS = 5_000


@dataclass(frozen=True, slots=True)
class Read:
    """Go past one character of a set, and on."""

    matches: Predicate
    to: int


@dataclass(frozen=True, slots=True)
class Check:
    edge: Edge
    to: int


@dataclass(slots=True)
class Fork:
    to: list[int]


@dataclass(frozen=True, slots=True)
class Found:
    """The pattern has matched."""


Instruction = Read | Check | Fork | Found


@dataclass(slots=True)
class Program:
    instructions: list[Instruction] = field(default_factory=lambda: [Found()])
    start: int = 0

    @property
    def checks_edges(self) -> bool:
        return any(isinstance(one, Check) for one in self.instructions)

    def add(self, instruction: Instruction) -> int:
        """Its number. Raises RegexError when there are too many."""
        if len(self.instructions) >= MAX_INSTRUCTIONS:
            raise RegexError("the pattern is too large", 0)
        self.instructions.append(instruction)
        return len(self.instructions) - 1


def compile_program(pattern: Pattern) -> Program:
    """The machine of a pattern. Raises RegexError for one that is too large."""
    program = Program()
    program.start = _add(program, pattern, 0)
    return program


def _add(program: Program, pattern: Pattern, to: int) -> int:
    """Add what leads through `pattern` to instruction `to`; where that begins."""
    match pattern:
        case One(matches):
            return program.add(Read(matches, to))
        case At(edge):
            return program.add(Check(edge, to))
        case Chain(parts):
            for part in reversed(parts):
                to = _add(program, part, to)
            return to
        case Choice(parts):
            return program.add(Fork([_add(program, part, to) for part in parts]))
        case Repeat():
            return _add_repeat(program, pattern, to)


def _add_repeat(program: Program, repeat: Repeat, to: int) -> int:
    if repeat.most is None:
        fork = Fork([to])
        to = program.add(fork)
        fork.to.append(_add(program, repeat.pattern, to))
    else:
        # Each further time is optional; all of them may be left for the same end.
        end = to
        for _ in range(repeat.most - repeat.least):
            to = program.add(Fork([end, _add(program, repeat.pattern, to)]))
    for _ in range(repeat.least):
        begin = _add(program, repeat.pattern, to)
        if begin == to:  # nothing, however often
            break
        to = begin
    return to
