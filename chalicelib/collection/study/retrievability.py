"""How likely a card is remembered, for cards that FSRS has scheduled elsewhere.

FSRS itself is not used here, but its two review orders go by what it left in column `data`.
Sources: Anki's rslib/src/storage/sqlite.rs (`extract_fsrs_retrievability`) and the forgetting
curve of FSRS 6.
"""

from typing import Any

from chalicelib.collection.col import parse
from chalicelib.scheduler.timing import DAY_S, Timing

_DEFAULT_DECAY = 0.5
_AT_STABILITY = 0.9
# A due above this is an epoch second.
_LATEST_DAY = 365_000


def retrievability(data: Any, due: Any, interval: Any, timing: Timing) -> float | None:
    """Between 0 and 1; None for a card without a memory state, as all are under SM-2.

    `due` is the card's own (day, or second while learning), `interval` is in days.
    """
    memory = _memory(data)
    stability, decay = memory.get("s"), memory.get("decay", _DEFAULT_DECAY)
    if not _is_positive(stability) or not _is_positive(decay) or "d" not in memory:
        return None
    elapsed_s = _elapsed_s(memory.get("lrt"), due, interval, timing)
    if elapsed_s is None:
        return None
    try:
        factor = _AT_STABILITY ** (-1 / decay) - 1
        return float((1 + factor * elapsed_s / DAY_S / stability) ** -decay)
    except OverflowError:  # a curve so steep that everything is forgotten at once
        return 0.0


def _memory(data: Any) -> dict[str, Any]:
    if not isinstance(data, str) or '"s"' not in data:
        return {}
    try:
        memory = parse(data)
    except (ValueError, RecursionError):
        return {}
    return memory if isinstance(memory, dict) else {}


def _is_positive(value: Any) -> bool:
    return type(value) in (int, float) and value > 0


def _elapsed_s(last_review_s: Any, due: Any, interval: Any, timing: Timing) -> int | None:
    if type(last_review_s) is int:
        return max(0, timing.now_s - last_review_s)
    if type(due) is not int or type(interval) is not int:
        return None
    if due > _LATEST_DAY:
        return max(0, timing.now_s - (due - interval))
    return max(0, timing.today - (due - interval)) * DAY_S
