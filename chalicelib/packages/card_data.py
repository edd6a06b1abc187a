"""Column `data` of cards: the keys that Anki knows, in its order and rounding.

Source: Anki's rslib/src/storage/card/data.rs.
"""

import json

from chalicelib.collection.col import JsonObject, dump
from chalicelib.packages.shapes import I64, U32, Rule, decimal, text, whole

_LARGEST = 1_000


def _rounded(places: int) -> Rule:
    number = decimal(-U32, U32)
    return lambda value: round(number(value), places)


_KEYS: dict[str, Rule] = {
    "pos": whole(0, U32),
    "s": _rounded(4),
    "d": _rounded(3),
    "dr": _rounded(2),
    "decay": _rounded(3),
    "lrt": whole(0, I64),
    "cd": text,
}


def clean_card_data(data: str) -> str:
    """What of `data` can be kept; "{}" for anything that is no JSON object."""
    return "{}" if data in {"", "{}"} else dump(_known(data))


def with_last_review(data: str, last_review_s: int | None) -> str:
    """`data` with the time of the last rated review, epoch seconds, or without one."""
    if data in {"", "{}"}:
        return data if last_review_s is None else dump({"lrt": last_review_s})
    if last_review_s is not None and data.endswith(f'"lrt":{last_review_s}}}'):
        return data
    known = _known(data)
    known.pop("lrt", None)
    if last_review_s is not None:
        known["lrt"] = last_review_s
    return dump({key: known[key] for key in _KEYS if key in known})


def _known(data: str) -> JsonObject:
    try:
        value = json.loads(data) if len(data) <= _LARGEST else None
    except (ValueError, RecursionError):
        return {}
    if not isinstance(value, dict):
        return {}
    kept: JsonObject = {}
    for key, rule in _KEYS.items():
        try:
            kept[key] = rule(value[key])
            dump(kept).encode()  # a lone surrogate cannot be stored
        except (KeyError, TypeError, ValueError, OverflowError):
            kept.pop(key, None)
    return kept
