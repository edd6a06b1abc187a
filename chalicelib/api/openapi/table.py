"""The operations of all routes."""

from chalicelib.api.openapi.answers import (
    accounts,
    cards,
    decks,
    media,
    moving,
    notetypes,
    service,
)
from chalicelib.api.openapi.operation import Operation
from chalicelib.api.routing import Route

OPERATIONS: dict[str, Operation] = {
    **service.OPERATIONS,
    **accounts.OPERATIONS,
    **decks.OPERATIONS,
    **notetypes.OPERATIONS,
    **cards.OPERATIONS,
    **moving.OPERATIONS,
    **media.OPERATIONS,
}


def key_of(route: Route) -> str:
    """What `OPERATIONS` and the examples know a route by."""
    return f"{route.method} {route.address}"
