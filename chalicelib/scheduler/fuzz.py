"""Whole days out of computed ones, spread a little so that cards do not stay together.

Source: Anki's rslib/src/scheduler/states/fuzz.rs and rslib/src/scheduler/answering/mod.rs.
"""

from dataclasses import dataclass

from chalicelib.scheduler.chacha import random_in_range, random_unit
from chalicelib.scheduler.float32 import f32, round_half_away

_SHORTEST_FUZZED = 2.5
# (from, to, share of the days between them that is added to the spread)
_SPREAD = ((2.5, 7.0, 0.15), (7.0, 20.0, 0.1), (20.0, float("inf"), 0.05))
_LEARNING_SHARE = 0.25
_LONGEST_LEARNING_FUZZ_S = 300


def fuzz_seed(card_id: int, reps: int) -> int:
    """Seed of all chance in one answer; it stays the same until the card is answered."""
    return card_id + reps


@dataclass(frozen=True, slots=True)
class DayPicker:
    """Picks the whole days for a computed interval; without a seed there is no fuzz."""

    factor: float | None
    maximum: int

    @classmethod
    def seeded(cls, seed: int | None, maximum: int) -> "DayPicker":
        return cls(None if seed is None else random_unit(seed), maximum)

    def pick(self, days: float, minimum: int) -> int:
        """Days near `days`, not below `minimum` nor above the maximum, which wins over it."""
        minimum = max(1, minimum)
        if self.factor is None:
            return _clamp(round_half_away(days), minimum, self.maximum)
        low, high = fuzz_range(days, minimum, self.maximum)
        return int(f32(low + f32(self.factor * f32(1 + high - low))))


def fuzz_range(days: float, minimum: int, maximum: int) -> tuple[int, int]:
    """The first and the last day that fuzz may pick; the maximum wins over the minimum."""
    days = min(max(days, f32(minimum)), f32(maximum))
    spread = _spread(days)
    low = _clamp(round_half_away(f32(days - spread)), minimum, maximum)
    high = _clamp(round_half_away(f32(days + spread)), minimum, maximum)
    return low, high


def fuzzed_step_s(delay_s: int, seed: int | None) -> int:
    """A step's delay in seconds with up to a quarter of it, at most 5 minutes, on top."""
    if seed is None:
        return delay_s
    extra = int(min(f32(f32(delay_s) * _LEARNING_SHARE), _LONGEST_LEARNING_FUZZ_S))
    return random_in_range(seed, delay_s, delay_s + extra) if extra else delay_s


def _spread(days: float) -> float:
    if days < _SHORTEST_FUZZED:
        return 0.0
    spread = 1.0
    for start, end, share in _SPREAD:
        within = max(f32(min(days, end) - start), 0.0)
        spread = f32(spread + f32(f32(share) * within))
    return spread


def _clamp(value: int, low: int, high: int) -> int:
    """The end that is nearest to `value`; `high` if the ends are the wrong way round."""
    return min(max(value, low), high)
