"""Taking files out: streamed beside their place, and put there when they are whole."""

import re
from collections.abc import Mapping
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Literal, get_args

import httpx

from javumbo.client.answers import DownloadOffer, Exported, typed
from javumbo.client.errors import FileProblemError, UnreachableError
from javumbo.client.files import replacing
from javumbo.client.http import BYTES, Service, json_of
from javumbo.client.progress import DOWNLOAD, Progress
from javumbo.client.retrying import with_retries

ExportFormat = Literal["anki2", "colpkg", "apkg", "csv", "notes_txt", "cards_txt"]
EXPORT_FORMATS: tuple[ExportFormat, ...] = get_args(ExportFormat)

_CHUNK_BYTES = 256 * 1024
_FILENAME = re.compile(r'filename="([^"]*)"')
_UNSAFE = re.compile(r"[^\w.@+-]+")
_OTHER_NAME = "javumbo-export"


def export_format_of(target: Path | None) -> ExportFormat:
    """The one that the name of the file suggests, else the whole collection."""
    suffix = target.suffix.lower() if target else ""
    by_suffix: dict[str, ExportFormat] = {".txt": "notes_txt"}
    for known in EXPORT_FORMATS:
        by_suffix[f".{known}"] = known
    return by_suffix.get(suffix, "anki2")


def export_file(
    service: Service,
    target: Path | None,
    query: Mapping[str, str | int | bool | None],
    progress: Progress,
) -> Exported:
    """What GET /api/export gives for `query`, in a file.

    A file named by the caller is replaced; in a folder (the current one without `target`) the
    service's name is taken, and nothing is replaced. Raises FileProblemError.
    """

    def attempt() -> Exported:
        with service.file("/api/export", query) as response:
            if _is_file(response):
                return _saved(response, target, None, progress)
            response.read()
            offer = typed(json_of(response), DownloadOffer)
        return _fetched(service.file_elsewhere(offer.url), target, offer.bytes, progress)

    return with_retries(attempt, service.sleep)


def _fetched(
    opened: AbstractContextManager[httpx.Response],
    target: Path | None,
    size: int,
    progress: Progress,
) -> Exported:
    with opened as response:
        return _saved(response, target, size, progress)


def _is_file(response: httpx.Response) -> bool:
    return str(response.headers.get("Content-Type", "")).startswith(BYTES)


def _saved(
    response: httpx.Response, target: Path | None, size: int | None, progress: Progress
) -> Exported:
    path = _place(target, response)
    declared = response.headers.get("Content-Length", "")
    total = size or (int(declared) if declared.isdecimal() else 0)
    done = 0
    progress(DOWNLOAD, 0, total)
    with replacing(path) as file:
        for chunk in response.iter_bytes(_CHUNK_BYTES):
            file.write(chunk)
            done += len(chunk)
            progress(DOWNLOAD, done, total)
        if size not in (None, done):
            raise UnreachableError(f"The file came with {done} of its {size} bytes.")
    return Exported(str(path), done)


def _place(target: Path | None, response: httpx.Response) -> Path:
    if target and not target.is_dir():
        return target
    path = (target or Path()) / _served_name(response)
    if path.exists():
        raise FileProblemError(f"{path} is there already: name a file to replace.")
    return path


def _served_name(response: httpx.Response) -> str:
    """The name that the service gives the file, as one that cannot lead elsewhere or hide."""
    match = _FILENAME.search(response.headers.get("Content-Disposition", ""))
    name = _UNSAFE.sub("-", match[1]).lstrip(".-") if match else ""
    return name or _OTHER_NAME
