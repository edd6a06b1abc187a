"""Answers about moving data in and out, and about backups."""

from http import HTTPStatus
from typing import Annotated, Literal

import msgspec
from msgspec import UNSET, UnsetType

from chalicelib.api.openapi.answers.kinds import Count, EpochMs, FileOfferAnswer
from chalicelib.api.openapi.operation import Answer, Operation
from chalicelib.backups import BackupKind
from chalicelib.errors import (
    BadInputError,
    NotFoundError,
    TooLargeError,
    TooManyRequestsError,
    UnusableFileError,
)
from chalicelib.packages.text import TextPreview
from chalicelib.transfers.jobs import JobState, Progress


class ImportedNotes(msgspec.Struct):
    new: Count
    updated: Count
    unchanged: Count
    conflicting: Count


class ImportReport(msgspec.Struct):
    """Rows that were added or changed; `log` says in a sentence each what was left out."""

    notes: ImportedNotes
    cards: Count
    revlog: Count
    media: Count
    log: list[str]


class ImportedAnswer(ImportReport):
    """What came in."""


class ImportFailure(msgspec.Struct):
    """The error with which an import ended."""

    error: str
    message: str
    fields: dict[str, str] | UnsetType = UNSET


class ImportAnswer(msgspec.Struct):
    import_id: str
    state: JobState
    progress: Progress
    result: ImportReport | UnsetType = UNSET
    failure: ImportFailure | UnsetType = UNSET


class UploadOfferAnswer(msgspec.Struct):
    """Where to send a file: as the body of a PUT, or last of a form with `fields`."""

    upload_id: str
    url: Annotated[str, msgspec.Meta(description="One that begins with `/` is of this service.")]
    method: Literal["PUT", "POST"]
    fields: dict[str, str]
    max_bytes: Count
    expires_at: EpochMs


class ReceivedAnswer(msgspec.Struct):
    bytes: Count


class Backup(msgspec.Struct):
    """A complete copy of the collection."""

    id: str
    made_at: EpochMs
    kind: BackupKind
    bytes: Count
    notes: Count
    cards: Count
    reviews: Count
    last_review_at: int | None


class BackupsAnswer(msgspec.Struct):
    backups: Annotated[list[Backup], msgspec.Meta(description="The newest first.")]


class BackupAnswer(msgspec.Struct):
    backup: Backup


class RestoredAnswer(msgspec.Struct):
    before: Annotated[str, msgspec.Meta(description="The id of the backup of what was there.")]


_FILE = {
    HTTPStatus.OK: Answer(
        description="The file, or where to get it if it is too large for an answer.",
        model=FileOfferAnswer,
        content_types=("application/octet-stream",),
        headers={"Content-Disposition": "The file's name; only of a file."},
    ),
    HTTPStatus.SEE_OTHER: Answer(
        description="The way to a large file, if `redirect` is true.",
        headers={"Location": "Where it is."},
    ),
}

OPERATIONS = {
    "GET /api/export": Operation(answers=_FILE, errors=(NotFoundError,)),
    "POST /api/import": Operation(
        answer=ImportedAnswer, errors=(UnusableFileError, NotFoundError), keyed=True
    ),
    "POST /api/import/preview": Operation(
        answer=TextPreview, errors=(UnusableFileError, NotFoundError)
    ),
    "POST /api/uploads": Operation(answer=UploadOfferAnswer, errors=(TooManyRequestsError,)),
    "POST /api/imports": Operation(
        answer=ImportAnswer,
        gives={"import_id": "/import_id"},
        answers={HTTPStatus.ACCEPTED: Answer(description="It goes on.", model=ImportAnswer)},
        errors=(BadInputError, NotFoundError, UnusableFileError, TooManyRequestsError),
    ),
    "GET /api/imports/{import_id}": Operation(answer=ImportAnswer),
    "PUT /uploads/{token}": Operation(answer=ReceivedAnswer, errors=(NotFoundError, TooLargeError)),
    "GET /downloads/{token}": Operation(
        answers={
            HTTPStatus.OK: Answer(
                description="The file.",
                content_types=("application/octet-stream",),
                headers={"Content-Disposition": "The file's name."},
            )
        },
        errors=(NotFoundError,),
    ),
    "GET /api/backups": Operation(answer=BackupsAnswer),
    "POST /api/backups": Operation(answer=BackupAnswer, gives={"backup_id": "/backup/id"}),
    "GET /api/backups/{backup_id}": Operation(answer=BackupAnswer),
    "POST /api/backups/{backup_id}/restore": Operation(answer=RestoredAnswer, keyed=True),
    "GET /api/backups/{backup_id}/file": Operation(answers=_FILE),
}
