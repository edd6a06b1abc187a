"""Deck options: groups shared by decks, with Anki's names and ranges. `col.dconf` in the file.

Ranges: Anki's rslib/src/deckconfig/mod.rs; the enumerations: proto/anki/deck_config.proto.
"""

import copy
import re
import sqlite3
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from chalicelib.collection.col import (
    JsonObject,
    read_document,
    server_usn,
    touch,
    write_document,
)
from chalicelib.collection.deck_options.auto_advance import DEFAULTS, MAX_S
from chalicelib.collection.deck_options.cards_under_options import follow_options
from chalicelib.collection.decks import Decks
from chalicelib.collection.documents import DEFAULT_OPTIONS_ID, new_options
from chalicelib.collection.entries import entries_of
from chalicelib.errors import BadInputError, NotFoundError
from chalicelib.scheduler.options import block_or_defaults

_BLOCKS = ("new", "rev", "lapse")
_MAX_STEPS = 50
_MAX_STEP_MINUTES = 60 * 24 * 365
_MAX_NAME = 120
_MAX_DAYS = 36_500
_NAME_PATTERN = re.compile(rf"(?=.*\S)[^\x00-\x1f\x7f]{{1,{_MAX_NAME}}}")
# The third of `ints` means nothing, but Anki reads it as an unsigned 16-bit number.
_MAX_UNUSED = 0xFFFF


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
        and all(1 <= days <= _MAX_DAYS for days in value[:2])
        and all(0 <= days <= _MAX_UNUSED for days in value[2:])
    )


_FLAG = _Rule(lambda value: isinstance(value, bool), "must be true or false")
_STEPS = _Rule(_are_steps, f"must be a list of at most {_MAX_STEPS} numbers of minutes")
_INTERVALS = _Rule(_are_intervals, "must be the days after Good and after Easy, 1 to 36500")
_NAME = _Rule(
    lambda value: isinstance(value, str) and bool(_NAME_PATTERN.fullmatch(value)),
    f"must be 1 to {_MAX_NAME} characters, none of them a control character",
)

# The options by block; those of "" stand in the group itself.
RULES: dict[str, dict[str, _Rule]] = {
    "": {
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
        "secondsToShowQuestion": _number(0, MAX_S),
        "secondsToShowAnswer": _number(0, MAX_S),
        "questionAction": _whole(0, 1),
        "answerAction": _whole(0, 4),
        "waitForAudio": _FLAG,
    },
    "new": {
        "delays": _STEPS,
        "ints": _INTERVALS,
        "initialFactor": _whole(1310, 5000),
        "order": _whole(0, 1),
        "perDay": _whole(0, 9999),
        "bury": _FLAG,
    },
    "rev": {
        "perDay": _whole(0, 9999),
        "ease4": _number(1, 5),
        "hardFactor": _number(0.5, 1.3),
        "ivlFct": _number(0.5, 2),
        "maxIvl": _whole(1, _MAX_DAYS),
        "bury": _FLAG,
    },
    "lapse": {
        "delays": _STEPS,
        "mult": _number(0, 1),
        "minInt": _whole(1, _MAX_DAYS),
        "leechFails": _whole(1, 9999),
        "leechAction": _whole(0, 1),
    },
}


class OptionGroups:
    """All option groups of a collection, read once."""

    def __init__(self, conn: sqlite3.Connection) -> None:
        found = entries_of(read_document(conn, "dconf"))
        self.by_id = {str(options_id): group for options_id, group in found}

    def of_deck(self, deck: JsonObject) -> JsonObject:
        """The group that a deck uses; the default one where its own is missing."""
        group = self.by_id.get(str(deck.get("conf"))) or self.by_id.get(str(DEFAULT_OPTIONS_ID))
        return group or new_options(options_id=DEFAULT_OPTIONS_ID, name="Default", now_s=0, usn=0)


def effective_options(group: JsonObject) -> JsonObject:
    """The options as Anki understands them: what cannot be used is replaced by the default."""
    options_id = group.get("id", DEFAULT_OPTIONS_ID)
    default = new_options(options_id=options_id, name="Default", now_s=0, usn=0)
    shown = _usable(group, {**default, **DEFAULTS}, RULES[""])
    for block in _BLOCKS:
        shown[block] = _usable(block_or_defaults(group, block), default[block], RULES[block])
    return {"id": options_id, **shown}


def _usable(stored: Mapping[str, Any], default: JsonObject, rules: dict[str, _Rule]) -> JsonObject:
    return {
        name: copy.copy(stored[name] if rule.accepts(stored.get(name)) else default[name])
        for name, rule in rules.items()
    }


def change_options(
    conn: sqlite3.Connection, deck_id: int, changes: Mapping[str, Any], now_ms: int
) -> JsonObject:
    """Change options of the group that a deck uses, for all decks that share it.

    Their cards follow: another order reorders the new ones, other steps change how many are left.
    `changes` has some of what `effective_options` shows; the result shows them all. Raises
    NotFoundError, and BadInputError whose `fields` name every unknown or out-of-range option.
    """
    deck = Decks(conn).get(deck_id)
    if deck["dyn"]:
        raise NotFoundError("A filtered deck has no options of this kind.")
    groups = OptionGroups(conn)
    return change_group(conn, groups, groups.of_deck(deck), changes, now_ms)


def change_group(
    conn: sqlite3.Connection,
    groups: OptionGroups,
    group: JsonObject,
    changes: Mapping[str, Any],
    now_ms: int,
) -> JsonObject:
    """Change options of one of `groups`, as `change_options` does. Raises BadInputError."""
    _check(changes, group)
    before = effective_options(group)
    after = {**before, **{name: value for name, value in changes.items() if name not in _BLOCKS}}
    for block in _BLOCKS:
        # Starting from what was in force: one bad member would undo the whole block.
        after[block] = {**before[block], **changes.get(block, {})}
    if after != before:
        stored = {**group, **after, "mod": now_ms // 1000, "usn": server_usn(conn)}
        stored |= {block: _with_unknown(group.get(block), after[block]) for block in _BLOCKS}
        write_document(conn, "dconf", groups.by_id | {str(after["id"]): stored})
        touch(conn, now_ms)
        users = [
            deck_id
            for deck_id, user in Decks(conn).by_id.items()
            if not user["dyn"] and groups.of_deck(user) is group
        ]
        follow_options(conn, users, group, stored, now_ms)
    return after


def _with_unknown(stored: object, block: JsonObject) -> JsonObject:
    """A block with what it has beside the options known here."""
    return {**stored, **block} if isinstance(stored, Mapping) else block


def check_options_name(name: str) -> None:
    """Raises BadInputError for what cannot be the name of an option group."""
    if not _NAME.accepts(name):
        raise BadInputError(fields={"name": _NAME.reason})


def _check(changes: Mapping[str, Any], group: JsonObject) -> None:
    problems: dict[str, str] = {}
    for name, value in changes.items():
        if name in _BLOCKS and isinstance(value, Mapping):
            problems |= _problems(value, RULES[name], f"{name}.")
        elif name in _BLOCKS:
            problems[name] = "must be an object"
        elif (name, value) != ("id", group.get("id")):
            problems |= _problems({name: value}, RULES[""], "")
    if problems:
        raise BadInputError(fields=problems)


def _problems(values: Mapping[str, Any], rules: dict[str, _Rule], prefix: str) -> dict[str, str]:
    return {
        f"{prefix}{name}": rules[name].reason if name in rules else "is not known here"
        for name, value in values.items()
        if name not in rules or not rules[name].accepts(value)
    }
