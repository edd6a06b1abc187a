"""What a server on one machine does beside the requests: folding, sweeping, cleaning up."""

import logging
import queue
import threading
import time
from collections.abc import Callable
from functools import partial

from chalicelib.errors import JavumboError
from chalicelib.storage import CollectionStorage, Owner

SWEEP_EVERY_S = 3600.0

logger = logging.getLogger(__name__)


class Maintenance:
    """A thread that folds collections when asked to, and sweeps them at the start and hourly.

    Nothing is lost when it is cut short: what is not folded stays in the commit log.
    """

    def __init__(self, storage: CollectionStorage, sweep_every_s: float = SWEEP_EVERY_S) -> None:
        self._storage = storage
        self._sweep_every_s = sweep_every_s
        self._asked: queue.SimpleQueue[Owner] = queue.SimpleQueue()

    def start(self) -> None:
        """Work until the process ends; folds that become due are done here from now on."""
        self._storage.on_fold_due(self._asked.put)
        threading.Thread(target=self._run, name="maintenance", daemon=True).start()

    def _run(self) -> None:
        next_sweep = time.monotonic()
        while True:
            try:
                owner = self._asked.get(timeout=max(0.0, next_sweep - time.monotonic()))
            except queue.Empty:
                next_sweep = time.monotonic() + self._sweep_every_s
                self._do(self._sweep)
            else:
                self._do(partial(self._storage.fold, owner))

    def _sweep(self) -> None:
        self._storage.sweep()
        self._storage.clean_up()

    def _do(self, work: Callable[[], object]) -> None:
        """A failure is logged; the next sweep tries again."""
        try:
            work()
        except JavumboError:
            logger.exception("storage maintenance failed")
