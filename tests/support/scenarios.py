"""Collections for the study queue, written down as numbers: tests/golden/queues.json.xz has them.

The script that asks real Anki and the tests that compare with its answers build the same file.
"""

import sqlite3
from typing import Any

from chalicelib.collection.col import dump, read_document, write_document
from chalicelib.collection.create import create_collection
from chalicelib.collection.documents import new_deck, new_options
from chalicelib.collection.filtered import FIRST_EPOCH_DUE
from chalicelib.collection.schema import TABLES
from chalicelib.scheduler.states import CardType

JsonObject = dict[str, Any]

# The columns of `cards` that a scenario gives; the others are 0.
CARD_COLUMNS = (
    *("id", "nid", "did", "ord", "mod", "type", "queue", "due", "ivl", "factor"),
    *("reps", "left", "odue", "odid", "data"),
)

_LEARNING_TYPES = (CardType.LEARNING, CardType.RELEARNING)


def build(conn: sqlite3.Connection, scenario: JsonObject) -> None:
    """Make the scenario's collection in an empty database."""
    create_collection(
        conn, now_ms=scenario["created"] * 1000, minutes_west=scenario["minutes_west"]
    )
    conf = read_document(conn, "conf")
    write_document(conn, "conf", conf | scenario["conf"])
    _write_decks(conn, scenario["decks"])
    _write_groups(conn, scenario["groups"])
    _insert_cards(conn, scenario["cards"])


def _write_decks(conn: sqlite3.Connection, changes: JsonObject) -> None:
    decks = read_document(conn, "decks")
    for key, change in changes.items():
        deck = new_deck(deck_id=int(key), name=change["name"], now_s=0, usn=0)
        decks[key] = deck | change
    write_document(conn, "decks", decks)


def _write_groups(conn: sqlite3.Connection, changes: JsonObject) -> None:
    groups = read_document(conn, "dconf")
    for key, change in changes.items():
        group = new_options(options_id=int(key), name=f"Group {key}", now_s=0, usn=0)
        for block in ("new", "rev", "lapse"):
            group[block] = group[block] | change.get(block, {})
        blocks = {"new", "rev", "lapse"}
        groups[key] = group | {name: value for name, value in change.items() if name not in blocks}
    write_document(conn, "dconf", groups)


def _insert_cards(conn: sqlite3.Connection, rows: list[list[Any]]) -> None:
    (models,) = conn.execute("SELECT models FROM col").fetchone()
    notetype_id = next(iter(read_document(conn, "models")))
    assert models
    cards = [dict(zip(CARD_COLUMNS, row, strict=True)) for row in rows]
    for note_id in sorted({card["nid"] for card in cards}):
        note = {"id": note_id, "guid": f"g{note_id}", "mid": int(notetype_id), "mod": 1, "usn": 0}
        _insert(conn, "notes", note | {"tags": "", "flds": f"{note_id}\x1fback", "sfld": note_id})
    for card in cards:
        _insert(conn, "cards", card | {"data": dump(card["data"])})
        if card["type"] in _LEARNING_TYPES and card["due"] < FIRST_EPOCH_DUE:
            # What made it wait for a day: a step that ended on another one.
            review = {"id": card["id"], "cid": card["id"], "ease": 3, "ivl": 1, "lastIvl": -60}
            _insert(conn, "revlog", review)


def _insert(conn: sqlite3.Connection, table: str, row: JsonObject) -> None:
    names = [column.split()[0] for column in TABLES[table]]
    values = [row.get(name, "" if name == "data" else 0) for name in names]
    conn.execute(f"INSERT INTO {table} VALUES ({', '.join('?' * len(names))})", values)
