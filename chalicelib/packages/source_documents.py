"""Notetypes, decks and options of a source collection, in the shapes that Anki opens.

Sources: Anki's rslib/src/notetype/schema11.rs, rslib/src/decks/schema11.rs,
rslib/src/deckconfig/schema11.rs (keys and types) and rslib/src/deckconfig/mod.rs (ranges: a
number out of range is replaced by the default). What add-ons keep there, and Anki itself does not
know, stays as it is.
"""

import re
from collections.abc import Callable
from typing import Any

from chalicelib.collection.col import JsonObject
from chalicelib.collection.documents import new_deck, new_options
from chalicelib.collection.unicode import nfc
from chalicelib.packages.own_names import OwnNames
from chalicelib.packages.shapes import (
    I32,
    I64,
    REQUIRED,
    U16,
    U32,
    Shape,
    cut,
    decimal,
    flag,
    many,
    optional,
    shaped,
    text,
    whole,
)

_ID = whole(1, I64)
_STAMP = whole(0, I64)
DEFAULT_EASE = 2500
# Anki takes this starting ease or less for the trace of an old bug and resets it on opening.
_BROKEN_EASE = 1300

_FIELD: Shape = {
    "name": (text, REQUIRED),
    "ord": (optional(whole(0, U16)), None),
    "sticky": (flag, False),
    "rtl": (flag, False),
    "font": (text, "Arial"),
    "size": (whole(0, U16), 20),
    "description": (text, ""),
    "plainText": (flag, False),
    "collapsed": (flag, False),
    "excludeFromSearch": (flag, False),
    "id": (optional(whole(-I64 - 1, I64)), None),
    "tag": (optional(whole(0, U32)), None),
    "preventDeletion": (flag, False),
}

_TEMPLATE: Shape = {
    "name": (text, REQUIRED),
    "ord": (optional(whole(0, U16)), None),
    "qfmt": (text, REQUIRED),
    "afmt": (text, ""),
    "bqfmt": (text, ""),
    "bafmt": (text, ""),
    "did": (optional(_ID), None),
    "bfont": (text, ""),
    "bsize": (whole(0, 255), 0),
    "id": (optional(whole(-I64 - 1, I64)), None),
}

_NOT_IN_A_NAME = re.compile('"')
_NOT_IN_A_FIELD_NAME = re.compile('[:{}"]')
_FIELD_NAME_START = re.compile(r"\A[\s#/^]+")
_REQUIREMENT_KINDS = ("any", "all", "none")


def _requirement(value: Any) -> list[Any]:
    ordinal, kind, fields = value
    if kind not in _REQUIREMENT_KINDS:
        raise ValueError
    return [whole(0, U16)(ordinal), kind, many(whole(0, U16))(fields)]


_NOTETYPE: Shape = {
    "id": (_ID, REQUIRED),
    "name": (text, REQUIRED),
    "type": (whole(0, 1), REQUIRED),
    "mod": (_STAMP, 0),
    "usn": (whole(-1, I32), 0),
    "sortf": (whole(0, U16), 0),
    "did": (optional(_ID), None),
    "tmpls": (many(shaped(_TEMPLATE), least=1), REQUIRED),
    "flds": (many(shaped(_FIELD), least=1), REQUIRED),
    "css": (text, ""),
    "latexPre": (text, ""),
    "latexPost": (text, ""),
    "latexsvg": (flag, False),
    "req": (many(_requirement), []),
    "originalStockKind": (whole(0, I32), 0),
}


def _amount_of_day(value: Any) -> list[int]:
    day, amount = many(whole(-I32, I32))(value)
    return [day, amount]


def _limit_of_day(value: Any) -> JsonObject:
    return cut(value, {"limit": (whole(0, U32), REQUIRED), "today": (whole(0, U32), REQUIRED)})


def _search_term(value: Any) -> list[Any]:
    search, limit, order = value
    return [text(search), whole(0, I32)(limit), whole(0, I32)(order)]


_NO_DECK = new_deck(deck_id=0, name="", now_s=0, usn=0)
_DECK: Shape = {
    "id": (_ID, REQUIRED),
    "mod": (_STAMP, 0),
    "name": (text, REQUIRED),
    "usn": (whole(-1, I32), 0),
    **{key: (_amount_of_day, [0, 0]) for key in ("lrnToday", "revToday", "newToday", "timeToday")},
    "collapsed": (flag, False),
    "browserCollapsed": (flag, False),
    "desc": (text, ""),
    "dyn": (whole(0, 1), REQUIRED),
}
_NORMAL_DECK: Shape = {
    **_DECK,
    "md": (flag, False),
    "conf": (_ID, 1),
    "extendNew": (whole(-I32, I32), 0),
    "extendRev": (whole(-I32, I32), 0),
    "reviewLimit": (optional(whole(0, U32)), None),
    "newLimit": (optional(whole(0, U32)), None),
    "reviewLimitToday": (optional(_limit_of_day), None),
    "newLimitToday": (optional(_limit_of_day), None),
    "desiredRetention": (optional(whole(0, 100)), None),
}
_FILTERED_DECK: Shape = {
    **_DECK,
    "resched": (flag, True),
    "terms": (many(_search_term, least=1, most=2), REQUIRED),
    "separate": (flag, True),
    "delays": (optional(many(decimal(0, U32))), None),
    "previewDelay": (whole(0, U32), 0),
    "previewAgainSecs": (whole(0, U32), 0),
    "previewHardSecs": (whole(0, U32), 0),
    "previewGoodSecs": (whole(0, U32), 0),
}
FILTERED_KEYS = tuple(key for key in _FILTERED_DECK if key not in _DECK)
_DECK_KEYS = _NORMAL_DECK.keys() | _FILTERED_DECK.keys()

_STEPS = many(decimal(0, U32))
_WEIGHTS = many(decimal(-U32, U32), most=100)
_DAYS = whole(1, 36500)


def _graduating_intervals(value: Any) -> list[int]:
    good, easy, *_ = many(_DAYS)(value[:2])
    return [good, easy, 0]


_DEFAULTS = new_options(options_id=1, name="", now_s=0, usn=0)


def _with_defaults(rules: dict[str, Any], defaults: JsonObject) -> Shape:
    return {key: (rule, defaults[key]) for key, rule in rules.items()}


_NEW_CARDS = _with_defaults(
    {
        "bury": flag,
        "delays": _STEPS,
        "initialFactor": whole(1310, 5000),
        "ints": _graduating_intervals,
        "order": whole(0, 1),
        "perDay": whole(0, 9999),
    },
    _DEFAULTS["new"],
)
_REVIEWS = _with_defaults(
    {
        "bury": flag,
        "ease4": decimal(1, 5),
        "ivlFct": decimal(0.5, 2),
        "maxIvl": _DAYS,
        "perDay": whole(0, 9999),
        "hardFactor": decimal(0.5, 1.3),
    },
    _DEFAULTS["rev"],
)
_LAPSES = _with_defaults(
    {
        "delays": _STEPS,
        "leechAction": whole(0, 1),
        "leechFails": whole(1, 9999),
        "minInt": _DAYS,
        "mult": decimal(0, 1),
    },
    _DEFAULTS["lapse"],
)
_OPTIONS: Shape = {
    "id": (_ID, REQUIRED),
    "mod": (_STAMP, 0),
    "name": (text, REQUIRED),
    "usn": (whole(-1, I32), 0),
    "maxTaken": (whole(1, 9999), 60),
    "autoplay": (flag, True),
    "timer": (whole(0, 1), 0),
    "replayq": (flag, True),
    "new": (shaped(_NEW_CARDS), _DEFAULTS["new"]),
    "rev": (shaped(_REVIEWS), _DEFAULTS["rev"]),
    "lapse": (shaped(_LAPSES), _DEFAULTS["lapse"]),
    "dyn": (flag, False),
    "newMix": (whole(0, 2), 0),
    "newPerDayMinimum": (whole(0, 9999), 0),
    "interdayLearningMix": (whole(0, 2), 0),
    "reviewOrder": (whole(0, 20), 0),
    "newSortOrder": (whole(0, 20), 0),
    "newGatherPriority": (whole(0, 20), 0),
    "buryInterdayLearning": (flag, False),
    "fsrsWeights": (_WEIGHTS, []),
    "fsrsParams5": (_WEIGHTS, []),
    "fsrsParams6": (_WEIGHTS, []),
    "desiredRetention": (decimal(0.7, 0.99), 0.9),
    "ignoreRevlogsBeforeDate": (text, ""),
    "easyDaysPercentages": (many(decimal(0, 1), least=7, most=7), [1.0] * 7),
    "stopTimerOnAnswer": (flag, False),
    "secondsToShowQuestion": (decimal(0, U32), 0.0),
    "secondsToShowAnswer": (decimal(0, U32), 0.0),
    "questionAction": (whole(0, 1), 0),
    "answerAction": (whole(0, 4), 0),
    "waitForAudio": (flag, True),
    "sm2Retention": (decimal(0.1, 1), 0.9),
    "weightSearch": (text, ""),
}


def notetype_from(value: Any) -> JsonObject:
    """A notetype of `col.models`. Raises ValueError."""
    notetype = cut(value, _NOTETYPE)
    notetype["name"] = _clean_name(notetype["name"]) or "Notetype"
    _name_all(notetype["flds"], _clean_field_name, "Field")
    _name_all(notetype["tmpls"], _clean_name, "Card")
    notetype["sortf"] = min(notetype["sortf"], len(notetype["flds"]) - 1)
    notetype["originalId"] = notetype["id"]
    completed: JsonObject = with_unknown(value, notetype)
    return completed


def _name_all(items: list[JsonObject], clean: Callable[[str], str], fallback: str) -> None:
    """Number fields or templates, and give each a name of its own that templates can use.

    Source: Anki's rslib/src/notetype/mod.rs (`prepare_for_update`).
    """
    names = OwnNames("+", str.casefold)
    for ordinal, item in enumerate(items):
        item["ord"] = ordinal
        item["name"] = names.take(clean(item["name"]) or f"{fallback} {ordinal + 1}")


def _clean_name(name: str) -> str:
    return _NOT_IN_A_NAME.sub("", nfc(name))


def _clean_field_name(name: str) -> str:
    """What is left of it, from the name without the rest: a search from both ends is quadratic."""
    return _FIELD_NAME_START.sub("", _NOT_IN_A_FIELD_NAME.sub("", nfc(name)).rstrip())


def deck_from(value: Any) -> JsonObject:
    """A deck of `col.decks`, normal or filtered. Raises ValueError."""
    common = cut(value, _DECK)
    deck = cut(value, _FILTERED_DECK if common["dyn"] else _NORMAL_DECK)
    return deck | unknown_of_deck(value)


def unknown_of_deck(deck: JsonObject) -> JsonObject:
    """What neither a normal deck nor a filtered one has."""
    return {key: value for key, value in deck.items() if key not in _DECK_KEYS}


def options_from(value: Any) -> JsonObject:
    """An option group of `col.dconf`. Raises ValueError."""
    completed: JsonObject = with_unknown(value, cut(value, _OPTIONS))
    return completed


def with_unknown(raw: Any, clean: Any) -> Any:
    """The clean value with those members of the raw one that it knows nothing of."""
    if isinstance(raw, dict) and isinstance(clean, dict):
        unknown = {key: value for key, value in raw.items() if key not in clean}
        return unknown | {key: with_unknown(raw.get(key), each) for key, each in clean.items()}
    if isinstance(raw, list) and isinstance(clean, list) and len(raw) == len(clean):
        return [with_unknown(*pair) for pair in zip(raw, clean, strict=True)]
    return clean


def has_broken_ease(value: Any) -> bool:
    """Whether Anki resets the starting ease of these options, and of the cards under them."""
    try:
        ease: int = whole(0, U16)(value["new"]["initialFactor"])
    except (KeyError, TypeError, ValueError):
        return False
    return ease <= _BROKEN_EASE
