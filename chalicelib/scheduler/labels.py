"""What stands on an answer button: how long until the card comes back.

Source: Anki's rslib/src/scheduler/timespan.rs.
"""

from chalicelib.scheduler.float32 import U32_MAX, round_half_away

_MINUTE = 60
_HOUR = 60 * _MINUTE
_DAY = 24 * _HOUR
_YEAR = 365 * _DAY
_MONTH = _YEAR // 12
# (seconds in the unit, its letters, parts of it that are shown)
_UNITS = (
    (_YEAR, "y", 10),
    (_MONTH, "mo", 10),
    (_DAY, "d", 1),
    (_HOUR, "h", 10),
    (_MINUTE, "m", 1),
    (1, "s", 1),
)


def interval_label(delay_s: int, learn_ahead_s: int = 1200) -> str:
    """A delay in seconds as Anki's button shows it in English: "<10m", "4d", "1.1mo".

    Delays below `learn_ahead_s` (`conf.collapseTime`) carry a "<", for the card may come earlier;
    delays beyond 32 bits (136 years) all look the same.
    """
    if delay_s <= 0:
        return "(end)"
    prefix = "<" if delay_s < learn_ahead_s else ""
    return prefix + _in_largest_unit(min(delay_s, U32_MAX))


def _in_largest_unit(seconds: int) -> str:
    size, letters, parts = next((unit for unit in _UNITS if seconds >= unit[0]), _UNITS[-1])
    amount = round_half_away(seconds * parts / size) / parts
    return f"{amount:.1f}".removesuffix(".0") + letters
