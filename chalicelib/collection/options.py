"""Deck options: groups shared by decks, with Anki's names and ranges. `col.dconf` in the file.

Ranges: Anki's rslib/src/deckconfig/mod.rs; the enumerations: proto/anki/deck_config.proto.
"""

import copy
import sqlite3
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from chalicelib.collection.col import (
    JsonObject,
    read_document,
    server_usn,
    touch,
    write_document,
)
from chalicelib.collection.decks import Decks
from chalicelib.collection.documents import DEFAULT_OPTIONS_ID, new_options
from chalicelib.errors import BadInputError, NotFoundError
from chalicelib.scheduler.options import block_or_defaults

_BLOCKS = ("new", "rev", "lapse")
_MAX_STEPS = 50
_MAX_STEP_MINUTES = 60 * 24 * 365
_MAX_NAME = 120


@dataclass(frozen=True, slots=True)
class _Rule:
    accepts: Callable[[Any], bool]
    reason: str


def _whole(low: int, high: int) -> _Rule:
    def accepts(value: Any) -> bool:
        return type(value) is int and low <= value <= high

    return _Rule(accepts, f"must be a whole number from {low} to {high}")


def _number(low: float, high: float) -> _Rule:
    def accepts(value: Any) -> bool:
        return type(value) in (int, float) and low <= value <= high

    return _Rule(accepts, f"must be a number from {low:g} to {high:g}")


def _are_steps(value: Any) -> bool:
    return (
        isinstance(value, list)
        and len(value) <= _MAX_STEPS
        and all(type(m) in (int, float) and 0 < m <= _MAX_STEP_MINUTES for m in value)
    )


def _are_intervals(value: Any) -> bool:
    return (
        isinstance(value, list)
        and len(value) in (2, 3)
        and all(type(days) is int for days in value)
        and all(1 <= days <= 36_500 for days in value[:2])  # noqa: PLR2004
    )


_FLAG = _Rule(lambda value: isinstance(value, bool), "must be true or false")
_STEPS = _Rule(_are_steps, f"must be a list of at most {_MAX_STEPS} numbers of minutes")
_INTERVALS = _Rule(_are_intervals, "must be the days after Good and after Easy, 1 to 36500")
_NAME = _Rule(
    lambda value: isinstance(value, str) and 0 < len(value.strip()) <= _MAX_NAME,
    f"must be 1 to {_MAX_NAME} characters",
)

RULES: dict[str, _Rule] = {
    "name": _NAME,
    "maxTaken": _whole(1, 9999),
    "timer": _whole(0, 1),
    "autoplay": _FLAG,
    "replayq": _FLAG,
    "newMix": _whole(0, 2),
    "interdayLearningMix": _whole(0, 2),
    "reviewOrder": _whole(0, 12),
    "newSortOrder": _whole(0, 4),
    "newGatherPriority": _whole(0, 5),
    "buryInterdayLearning": _FLAG,
    "new.delays": _STEPS,
    "new.ints": _INTERVALS,
    "new.initialFactor": _whole(1310, 5000),
    "new.order": _whole(0, 1),
    "new.perDay": _whole(0, 9999),
    "new.bury": _FLAG,
    "rev.perDay": _whole(0, 9999),
    "rev.ease4": _number(1, 5),
    "rev.hardFactor": _number(0.5, 1.3),
    "rev.ivlFct": _number(0.5, 2),
    "rev.maxIvl": _whole(1, 36_500),
    "rev.bury": _FLAG,
    "lapse.delays": _STEPS,
    "lapse.mult": _number(0, 1),
    "lapse.minInt": _whole(1, 36_500),
    "lapse.leechFails": _whole(1, 9999),
    "lapse.leechAction": _whole(0, 1),
}


@dataclass(frozen=True, slots=True)
class DailyLimits:
    """How many cards a day an option group allows."""

    new: int
    review: int


class OptionGroups:
    """All option groups of a collection, read once."""

    def __init__(self, conn: sqlite3.Connection) -> None:
        self.by_id = read_document(conn, "dconf")

    def of_deck(self, deck: JsonObject) -> JsonObject:
        """The group that a deck uses; the default one where its own is missing."""
        group = self.by_id.get(str(deck.get("conf"))) or self.by_id.get(str(DEFAULT_OPTIONS_ID))
        return group or new_options(options_id=DEFAULT_OPTIONS_ID, name="Default", now_s=0, usn=0)


def daily_limits(group: JsonObject) -> DailyLimits:
    """The group's limits; out of range means the default."""
    shown = effective_options(group)
    return DailyLimits(new=shown["new"]["perDay"], review=shown["rev"]["perDay"])


def effective_options(group: JsonObject) -> JsonObject:
    """The options as Anki understands them: what cannot be used is replaced by the default."""
    shown = new_options(options_id=group["id"], name=group["name"], now_s=0, usn=0)
    usable = {**group, **{name: block_or_defaults(group, name) for name in _BLOCKS}}
    for path, value in _leaves(usable):
        if path in RULES and RULES[path].accepts(value):
            _set(shown, path, copy.copy(value))
    return {"id": group["id"]} | {name: shown[name] for name in _top_names()}


def change_options(
    conn: sqlite3.Connection, deck_id: int, changes: Mapping[str, Any], now_ms: int
) -> JsonObject:
    """Change options of the group that a deck uses, for all decks that share it.

    Returns the options as `effective_options` shows them. Raises NotFoundError, and
    BadInputError whose `fields` name every unknown or out-of-range option.
    """
    deck = Decks(conn).get(deck_id)
    if deck["dyn"]:
        raise NotFoundError("A filtered deck has no options of this kind.")
    _check(changes)
    groups = OptionGroups(conn)
    group = groups.of_deck(deck)
    # The blocks start from what Anki makes of them: one bad member would undo the whole change.
    changed = copy.deepcopy(group) | _blocks(effective_options(group))
    for path, value in _leaves(changes):
        _set(changed, path, value)
    changed |= {"mod": now_ms // 1000, "usn": server_usn(conn)}
    write_document(conn, "dconf", groups.by_id | {str(changed["id"]): changed})
    touch(conn, now_ms)
    return effective_options(changed)


def _check(changes: Mapping[str, Any]) -> None:
    problems = {}
    for path, value in _leaves(changes):
        rule = RULES.get(path)
        if rule is None:
            problems[path] = "is not known here"
        elif not rule.accepts(value):
            problems[path] = rule.reason
    if problems:
        raise BadInputError(fields=problems)


def _leaves(options: Mapping[str, Any]) -> Iterator[tuple[str, Any]]:
    for name, value in options.items():
        if name in _BLOCKS and isinstance(value, Mapping):
            yield from ((f"{name}.{inner}", inner_value) for inner, inner_value in value.items())
        else:
            yield name, value


def _set(options: JsonObject, path: str, value: Any) -> None:
    block, _, name = path.rpartition(".")
    (options[block] if block else options)[name] = value


def _top_names() -> list[str]:
    return [*(path for path in RULES if "." not in path), *_BLOCKS]


def _blocks(options: JsonObject) -> JsonObject:
    return {name: options[name] for name in _BLOCKS}
