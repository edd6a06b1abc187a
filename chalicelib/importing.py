"""Importing an uploaded file: what a step of an import does."""

import hashlib
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from chalicelib.importer import Importer, Wanted
from chalicelib.storage import Owner, Request
from chalicelib.transfers import Job, ReportProgress

_DIGEST_BYTES = 16


@dataclass(frozen=True, slots=True)
class FileImporter:
    """`chalicelib.transfers.ImportFile`: imports the file in one commit of the import's id."""

    importer: Importer

    def __call__(
        self, owner: Owner, path: Path, job: Job, progress: ReportProgress
    ) -> dict[str, Any]:
        wanted = Wanted(format=job.format, mode=job.mode)
        return self.importer.run(owner, path, wanted, request_of(job), progress)


def request_of(job: Job) -> Request:
    """What the collection knows an import by, so that it is made once."""
    order = f"{job.id} {job.format} {job.mode}".encode()
    return Request(job.id, hashlib.blake2b(order, digest_size=_DIGEST_BYTES).digest())
