"""What a collection holds, as far as a person would miss it."""

import json
import sqlite3
from contextlib import closing
from pathlib import Path
from typing import Any

_QUERIES = {
    "notes": "SELECT id, guid, mid, tags, flds, sfld, csum FROM notes ORDER BY id",
    "cards": "SELECT id, nid, did, ord, type, queue, due, ivl, factor, reps, lapses, left,"
    " odue, odid, flags, data FROM cards ORDER BY id",
    "revlog": "SELECT id, cid, ease, ivl, lastIvl, factor, time, type FROM revlog ORDER BY id",
}
_DOCUMENTS = ("decks", "dconf", "models")


def content(file: Path) -> dict[str, Any]:
    """Everything but times of change and sync numbers."""
    with closing(sqlite3.connect(file)) as conn:
        tables = {name: conn.execute(sql).fetchall() for name, sql in _QUERIES.items()}
        return tables | {name: _document(conn, name) for name in _DOCUMENTS}


def _document(conn: sqlite3.Connection, name: str) -> dict[str, dict[str, Any]]:
    (text,) = conn.execute(f"SELECT {name} FROM col").fetchone()
    return {
        key: {member: value for member, value in entry.items() if member not in ("mod", "usn")}
        for key, entry in json.loads(text).items()
    }
