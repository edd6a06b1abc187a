"""Deck options as presets, which decks share."""

import sqlite3
from typing import Any

import msgspec

from chalicelib.api.request import ApiRequest
from chalicelib.api.routing import Routes
from chalicelib.api.validation import Id, parse_object
from chalicelib.collection.deck_options.presets import (
    add_preset,
    all_presets,
    change_preset,
    remove_preset,
)

routes = Routes()


class NewPresetBody(msgspec.Struct):
    name: str
    copy_of: Id | None = None


@routes.add("GET", "/api/options")
def list_presets(request: ApiRequest) -> dict[str, Any]:
    """All option groups, each with the decks that use it."""
    return {"presets": request.read(all_presets)}


@routes.add("POST", "/api/options", body=NewPresetBody)
def create_preset(request: ApiRequest) -> dict[str, Any]:
    """Add an option group that no deck uses yet."""
    body = request.body(NewPresetBody)

    def create(conn: sqlite3.Connection) -> dict[str, Any]:
        options_id = add_preset(
            conn,
            body.name,
            copy_of=body.copy_of,
            max_presets=request.services.settings.max_decks,
            now_ms=request.now_ms,
        )
        return {"options_id": options_id}

    return request.transact("Add deck options", create)


@routes.add("PUT", "/api/options/{options_id}")
def update_preset(request: ApiRequest) -> dict[str, Any]:
    """Rename an option group or change some of its options, for all decks that use it."""
    options_id, changes = request.path_id("options_id"), parse_object(request.raw_body)
    return request.transact(
        "Update deck options",
        lambda conn: {"preset": change_preset(conn, options_id, changes, request.now_ms)},
    )


@routes.add("DELETE", "/api/options/{options_id}")
def delete_preset(request: ApiRequest) -> dict[str, Any]:
    """Remove an option group; the decks that used it use the default one from now on."""
    options_id = request.path_id("options_id")
    return request.transact(
        "Delete deck options",
        lambda conn: {"deck_ids": remove_preset(conn, options_id, request.now_ms)},
    )
