"""Which day it is for a collection, and when that day ends.

Source: Anki's rslib/src/scheduler/timing.rs and mod.rs.
"""

from dataclasses import dataclass

DAY_S = 86_400
_HOUR_S = 3_600
_MINUTES_A_DAY = 24 * 60
_LAST_HOUR = 23
_USUAL_HOUR = 4
_U8_MAX = 0xFF


@dataclass(frozen=True, slots=True)
class Timing:
    """One moment of a collection: epoch seconds, its day number, and when the next day begins."""

    now_s: int
    today: int
    next_cutoff_s: int


def day_timing(
    *,
    now_s: int,
    created_s: int,
    creation_offset: int | None,
    local_offset: int | None,
    rollover: int,
) -> Timing:
    """The day of `now_s`, counted since `created_s` (both epoch seconds), never below 0.

    Offsets are minutes west of UTC, as in `conf`; one of a day or more counts as absent, as Anki
    has it. Without a local offset the person is taken to be at UTC; without a creation offset the
    days count from the rollover of the day of creation in the local zone. `rollover` is the hour
    at which a day begins; an impossible one means 23, or 4 if it does not even fit in 8 bits.
    """
    created_west_s, west_s = _west_s(creation_offset), _west_s(local_offset) or 0
    rollover_s = _hour(rollover) * _HOUR_S
    local_day = (now_s - west_s) // DAY_S
    day_began_s = local_day * DAY_S + rollover_s + west_s
    if created_west_s is None:
        first_day_began_s = (created_s - west_s) // DAY_S * DAY_S + rollover_s + west_s
        today = (now_s - first_day_began_s) // DAY_S
        passed = now_s > day_began_s  # the old rule still waits at that very second
    else:
        passed = now_s >= day_began_s
        today = local_day - (created_s - created_west_s) // DAY_S - (not passed)
    return Timing(now_s, max(0, today), day_began_s + (DAY_S if passed else 0))


def _west_s(offset: int | None) -> int | None:
    if offset is None or abs(offset) >= _MINUTES_A_DAY:
        return None
    return offset * 60


def _hour(rollover: int) -> int:
    return min(rollover, _LAST_HOUR) if 0 <= rollover <= _U8_MAX else _USUAL_HOUR
