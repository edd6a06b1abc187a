"""How much of the processor one search may take.

The one clock of this package: it measures the caller's own thread and decides nothing but when
to give up, so that whatever is found does not depend on it.
"""

import time
from collections.abc import Callable

# To read a search and prepare it; no usual one takes a hundredth of this.
READING_S = 0.2
# To look through a collection once; 30,000 notes take about a third of this for a regular
# expression, and a twentieth for a word.
LOOKING_S = 0.6


class SpentError(Exception):
    """The search has to end."""


class Allowance:
    """Seconds of the processor's time, from `start` on."""

    def __init__(self, cpu_s: Callable[[], float] = time.thread_time) -> None:
        self._cpu_s = cpu_s
        self._end_s = 0.0
        self.gave_up = False

    def start(self, limit_s: float) -> None:
        self._end_s = self._cpu_s() + limit_s
        self.gave_up = False

    def is_spent(self) -> bool:
        """Whether the time is over; SQLite ends a statement when this says so."""
        self.gave_up = self.gave_up or self._cpu_s() > self._end_s
        return self.gave_up

    def check(self) -> None:
        """Raises SpentError when the time is over."""
        if self.is_spent():
            raise SpentError
