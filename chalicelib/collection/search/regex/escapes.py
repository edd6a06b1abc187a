"""What a backslash and the characters after it mean in a pattern.

Source: the documentation of Rust's `regex`, "Syntax".
"""

from chalicelib.collection.search.regex.characters import (
    in_any_case,
    is_blank,
    is_digit,
    is_word,
    property_named,
)
from chalicelib.collection.search.regex.scanner import Scanner
from chalicelib.collection.search.regex.syntax import At, Edge, One, Predicate

_CONTROLS = {"a": "\a", "f": "\f", "t": "\t", "n": "\n", "r": "\r", "v": "\v"}
_HEX_LENGTHS = {"x": 2, "u": 4, "U": 8}
_HEX_DIGITS = frozenset("0123456789abcdefABCDEF")
_PERL: dict[str, Predicate] = {"d": is_digit, "s": is_blank, "w": is_word}
_EDGES = {
    "A": Edge.TEXT_START,
    "z": Edge.TEXT_END,
    "B": Edge.NO_WORD_EDGE,
    "<": Edge.WORD_START,
    ">": Edge.WORD_END,
}
_NAMED_EDGES = {
    "start": Edge.WORD_START,
    "end": Edge.WORD_END,
    "start-half": Edge.NO_WORD_BEFORE,
    "end-half": Edge.NO_WORD_AFTER,
}
_MAX_CODE = 0x10FFFF
_SURROGATES = range(0xD800, 0xE000)


def negation(matches: Predicate) -> Predicate:
    return lambda character: not matches(character)


def read_escape(scanner: Scanner, *, ignores_case: bool) -> One | At | str:
    """What follows a backslash; a text stands for itself. Raises RegexError."""
    begin = scanner.at - 1
    kind = scanner.take()
    if kind.lower() in _PERL:
        matches = _PERL[kind.lower()]
        return One(negation(matches) if kind.isupper() else matches)
    if kind in "pP":
        return One(_property(scanner, kind == "P", ignores_case, begin))
    if kind in _HEX_LENGTHS:
        return _hex(scanner, _HEX_LENGTHS[kind])
    if kind == "b" or kind in _EDGES:
        return At(_EDGES.get(kind) or _word_edge(scanner))
    return _plain(scanner, kind, begin)


def _plain(scanner: Scanner, kind: str, begin: int) -> str:
    if kind in _CONTROLS:
        return _CONTROLS[kind]
    if kind.isascii() and not kind.isalnum():
        return kind
    reason = "back-references are not supported" if kind.isdigit() else "no such escape"
    raise scanner.error(reason, begin)


def _property(scanner: Scanner, negated: bool, ignores_case: bool, begin: int) -> Predicate:
    name = scanner.take()
    if name == "{":
        name = scanner.until("}", "the name of a property is not closed")
    # As in Rust, the caret of \p{^name} is a negation too.
    if name.startswith("^"):
        negated, name = not negated, name[1:]
    matches = property_named(name.replace("!=", "="))
    if matches is None:
        raise scanner.error("this property is not known here", begin)
    if "!=" in name:
        negated = not negated
    if ignores_case:
        matches = in_any_case(matches)
    return negation(matches) if negated else matches


def _hex(scanner: Scanner, length: int) -> str:
    begin = scanner.at
    if scanner.accept("{"):
        digits = scanner.until("}", "a character's number is not closed").strip()
    else:
        digits = "".join(scanner.take() for _ in range(length))
    if not digits or not set(digits) <= _HEX_DIGITS or len(digits) > _HEX_LENGTHS["U"]:
        raise scanner.error("a character's number is made of hexadecimal digits", begin)
    code = int(digits, 16)
    if code > _MAX_CODE or code in _SURROGATES:
        raise scanner.error("there is no character with this number", begin)
    return chr(code)


def _word_edge(scanner: Scanner) -> Edge:
    begin = scanner.at
    if not scanner.accept("{"):
        return Edge.WORD_EDGE
    following = scanner.peek()
    if following and not (following.isascii() and (following.isalpha() or following == "-")):
        scanner.at = begin  # it is a repetition
        return Edge.WORD_EDGE
    name = scanner.until("}", "the name of a word's edge is not closed").strip()
    if name not in _NAMED_EDGES:
        raise scanner.error(f"a word's edge is one of {', '.join(_NAMED_EDGES)}", begin)
    return _NAMED_EDGES[name]
