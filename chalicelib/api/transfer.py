"""Moving a collection out and in."""

import tempfile
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Literal

import msgspec
from chalice.app import Response

from chalicelib.api.request import ApiRequest
from chalicelib.api.routing import BYTES, Routes
from chalicelib.errors import TooLargeError, UnusableFileError
from chalicelib.packages import (
    SQLITE_MAGIC,
    ImportReport,
    SourceLimits,
    import_package,
    open_source,
)

routes = Routes()


class ExportQuery(msgspec.Struct):
    format: Literal["anki2"] = "anki2"


class ImportQuery(msgspec.Struct):
    format: Literal["anki2", "apkg"] | None = None
    mode: Literal["merge"] = "merge"


@routes.add("GET", "/api/export")
def export_collection(request: ApiRequest) -> Response:
    """The caller's collection as an Anki file, as of now."""
    request.query(ExportQuery)
    storage, settings = request.services.storage, request.services.settings
    image = storage.image(request.owner)
    if settings.backend == "aws" and len(image) > settings.max_body_bytes:
        raise TooLargeError("This collection is too large for one answer.")
    storage.fold_soon(request.owner)
    today = datetime.fromtimestamp(request.now_ms / 1000, UTC).date().isoformat()
    return Response(
        image,
        headers={
            "Content-Type": BYTES,
            "Content-Disposition": f'attachment; filename="{request.owner.username}-{today}.anki2"',
            "Cache-Control": "no-store",
            "X-Content-Type-Options": "nosniff",
        },
    )


@routes.add("POST", "/api/import", content_type=BYTES)
def import_file(request: ApiRequest) -> dict[str, Any]:
    """Merge an Anki file into the caller's collection: all of it, or nothing."""
    query = request.query(ImportQuery)
    is_sqlite = request.raw_body.startswith(SQLITE_MAGIC)
    if query.format is not None and (query.format == "anki2") != is_sqlite:
        raise UnusableFileError(f"This is not an .{query.format} file.")
    limits = SourceLimits.from_settings(request.services.settings)
    with (
        tempfile.TemporaryDirectory(prefix="javumbo-import-") as work_dir,
        open_source(request.raw_body, limits=limits, work_dir=Path(work_dir)) as source,
    ):
        return request.transact(
            "Import",
            lambda conn: _report_json(import_package(conn, source, now_ms=request.now_ms)),
        )


def _report_json(report: ImportReport) -> dict[str, Any]:
    return {
        "notes": {
            "new": report.notes_new,
            "updated": report.notes_updated,
            "unchanged": report.notes_unchanged,
            "conflicting": report.notes_conflicting,
        },
        "cards": report.cards,
        "revlog": report.revlog,
        "media": report.media,
        "log": list(report.log),
    }
