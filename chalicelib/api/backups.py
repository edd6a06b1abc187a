"""The backups of a collection: what there is, one more, a file of one, and back to one."""

from collections.abc import Mapping
from typing import Any

import msgspec
from chalice.app import Response

from chalicelib.api.downloads import file_answer
from chalicelib.api.request import ApiRequest
from chalicelib.api.routing import Routes
from chalicelib.backups import Backup

routes = Routes()


class FileQuery(msgspec.Struct):
    """With `redirect` a file that is too large for an answer is answered with its address."""

    redirect: bool = False


@routes.add("GET", "/api/backups")
def list_backups(request: ApiRequest) -> dict[str, Any]:
    """All of the caller's, the newest first."""
    return {"backups": [_json(backup) for backup in request.services.backups.of(request.owner)]}


@routes.add("POST", "/api/backups")
def make_backup(request: ApiRequest) -> dict[str, Any]:
    """Keep the present state; the backup that has it already, where there is one."""
    return {"backup": _json(request.services.backups.make(request.owner, "manual"))}


@routes.add("GET", "/api/backups/{backup_id}")
def show_backup(request: ApiRequest) -> dict[str, Any]:
    """One backup."""
    backup = request.services.backups.get(request.owner, request.params["backup_id"])
    return {"backup": _json(backup)}


@routes.add("POST", "/api/backups/{backup_id}/restore")
def restore_backup(request: ApiRequest) -> dict[str, Any]:
    """Make a backup the caller's collection; `before` is the one of what was there."""
    before = request.services.backups.restore(
        request.owner, request.params["backup_id"], request.asked()
    )
    return {"before": str(before)}


@routes.add("GET", "/api/backups/{backup_id}/file", query=FileQuery)
def download_backup(request: ApiRequest) -> Mapping[str, Any] | Response:
    """The backup as an Anki file, or its address where it is too large for an answer."""
    query = request.query(FileQuery)
    with request.services.backups.scratch() as path:
        backup = request.services.backups.download(request.owner, request.params["backup_id"], path)
        filename = f"{request.owner.username}-{backup.id}.anki2"
        return file_answer(request, path, filename, redirect=query.redirect)


def _json(backup: Backup) -> dict[str, Any]:
    return {
        "id": str(backup.id),
        "made_at": backup.id.made_ms,
        "kind": backup.id.kind,
        "bytes": backup.size,
        "notes": backup.preview.notes,
        "cards": backup.preview.cards,
        "reviews": backup.preview.reviews,
        "last_review_at": backup.preview.last_review_ms,
    }
