"""Files that are too large for a request: where to send them, and importing them afterwards."""

from collections.abc import Iterator
from http import HTTPStatus
from typing import Annotated, Any, Literal

import msgspec
from chalice.app import Response

from chalicelib.api.http import json_response
from chalicelib.api.request import ApiRequest
from chalicelib.api.routing import BYTES, Routes
from chalicelib.errors import JavumboError, NotFoundError, TooManyRequestsError
from chalicelib.transfers import FileFormat, Job, LocalDoor
from chalicelib.transfers.jobs import Failure

routes = Routes()


class NewUploadBody(msgspec.Struct):
    bytes: Annotated[int, msgspec.Meta(ge=1, le=2**40)]
    format: FileFormat


class ImportBody(msgspec.Struct):
    upload_id: str
    format: FileFormat | None = None
    mode: Literal["merge", "replace"] = "merge"


@routes.add("POST", "/api/uploads")
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


@routes.add("POST", "/api/imports")
def start_import(request: ApiRequest) -> Response:
    """Import an uploaded file: at once where it is small, else in steps (202)."""
    body = request.body(ImportBody)
    job = request.services.imports.start(request.owner, body.upload_id, body.format, body.mode)
    if job.failure:
        raise _error_of(job.failure)
    status = HTTPStatus.OK if job.is_over else HTTPStatus.ACCEPTED
    return json_response({"success": True, **_json(job)}, status)


@routes.add("GET", "/api/imports/{import_id}")
def show_import(request: ApiRequest) -> dict[str, Any]:
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
