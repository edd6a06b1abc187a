"""The tags of a collection."""

from typing import Any

from chalicelib.api.request import ApiRequest
from chalicelib.api.routing import Routes
from chalicelib.collection.tag_counts import tag_counts

routes = Routes()


@routes.add("GET", "/api/tags")
def list_tags(request: ApiRequest) -> dict[str, Any]:
    """All tags that notes have, in the order of their tree, and how many notes have each."""
    counted = request.read(tag_counts)
    return {"tags": [{"name": name, "notes": notes} for name, notes in counted]}
