"""Imports of uploaded files: begun by a request, gone on with in steps until they are over.

A step may be cut short anywhere, and two may run at once: the import that is given takes in what
it has taken in already without harm, and commits to the collection under the import's own id.
"""

import logging
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, Protocol

import msgspec

from chalicelib.errors import BadInputError, JavumboError, NotFoundError
from chalicelib.storage import Owner
from chalicelib.transfers.jobs import Failure, ImportMode, Job, JobStore, StoredJob
from chalicelib.transfers.scratch import scratch_folder
from chalicelib.transfers.steps import (
    MAX_RUNS,
    RENEWED_MS,
    Step,
    StepOverError,
    TakenOverError,
    is_held,
)
from chalicelib.transfers.transfers import Transfers
from chalicelib.transfers.uploads import FileFormat, UploadId

logger = logging.getLogger(__name__)

ReportProgress = Callable[[str, int, int], None]
StepTrigger = Callable[[Owner, str], None]

# A file that is to be imported while its sender waits, and how long that may take.
QUICK_BYTES = 4 * 1024 * 1024
QUICK_MS = 15 * 1000
# AWS ends a function after 15 minutes.
STEP_MS = 10 * 60 * 1000


class ImportFile(Protocol):
    """Imports the file at `path` into the owner's collection; a report, which has to be JSON.

    Calls `progress(phase, done, total)` wherever it may be left and begun again later, and lets
    through what that raises. Under one `job.id` the collection is changed once. Errors that are
    to be tried again say so (`retry`).
    """

    def __call__(
        self, owner: Owner, path: Path, job: Job, progress: ReportProgress
    ) -> dict[str, Any]: ...


class Imports:
    """Everybody's imports.

    All methods raise StorageUnavailableError when the storage does not answer.
    """

    def __init__(
        self,
        jobs: JobStore,
        transfers: Transfers,
        import_file: ImportFile,
        *,
        now_ms: Callable[[], int],
        work_dir: Path | None = None,
        renewed_ms: int = RENEWED_MS,
    ) -> None:
        """Whoever works on an import says so every `renewed_ms`."""
        self._jobs = jobs
        self._transfers = transfers
        self._import_file = import_file
        self._now_ms = now_ms
        self._work_dir = work_dir
        self._renewed_ms = renewed_ms
        self._trigger: StepTrigger = self._run_all

    def on_step_due(self, trigger: StepTrigger) -> None:
        """Say who does a step that is due; by default all are done at once."""
        self._trigger = trigger

    def start(
        self,
        owner: Owner,
        upload_id: str,
        file_format: FileFormat | None,
        mode: ImportMode,
        options: Mapping[str, Any] | None = None,
    ) -> Job:
        """Import an uploaded file, to the end where it is small; else it goes on by itself.

        `options` are JSON, for the one who imports. Asked again for the same upload it is the
        same import. Raises NotFoundError when no file was uploaded, and BadInputError when the
        upload is imported in another way already.
        """
        parsed = UploadId.parse(upload_id)
        if parsed is None:
            raise NotFoundError("There is no such upload.")
        wanted = Job(
            id=str(parsed),
            format=file_format or parsed.format,
            mode=mode,
            etag="",
            options=dict(options or {}),
        )
        stored = self._jobs.get(owner, wanted.id) or self._created(owner, parsed, wanted)
        if _way(stored.job) != _way(wanted):
            raise BadInputError(fields={"upload_id": "is imported in another way already"})
        if stored.job.is_over or is_held(stored.job, self._now_ms()):
            return stored.job
        if parsed.max_bytes > QUICK_BYTES:
            self._trigger(owner, wanted.id)
            return self.get(owner, wanted.id)
        return self._quick(owner, stored.job)

    def get(self, owner: Owner, import_id: str) -> Job:
        """How an import stands. Raises NotFoundError."""
        return self._stored(owner, import_id).job

    def poll(self, owner: Owner, import_id: str) -> Job:
        """As `get`, for somebody who waits: an import that nobody works on is gone on with."""
        job = self.get(owner, import_id)
        if not (job.is_over or is_held(job, self._now_ms())):
            self._trigger(owner, import_id)
        return job

    def run(self, owner: Owner, import_id: str, budget_ms: int = STEP_MS) -> Job:
        """Do one step of an import, unless it is over or somebody else is at it.

        Raises NotFoundError.
        """
        stored = self._stored(owner, import_id)
        if stored.job.is_over:
            self._close(owner, stored.job)
        if stored.job.is_over or is_held(stored.job, self._now_ms()):
            return stored.job
        try:
            step = Step(self._jobs, owner, stored, now_ms=self._now_ms, budget_ms=budget_ms)
            job = step.finish(**self._outcome(owner, step))
        except TakenOverError:
            return self.get(owner, import_id)
        if job.is_over:
            self._close(owner, job)
        return job

    def resume(self) -> None:
        """Go on with every import that nobody works on, after a crash above all."""
        for owner, import_id in list(self._jobs.open_jobs()):
            stored = self._jobs.get(owner, import_id)
            if stored and not is_held(stored.job, self._now_ms()):
                self._trigger(owner, import_id)

    def delete_all(self, owner: Owner) -> None:
        """Remove what one registration has under way, and what it had."""
        self._jobs.delete_all(owner)
        self._transfers.delete_all(owner)

    def sweep(self) -> None:
        """Remove files that nobody came back for, and what is known of old imports."""
        self._transfers.sweep()
        self._jobs.sweep()

    def _created(self, owner: Owner, upload_id: UploadId, job: Job) -> StoredJob:
        etag = self._transfers.etag(owner, upload_id)
        return self._jobs.create(owner, msgspec.structs.replace(job, etag=etag))

    def _quick(self, owner: Owner, job: Job) -> Job:
        job = self.run(owner, job.id, QUICK_MS)
        if can_go_on(job):
            self._trigger(owner, job.id)
        return job

    def _stored(self, owner: Owner, import_id: str) -> StoredJob:
        stored = self._jobs.get(owner, import_id)
        if stored is None:
            raise NotFoundError("There is no such import.")
        return stored

    def _run_all(self, owner: Owner, import_id: str) -> None:
        job = self.run(owner, import_id)
        while can_go_on(job):
            job = self.run(owner, import_id)

    def _outcome(self, owner: Owner, step: Step) -> dict[str, Any]:
        """What the step did, as changes of the job. Raises TakenOverError."""
        try:
            return {"state": "done", "result": self._imported(owner, step)}
        except StepOverError:
            return {"state": "waiting"}
        except JavumboError as error:
            if error.retry and step.job.runs < MAX_RUNS:
                logger.exception("a step of the import %s failed", step.job.id)
                return {"state": "waiting"}
            return _failed(error)
        except TakenOverError:
            raise
        except Exception:
            logger.exception("the import %s failed", step.job.id)
            return _failed(JavumboError())

    def _imported(self, owner: Owner, step: Step) -> dict[str, Any]:
        if step.job.runs > MAX_RUNS:
            raise JavumboError("This import was cut short again and again.")
        with step.renewed(self._renewed_ms), scratch_folder(self._work_dir) as folder:
            path = folder / "upload"
            upload_id = UploadId.parse(step.job.id)
            if upload_id is None or self._transfers.fetch(owner, upload_id, path) != step.job.etag:
                raise BadInputError("Another file was uploaded since the import began.")
            return self._import_file(owner, path, step.job, step.progress)

    def _close(self, owner: Owner, job: Job) -> None:
        """Nothing that fails here changes what the import has become."""
        try:
            upload_id = UploadId.parse(job.id)
            if upload_id:
                self._transfers.remove(owner, upload_id)
            self._jobs.close(owner, job.id)
        except JavumboError:
            logger.exception("cleaning up after the import %s failed", job.id)


def can_go_on(job: Job) -> bool:
    """Whether the next step is due at once: the last one had no trouble but too little time."""
    return job.state == "waiting" and job.runs == 0


def _way(job: Job) -> tuple[FileFormat, ImportMode, dict[str, Any]]:
    return job.format, job.mode, job.options


def _failed(error: JavumboError) -> dict[str, Any]:
    failure = Failure(code=error.code, message=error.message, fields=error.fields)
    return {"state": "failed", "failure": failure}
