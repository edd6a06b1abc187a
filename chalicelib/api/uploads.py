"""Files that are too large for a request: where to send them, and importing them afterwards."""

from collections.abc import Iterator
from http import HTTPStatus
from typing import Annotated, Any

import msgspec
from chalice.app import Response

from chalicelib.api.http import json_response
from chalicelib.api.imports import Column, TextChoices
from chalicelib.api.request import ApiRequest
from chalicelib.api.routing import BYTES, Routes
from chalicelib.errors import JavumboError, NotFoundError, TooManyRequestsError
from chalicelib.importer import ImportMode, check_mode
from chalicelib.packages.import_options import UpdateCondition
from chalicelib.transfers import FileFormat, Job, LocalDoor, UploadId
from chalicelib.transfers.jobs import Failure

routes = Routes()

_WHAT_TO_IMPORT = frozenset({"upload_id", "format", "mode"})
# They are kept with the import, whose record is written again and again.
_SHORT = msgspec.Meta(max_length=1000)
_Tag = Annotated[str, _SHORT]


class NewUploadBody(msgspec.Struct):
    bytes: Annotated[int, msgspec.Meta(ge=1, le=2**40)]
    format: FileFormat


class ImportBody(TextChoices, kw_only=True):
    """What `ImportQuery` takes, with lists as lists."""

    upload_id: str
    format: FileFormat | None = None
    mode: ImportMode = "merge"
    with_scheduling: bool = True
    with_deck_configs: bool = True
    update_notes: UpdateCondition = "if_newer"
    update_notetypes: UpdateCondition = "if_newer"
    merge_notetypes: bool = False
    field_columns: Annotated[list[Column], _SHORT] | None = None
    tags: Annotated[list[_Tag], _SHORT] | None = None
    updated_tags: Annotated[list[_Tag], _SHORT] = msgspec.field(default_factory=list)

    def options(self) -> dict[str, Any]:
        """All that is to be known of how the file is to be imported, but its format and mode."""
        members: dict[str, Any] = msgspec.to_builtins(self)
        return {name: value for name, value in members.items() if name not in _WHAT_TO_IMPORT}


@routes.add("POST", "/api/uploads", body=NewUploadBody)
def offer_upload(request: ApiRequest) -> dict[str, Any]:
    """Where to send a file of so many bytes at most."""
    body = request.body(NewUploadBody)
    offer = request.services.transfers.offer_upload(request.owner, body.bytes, body.format)
    return {
        "upload_id": offer.upload_id,
        "url": offer.address.url,
        "method": offer.address.method,
        "fields": dict(offer.address.fields),
        "max_bytes": offer.max_bytes,
        "expires_at": offer.expires_at_ms,
    }


@routes.add("POST", "/api/imports", body=ImportBody)
def start_import(request: ApiRequest) -> Response:
    """Import an uploaded file: at once where it is small, else in steps (202)."""
    body = request.body(ImportBody)
    upload = UploadId.parse(body.upload_id)
    if upload:
        check_mode(body.format or upload.format, body.mode)
    job = request.services.imports.start(
        request.owner, body.upload_id, body.format, body.mode, body.options()
    )
    if job.failure:
        raise _error_of(job.failure)
    status = HTTPStatus.OK if job.is_over else HTTPStatus.ACCEPTED
    return json_response({"success": True, **_json(job)}, status)


@routes.add("GET", "/api/imports/{import_id}")
def show_import(request: ApiRequest) -> dict[str, Any]:
    """How far an import is, and what came of it."""
    return _json(request.services.imports.poll(request.owner, request.params["import_id"]))


@routes.add("PUT", "/uploads/{token}", public=True, content_type=BYTES)
def receive_upload(request: ApiRequest) -> dict[str, Any]:
    """A file that is small enough for a request; `javumbo serve` takes large ones by itself."""
    return {"bytes": _door(request).receive(request.params["token"], [request.raw_body])}


@routes.add("GET", "/downloads/{token}", public=True)
def give_download(request: ApiRequest) -> Response:
    """A file, whole; `javumbo serve` gives it in pieces."""
    with _door(request).opened(request.params["token"]) as download:
        return Response(download.path.read_bytes(), headers={**download.headers})


def _door(request: ApiRequest) -> LocalDoor:
    door = request.services.door
    if door is None:
        raise NotFoundError
    return door


def _json(job: Job) -> dict[str, Any]:
    shown: dict[str, Any] = {
        "import_id": job.id,
        "state": job.state,
        "progress": msgspec.to_builtins(job.progress),
    }
    if job.result is not None:
        shown["result"] = job.result
    if job.failure:
        failure = job.failure
        shown["failure"] = {"error": failure.code, "message": failure.message}
        if failure.fields:
            shown["failure"]["fields"] = failure.fields
    return shown


def _error_of(failure: Failure) -> JavumboError:
    """The error that the import ended with, as it was raised in another process perhaps."""
    of_code = {error.code: error for error in _errors(JavumboError)}
    return of_code.get(failure.code, JavumboError)(failure.message, fields=failure.fields)


def _errors(error: type[JavumboError]) -> Iterator[type[JavumboError]]:
    """Every kind of error but the one that says when to come back."""
    if error is not TooManyRequestsError:
        yield error
    for kind in error.__subclasses__():
        yield from _errors(kind)
