"""Learning and relearning steps: which comes next after each answer.

Source: Anki's rslib/src/scheduler/states/steps.rs.
"""

from dataclasses import dataclass

from chalicelib.scheduler.float32 import U32_MAX, f32, product, round_half_away, to_u32
from chalicelib.scheduler.states import Step
from chalicelib.scheduler.timing import DAY_S


@dataclass(frozen=True, slots=True)
class Steps:
    """The delays of one deck's steps in seconds; may be empty."""

    delays_s: tuple[int, ...]

    @classmethod
    def from_minutes(cls, minutes: tuple[float, ...]) -> "Steps":
        return cls(tuple(to_u32(product(step, 60)) for step in minutes))

    def current(self, remaining: int) -> Step:
        """The step with this many remaining; without steps a delay of 0."""
        return Step(self.delays_s[self._index(remaining)] if self.delays_s else 0, remaining)

    def after_again(self) -> Step | None:
        return Step(self.delays_s[0], len(self.delays_s)) if self.delays_s else None

    def after_hard(self, remaining: int) -> Step | None:
        """The same step again; on the first step a longer delay than Again gives."""
        if not self.delays_s:
            return None
        index = self._index(remaining)
        delay_s = self.delays_s[index] if index else self._hard_on_first_step_s()
        return Step(delay_s, remaining)

    def after_good(self, remaining: int) -> Step | None:
        """The next step, or none when the last one is done."""
        following = self._index(remaining) + 1
        if following >= len(self.delays_s):
            return None
        return Step(self.delays_s[following], len(self.delays_s) - following)

    def _index(self, remaining: int) -> int:
        total = len(self.delays_s)
        return min(max(0, total - remaining), max(0, total - 1))

    def _hard_on_first_step_s(self) -> int:
        first = self.delays_s[0]
        if len(self.delays_s) > 1:
            return _in_whole_days(min(first + self.delays_s[1], U32_MAX) // 2)
        return _in_whole_days(min(min(first * 3, U32_MAX) // 2, first + DAY_S))


def _in_whole_days(delay_s: int) -> int:
    if delay_s <= DAY_S:
        return delay_s
    return round_half_away(f32(f32(delay_s) / DAY_S)) * DAY_S
