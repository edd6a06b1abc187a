"""Collections as the Flask version of JAVUMBO wrote them, mistakes included."""

import json
import random
import sqlite3
from contextlib import closing
from dataclasses import dataclass
from hashlib import sha1
from pathlib import Path
from typing import Any

from chalicelib.collection.schema import create_tables

DAY_S = 86_400
NOTETYPE_ID, FIRST_DECK, VERBS = 1_600_000_000_001, 1_600_000_000_002, 1_600_000_000_003

_WORDS = ("hablar", "comer", "vivir", "日本", "Straße", "naïve", "être", "кот", "🙂", "<b>ser</b>")


@dataclass(frozen=True)
class Shape:
    """How large a collection is, and since when it is there (epoch seconds)."""

    created_s: int
    notes: int
    reviews_a_card: int = 2
    field_bytes: int = 0


def write_collection(path: Path, shape: Shape, now_s: int, rng: random.Random) -> None:
    """A collection that was studied until `now_s`."""
    with closing(sqlite3.connect(path, isolation_level=None)) as conn:
        conn.execute("PRAGMA synchronous = OFF")
        conn.execute("BEGIN")
        create_tables(conn)
        _insert_col(conn, shape.created_s, rng)
        _insert_rows(conn, shape, now_s, rng)
        conn.execute("COMMIT")


def today_of_old_program(created_s: int, now_s: int) -> int:
    """The day by its own rule, which knew neither of rollover nor of time zones."""
    return (now_s - created_s) // DAY_S


def due_in_old_program(path: Path, now_s: int) -> set[int]:
    """The reviews that it would have shown at that moment, by card."""
    with closing(sqlite3.connect(path)) as conn:
        (created_s,) = conn.execute("SELECT crt FROM col").fetchone()
        today = today_of_old_program(created_s, now_s)
        sql = "SELECT id FROM cards WHERE queue = 2 AND due <= ?"
        return {card_id for (card_id,) in conn.execute(sql, (today,))}


def edit(path: Path, document: str, change: Any) -> None:
    """Change a JSON document of a collection by `change(document)`."""
    with closing(sqlite3.connect(path)) as conn, conn:
        (text,) = conn.execute(f"SELECT {document} FROM col").fetchone()
        value = json.loads(text)
        change(value)
        conn.execute(f"UPDATE col SET {document} = ?", (json.dumps(value),))


def _insert_col(conn: sqlite3.Connection, created_s: int, rng: random.Random) -> None:
    conn.execute(
        "INSERT INTO col VALUES (1, ?, ?, ?, 11, 0, ?, 0, ?, ?, ?, ?, '{}')",
        (
            created_s,
            created_s * 1000,
            created_s * 1000,
            rng.choice((0, 0, -1, 7)),
            json.dumps({"nextPos": 1, "curDeck": 1, "activeDecks": [1], "collapseTime": 1200}),
            json.dumps({str(NOTETYPE_ID): _notetype(created_s)}),
            json.dumps({str(each["id"]): each for each in _decks(created_s)}),
            json.dumps({"1": _options(created_s)}),
        ),
    )


def _notetype(created_s: int) -> dict[str, Any]:
    field = {"font": "Arial", "rtl": False, "size": 20, "sticky": False, "media": []}
    return {
        "id": NOTETYPE_ID,
        "name": "Basic",
        "type": 0,
        "mod": created_s,
        "usn": -1,
        "sortf": 0,
        "did": 1,
        "css": ".card { font-family: arial; }",
        "flds": [{"name": n, "ord": i, **field} for i, n in enumerate(("Front", "Back"))],
        "tmpls": [
            {"name": "Card 1", "ord": 0, "qfmt": "{{Front}}", "afmt": "{{FrontSide}}<hr>{{Back}}"}
        ],
        "tags": [],
        "vers": [],
    }


def _decks(created_s: int) -> list[dict[str, Any]]:
    """Without keys that Anki wants, and with a parent that is missing."""
    names = {1: "Default", FIRST_DECK: "MyFirstDeck", VERBS: "Español::Verbal Tenses"}
    today = [0, 0]
    return [
        {
            "id": deck_id,
            "name": name,
            "mod": created_s,
            "usn": -1,
            "conf": 1,
            "dyn": 0,
            "newToday": today,
            "revToday": today,
            "lrnToday": today,
            "timeToday": today,
            "collapsed": False,
            "desc": "",
        }
        for deck_id, name in names.items()
    ]


def _options(created_s: int) -> dict[str, Any]:
    """Blocks without members that Anki wants: it would take none of the block."""
    return {
        "id": 1,
        "name": "Default",
        "mod": created_s,
        "usn": -1,
        "maxTaken": 60,
        "autoplay": True,
        "timer": 0,
        "new": {"delays": [1, 10], "perDay": 35, "initialFactor": 2500},
        "rev": {"perDay": 150, "ease4": 1.3},
        "lapse": {"delays": [10], "leechFails": 8},
    }


def _insert_rows(conn: sqlite3.Connection, shape: Shape, now_s: int, rng: random.Random) -> None:
    today = today_of_old_program(shape.created_s, now_s)
    first_ms = shape.created_s * 1000
    for number in range(shape.notes):
        note_id, card_id = first_ms + number, first_ms + number
        front = f"{rng.choice(_WORDS)} {number}" + "x" * shape.field_bytes
        conn.execute(
            "INSERT INTO notes VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, 0, '')",
            (
                note_id,
                f"{rng.getrandbits(40):010x}",
                NOTETYPE_ID,
                shape.created_s + number,
                rng.choice((-1, 0, 3, 99)),
                rng.choice(("", "verbos", " verbos irregular ")),
                f"{front}\x1f{rng.choice(_WORDS)}",
                front,
                int(sha1(front.encode()).hexdigest()[:8], 16),
            ),
        )
        _insert_card(conn, shape, card_id, today, now_s, rng)


def _insert_card(
    conn: sqlite3.Connection,
    shape: Shape,
    card_id: int,
    today: int,
    now_s: int,
    rng: random.Random,
) -> None:
    """New, learning or in review; its interval was doubled at each answer, whatever its ease."""
    kind = rng.choice(("new", "learning", "review", "review", "review"))
    reviews = 0 if kind == "new" else 1 if kind == "learning" else shape.reviews_a_card
    interval = 2**reviews if kind == "review" else 0
    schedule = {
        "new": (0, 0, rng.randrange(1, 500), 0),
        "learning": (1, 1, now_s - 60, 0),
        "review": (2, 2, max(0, today + rng.randrange(-4, 5)), interval),
    }[kind]
    conn.execute(
        "INSERT INTO cards VALUES (?, ?, ?, 0, ?, ?, ?, ?, ?, ?, ?, ?, 0, ?, 0, 0, 0, '')",
        (
            card_id,
            card_id,
            rng.choice((1, FIRST_DECK, VERBS)),
            shape.created_s,
            rng.choice((-1, 0, 12)),
            *schedule,
            rng.choice((2500, 2300)) if kind == "review" else 0,
            reviews,
            1002 if kind == "learning" else 0,
        ),
    )
    _insert_reviews(conn, shape, card_id, kind, reviews, rng)


def _insert_reviews(
    conn: sqlite3.Connection,
    shape: Shape,
    card_id: int,
    kind: str,
    reviews: int,
    rng: random.Random,
) -> None:
    for number in range(reviews):
        review_id = card_id + (number + 1) * 3_600_000 * 24
        if number == 0:
            row = (rng.choice((1, 3, 4)), -600, -60, 0, 4000, 0)
        else:
            row = (rng.choice((2, 3, 4)), 2**number, 2 ** (number - 1), 2500, 5000, 1)
        conn.execute(
            "INSERT INTO revlog VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
            (review_id, card_id, rng.choice((-1, 0, 44)), *row),
        )
