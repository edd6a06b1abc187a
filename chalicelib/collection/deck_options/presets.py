"""Option groups as a whole, which Anki calls presets: adding, removing, and choosing one.

Source: Anki's rslib/src/deckconfig/mod.rs and update.rs.
"""

import copy
import sqlite3
from collections.abc import Mapping
from typing import Any

from chalicelib.collection.col import (
    JsonObject,
    mark_schema_changed,
    server_usn,
    touch,
    write_document,
)
from chalicelib.collection.deck_options.cards_under_options import follow_options
from chalicelib.collection.deck_options.groups import (
    OptionGroups,
    change_group,
    check_options_name,
    effective_options,
)
from chalicelib.collection.decks import Decks
from chalicelib.collection.documents import DEFAULT_OPTIONS_ID, new_options
from chalicelib.collection.ids import new_document_id
from chalicelib.errors import BadInputError, NotFoundError

_NO_SUCH_PRESET = "There are no such deck options."


def all_presets(conn: sqlite3.Connection) -> list[dict[str, Any]]:
    """Each option group by name: its id, its name, its options, and the decks that use it."""
    groups = OptionGroups(conn)
    users: dict[str, list[int]] = {key: [] for key in groups.by_id}
    for deck in Decks(conn).in_tree_order():
        if not deck["dyn"]:
            users.setdefault(str(groups.of_deck(deck)["id"]), []).append(deck["id"])
    shown = [
        {
            "id": int(key),
            "name": options["name"],
            "options": options,
            "deck_ids": users[key],
        }
        for key, options in ((key, effective_options(one)) for key, one in groups.by_id.items())
    ]
    return sorted(shown, key=lambda preset: (preset["name"], preset["id"]))


def add_preset(
    conn: sqlite3.Connection, name: str, *, copy_of: int | None, max_presets: int, now_ms: int
) -> int:
    """Make an option group that no deck uses yet, with Anki's defaults or those of another; its id.

    Raises BadInputError for the name or for too many, and NotFoundError for the one to copy.
    """
    check_options_name(name)
    groups = OptionGroups(conn)
    if len(groups.by_id) >= max_presets:
        raise BadInputError(f"A collection can have at most {max_presets} deck options.")
    options_id = new_document_id(groups.by_id, now_ms)
    made = new_options(options_id=options_id, name=name, now_s=now_ms // 1000, usn=server_usn(conn))
    if copy_of is not None:
        identity = {key: made[key] for key in ("id", "name", "mod", "usn")}
        made = copy.deepcopy(_get(groups, copy_of)) | identity
    write_document(conn, "dconf", groups.by_id | {str(options_id): made})
    touch(conn, now_ms)
    return options_id


def change_preset(
    conn: sqlite3.Connection, options_id: int, changes: Mapping[str, Any], now_ms: int
) -> dict[str, Any]:
    """Change the name or options of a group, for all decks that use it; the group as it is then.

    `changes` as for `change_options`. Raises NotFoundError, and BadInputError with `fields`.
    """
    groups = OptionGroups(conn)
    change_group(conn, groups, _get(groups, options_id), changes, now_ms)
    return next(preset for preset in all_presets(conn) if preset["id"] == options_id)


def remove_preset(conn: sqlite3.Connection, options_id: int, now_ms: int) -> list[int]:
    """Remove an option group; the decks that used it, which use the default one from now on.

    Other devices must then sync in one direction, as always when Anki removes one. Raises
    NotFoundError, and BadInputError for the default group.
    """
    if options_id == DEFAULT_OPTIONS_ID:
        raise BadInputError("The default options cannot be deleted.")
    groups, decks = OptionGroups(conn), Decks(conn)
    removed = _get(groups, options_id)
    users = [deck for deck in decks.by_id.values() if _uses(deck, options_id)]
    for deck in users:
        deck["conf"] = DEFAULT_OPTIONS_ID
        decks.mark_changed(deck, now_ms)
    if users:
        decks.save(now_ms)
    del groups.by_id[str(options_id)]
    write_document(conn, "dconf", groups.by_id)
    user_ids = [deck["id"] for deck in users]
    if users:
        follow_options(conn, user_ids, removed, groups.of_deck(users[0]), now_ms)
    mark_schema_changed(conn, now_ms)
    return user_ids


def use_preset(conn: sqlite3.Connection, deck_id: int, options_id: int, now_ms: int) -> None:
    """Let a deck use an option group, and fit its cards to it.

    Raises NotFoundError for the deck, and BadInputError for a filtered one and an unknown group.
    """
    groups, decks = OptionGroups(conn), Decks(conn)
    deck = decks.get(deck_id)
    chosen = groups.by_id.get(str(options_id))
    if deck["dyn"] or chosen is None:
        raise BadInputError(fields={"options_id": "there are no such deck options"})
    if _uses(deck, options_id):
        return
    before = groups.of_deck(deck)
    deck["conf"] = options_id
    decks.mark_changed(deck, now_ms)
    decks.save(now_ms)
    follow_options(conn, [deck_id], before, chosen, now_ms)


def _get(groups: OptionGroups, options_id: int) -> JsonObject:
    group: JsonObject | None = groups.by_id.get(str(options_id))
    if group is None:
        raise NotFoundError(_NO_SUCH_PRESET)
    return group


def _uses(deck: JsonObject, options_id: int) -> bool:
    return not deck["dyn"] and str(deck.get("conf")) == str(options_id)
