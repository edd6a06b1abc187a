"""Importing an uploaded file: what a step of an import does."""

import dataclasses
import hashlib
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

import msgspec

from chalicelib.errors import BadInputError
from chalicelib.importer import Importer, Wanted
from chalicelib.packages import ImportOptions
from chalicelib.packages.text import TextOptions
from chalicelib.storage import Owner, Request
from chalicelib.transfers import Job, ReportProgress

_DIGEST_BYTES = 16
Options = TypeVar("Options", ImportOptions, TextOptions)


@dataclass(frozen=True, slots=True)
class FileImporter:
    """`chalicelib.transfers.ImportFile`: imports the file in one commit of the import's id."""

    importer: Importer

    def __call__(
        self, owner: Owner, path: Path, job: Job, progress: ReportProgress
    ) -> dict[str, Any]:
        return self.importer.run(owner, path, wanted_of(job), request_of(job), progress)


def wanted_of(job: Job) -> Wanted:
    """What is to be done with the file. Raises BadInputError for options that are none."""
    try:
        options, text = _chosen(ImportOptions, job), _chosen(TextOptions, job)
    except msgspec.ValidationError:
        raise BadInputError from None
    return Wanted(format=job.format, mode=job.mode, options=options, text=text)


def request_of(job: Job) -> Request:
    """What the collection knows an import by, so that it is made once."""
    order = msgspec.json.encode([job.id, job.format, job.mode, job.options], order="sorted")
    return Request(job.id, hashlib.blake2b(order, digest_size=_DIGEST_BYTES).digest())


def _chosen(kind: type[Options], job: Job) -> Options:
    names = {field.name for field in dataclasses.fields(kind)}
    members = {name: value for name, value in job.options.items() if name in names}
    return msgspec.convert(members, kind)
