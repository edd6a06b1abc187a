"""Change collections as the storage engine does, with the change recorded, and look at them."""

import json
import sqlite3
from collections.abc import Callable
from contextlib import closing
from typing import Any

from chalicelib.collection.schema import column_names
from chalicelib.collection.study.answering import Answer, answer_card
from chalicelib.collection.undo.recording import Applied, UndoRecorder, apply_inverse
from chalicelib.scheduler.answers import Rating
from tests.support.collections import DAY_MS, NOW_MS, make_card, set_columns

LATER_MS = NOW_MS + 60_000
UNDONE_MS = NOW_MS + 40 * DAY_MS
USN = 7

Change = Callable[[], object]

DENIED = {
    sqlite3.SQLITE_TRANSACTION,
    sqlite3.SQLITE_ATTACH,
    sqlite3.SQLITE_DETACH,
    sqlite3.SQLITE_PRAGMA,
}


def authorize(action: int, *_: str | None) -> int:
    """What the storage engine lets a caller's function do."""
    return sqlite3.SQLITE_DENY if action in DENIED else sqlite3.SQLITE_OK


def record(conn: sqlite3.Connection, change: Change) -> bytes:
    """Make a change in a transaction of its own; its inverse. An exception changes nothing."""
    conn.execute("PRAGMA trusted_schema = OFF")
    conn.execute("BEGIN IMMEDIATE")
    try:
        recorder = UndoRecorder()
        recorder.begin(conn)
        conn.set_authorizer(authorize)
        try:
            change()
        finally:
            conn.set_authorizer(None)
        inverse = recorder.end(conn)
    except BaseException:
        conn.execute("ROLLBACK")
        raise
    conn.execute("COMMIT")
    return inverse


def take_back(
    conn: sqlite3.Connection, inverse: bytes, now_ms: int = UNDONE_MS
) -> tuple[Applied, bytes]:
    """Apply an inverse; what it did, and the inverse of that."""
    applied: list[Applied] = []
    redo = record(conn, lambda: applied.append(apply_inverse(conn, inverse, now_ms)))
    return applied[0], redo


def undo(conn: sqlite3.Connection, inverse: bytes, now_ms: int = UNDONE_MS) -> bytes:
    """Apply an inverse; the inverse of that, which is the redo."""
    return take_back(conn, inverse, now_ms)[1]


def answering(
    conn: sqlite3.Connection, card_id: int, rating: int = 3, at_ms: int = LATER_MS
) -> Change:
    answer = Answer(card_id, Rating(rating), 4000, at_ms, None)
    return lambda: answer_card(conn, answer, at_ms)


def studied(conn: sqlite3.Connection, deck: int) -> int:
    """A card that was reviewed before and is due."""
    card = make_card(conn, "falar", deck)
    data = '{"pos":1,"lrt":1705000000}'
    set_columns(
        conn, card.id, type=2, queue=2, due=0, ivl=12, factor=2350, reps=7, lapses=1, data=data
    )
    answering(conn, make_card(conn, "ouvir", deck).id, at_ms=NOW_MS)()
    return card.id


def content(conn: sqlite3.Connection) -> dict[str, Any]:
    """All that undo is to bring back: everything but mod, usn and graves.

    As texts, so that storage classes and the order of keys count.
    """
    found: dict[str, Any] = {}
    for table in ("notes", "cards", "revlog"):
        names = [name for name in column_names(table) if name not in ("mod", "usn")]
        rows = conn.execute(f"SELECT {', '.join(names)} FROM {table} ORDER BY id").fetchall()
        found[table] = [repr(row) for row in rows]
    for document in ("conf", "models", "decks", "dconf", "tags"):
        (text,) = conn.execute(f"SELECT {document} FROM col").fetchone()
        value = without_stamps(document, json.loads(text))
        # Options are written with their keys in another order, which means nothing.
        found[document] = json.dumps(value, sort_keys=document == "dconf")
    found["col"] = conn.execute("SELECT crt, scm, ver, dty, usn, ls FROM col").fetchone()
    return found


def without_stamps(document: str, value: dict[str, Any]) -> Any:
    if document == "tags":
        return sorted(value)  # Anki keeps no order
    if document == "conf":
        return value
    return {
        key: {k: v for k, v in e.items() if k not in ("mod", "usn")} for key, e in value.items()
    }


def dump(conn: sqlite3.Connection) -> list[str]:
    """All of the database as SQL, to see whether anything changed."""
    return list(conn.iterdump())


def graves(conn: sqlite3.Connection) -> list[tuple[int, int]]:
    """(id, kind) of every grave."""
    return conn.execute("SELECT oid, type FROM graves ORDER BY type, oid").fetchall()


def living(conn: sqlite3.Connection) -> set[tuple[int, int]]:
    """(id, kind) of everything that could get a grave."""
    (decks,) = conn.execute("SELECT decks FROM col").fetchone()
    return {
        *((row[0], 0) for row in conn.execute("SELECT id FROM cards").fetchall()),
        *((row[0], 1) for row in conn.execute("SELECT id FROM notes").fetchall()),
        *((int(key), 2) for key in json.loads(decks)),
    }


def copy_of(conn: sqlite3.Connection) -> closing[sqlite3.Connection]:
    """The same collection once more, in memory."""
    twin = sqlite3.connect(":memory:", isolation_level=None)
    conn.backup(twin)
    return closing(twin)
