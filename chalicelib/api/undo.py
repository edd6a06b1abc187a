"""Undo and redo: what can be taken back, and taking it back."""

import sqlite3
from typing import Any

from chalicelib.api.card_view import CardPresenter
from chalicelib.api.request import ApiRequest
from chalicelib.api.routing import Routes
from chalicelib.collection.study.context import StudyContext
from chalicelib.collection.undo.recording import Applied, apply_inverse
from chalicelib.storage import Way

routes = Routes()

# Enough to show again what an answer, an edit or a page of a list was about.
_MAX_IDS = 200
_NOTHING: dict[str, Any] = {
    "cards": {"restored": 0, "removed": 0},
    "notes": {"restored": 0, "removed": 0},
    "card_ids": [],
    "note_ids": [],
    "answered_card_ids": [],
    "review_card": None,
}


@routes.add("GET", "/api/undo")
def list_undo(request: ApiRequest) -> dict[str, Any]:
    """The names of the operations that can be undone and redone, the newest first."""
    history = request.services.storage.history(request.owner)
    return {
        "undo": [step.operation for step in history.undo],
        "redo": [step.operation for step in history.redo],
    }


@routes.add("POST", "/api/undo")
def undo(request: ApiRequest) -> dict[str, Any]:
    """Take back the last operation, wherever it was made."""
    return _step(request, "undo")


@routes.add("POST", "/api/redo")
def redo(request: ApiRequest) -> dict[str, Any]:
    """Do the operation again that was taken back last, unless something was done since."""
    return _step(request, "redo")


def _step(request: ApiRequest, way: Way) -> dict[str, Any]:
    def revert(conn: sqlite3.Connection, inverse: bytes) -> dict[str, Any]:
        applied = apply_inverse(conn, inverse, request.now_ms)
        to_show = applied.answered_cards[:1] if way == "undo" else []
        shown = [_shown_again(conn, card_id, request.now_ms) for card_id in to_show]
        return _applied_json(applied) | {"review_card": shown[0] if shown else None}

    # Where a whole collection was put back, nothing tells what became of which card.
    return {"whole_collection": True} | _NOTHING | request.revert(way, revert)


def _shown_again(conn: sqlite3.Connection, card_id: int, now_ms: int) -> dict[str, Any] | None:
    context = StudyContext(conn)
    return CardPresenter(conn, context.timing_at(now_ms), context).to_study(card_id)


def _applied_json(applied: Applied) -> dict[str, Any]:
    return {
        "whole_collection": False,
        "cards": {"restored": len(applied.cards), "removed": len(applied.removed_cards)},
        "notes": {"restored": len(applied.notes), "removed": len(applied.removed_notes)},
        "card_ids": applied.cards[:_MAX_IDS],
        "note_ids": applied.notes[:_MAX_IDS],
        "answered_card_ids": applied.answered_cards[:_MAX_IDS],
    }
