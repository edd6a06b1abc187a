"""Adding and removing notetypes.

Source of the rules: Anki's rslib/src/notetype/mod.rs (`add_notetype`, `remove_notetype`) and
rslib/src/config/notetype.rs.
"""

import sqlite3
from copy import deepcopy

from chalicelib.collection.col import (
    JsonObject,
    mark_schema_changed,
    read_document,
    server_usn,
    touch,
    write_document,
)
from chalicelib.collection.graves import CARD_GRAVE, NOTE_GRAVE, Removed
from chalicelib.collection.ids import new_document_id
from chalicelib.collection.notetypes.changes import checked_name, store_notetype
from chalicelib.collection.notetypes.checks import check_templates
from chalicelib.collection.notetypes.lookup import all_notetypes, get_notetype
from chalicelib.errors import BadInputError

MAX_NOTETYPES = 1000

_NOTES = "SELECT id FROM notes WHERE mid = :mid"


def add_notetype(conn: sqlite3.Connection, name: str, base: JsonObject, now_ms: int) -> JsonObject:
    """Add a notetype that is like `base`, a stock one or a present one, but for its name.

    Raises BadInputError for a name that is taken or cannot be one, for templates of the base that
    Anki refuses, and where there would be more than `MAX_NOTETYPES`.
    """
    models = read_document(conn, "models")
    if len(models) >= MAX_NOTETYPES:
        raise BadInputError(f"A collection can have at most {MAX_NOTETYPES} notetypes.")
    added = deepcopy(base)
    added.pop("originalId", None)
    added["name"] = checked_name(conn, name)
    added["id"] = new_document_id(models, now_ms)
    check_templates(added)
    store_notetype(conn, added, now_ms)
    _make_current(conn, added["id"])
    touch(conn, now_ms)
    return added


def remove_notetype(conn: sqlite3.Connection, notetype_id: int, now_ms: int) -> Removed:
    """Remove a notetype with its notes and cards; how many of them.

    Raises NotFoundError, and BadInputError for the last one.
    """
    get_notetype(conn, notetype_id)
    models = read_document(conn, "models")
    if len(models) == 1:
        raise BadInputError("This is the only notetype: add another one first.")
    removed = _remove_notes(conn, notetype_id)
    del models[str(notetype_id)]
    write_document(conn, "models", models)
    _forget(conn, notetype_id)
    _make_current(conn, all_notetypes(conn)[0]["id"])
    mark_schema_changed(conn, now_ms)
    return removed


def _remove_notes(conn: sqlite3.Connection, notetype_id: int) -> Removed:
    of_notetype = {"mid": notetype_id, "usn": server_usn(conn)}
    counts = []
    for table, doomed, kind in (
        ("cards", f"nid IN ({_NOTES})", CARD_GRAVE),
        ("notes", "mid = :mid", NOTE_GRAVE),
    ):
        conn.execute(
            "INSERT INTO graves (usn, oid, type)"
            f" SELECT :usn, id, {kind} FROM {table} WHERE {doomed}",
            of_notetype,
        )
        counts.append(conn.execute(f"DELETE FROM {table} WHERE {doomed}", of_notetype).rowcount)
    return Removed(*counts)


def _forget(conn: sqlite3.Connection, notetype_id: int) -> None:
    """What the configuration says about this notetype goes with it."""
    conf = read_document(conn, "conf")
    kept = {key: value for key, value in conf.items() if not key.startswith(f"_nt_{notetype_id}_")}
    write_document(conn, "conf", kept)


def _make_current(conn: sqlite3.Connection, notetype_id: int) -> None:
    conf = read_document(conn, "conf")
    write_document(conn, "conf", conf | {"curModel": notetype_id})
