"""A collection file that holds some notes of another one, and what belongs to them.

Sources: Anki's rslib/src/import_export/gather.rs, rslib/src/import_export/insert.rs and
rslib/src/import_export/package/apkg/export.rs.
"""

import json
import sqlite3
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from chalicelib.collection.col import Document, JsonObject, dump, read_document
from chalicelib.collection.documents import new_conf
from chalicelib.collection.schema import SCHEMA_VERSION, column_names, create_tables
from chalicelib.packages.exporting.databases import attached, changing, reading
from chalicelib.packages.exporting.deck_subset import DeckSubset, decks_of_cards
from chalicelib.packages.exporting.options import PackageOptions
from chalicelib.packages.exporting.resetting import (
    bring_cards_home,
    make_cards_new,
    remove_study_tags,
    remove_unknown_data,
)

# What of `conf` says something about the person and not about the notes.
_PERSONAL = ("localOffset", "rollover", "loadBalancerEnabled")

_CHOSEN_NOTES = "id IN (SELECT value FROM json_each(?))"
_CARDS_OF_NOTES = "nid IN (SELECT id FROM main.notes)"
_REVIEWS_OF_CARDS = "cid IN (SELECT id FROM main.cards)"


def write_subset(
    source: Path, target: Path, note_ids: Sequence[int] | None, options: PackageOptions
) -> int:
    """Make `target` of the notes of `source` that are there among these, or of all; how many.

    All cards of a note go along, wherever they are, with their decks and the parents of these.
    Rows keep their `mod` and `usn`, the file is one that was never synced. Ids that lie in the
    future, which Anki refuses to export, are exported.
    """
    with changing(target) as conn, reading(source) as origin:
        conn.execute("BEGIN")
        create_tables(conn)
        conn.execute("COMMIT")
        with attached(conn, source, "source"):
            conn.execute("BEGIN")
            count = _copy_rows(conn, note_ids, scheduling=options.scheduling)
            conf = read_document(origin, "conf")
            found = decks_of_cards(conn, origin, options)
            _reset_cards(conn, conf, found, options)
            _write_col(conn, origin, options, _documents(conn, origin, conf, found))
            conn.execute("COMMIT")
    return count


def _copy_rows(
    conn: sqlite3.Connection, note_ids: Sequence[int] | None, *, scheduling: bool
) -> int:
    """The columns that Anki keeps for later are written as it writes them."""
    if note_ids is None:
        count = _copy(conn, "notes", "true")
    else:
        count = _copy(conn, "notes", _CHOSEN_NOTES, json.dumps(list(note_ids)))
    conn.execute("UPDATE notes SET flags = 0, data = '' WHERE flags != 0 OR data != ''")
    _copy(conn, "cards", _CARDS_OF_NOTES)
    if scheduling:
        _copy(conn, "revlog", _REVIEWS_OF_CARDS)
    return count


def _copy(conn: sqlite3.Connection, table: str, condition: str, *values: str) -> int:
    columns = ", ".join(column_names(table))
    return conn.execute(
        f"INSERT INTO main.{table} ({columns}) SELECT {columns} FROM source.{table}"
        f" WHERE {condition} ORDER BY id",
        values,
    ).rowcount


def _reset_cards(
    conn: sqlite3.Connection, conf: JsonObject, found: DeckSubset, options: PackageOptions
) -> None:
    if not options.scheduling:
        remove_study_tags(conn)
        make_cards_new(conn, conf.get("nextPos"))
        return
    remove_unknown_data(conn)
    if not found.keeps_filtered:
        bring_cards_home(conn)


def _documents(
    conn: sqlite3.Connection, origin: sqlite3.Connection, conf: JsonObject, found: DeckSubset
) -> Mapping[Document, JsonObject]:
    used = {str(mid) for (mid,) in conn.execute("SELECT DISTINCT mid FROM notes")}
    models = {key: value for key, value in read_document(origin, "models").items() if key in used}
    current = min((int(key) for key in models), default=0)
    return {
        "conf": _fresh_conf(conf.get("creationOffset"), current),
        "models": models,
        "decks": found.decks,
        "dconf": found.presets,
        "tags": {},
    }


def _fresh_conf(creation_offset: Any, notetype_id: int) -> JsonObject:
    """That of a new collection, whose days are counted as in the one exported."""
    conf = new_conf(minutes_west=creation_offset, current_notetype_id=notetype_id)
    for key in _PERSONAL:
        del conf[key]
    if creation_offset is None:
        del conf["creationOffset"]
    return conf


def _write_col(
    conn: sqlite3.Connection,
    origin: sqlite3.Connection,
    options: PackageOptions,
    documents: Mapping[Document, JsonObject],
) -> None:
    (crt_s,) = origin.execute("SELECT crt FROM col").fetchone()
    names = ", ".join(documents)
    marks = ", ".join("?" for _ in documents)
    conn.execute(
        f"INSERT INTO col (id, crt, mod, scm, ver, dty, usn, ls, {names})"
        f" VALUES (1, ?, ?, ?, ?, 0, 0, 0, {marks})",
        (
            crt_s,
            options.now_ms,
            options.now_ms,
            SCHEMA_VERSION,
            *(dump(document) for document in documents.values()),
        ),
    )
