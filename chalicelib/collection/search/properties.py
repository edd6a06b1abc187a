"""`prop:`: a number of a card, an operator and a value.

Source of the rules: Anki's rslib/src/search/parser.rs.
"""

import re
from collections.abc import Callable
from math import isfinite

from chalicelib.collection.search.nodes import (
    CustomNumber,
    CustomText,
    Operator,
    Property,
    Rated,
    Term,
)
from chalicelib.collection.search.numbers import (
    I32_MAX,
    I32_MIN,
    U8_MAX,
    U32_MAX,
    shortest,
    signed,
    single,
    unsigned,
)
from chalicelib.collection.search.problems import malformed
from chalicelib.scheduler.float32 import product, to_u32

EASIEST_BUTTON = 4

# In Anki's order, because the first that fits is taken.
_NAME = re.compile(r"ivl|due|reps|lapses|ease|pos|rated|resched|s|d|r|cd[ns]:[A-Za-z0-9]+")
_OPERATOR = re.compile(r"<=|>=|!=|=|<|>")
_NAMES = "ivl, due, reps, lapses, ease, pos, rated, resched, s, d, r, cdn:key, cds:key"


def property_term(value: str, position: int) -> Term:
    """What `prop:` asks for. Raises BadInputError."""
    name = _NAME.match(value)
    if name is None:
        raise malformed(f"prop: takes one of {_NAMES}", value, position)
    operator = _OPERATOR.match(value, name.end())
    if operator is None:
        reason = f"prop:{name[0]} needs one of <, <=, =, !=, >=, > after it"
        raise malformed(reason, value, position)
    operand, at = value[operator.end() :], position + operator.end()
    return _term(name[0], Operator(operator[0]), operand, at)


def _term(name: str, operator: Operator, operand: str, position: int) -> Term:
    key = name[len("cdn:") :]
    if name.startswith("cds:"):
        return CustomText(key, operator, operand)
    if name.startswith("cdn:"):
        return CustomNumber(key, operator, _finite(operand, position, "prop:cdn:"))
    if name == "resched":
        return Rated(operator, _past_day(operand, position, "prop:resched"), 0)
    if name == "rated":
        days, colon, button = operand.partition(":")
        ease = answer_button(button, position + len(days) + 1) if colon else None
        return Rated(operator, _past_day(days, position, "prop:rated"), ease)
    return Property(name, operator, _READERS[name](operand, position, f"prop:{name}"))


def answer_button(text: str, position: int) -> int:
    """The number of a button. Raises BadInputError."""
    button = unsigned(text, U8_MAX)
    if not button or button > EASIEST_BUTTON:
        raise malformed(f"an answer button is 1 to {EASIEST_BUTTON}", text, position)
    return button


def _past_day(text: str, position: int, key: str) -> int:
    day = signed(text, I32_MIN, 0)
    if day is None:
        raise malformed(f"{key} takes a day: 0 is today, -1 yesterday", text, position)
    return day


def _count(text: str, position: int, key: str) -> float:
    number = unsigned(text, U32_MAX)
    if number is None:
        raise malformed(f"{key} takes a whole number, 0 or more", text, position)
    return number


def _whole(text: str, position: int, key: str) -> float:
    number = signed(text, I32_MIN, I32_MAX)
    if number is None:
        raise malformed(f"{key} takes a whole number", text, position)
    return number


def _number(text: str, position: int, key: str) -> float:
    number = single(text)
    if number is None:
        raise malformed(f"{key} takes a number", text, position)
    return number


def _finite(text: str, position: int, key: str) -> float:
    number = _number(text, position, key)
    if not isfinite(number):
        raise malformed(f"{key} takes a number", text, position)
    return shortest(number)


def _permille(text: str, position: int, key: str) -> float:
    return to_u32(product(_number(text, position, key), 1000.0))


_READERS: dict[str, Callable[[str, int, str], float]] = {
    "ivl": _count,
    "due": _whole,
    "reps": _count,
    "lapses": _count,
    "ease": _permille,
    "pos": _count,
    "s": _finite,
    "d": _finite,
    "r": _finite,
}
