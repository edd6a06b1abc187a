"""The environments of one function, as AWS keeps and forgets them."""

from dataclasses import dataclass
from random import Random


@dataclass(frozen=True, slots=True)
class Lifetimes:
    """Of an environment, in seconds, from and to: unused, and in any case. Each has its own."""

    idle_s: tuple[float, float]
    whole_s: tuple[float, float]


@dataclass(slots=True)
class _Environment:
    ends_s: float
    idle_s: float
    busy_until_s: float

    def is_there(self, at_s: float) -> bool:
        return at_s < self.ends_s and at_s - self.busy_until_s < self.idle_s


class Environments:
    """One request at a time in each; which of the idle ones is asked, nobody knows: any."""

    def __init__(self, lifetimes: Lifetimes, seed: int) -> None:
        self._lifetimes = lifetimes
        self._dice = Random(seed)  # noqa: S311
        self._kept: list[_Environment] = []

    def ask(self, at_s: float, takes_s: float, cold_s: float) -> bool:
        """Serve a request; whether a new environment had to be started for it."""
        self._kept = [one for one in self._kept if one.is_there(at_s)]
        idle = [one for one in self._kept if one.busy_until_s <= at_s]
        if idle:
            self._dice.choice(idle).busy_until_s = at_s + takes_s
            return False
        self._kept.append(self._started(at_s, at_s + cold_s + takes_s))
        return True

    def warm(self, at_s: float, count: int, hold_s: float) -> None:
        """Ask for so many at once, for as long as holds them apart."""
        for _ in range(count):
            self.ask(at_s, hold_s, cold_s=1.0)

    def _started(self, at_s: float, busy_until_s: float) -> _Environment:
        return _Environment(
            ends_s=at_s + self._dice.uniform(*self._lifetimes.whole_s),
            idle_s=self._dice.uniform(*self._lifetimes.idle_s),
            busy_until_s=busy_until_s,
        )
