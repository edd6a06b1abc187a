"""Sets of characters in square brackets.

Source: the documentation of Rust's `regex`, "Character classes". Sets stand in sets, and `&&`,
`--` and `~~` intersect, subtract and take what is in just one of two; all three bind equally.
"""

from collections.abc import Callable

from chalicelib.collection.search.regex.characters import POSIX_CLASSES, in_any_case
from chalicelib.collection.search.regex.escapes import negation, read_escape
from chalicelib.collection.search.regex.scanner import Scanner
from chalicelib.collection.search.regex.syntax import MAX_NESTING, At, One, Predicate

_OPERATORS = ("&&", "--", "~~")


def read_set(scanner: Scanner, *, ignores_case: bool) -> Predicate:
    """The set whose opening bracket was just read. Raises RegexError."""
    return _SetReader(scanner, ignores_case).read(1)


class _SetReader:
    def __init__(self, scanner: Scanner, ignores_case: bool) -> None:
        self._scanner = scanner
        self._ignores_case = ignores_case

    def read(self, depth: int) -> Predicate:
        opened = self._scanner.at - 1
        if depth > MAX_NESTING:
            raise self._scanner.error("there are too many sets in sets", opened)
        negated = self._scanner.accept("^")
        items = self._first_items()
        operator = _OPERATORS[-1]
        operands: list[tuple[str, Predicate]] = []
        while True:
            if not self._scanner.peek():
                raise self._scanner.error("a set is opened here and never closed", opened)
            found = self._operator_or_end()
            if not found:
                items.append(self._item(depth))
                continue
            operands.append((operator, _union(items)))
            operator, items = found, []
            if found == "]":
                return negation(_combined(operands)) if negated else _combined(operands)

    def _operator_or_end(self) -> str:
        for operator in (*_OPERATORS, "]"):
            if self._scanner.accept(operator):
                return operator
        return ""

    def _first_items(self) -> list[Predicate]:
        """At the beginning hyphens, and then a closing bracket, stand for themselves."""
        items = []
        while self._scanner.accept("-"):
            items.append(self._one("-"))
        if not items and self._scanner.accept("]"):
            items.append(self._one("]"))
        return items

    def _item(self, depth: int) -> Predicate:
        if self._scanner.sees("["):
            return self._posix() or self._nested(depth)
        begin = self._scanner.at
        first = self._primitive()
        if not self._scanner.sees("-") or self._scanner.sees("--") or self._sees_last_hyphen():
            return first.matches if isinstance(first, One) else self._one(first)
        self._scanner.accept("-")
        last = self._primitive()
        if isinstance(first, One) or isinstance(last, One):
            raise self._scanner.error("the ends of a range are single characters", begin)
        if first > last:
            raise self._scanner.error("the range ends before it begins", begin)
        return self._cased(lambda character: first <= character <= last)

    def _sees_last_hyphen(self) -> bool:
        before = self._scanner.at
        self._scanner.accept("-")
        is_last = self._scanner.peek() in ("]", "")
        self._scanner.at = before
        return is_last

    def _nested(self, depth: int) -> Predicate:
        self._scanner.take()
        return self.read(depth + 1)

    def _posix(self) -> Predicate | None:
        begin = self._scanner.at
        end = self._scanner.text.find(":]", begin)
        if not self._scanner.sees("[:") or end == -1:
            return None
        name = self._scanner.text[begin + len("[:") : end]
        matches = POSIX_CLASSES.get(name.removeprefix("^"))
        if matches is None:
            return None
        self._scanner.at = end + len(":]")
        matches = self._cased(matches)
        return negation(matches) if name.startswith("^") else matches

    def _primitive(self) -> One | str:
        begin = self._scanner.at
        character = self._scanner.take()
        if character != "\\":
            return character
        read = read_escape(self._scanner, ignores_case=self._ignores_case)
        if isinstance(read, At):
            raise self._scanner.error("a set holds characters only", begin)
        return read

    def _one(self, wanted: str) -> Predicate:
        return self._cased(lambda character: character == wanted)

    def _cased(self, matches: Predicate) -> Predicate:
        return in_any_case(matches) if self._ignores_case else matches


def _union(items: list[Predicate]) -> Predicate:
    return lambda character: any(matches(character) for matches in items)


def _combined(operands: list[tuple[str, Predicate]]) -> Predicate:
    """Applied from left to right; the first stands alone, as if taken with the empty set."""
    if len(operands) == 1:
        return operands[0][1]

    def matches(character: str) -> bool:
        inside = False
        for operator, right in operands:
            inside = _COMBINE[operator](inside, right(character))
        return inside

    return matches


_COMBINE: dict[str, Callable[[bool, bool], bool]] = {
    "&&": lambda left, right: left and right,
    "--": lambda left, right: left and not right,
    "~~": lambda left, right: left != right,
}
