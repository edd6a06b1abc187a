"""Column `data` of a card, as Anki reads it and writes it back whenever it changes the card.

Keys: `pos` the position before it left the new queue, `s`, `d`, `dr` and `decay` of FSRS, `lrt`
epoch seconds of the last rated review, `cd` what custom scheduling keeps.
Source: Anki's rslib/src/storage/card/data.rs.
"""

import json
from collections.abc import Callable

from chalicelib.collection.col import JsonObject, dump
from chalicelib.scheduler.float32 import U32_MAX, f32, round_half_away

_I64_MAX = 2**63 - 1
# Single precision needs at most this many digits to be read back the same.
_F32_DIGITS = 9
# Far from any stability in days, and still rounded without an overflow.
_LARGEST = 1e30

_Reader = Callable[[object], int | float | None]


def read_card_data(text: object) -> JsonObject:
    """The keys that Anki knows, in its order; none where it is not what Anki writes."""
    try:
        stored = json.loads(text) if isinstance(text, str) else None
    except (ValueError, RecursionError):
        return {}
    if not isinstance(stored, dict) or not isinstance(stored.get("cd", ""), str):
        return {}
    known = {name: read(stored.get(name)) for name, read in _READERS.items()}
    if known["s"] is None or known["d"] is None:
        known |= {"s": None, "d": None}  # to Anki, one is nothing without the other
    kept: JsonObject = {name: value for name, value in known.items() if value is not None}
    custom = stored.get("cd", "")
    return kept if custom in {"", "{}"} else {**kept, "cd": custom}


def write_card_data(data: JsonObject) -> str:
    """The text of the column for what `read_card_data` gave, with numbers rounded as by Anki."""
    ordered = {name: data[name] for name in (*_READERS, "cd") if name in data}
    for name, places in _PLACES.items():
        if name in ordered:
            ordered[name] = _rounded(ordered[name], places)
    return dump(ordered).encode(errors="replace").decode()


def _whole(high: int, low: int = 0) -> _Reader:
    def read(value: object) -> int | None:
        if not isinstance(value, int) or isinstance(value, bool):
            return None
        return value if low <= value <= high else None

    return read


def _single(value: object) -> float | None:
    if not isinstance(value, int | float) or isinstance(value, bool):
        return None
    return f32(value) if abs(value) < _LARGEST else None


def _rounded(value: float, places: int) -> float:
    factor = f32(10.0**places)
    rounded = f32(round_half_away(f32(value * factor)) / factor)
    return next(
        short
        for digits in range(1, _F32_DIGITS + 1)
        if f32(short := float(f"{rounded:.{digits}g}")) == rounded
    )


_READERS: dict[str, _Reader] = {
    "pos": _whole(U32_MAX),
    "s": _single,
    "d": _single,
    "dr": _single,
    "decay": _single,
    "lrt": _whole(_I64_MAX, -_I64_MAX),
}
_PLACES = {"s": 4, "d": 3, "dr": 2, "decay": 3}
