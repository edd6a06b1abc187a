"""Answers that are files to be saved."""

from pathlib import Path
from typing import Any

from chalice.app import Response

from chalicelib.api.request import ApiRequest
from chalicelib.api.routing import BYTES


def file_answer(
    request: ApiRequest, path: Path, filename: str, *, redirect: bool = False
) -> dict[str, Any] | Response:
    """The file at `path` as an answer that a browser saves as `filename`.

    Where it is larger than what fits in one answer of the gateway, the answer is where to get
    it, as JSON or as a redirection.
    """
    settings = request.services.settings
    if settings.backend == "local" or path.stat().st_size <= settings.max_body_bytes:
        return Response(path.read_bytes(), headers=_headers(filename))
    offered = offer(request, path, filename)
    if not redirect:
        return offered
    return Response(
        "", headers={"Location": offered["url"], "Cache-Control": "no-store"}, status_code=303
    )


def offer(request: ApiRequest, path: Path, filename: str) -> dict[str, Any]:
    """Where the caller can get the file for a while: `url`, `expires_at` and `bytes`.

    The file is copied, and may be removed at once.
    """
    size = path.stat().st_size
    offered = request.services.transfers.offer_download(request.owner, path, filename)
    return {"url": offered.url, "expires_at": offered.expires_at_ms, "bytes": size}


def _headers(filename: str) -> dict[str, str | list[str]]:
    return {
        "Content-Type": BYTES,
        "Content-Disposition": f'attachment; filename="{filename}"',
        "Cache-Control": "no-store",
        "X-Content-Type-Options": "nosniff",
    }
