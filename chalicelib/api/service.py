"""Whether the service is there."""

from typing import Any

from chalice.app import Response

from chalicelib import __version__
from chalicelib.api.request import ApiRequest
from chalicelib.api.routing import JSON, Routes

routes = Routes()


@routes.add("GET", "/health", "/api/health", public=True)
def health(_request: ApiRequest) -> dict[str, Any]:
    """Answers without touching any storage."""
    return {"status": "healthy", "version": __version__}


@routes.add("GET", "/openapi.json", public=True)
def openapi(request: ApiRequest) -> Response:
    """An OpenAPI document of all routes: the one you read."""
    # Of use to this request only, and not small.
    from chalicelib.api.openapi import document_json  # noqa: PLC0415

    headers: dict[str, str | list[str]] = {
        "Content-Type": JSON,
        "Cache-Control": "no-cache",
        "X-Content-Type-Options": "nosniff",
    }
    return Response(document_json(request.services.settings), headers=headers)
