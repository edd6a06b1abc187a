"""Taking a collection out, whole or in parts."""

import tempfile
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Literal

import msgspec
from chalice.app import Response

from chalicelib.api.documented import Search
from chalicelib.api.downloads import file_answer
from chalicelib.api.exported_media import LibraryMedia
from chalicelib.api.request import ApiRequest
from chalicelib.api.routing import Routes
from chalicelib.api.validation import Id
from chalicelib.errors import BadInputError
from chalicelib.packages.exporting import (
    PackageOptions,
    Scope,
    export_collection_package,
    export_notes_package,
    reading,
)
from chalicelib.packages.media_ports import MediaSource
from chalicelib.packages.package_version import PackageVersion
from chalicelib.packages.text import NoteColumns, export_cards, export_notes, export_spreadsheet

routes = Routes()

Format = Literal["anki2", "colpkg", "apkg", "csv", "notes_txt", "cards_txt"]


class ExportQuery(msgspec.Struct):
    """What is not given is as in Anki's own dialog.

    `guarded` is about values that a spreadsheet would take for a formula.
    """

    format: Format = "anki2"
    deck_id: Id | None = None
    q: Search | None = None
    scheduling: bool | None = None
    presets: bool | None = None
    media: bool | None = None
    legacy: bool | None = None
    html: bool | None = None
    guarded: bool | None = None
    redirect: bool = False


@dataclass(frozen=True, slots=True)
class _Job:
    """From the collection file `image` to the file `target`."""

    image: Path
    target: Path
    query: ExportQuery
    media: MediaSource | None
    now_ms: int

    @property
    def scope(self) -> Scope:
        return Scope(self.query.deck_id, self.query.q)

    @property
    def version(self) -> PackageVersion:
        return PackageVersion.LEGACY_2 if self.query.legacy else PackageVersion.LATEST

    def note_ids(self) -> list[int] | None:
        with reading(self.image) as conn:
            return self.scope.note_ids(conn, self.now_ms)


@routes.add("GET", "/api/export", query=ExportQuery)
def export_collection(request: ApiRequest) -> Mapping[str, Any] | Response:
    """The caller's collection, or a part of it, as a file, as of now."""
    query = request.query(ExportQuery)
    _refuse_contradictions(query)
    kind = _KINDS[query.format]
    storage, work_dir = request.services.storage, request.services.settings.cache_dir
    with tempfile.TemporaryDirectory(prefix="javumbo-export-", dir=work_dir) as directory:
        image, target = Path(directory, "image"), Path(directory, "export")
        storage.image_to(request.owner, image)
        kind.make(_Job(image, target, query, _media(request, query), request.now_ms))
        storage.fold_soon(request.owner)
        today = datetime.fromtimestamp(request.now_ms / 1000, UTC).date().isoformat()
        filename = f"{request.owner.username}-{today}.{kind.extension}"
        return file_answer(request, target, filename, redirect=query.redirect)


def _refuse_contradictions(query: ExportQuery) -> None:
    """Raises BadInputError for a choice that a format does not leave."""
    fixed = _KINDS[query.format].fixed
    problems = {
        name: f"is not for the format {query.format}"
        for name, value in fixed.items()
        if getattr(query, name) not in (None, value)
    }
    if problems:
        raise BadInputError(fields=problems)


def _media(request: ApiRequest, query: ExportQuery) -> MediaSource | None:
    if query.media is False:
        return None
    return LibraryMedia(request.services.media(request.owner))


def _make_anki2(job: _Job) -> None:
    job.image.rename(job.target)


def _make_colpkg(job: _Job) -> None:
    export_collection_package(job.image, job.target, job.media, job.version, job.now_ms)


def _make_apkg(job: _Job) -> None:
    """A whole deck is for others, all else for oneself: so Anki's dialog has it."""
    query = job.query
    scheduling = query.deck_id is None if query.scheduling is None else query.scheduling
    options = PackageOptions(
        version=job.version,
        scheduling=scheduling,
        presets=scheduling if query.presets is None else query.presets,
        now_ms=job.now_ms,
    )
    export_notes_package(job.image, job.target, job.media, options, note_ids=job.note_ids())


def _make_notes_text(job: _Job) -> None:
    columns, note_ids = NoteColumns(html=job.query.html is not False), job.note_ids()
    with reading(job.image) as conn:
        job.target.write_bytes(export_notes(conn, columns, note_ids=note_ids))


def _make_cards_text(job: _Job) -> None:
    with reading(job.image) as conn:
        card_ids = job.scope.card_ids(conn, job.now_ms)
        html = job.query.html is not False
        job.target.write_bytes(export_cards(conn, html=html, card_ids=card_ids))


def _make_spreadsheet(job: _Job) -> None:
    note_ids = job.note_ids()
    with reading(job.image) as conn:
        table = export_spreadsheet(
            conn,
            html=job.query.html is True,
            is_guarded=job.query.guarded is not False,
            note_ids=note_ids,
        )
    job.target.write_bytes(table)


@dataclass(frozen=True, slots=True)
class _Kind:
    """How a format is made, and what it leaves no choice about."""

    extension: str
    make: Callable[[_Job], None]
    fixed: Mapping[str, Any]


_WHOLE = {"deck_id": None, "q": None, "scheduling": True, "presets": True}
_NO_TEXT = {"html": None, "guarded": False}
_NO_PACKAGE = {"scheduling": False, "presets": False, "media": False, "legacy": None}
_KINDS: Mapping[Format, _Kind] = {
    "anki2": _Kind("anki2", _make_anki2, _WHOLE | _NO_TEXT | {"media": False, "legacy": None}),
    "colpkg": _Kind("colpkg", _make_colpkg, _WHOLE | _NO_TEXT),
    "apkg": _Kind("apkg", _make_apkg, _NO_TEXT),
    "csv": _Kind("csv", _make_spreadsheet, _NO_PACKAGE),
    "notes_txt": _Kind("txt", _make_notes_text, _NO_PACKAGE | {"guarded": False}),
    "cards_txt": _Kind("txt", _make_cards_text, _NO_PACKAGE | {"guarded": False}),
}
