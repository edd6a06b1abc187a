"""Answers about media files."""

from http import HTTPStatus

import msgspec

from chalicelib.api.openapi.answers.kinds import AnkiId, Count, EpochMs, MediaUrl, Pagination
from chalicelib.api.openapi.operation import Answer, Operation
from chalicelib.errors import NotFoundError, RangeNotSatisfiableError


class MediaFile(msgspec.Struct):
    name: str
    size: Count
    added_at: EpochMs
    type: str


class MediaUsage(msgspec.Struct):
    files: Count
    bytes: Count
    quota_bytes: Count


class MediaAnswer(msgspec.Struct):
    media: list[MediaFile]
    pagination: Pagination
    usage: MediaUsage
    media_url: MediaUrl


class MediaNameAnswer(msgspec.Struct):
    """The name as it is stored."""

    name: str


class DeletedMedia(msgspec.Struct):
    media: Count


class DeletedMediaAnswer(msgspec.Struct):
    deleted: DeletedMedia


class MediaCheckAnswer(msgspec.Struct):
    """Names of files; `note_ids` are of notes that miss some."""

    missing: list[str]
    unused: list[str]
    note_ids: list[AnkiId]


_FILE_HEADERS = {
    "ETag": "Names the content.",
    "Accept-Ranges": "`bytes`",
    "Content-Disposition": "Whether it is shown or saved.",
}

OPERATIONS = {
    "GET /api/media": Operation(answer=MediaAnswer),
    "POST /api/media": Operation(answer=MediaNameAnswer, keyed=True),
    "PUT /api/media": Operation(answer=MediaNameAnswer, errors=(NotFoundError,), keyed=True),
    "DELETE /api/media": Operation(answer=DeletedMediaAnswer, errors=(NotFoundError,), keyed=True),
    "GET /api/media/check": Operation(answer=MediaCheckAnswer),
    "GET /media/{token}/{name}": Operation(
        answers={
            HTTPStatus.OK: Answer(
                description="The file.", content_types=("*/*",), headers=_FILE_HEADERS
            ),
            HTTPStatus.PARTIAL_CONTENT: Answer(
                description="The part that `Range` asks for.",
                content_types=("*/*",),
                headers=_FILE_HEADERS | {"Content-Range": "Which part of how much."},
            ),
            HTTPStatus.FOUND: Answer(
                description="The way to the file in S3.", headers={"Location": "Where it is."}
            ),
            HTTPStatus.NOT_MODIFIED: Answer(description="It is what `If-None-Match` names."),
        },
        errors=(NotFoundError, RangeNotSatisfiableError),
    ),
}
