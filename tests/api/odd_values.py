"""Collections with values where Anki would never put them, as a file made by hand may have."""

import json
import random
import sqlite3
from typing import Any

from tests.support.collections import NOW_MS, make_deck, make_note, set_columns

COLUMNS = {
    "cards": "nid did ord mod usn type queue due ivl factor reps lapses left odue odid flags data",
    "notes": "guid mid mod usn tags flds sfld csum flags data",
    "revlog": "cid usn ease ivl lastIvl factor time type",
}
ODD_VALUES: list[Any] = [0, -1, 2**31, 2**32, -(2**31), 2**62, -(2**63), 2**63 - 1, 10**12]
ODD_VALUES += ["x", "", "12", None, 1.5, b"\xff\x00", 1e300]
ODD_VALUES += ['{"lrt":1e400}', '{"lrt":true}', "[]", '{"pos":-5}']
ODD_JSON: list[Any] = [None, 0, -1, True, 2**31, 2**53, 2**63, 10**30, "x", "", "12", 1.5, 1e308]
ODD_JSON += [[], {}, [1], [0, 0], {"a": 1}, [None], ["x", "y"], "\ud800"]
DAMAGES = (
    "DELETE FROM notes WHERE id IN (SELECT id FROM notes LIMIT 2)",
    "UPDATE cards SET did = 99 WHERE id IN (SELECT id FROM cards LIMIT 3)",
    "UPDATE notes SET mid = 42 WHERE id IN (SELECT id FROM notes LIMIT 2)",
    "UPDATE notes SET flds = 'one' WHERE id IN (SELECT id FROM notes LIMIT 2)",
    "UPDATE notes SET flds = flds || char(31) || 'more' WHERE id IN (SELECT id FROM notes LIMIT 2)",
    "UPDATE cards SET ord = 7 WHERE id IN (SELECT id FROM cards LIMIT 3)",
    "UPDATE cards SET odid = did, odue = due, did = 99 WHERE id IN (SELECT id FROM cards LIMIT 3)",
)


def fill(conn: sqlite3.Connection, chance: random.Random) -> tuple[list[int], list[int]]:
    """Some decks, and cards in every state; their ids."""
    decks = [1, *(make_deck(conn, name) for name in ("A", "A::B", "A::B::C", "D"))]
    cards: list[int] = []
    for n in range(20):
        kind = chance.choice(["Basic", "Basic", "Basic (and reversed card)", "Cloze"])
        fields = [f"front{n} {{{{c1::x}}}}", f"back {n}"]
        tags = ["t", "u::v"] if n % 3 else []
        note = make_note(conn, fields, deck_id=chance.choice(decks), notetype=kind, tags=tags)
        cards += note.card_ids
    for card_id in cards:
        _put_into_a_state(conn, card_id, chance)
    return decks, cards


def _put_into_a_state(conn: sqlite3.Connection, card_id: int, chance: random.Random) -> None:
    soon_s, day = NOW_MS // 1000 + chance.randint(-600, 600), chance.randint(-3, 3)
    states: list[dict[str, int]] = [
        {},
        {"type": 1, "queue": 1, "due": soon_s, "left": 1001, "reps": 1},
        {"type": 2, "queue": 2, "due": day, "ivl": 10, "factor": 2500, "reps": 4},
        {"type": 3, "queue": 3, "due": 0, "ivl": 10, "factor": 2300, "reps": 4, "left": 1},
        {"type": 2, "queue": -chance.randint(1, 3), "ivl": 4, "factor": 2300, "reps": 4},
    ]
    state = chance.choice(states)
    if state:
        set_columns(conn, card_id, **state)


def spoil(conn: sqlite3.Connection, chance: random.Random) -> None:
    """Put odd things into a few places."""
    spoilers = (_spoil_column, _spoil_column, _spoil_document, _spoil_document, _spoil_col, _damage)
    for _ in range(chance.choice([1, 1, 2, 4])):
        chance.choice(spoilers)(conn, chance)


def _spoil_column(conn: sqlite3.Connection, chance: random.Random) -> None:
    table = chance.choice(["cards", "cards", "notes", "revlog"])
    column, value = chance.choice(COLUMNS[table].split()), chance.choice(ODD_VALUES)
    where = chance.choice(["", f"WHERE id IN (SELECT id FROM {table} LIMIT 1)"])
    conn.execute(f"UPDATE OR IGNORE {table} SET {column} = ? {where}", (value,))


def _spoil_document(conn: sqlite3.Connection, chance: random.Random) -> None:
    name = chance.choice(["conf", "decks", "decks", "dconf", "dconf", "models", "models", "tags"])
    document = json.loads(conn.execute(f"SELECT {name} FROM col").fetchone()[0])
    inside, key = _somewhere(document, chance)
    if isinstance(inside, dict) and chance.random() < 0.3:
        del inside[key]
    elif inside is not None:
        inside[key] = chance.choice(ODD_JSON)
    conn.execute(f"UPDATE col SET {name} = ?", (json.dumps(document),))


def _somewhere(document: Any, chance: random.Random) -> tuple[Any, Any]:
    """Any place in a document: the object or list that it is in, and its key there."""
    inside, key, here = None, None, document
    while isinstance(here, dict | list) and here and (inside is None or chance.random() < 0.8):
        inside = here
        key = chance.choice(list(here)) if isinstance(here, dict) else chance.randrange(len(here))
        here = inside[key]
    return inside, key


def _spoil_col(conn: sqlite3.Connection, chance: random.Random) -> None:
    column = chance.choice(["crt", "mod", "scm", "usn", "ls"])
    conn.execute(f"UPDATE col SET {column} = ?", (chance.choice([0, -1, 2**31, 2**62, -(2**62)]),))


def _damage(conn: sqlite3.Connection, chance: random.Random) -> None:
    conn.execute(chance.choice(DAMAGES))
