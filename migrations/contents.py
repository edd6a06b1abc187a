"""What a collection holds, as digests: equal for two collections exactly when they say the same.

Sync numbers are left out, which have no meaning but for the file they stand in, and so are the
times at which documents were last written.
"""

import hashlib
import json
import sqlite3
from collections.abc import Mapping
from typing import Any

from chalicelib.collection.col import Document, read_document

_ROWS: Mapping[str, str] = {
    "notes": "id, guid, mid, mod, tags, flds, sfld, csum",
    "cards": "id, nid, did, ord, mod, type, queue, due, ivl, factor, reps, lapses, left, odue,"
    " odid, flags, data",
    "revlog": "id, cid, ease, ivl, lastIvl, factor, time, type",
}
_DOCUMENTS: Mapping[str, Document] = {"decks": "decks", "notetypes": "models", "options": "dconf"}
_NOT_COMPARED = frozenset({"usn", "mod"})

Digests = dict[str, str]


def digests_of(conn: sqlite3.Connection) -> Digests:
    """SHA-256 of each part: notes, cards, revlog, decks, notetypes, options."""
    rows = {part: _rows_digest(conn, part, columns) for part, columns in _ROWS.items()}
    documents = {
        part: _digest(_compared(read_document(conn, name))) for part, name in _DOCUMENTS.items()
    }
    return rows | documents


def counts_of(conn: sqlite3.Connection) -> dict[str, int]:
    """How many notes, cards, reviews and decks there are."""
    counts = {table: conn.execute(f"SELECT count(*) FROM {table}").fetchone()[0] for table in _ROWS}
    return counts | {"decks": len(read_document(conn, "decks"))}


def _rows_digest(conn: sqlite3.Connection, table: str, columns: str) -> str:
    digest = hashlib.sha256()
    for row in conn.execute(f"SELECT {columns} FROM {table} ORDER BY id"):
        digest.update(json.dumps(row, ensure_ascii=False).encode())
        digest.update(b"\n")
    return digest.hexdigest()


def _compared(document: Mapping[str, Any]) -> list[Any]:
    entries = [
        {key: value for key, value in entry.items() if key not in _NOT_COMPARED}
        for entry in document.values()
    ]
    return sorted(entries, key=lambda entry: int(entry["id"]))


def _digest(value: object) -> str:
    return hashlib.sha256(json.dumps(value, sort_keys=True).encode()).hexdigest()
