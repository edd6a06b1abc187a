"""One step of an import: it ends with the import, or when its time is over."""

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress

import msgspec

from chalicelib.errors import JavumboError
from chalicelib.storage import Owner
from chalicelib.storage.ports import PreconditionFailedError
from chalicelib.transfers.jobs import Job, JobStore, Progress, StoredJob

# Who does not renew it for so long is taken for dead. Two that work at the same time do no harm.
HOLD_MS = 60 * 1000
# Each renewal is a write: as often as somebody may look how far it is, and as it must be.
_TOLD_MS = 2 * 1000
RENEWED_MS = 20 * 1000
MAX_RUNS = 5


class StepOverError(Exception):
    """Raised through an import whose time is over: what it has done so far is kept."""


class TakenOverError(Exception):
    """Raised through an import with which somebody else goes on."""


class Step:
    """Holds a job while it is worked on; `progress` is what the import calls now and then."""

    def __init__(
        self,
        jobs: JobStore,
        owner: Owner,
        stored: StoredJob,
        *,
        now_ms: Callable[[], int],
        budget_ms: int,
    ) -> None:
        """Take hold of it. Raises TakenOverError where somebody else was first."""
        self._jobs = jobs
        self._owner = owner
        self._now_ms = now_ms
        self._ends_ms = now_ms() + budget_ms
        self._stored = stored
        self._saving = threading.Lock()
        self._save(state="running", runs=stored.job.runs + 1)

    @property
    def job(self) -> Job:
        return self._stored.job

    def progress(self, phase: str, done: int, total: int) -> None:
        """Note how far the import is.

        Raises StepOverError when the time is over, and TakenOverError.
        """
        now_ms, renewed_ms = self._now_ms(), self.job.held_until_ms - HOLD_MS
        over = now_ms >= self._ends_ms
        if over or now_ms - renewed_ms >= _TOLD_MS:
            furthest = self.job.furthest
            if done > furthest.get(phase, 0):
                furthest = {**furthest, phase: done}
            self._save(
                progress=Progress(phase=phase, done=done, total=total),
                furthest=furthest,
                runs=self.job.runs if furthest == self.job.furthest else 0,
            )
        if over:
            raise StepOverError

    @contextmanager
    def renewed(self, every_ms: int) -> Iterator[None]:
        """Keep hold of the job for what takes long and does not call `progress` meanwhile."""
        over = threading.Event()
        renewing = threading.Thread(target=self._renew, args=(over, every_ms / 1000), daemon=True)
        renewing.start()
        try:
            yield
        finally:
            over.set()
            renewing.join()

    def finish(self, **changes: object) -> Job:
        """Let go of the job with these changes. Raises TakenOverError."""
        self._save(**changes)
        return self.job

    def _renew(self, over: threading.Event, every_s: float) -> None:
        """Whoever was taken over learns of it when the import itself is to be noted."""
        while not over.wait(every_s):
            with suppress(TakenOverError, JavumboError):
                self._save()

    def _save(self, **changes: object) -> None:
        until_ms = self._now_ms() + HOLD_MS
        with self._saving:
            job = msgspec.structs.replace(self.job, **changes, held_until_ms=until_ms)
            try:
                self._stored = self._jobs.save(self._owner, job, self._stored.version)
            except PreconditionFailedError:
                raise TakenOverError from None


def is_held(job: Job, now_ms: int) -> bool:
    """Whether somebody seems to be at work on it; then it is left to them."""
    return job.state == "running" and now_ms < job.held_until_ms
