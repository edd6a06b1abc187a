"""What a server on one machine does beside the requests: folding, sweeping, cleaning up."""

import logging
import queue
import threading
import time
from collections.abc import Callable, Sequence
from functools import partial

from chalicelib.errors import JavumboError
from chalicelib.storage import CollectionStorage, Owner
from chalicelib.transfers import Imports, can_go_on

SWEEP_EVERY_S = 3600.0
RESUME_EVERY_S = 60.0

logger = logging.getLogger(__name__)


class Maintenance:
    """A thread that folds collections when asked to, and sweeps them at the start and hourly.

    Nothing is lost when it is cut short: what is not folded stays in the commit log.
    """

    def __init__(
        self,
        storage: CollectionStorage,
        chores: Sequence[Callable[[], object]] = (),
        sweep_every_s: float = SWEEP_EVERY_S,
    ) -> None:
        """`chores` are done before each sweep, which forgets who was active."""
        self._storage = storage
        self._chores = chores
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
                for chore in (*self._chores, self._storage.sweep, self._storage.clean_up):
                    _logged(chore)
            else:
                _logged(partial(self._storage.fold, owner))


class ImportWorker:
    """A thread that goes on with imports, one step after the other.

    Those that a process left behind are found at the start and every minute.
    """

    def __init__(self, imports: Imports, resume_every_s: float = RESUME_EVERY_S) -> None:
        self._imports = imports
        self._resume_every_s = resume_every_s
        self._asked: queue.SimpleQueue[tuple[Owner, str]] = queue.SimpleQueue()

    def start(self) -> None:
        """Work until the process ends; steps that become due are done here from now on."""
        self._imports.on_step_due(self._ask)
        threading.Thread(target=self._run, name="imports", daemon=True).start()

    def _ask(self, owner: Owner, import_id: str) -> None:
        self._asked.put((owner, import_id))

    def _run(self) -> None:
        next_look = time.monotonic()
        while True:
            try:
                owner, import_id = self._asked.get(timeout=max(0.0, next_look - time.monotonic()))
            except queue.Empty:
                next_look = time.monotonic() + self._resume_every_s
                _logged(self._imports.resume)
            else:
                _logged(partial(self._step, owner, import_id))

    def _step(self, owner: Owner, import_id: str) -> None:
        if can_go_on(self._imports.run(owner, import_id)):
            self._ask(owner, import_id)


def _logged(work: Callable[[], object]) -> None:
    """A failure is logged; the next time tries again."""
    try:
        work()
    except JavumboError:
        logger.exception("storage maintenance failed")
