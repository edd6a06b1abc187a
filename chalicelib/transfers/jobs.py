"""Imports that go on in steps: a small record of each, changed by compare-and-set only.

jobs/<username>/<generation>/<id>        the record
jobs_open/<username>/<generation>/<id>   there as long as somebody has to go on with it
"""

from collections.abc import Callable, Iterator
from contextlib import suppress
from typing import Any, Literal

import msgspec

from chalicelib.errors import BadInputError, StorageUnavailableError
from chalicelib.storage import Owner
from chalicelib.storage.ports import AmbiguousOutcomeError, BaseStore, PreconditionFailedError
from chalicelib.transfers.uploads import FileFormat, UploadId

JobState = Literal["waiting", "running", "done", "failed"]
ImportMode = Literal["merge", "replace"]

# How long the result of an import can be asked for.
KEPT_MS = 7 * 24 * 60 * 60 * 1000

_ROOT, _OPEN = "jobs/", "jobs_open/"
_WRITE_BITS = 64
_TRIES = 4


class Progress(msgspec.Struct, frozen=True, kw_only=True):
    """How far an import is: `done` of `total` files or rows of the phase."""

    phase: str = ""
    done: int = 0
    total: int = 0


class Failure(msgspec.Struct, frozen=True, kw_only=True):
    """Why an import failed: an error as its caller sees it."""

    code: str
    message: str
    fields: dict[str, str]


class Job(msgspec.Struct, frozen=True, kw_only=True):
    """One import; its id is that of its upload, so that a file is imported once.

    `etag` says which file it is, and `options`, which are JSON, how it is imported. Whoever works
    on it holds it until `held_until_ms`, and renews that. `furthest` is how far anybody got, by
    phase; `runs` counts those who have begun since and got no further. `write` is random text, by
    which a writer knows its own write again. Times are epoch milliseconds.
    """

    id: str
    format: FileFormat
    mode: ImportMode
    etag: str
    options: dict[str, Any] = msgspec.field(default_factory=dict)
    state: JobState = "waiting"
    progress: Progress = Progress()
    furthest: dict[str, int] = msgspec.field(default_factory=dict)
    result: dict[str, Any] | None = None
    failure: Failure | None = None
    held_until_ms: int = 0
    runs: int = 0
    write: str = ""

    @property
    def is_over(self) -> bool:
        return self.state in ("done", "failed")


class StoredJob(msgspec.Struct, frozen=True):
    job: Job
    version: str


class JobStore:
    """The records. All methods raise StorageUnavailableError when the store does not answer."""

    def __init__(
        self, base: BaseStore, *, now_ms: Callable[[], int], random_bits: Callable[[int], int]
    ) -> None:
        self._base = base
        self._now_ms = now_ms
        self._random_bits = random_bits

    def get(self, owner: Owner, job_id: str) -> StoredJob | None:
        """None for what is no job of the owner."""
        if not UploadId.parse(job_id):
            return None
        found = self._base.get(_key(_ROOT, owner, job_id))
        return StoredJob(msgspec.json.decode(found.data, type=Job), found.etag) if found else None

    def create(self, owner: Owner, job: Job) -> StoredJob:
        """Begin a job; the one that is there already, if another caller was first."""
        self._open(owner, job.id)
        with suppress(PreconditionFailedError):
            return self.save(owner, job, None)
        existing = self.get(owner, job.id)
        if existing is None:
            raise StorageUnavailableError
        return existing

    def save(self, owner: Owner, job: Job, version: str | None) -> StoredJob:
        """Replace that version of the record, or make the first one.

        Raises PreconditionFailedError when it is another one now.
        """
        fresh = msgspec.structs.replace(job, write=f"{self._random_bits(_WRITE_BITS):x}")
        data = msgspec.json.encode(fresh)
        for send in range(_TRIES):
            try:
                etag = self._base.put(
                    _key(_ROOT, owner, job.id), data, metadata={}, if_match=version
                )
            except AmbiguousOutcomeError:
                continue
            except PreconditionFailedError:
                stored = self.get(owner, job.id) if send else None
                if stored and stored.job == fresh:
                    return stored
                raise
            return StoredJob(fresh, etag)
        raise StorageUnavailableError

    def close(self, owner: Owner, job_id: str) -> None:
        """Note that nobody has to go on with it."""
        self._base.delete(_key(_OPEN, owner, job_id))

    def open_jobs(self) -> Iterator[tuple[Owner, str]]:
        """What is not closed, whose and which."""
        return _parsed(self._base.keys(_OPEN), _OPEN)

    def delete_all(self, owner: Owner) -> None:
        """Remove all records of one registration."""
        for root in (_ROOT, _OPEN):
            for key in self._base.keys(_key(root, owner, "")):
                self._base.delete(key)

    def sweep(self) -> None:
        """Remove the records of imports that were offered a week ago."""
        for root in (_ROOT, _OPEN):
            for owner, job_id in _parsed(self._base.keys(root), root):
                upload_id = UploadId.parse(job_id)
                if upload_id and upload_id.made_ms <= self._now_ms() - KEPT_MS:
                    self._base.delete(_key(root, owner, job_id))

    def _open(self, owner: Owner, job_id: str) -> None:
        for _ in range(_TRIES):
            try:
                self._base.put(_key(_OPEN, owner, job_id), b"", metadata={}, if_match=None)
            except AmbiguousOutcomeError:
                continue
            except PreconditionFailedError:
                pass
            return
        raise StorageUnavailableError


def _key(root: str, owner: Owner, job_id: str) -> str:
    return f"{root}{owner.username}/{owner.generation or '-'}/{job_id}"


def _parsed(keys: list[str], root: str) -> Iterator[tuple[Owner, str]]:
    """What is no key of ours is left out."""
    for key in keys:
        username, generation, job_id = [*key.removeprefix(root).split("/"), "", ""][:3]
        with suppress(BadInputError):
            owner = Owner(username, generation.replace("-", ""))
            if UploadId.parse(job_id):
                yield owner, job_id
