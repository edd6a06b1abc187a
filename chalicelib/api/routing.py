"""Routes as a table: each resource collects its own, `registering` registers them all."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import msgspec
from chalice.app import Response

from chalicelib.api.request import ApiRequest

JSON = "application/json"
BYTES = "application/octet-stream"

View = Callable[[ApiRequest], Mapping[str, Any] | Response]


@dataclass(frozen=True, slots=True)
class Route:
    """One address and method, and the view that answers it.

    `body` and `query` are the models of what it takes. `address` is the first of the view's paths
    under /api, or its only one: the others are further names of it.
    """

    path: str
    method: str
    view: View
    public: bool
    content_type: str
    body: type[msgspec.Struct] | None
    query: type[msgspec.Struct] | None
    address: str


class Routes:
    """The routes of one resource. Protected unless `public`."""

    def __init__(self) -> None:
        self.table: list[Route] = []
        self._views: dict[tuple[str, str], View] = {}

    def add(
        self,
        method: str,
        *paths: str,
        public: bool = False,
        content_type: str = JSON,
        body: type[msgspec.Struct] | None = None,
        query: type[msgspec.Struct] | None = None,
    ) -> Callable[[View], View]:
        """Register the decorated view for `method` at each of `paths`.

        `body` and `query` are for the OpenAPI document, and are what the view asks its request for.
        """
        address = next((path for path in paths if path.startswith("/api/")), paths[0])

        def register(view: View) -> View:
            self.table.extend(
                Route(path, method, view, public, content_type, body, query, address)
                for path in paths
            )
            self._views.update(((method, path), view) for path in paths)
            return view

        return register

    def view(self, method: str, path: str) -> View:
        """The view that answers `method` at one of the paths."""
        return self._views[method, path]
