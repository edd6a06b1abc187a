"""The single row of table `col`: its JSON documents, its times and its sync number."""

import json
import sqlite3
from typing import Any, Literal

import msgspec

JsonObject = dict[str, Any]
Document = Literal["conf", "models", "decks", "dconf", "tags"]


def read_document(conn: sqlite3.Connection, name: Document) -> JsonObject:
    """One of the JSON documents of `col`; a fresh object, yours to change and write back."""
    (text,) = conn.execute(f"SELECT {name} FROM col").fetchone()
    return parse(text)


def write_document(conn: sqlite3.Connection, name: Document, document: JsonObject) -> None:
    """Replace one JSON document. Call `touch` too: Anki sees no change without it."""
    conn.execute(f"UPDATE col SET {name} = ?", (dump(document),))


def parse(text: str) -> JsonObject:
    """A JSON object. Raises ValueError for what is none."""
    document: JsonObject
    try:
        document = msgspec.json.decode(text)
    except msgspec.DecodeError:  # stricter than Python's own, which is several times slower
        escaped = json.dumps(json.loads(text), ensure_ascii=False).encode(errors="replace")
        document = json.loads(escaped)  # without lone surrogates, which nobody could be sent
    return document


def dump(document: JsonObject) -> str:
    """JSON as Anki writes it: compact, and not escaped where UTF-8 can have it."""
    try:
        return msgspec.json.encode(document).decode()
    except (OverflowError, UnicodeEncodeError):  # a number of more than 64 bits, a lone surrogate
        return json.dumps(document, separators=(",", ":"))


def server_usn(conn: sqlite3.Connection) -> int:
    """The `usn` for rows written here: JAVUMBO is the server of a collection, so never -1."""
    usn: int = conn.execute("SELECT usn FROM col").fetchone()[0]
    return usn


def created_s(conn: sqlite3.Connection) -> int:
    """When the collection was made, epoch seconds: the start of day 0."""
    crt: int = conn.execute("SELECT crt FROM col").fetchone()[0]
    return crt


def touch(conn: sqlite3.Connection, now_ms: int) -> None:
    """Record that the collection changed. `col.mod` never goes back, whatever the clock does."""
    conn.execute("UPDATE col SET mod = max(mod + 1, ?)", (now_ms,))


def mark_schema_changed(conn: sqlite3.Connection, now_ms: int) -> None:
    """Record a change that Anki cannot merge (fields, templates, removed notetypes or options)."""
    touch(conn, now_ms)
    conn.execute("UPDATE col SET scm = max(scm + 1, ?)", (now_ms,))
