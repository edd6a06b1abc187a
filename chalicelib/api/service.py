"""Whether the service is there."""

from typing import Any

from chalicelib import __version__
from chalicelib.api.request import ApiRequest
from chalicelib.api.routing import Routes

routes = Routes()


@routes.add("GET", "/health", "/api/health", public=True)
def health(_request: ApiRequest) -> dict[str, Any]:
    """Answers without touching any storage."""
    return {"status": "healthy", "version": __version__}
