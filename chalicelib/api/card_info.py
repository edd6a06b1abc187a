"""What Anki's Card Info shows: a card's schedule, where it belongs, and every answer to it."""

import sqlite3
from typing import Any

import msgspec

from chalicelib.api.card_view import CardPresenter
from chalicelib.api.request import ApiRequest
from chalicelib.api.routing import Routes
from chalicelib.collection.card_info import card_history
from chalicelib.collection.cards import get_card
from chalicelib.collection.day import timing_at

routes = Routes()


@routes.add("GET", "/api/cards/{card_id}/info")
def get_card_info(request: ApiRequest) -> dict[str, Any]:
    """What is known of a card: its schedule, its answers, and what they sum up to."""
    card_id = request.path_id("card_id")
    return request.read(lambda conn: {"info": _info(conn, card_id, request.now_ms)})


def _info(conn: sqlite3.Connection, card_id: int, now_ms: int) -> dict[str, Any]:
    presenter = CardPresenter(conn, timing_at(conn, now_ms))
    shown = presenter.info(get_card(conn, card_id))
    history: dict[str, Any] = msgspec.to_builtins(card_history(conn, card_id))
    return {**shown, **history}
