"""Something small that requests do on their way."""

import logging
import time
from collections.abc import Callable

from chalicelib.errors import JavumboError

EVERY_S = 60.0

logger = logging.getLogger(__name__)


class NowAndThen:
    """Calls `work` when it is called itself, if the last time was `every_s` seconds ago or more.

    Not the first time, when a request has enough to wait for. It never stops a request: what goes
    wrong is logged. `clock` gives seconds.
    """

    def __init__(
        self,
        work: Callable[[], object],
        *,
        every_s: float = EVERY_S,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._work = work
        self._every_s = every_s
        self._clock = clock
        self._last_s = clock()

    def __call__(self) -> None:
        now_s = self._clock()
        if now_s - self._last_s < self._every_s:
            return
        self._last_s = now_s
        try:
            self._work()
        except (JavumboError, OSError):
            logger.exception("what a request does on its way failed")
