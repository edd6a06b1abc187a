"""All routes of the service as one Chalice blueprint; a view is imported when it is first asked.

What a view needs takes many times as long to import as Chalice, and a cold start pays for all of
it where every view is imported to register its route.
"""

import importlib
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

from chalice.app import Blueprint, ChaliceAuthorizer, CORSConfig, Response

from chalicelib.api.http import (
    ALLOWED_HEADERS,
    EXPOSED_HEADERS,
    PREFLIGHT_MAX_AGE_S,
    answer,
    request_id_of,
)
from chalicelib.api.route_table import ROUTES

if TYPE_CHECKING:
    from chalicelib.api.routing import View
    from chalicelib.services import Services


def all_routes(authorizer: ChaliceAuthorizer, services: "Callable[[], Services]") -> Blueprint:
    """The routes, the protected ones behind `authorizer`; `services` is asked by each request."""
    blueprint = Blueprint("api")
    for module, method, path, public, content_type in ROUTES:
        blueprint.route(
            path,
            methods=[method],
            name=f"{module}:{method} {path}",
            authorizer=None if public else authorizer,
            content_types=[content_type],
        )(_chalice_view(blueprint, (module, method, path), services))
    return blueprint


def cors_config(origin: str) -> CORSConfig:
    """What Chalice answers to browsers that ask first, for all routes."""
    return CORSConfig(
        allow_origin=origin,
        allow_headers=list(ALLOWED_HEADERS),
        expose_headers=list(EXPOSED_HEADERS),
        max_age=PREFLIGHT_MAX_AGE_S,
    )


def import_views() -> None:
    """Import all that any request needs, before one asks."""
    importlib.import_module("chalicelib.api.resources")


def _chalice_view(
    blueprint: Blueprint, address: tuple[str, str, str], services: "Callable[[], Services]"
) -> Callable[..., Response]:
    def chalice_view(**params: str) -> Response:
        current = blueprint.current_request

        def called() -> Mapping[str, Any] | Response:
            from chalicelib.api.request import ApiRequest  # noqa: PLC0415

            request = ApiRequest.from_chalice(current, params, services())
            return _view(*address)(request)

        return answer(called, request_id_of(current))

    return chalice_view


def _view(module: str, method: str, path: str) -> "View":
    routes = importlib.import_module(module).routes
    view: View = routes.view(method, path)
    return view
