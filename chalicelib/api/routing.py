"""Routes as a table: each resource collects its own, `app.py` registers them."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import msgspec
from chalice.app import Blueprint, ChaliceAuthorizer, Response

from chalicelib.api.http import answer, request_id_of
from chalicelib.api.request import ApiRequest
from chalicelib.services import Services

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
            return view

        return register

    def blueprint(
        self, name: str, authorizer: ChaliceAuthorizer, services: Callable[[], Services]
    ) -> Blueprint:
        """These routes as a Chalice blueprint; `services` is asked at the first request."""
        blueprint = Blueprint(name)
        for route in self.table:
            blueprint.route(
                route.path,
                methods=[route.method],
                name=f"{route.view.__module__}.{route.view.__name__}:{route.path}",
                authorizer=None if route.public else authorizer,
                content_types=[route.content_type],
            )(_chalice_view(blueprint, route, services))
        return blueprint


def _chalice_view(
    blueprint: Blueprint, route: Route, services: Callable[[], Services]
) -> Callable[..., Response]:
    def chalice_view(**params: str) -> Response:
        current = blueprint.current_request
        return answer(
            lambda: route.view(ApiRequest.from_chalice(current, params, services())),
            request_id_of(current),
        )

    return chalice_view
