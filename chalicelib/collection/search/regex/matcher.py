"""Running a pattern's machine over texts, remembering each step it ever took.

All ways through the pattern are followed at once, so that no text takes longer than its length
allows; a step taken before costs one look into a dict.
Source of the method: R. Cox, "Regular Expression Matching Can Be Simple And Fast" (2007).
"""

from collections.abc import Callable
from enum import Enum, auto

from chalicelib.collection.search.regex.characters import is_word
from chalicelib.collection.search.regex.program import Check, Fork, Found, Program, Read
from chalicelib.collection.search.regex.syntax import Edge

# Remembered steps; more than these are forgotten and found again.
_MAX_STEPS = 20_000
# Characters between two looks at whether to go on.
_CHARACTERS_AT_ONCE = 20_000


class _Beside(Enum):
    """What stands on one side of a place in the text."""

    NOTHING = auto()
    WORD = auto()
    NEWLINE = auto()
    OTHER = auto()


class _MatchedError(Exception):
    """The pattern was found; the rest of the text does not matter."""


class _State(dict[str, "_State"]):
    """Where in the program all ways are; maps each next character to the next state."""

    __slots__ = ("before", "matcher", "reached", "reads")

    def __init__(self, matcher: "Matcher", reached: frozenset[int], before: _Beside) -> None:
        super().__init__()
        self.matcher = matcher
        self.reached = reached
        self.before = before
        # By what comes next: what can be read then, or None when the pattern has matched.
        self.reads: dict[_Beside, list[Read] | None] = {}

    def __missing__(self, character: str) -> "_State":
        following = self.matcher.step(self, character)
        self[character] = following
        return following


class Matcher:
    """Finds out whether texts hold a pattern; not for two threads at once.

    `required` is in every text that does, in some case.
    """

    def __init__(self, program: Program, required: str = "") -> None:
        self.required = required
        self._program = program
        self._checks_edges = program.checks_edges
        self._check: Callable[[], None] = _no_check
        self._steps = 0
        self._states: dict[tuple[frozenset[int], _Beside], _State] = {}
        self._first = self._state(frozenset([program.start]), _Beside.NOTHING)

    def guard(self, check: Callable[[], None]) -> None:
        """Call `check` now and then while matching; what it raises ends the matching."""
        self._check = check

    def matches(self, text: str) -> bool:
        """Whether the pattern is found anywhere in the text."""
        state = self._first
        try:
            for begin in range(0, len(text), _CHARACTERS_AT_ONCE):
                if begin:
                    self._check()
                for character in text[begin : begin + _CHARACTERS_AT_ONCE]:
                    state = state[character]
        except _MatchedError:
            return True
        return self._reads(state, _Beside.NOTHING) is None

    def step(self, state: _State, character: str) -> _State:
        """The state after one more character. Raises _MatchedError before it, if it matched."""
        self._check()
        beside = self._beside(character)
        reads = self._reads(state, beside)
        if reads is None:
            raise _MatchedError
        reached = {read.to for read in reads if read.matches(character)}
        reached.add(self._program.start)
        return self._state(frozenset(reached), beside)

    def _beside(self, character: str) -> _Beside:
        if not self._checks_edges:
            return _Beside.OTHER
        if character == "\n":
            return _Beside.NEWLINE
        return _Beside.WORD if is_word(character) else _Beside.OTHER

    def _state(self, reached: frozenset[int], before: _Beside) -> _State:
        self._steps += 1
        if self._steps > _MAX_STEPS:
            self._steps = 0
            self._states.clear()
            self._first = self._state(frozenset([self._program.start]), _Beside.NOTHING)
        key = reached, before
        if key not in self._states:
            self._states[key] = _State(self, reached, before)
        return self._states[key]

    def _reads(self, state: _State, after: _Beside) -> list[Read] | None:
        if after not in state.reads:
            state.reads[after] = self._follow(state, after)
        return state.reads[after]

    def _follow(self, state: _State, after: _Beside) -> list[Read] | None:
        """What can be read from here, after all forks and edges; None when it matched."""
        reads: list[Read] = []
        todo, seen = list(state.reached), set(state.reached)
        while todo:
            instruction = self._program.instructions[todo.pop()]
            match instruction:
                case Found():
                    return None
                case Read():
                    reads.append(instruction)
                    continue
                case Check(edge, to):
                    targets = [to] if _HOLDS[edge](state.before, after) else []
                case Fork(to):
                    targets = to
            todo += [target for target in targets if target not in seen]
            seen.update(targets)
        return reads


def _no_check() -> None:
    return


def _is_word_edge(before: _Beside, after: _Beside) -> bool:
    return (before is _Beside.WORD) != (after is _Beside.WORD)


_HOLDS: dict[Edge, Callable[[_Beside, _Beside], bool]] = {
    Edge.TEXT_START: lambda before, _: before is _Beside.NOTHING,
    Edge.TEXT_END: lambda _, after: after is _Beside.NOTHING,
    Edge.LINE_START: lambda before, _: before in (_Beside.NOTHING, _Beside.NEWLINE),
    Edge.LINE_END: lambda _, after: after in (_Beside.NOTHING, _Beside.NEWLINE),
    Edge.WORD_EDGE: _is_word_edge,
    Edge.NO_WORD_EDGE: lambda before, after: not _is_word_edge(before, after),
    Edge.WORD_START: lambda before, after: before is not _Beside.WORD and after is _Beside.WORD,
    Edge.WORD_END: lambda before, after: before is _Beside.WORD and after is not _Beside.WORD,
    Edge.NO_WORD_BEFORE: lambda before, _: before is not _Beside.WORD,
    Edge.NO_WORD_AFTER: lambda _, after: after is not _Beside.WORD,
}
