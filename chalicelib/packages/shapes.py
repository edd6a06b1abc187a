"""Typed reading of JSON objects that a stranger wrote.

A shape names the keys that are taken over, with the rule for each value. What is not in the shape
is left behind; what does not fit is replaced by the default, or refuses the file where there is
none. So an imported object can never be one that Anki fails to open.
"""

import json
import math
from collections.abc import Callable, Mapping
from copy import deepcopy
from typing import Any

from chalicelib.collection.col import JsonObject
from chalicelib.errors import UnusableFileError

Rule = Callable[[Any], Any]
REQUIRED = object()
Shape = Mapping[str, tuple[Rule, Any]]

I32 = 2**31 - 1
I64 = 2**63 - 1
U16 = 2**16 - 1
U32 = 2**32 - 1


def whole(low: int, high: int) -> Rule:
    """An integer from `low` to `high`, also written as text or with a fraction."""

    def rule(value: Any) -> int:
        if isinstance(value, float) and not math.isfinite(value):
            raise ValueError
        number = int(value)
        if not low <= number <= high:
            raise ValueError
        return number

    return rule


def decimal(low: float, high: float) -> Rule:
    """A number from `low` to `high`."""

    def rule(value: Any) -> float:
        number = float(value)
        if not low <= number <= high:
            raise ValueError
        return number

    return rule


def text(value: Any) -> str:
    """A string."""
    if not isinstance(value, str):
        raise TypeError
    return value


def flag(value: Any) -> bool:
    """A boolean, also written as a number."""
    if not isinstance(value, bool | int):
        raise TypeError
    return bool(value)


def optional(rule: Rule) -> Rule:
    """What `rule` takes, or null."""
    return lambda value: None if value is None else rule(value)


def many(rule: Rule, *, least: int = 0, most: int = 1_000) -> Rule:
    """A list of values that all fit `rule`."""

    def list_rule(value: Any) -> list[Any]:
        if not isinstance(value, list) or not least <= len(value) <= most:
            raise ValueError
        return [rule(item) for item in value]

    return list_rule


def shaped(shape: Shape) -> Rule:
    """An object cut to `shape`."""
    return lambda value: cut(value, shape)


def cut(value: Any, shape: Shape) -> JsonObject:
    """The keys of `shape`, each by its rule or its default. Raises ValueError."""
    if not isinstance(value, dict):
        raise ValueError  # noqa: TRY004  # the one error that rules raise to each other
    return {key: _pick(value, key, rule, default) for key, (rule, default) in shape.items()}


def _pick(value: Mapping[str, Any], key: str, rule: Rule, default: Any) -> Any:
    try:
        return rule(value[key])
    except (KeyError, TypeError, ValueError, OverflowError):
        if default is REQUIRED:
            raise ValueError(key) from None
        return deepcopy(default)


def parse_document(document: Any, name: str, most_depth: int) -> JsonObject:
    """A JSON object of table `col`. Raises UnusableFileError, naming the document."""
    try:
        value = parse_json(document, most_depth)
    except (TypeError, ValueError):
        value = None
    if not isinstance(value, dict):
        raise UnusableFileError(f"The {name} of this collection cannot be read.")
    return value


def parse_json(document: Any, most_depth: int) -> Any:
    """Any JSON value that can be stored again. Raises TypeError and ValueError."""
    try:
        value = json.loads(text(document), parse_constant=_refuse, parse_float=_finite)
        json.dumps(value, ensure_ascii=False).encode()  # a lone surrogate cannot be stored
    except RecursionError:
        raise ValueError from None
    if _is_deeper(value, most_depth):
        raise ValueError
    return value


def values_at_most(text: str) -> int:
    """How many values there may be in JSON, told without reading it."""
    return sum(map(text.count, ",[{"))


def _refuse(constant: str) -> None:
    raise ValueError(constant)


def _finite(number: str) -> float:
    value = float(number)
    if not math.isfinite(value):
        raise ValueError(number)
    return value


def _is_deeper(value: Any, depth: int) -> bool:
    level = [value]
    for _ in range(depth):
        level = [child for item in level for child in _children(item)]
        if not level:
            return False
    return True


def _children(value: Any) -> list[Any]:
    if isinstance(value, dict):
        return list(value.values())
    return value if isinstance(value, list) else []
