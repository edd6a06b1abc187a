"""A regular expression's text, read into its parts.

Source: the documentation of Rust's `regex`, "Syntax".
"""

from dataclasses import dataclass, replace

from chalicelib.collection.search.regex.characters import fold, is_alphabetic
from chalicelib.collection.search.regex.escapes import read_escape
from chalicelib.collection.search.regex.scanner import Scanner
from chalicelib.collection.search.regex.sets import read_set
from chalicelib.collection.search.regex.syntax import (
    MAX_NESTING,
    At,
    Chain,
    Choice,
    Edge,
    One,
    Pattern,
    RegexError,
    Repeat,
)

__all__ = ["RegexError", "parse_regex"]

_MAX_COUNT = 2**32 - 1
_COUNTS = {"*": (0, None), "+": (1, None), "?": (0, 1)}
# By whether the flag `m` is on.
_EDGES = {
    ("^", False): Edge.TEXT_START,
    ("^", True): Edge.LINE_START,
    ("$", False): Edge.TEXT_END,
    ("$", True): Edge.LINE_END,
}
_LOOK_AROUND = ("?=", "?!", "?<=", "?<!")
_GROUP_NAME_EXTRAS = "_.[]"


@dataclass(frozen=True, slots=True)
class _Flags:
    i: bool = False
    m: bool = False
    s: bool = False
    x: bool = False
    # Whether repetitions are lazy: it makes no difference to what matches at all.
    U: bool = False
    u: bool = True


def parse_regex(text: str, flags: str = "") -> Pattern:
    """The parts of the pattern, under these flags. Raises RegexError."""
    parser = _Parser(text, replace(_Flags(), **dict.fromkeys(flags, True)))
    return parser.parse()


class _Parser:
    def __init__(self, text: str, flags: _Flags) -> None:
        self._scanner = Scanner(text)
        self._flags = flags
        self._depth = 0
        self._names: set[str] = set()

    def parse(self) -> Pattern:
        pattern = self._choice()
        if self._scanner.peek():
            raise self._scanner.error("a group is closed here that was not opened")
        return pattern

    def _choice(self) -> Pattern:
        parts = [self._chain()]
        while self._scanner.accept("|"):
            parts.append(self._chain())
        return parts[0] if len(parts) == 1 else Choice(parts)

    def _chain(self) -> Pattern:
        """Flags that stand among the parts hold until the group ends."""
        parts: list[Pattern] = []
        can_repeat, repeats = False, 0
        while (following := self._scanner.peek()) and following not in "|)":
            if following in "*+?{":
                repeats += 1
                if not can_repeat or repeats > MAX_NESTING:
                    raise self._scanner.error("there is nothing here to repeat")
                parts[-1] = self._repeat(parts[-1])
            elif (atom := self._atom()) is None:
                can_repeat = False
            else:
                parts.append(atom)
                can_repeat, repeats = True, 0
        return Chain(parts)

    def _atom(self) -> Pattern | None:
        """One part; None when these were only flags."""
        character = self._scanner.take()
        if character == "(":
            return self._group()
        if character in "^$":
            return At(_EDGES[character, self._flags.m])
        if character == "\\":
            read = read_escape(self._scanner, ignores_case=self._flags.i)
            return self._literal(read) if isinstance(read, str) else read
        if character == "[":
            return One(read_set(self._scanner, ignores_case=self._flags.i))
        if character == ".":
            return One(_anything if self._flags.s else _not_newline)
        return self._literal(character)

    def _literal(self, wanted: str) -> One:
        if self._flags.i:
            folded = fold(wanted)
            return One(lambda character: fold(character) == folded, wanted)
        return One(lambda character: character == wanted, wanted)

    def _group(self) -> Pattern | None:
        opened = self._scanner.at - 1
        self._depth += 1
        if self._depth > MAX_NESTING:
            raise self._scanner.error("there are too many groups in groups", opened)
        flags = self._flags
        if self._opens_flags_only():
            self._depth -= 1
            return None
        inner = self._choice()
        if not self._scanner.accept(")"):
            raise self._scanner.error("a group is opened here and never closed", opened)
        self._set_flags(flags)
        self._depth -= 1
        return inner

    def _opens_flags_only(self) -> bool:
        """Read what follows an opening bracket; whether the group is over already."""
        if any(self._scanner.sees(sign) for sign in _LOOK_AROUND):
            raise self._scanner.error("looking around is not supported")
        if self._scanner.accept("?P<") or self._scanner.accept("?<"):
            self._read_name()
            return False
        return self._scanner.accept("?") and self._read_flags()

    def _read_name(self) -> None:
        begin = self._scanner.at
        name = self._scanner.until(">", "the name of a group is not closed")
        good = all(
            is_alphabetic(one) or one.isdecimal() or one in _GROUP_NAME_EXTRAS for one in name
        )
        if not good or not name or not (is_alphabetic(name[0]) or name[0] == "_"):
            raise self._scanner.error("this cannot be the name of a group", begin)
        if name in self._names:
            raise self._scanner.error("two groups have this name", begin)
        self._names.add(name)

    def _read_flags(self) -> bool:
        begin = self._scanner.at
        found: dict[str, bool] = {}
        value = True
        while (flag := self._scanner.take()) not in ":)":
            if flag == "-" and value:
                value = False
            elif flag in found or flag not in "imsxUu":
                raise self._scanner.error("this is no flag, or it was given before", begin)
            else:
                found[flag] = value
        over = flag == ")"
        dangling = not value and all(found.values())
        if dangling or (over and not found) or not found.get("u", True):
            raise self._scanner.error("these flags mean nothing here", begin)
        self._set_flags(replace(self._flags, **found))
        return over

    def _set_flags(self, flags: _Flags) -> None:
        self._flags = flags
        self._scanner.skips_blanks = flags.x

    def _repeat(self, pattern: Pattern) -> Pattern:
        begin = self._scanner.at
        sign = self._scanner.take()
        least, most = _COUNTS[sign] if sign in _COUNTS else self._counts(begin)
        self._scanner.accept("?")
        return Repeat(pattern, least, most)

    def _counts(self, begin: int) -> tuple[int, int | None]:
        inside = self._scanner.until("}", "a repetition is opened here and never closed")
        first, comma, second = (part.strip(" ") for part in inside.partition(","))
        least = self._count(first, begin)
        if not comma:
            return least, least
        most = self._count(second, begin) if second else None
        if most is not None and most < least:
            raise self._scanner.error("the most is less than the least", begin)
        return least, most

    def _count(self, digits: str, begin: int) -> int:
        is_number = digits.isascii() and digits.isdigit() and len(digits) <= len(str(_MAX_COUNT))
        if not is_number or int(digits) > _MAX_COUNT:
            raise self._scanner.error("how often is not a number", begin)
        return int(digits)


def _anything(_: str) -> bool:
    return True


def _not_newline(character: str) -> bool:
    return character != "\n"
