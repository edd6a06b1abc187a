"""Bringing files: small ones in one request, others by an upload and an import in steps."""

import json
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, BinaryIO, Literal, get_args

from javumbo.client.answers import ImportReport, ImportState, UploadOffer, typed
from javumbo.client.errors import ServiceError, UnfinishedError, UnreachableError, WrongUsageError
from javumbo.client.files import reading, size_of
from javumbo.client.http import BYTES, Service
from javumbo.client.progress import UPLOAD, WAITING, Progress
from javumbo.client.retrying import with_retries

ImportFormat = Literal["anki2", "apkg", "colpkg", "csv", "tsv", "txt"]
IMPORT_FORMATS: tuple[ImportFormat, ...] = get_args(ImportFormat)
ImportMode = Literal["merge", "replace"]
ImportOptions = Mapping[str, str | int | bool | Sequence[str] | Sequence[int] | None]

# What one request may carry where nobody has set another limit.
INLINE_BYTES = 4 * 1024 * 1024

_CHUNK_BYTES = 256 * 1024
_FIRST_PAUSE_S, _LONGEST_PAUSE_S = 0.1, 2.0
_TOO_LARGE = 413
_UNUSABLE = 422


@dataclass(frozen=True, slots=True)
class WantedImport:
    """`options` are those of POST /api/imports, by their names there."""

    format: ImportFormat
    mode: ImportMode = "merge"
    options: ImportOptions = field(default_factory=dict)


def format_of(path: Path) -> ImportFormat:
    """By the name of the file. Raises WrongUsageError."""
    suffix = path.suffix.lower().removeprefix(".")
    for known in IMPORT_FORMATS:
        if suffix == known:
            return known
    raise WrongUsageError(
        f"{path} does not end in any of .{', .'.join(IMPORT_FORMATS)}: say which format it has."
    )


def import_file(
    service: Service, path: Path, wanted: WantedImport, progress: Progress, timeout_s: float
) -> ImportReport:
    """All of the file, or nothing of it. `timeout_s` is for the service's part of it."""
    size = size_of(path)
    if size <= INLINE_BYTES:
        try:
            return _import_in_one_request(service, path, wanted)
        except ServiceError as error:
            # The service has a lower limit than usual, or the contents are too large.
            if error.status != _TOO_LARGE:
                raise
    return _import_in_steps(service, path, size, wanted, progress, timeout_s)


def _import_in_one_request(service: Service, path: Path, wanted: WantedImport) -> ImportReport:
    with reading(path) as file:
        content = file.read()
    query: dict[str, str | int | bool] = {"format": wanted.format, "mode": wanted.mode}
    for name, value in wanted.options.items():
        if value is not None:
            query[name] = value if isinstance(value, str | int) else json.dumps(list(value))
    return typed(service.post("/api/import", query=query, content=content), ImportReport)


def _import_in_steps(
    service: Service,
    path: Path,
    size: int,
    wanted: WantedImport,
    progress: Progress,
    timeout_s: float,
) -> ImportReport:
    body = {"bytes": size, "format": wanted.format}
    offer = typed(service.post("/api/uploads", json=body), UploadOffer)
    with_retries(lambda: _upload(service, offer, path, size, progress), service.sleep)
    options = {name: value for name, value in wanted.options.items() if value is not None}
    order = {"upload_id": offer.upload_id, "format": wanted.format, "mode": wanted.mode, **options}
    state = typed(service.post("/api/imports", json=order), ImportState)
    return _finished(service, state, progress, timeout_s)


def _upload(
    service: Service, offer: UploadOffer, path: Path, size: int, progress: Progress
) -> None:
    with reading(path) as file:
        watched = _WatchedFile(file, size, progress)
        if offer.method == "PUT":
            headers = {"Content-Type": BYTES, "Content-Length": str(size)}
            service.send_elsewhere("PUT", offer.url, content=watched.chunks(), headers=headers)
        else:
            form = {"file": ("file", watched, BYTES)}
            service.send_elsewhere("POST", offer.url, data=offer.fields, files=form)


class _WatchedFile:
    """A file whose reader is watched; it is what httpx needs of one."""

    def __init__(self, file: BinaryIO, size: int, progress: Progress) -> None:
        self._file = file
        self._size = size
        self._progress = progress
        progress(UPLOAD, 0, size)

    def read(self, size: int = -1) -> bytes:
        data = self._file.read(size)
        self._progress(UPLOAD, self._file.tell(), self._size)
        return data

    def chunks(self) -> Iterator[bytes]:
        while data := self.read(_CHUNK_BYTES):
            yield data

    def fileno(self) -> int:
        return self._file.fileno()

    def seek(self, offset: int, whence: int = 0) -> int:
        return self._file.seek(offset, whence)

    def tell(self) -> int:
        return self._file.tell()


def _finished(
    service: Service, state: ImportState, progress: Progress, timeout_s: float
) -> ImportReport:
    """Wait for the end of an import. Raises UnfinishedError, and ServiceError if it failed."""
    deadline_s, pause_s = time.monotonic() + timeout_s, _FIRST_PAUSE_S
    while state.state in {"waiting", "running"}:
        progress(state.progress.phase or WAITING, state.progress.done, state.progress.total)
        if time.monotonic() >= deadline_s:
            raise UnfinishedError(
                f"The import {state.import_id} takes longer than {timeout_s:g} seconds. "
                "It goes on by itself; beginning it again does no harm."
            )
        service.sleep(min(pause_s, max(0, deadline_s - time.monotonic())))
        pause_s = min(pause_s * 1.5, _LONGEST_PAUSE_S)
        answer: dict[str, Any] = service.get(f"/api/imports/{state.import_id}")
        state = typed(answer, ImportState)
    return _result(state)


def _result(state: ImportState) -> ImportReport:
    if state.failure:
        failure = state.failure
        raise ServiceError(failure.error, _UNUSABLE, failure.message, fields=failure.fields)
    if state.result is None:
        raise UnreachableError("The import is over, but its result is missing.", retry=False)
    return state.result
