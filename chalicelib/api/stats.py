"""Statistics, in Anki's words and by the person's own days."""

import sqlite3
from typing import Annotated, Any

import msgspec

from chalicelib.api.request import ApiRequest
from chalicelib.api.routing import Routes
from chalicelib.api.validation import Id
from chalicelib.collection.stats.graphs import graphs

routes = Routes()

_MAX_DAYS = 36_500


class StatsQuery(msgspec.Struct):
    """`days` chooses today and that many days before it, 0 all days there are."""

    deck_id: Id | None = None
    days: Annotated[int, msgspec.Meta(ge=0, le=_MAX_DAYS)] = 30


@routes.add("GET", "/api/stats", query=StatsQuery)
def get_stats(request: ApiRequest) -> dict[str, Any]:
    """What Anki's statistics screen shows, of everything or of a deck and its subdecks."""
    query = request.query(StatsQuery)

    def load(conn: sqlite3.Connection) -> dict[str, Any]:
        stats = graphs(conn, now_ms=request.now_ms, days=query.days, deck_id=query.deck_id)
        shown: dict[str, Any] = msgspec.to_builtins(stats)
        return shown

    return request.read(load)
