"""Studied collections for the statistics, always the same ones for the same seed.

`make golden` gives them to real Anki and keeps what its graphs show; the tests make them again.
"""

import random
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from chalicelib.collection.col import read_document, write_document
from chalicelib.collection.day import timing_at
from chalicelib.scheduler.timing import Timing
from tests.support.collections import DAY_MS, make_deck, make_note, new_connection, save

DAY_S = 86_400
# What Anki is asked about each of them: None is the whole collection, 0 all days.
ASKED_DECKS = (None, "A", "A::B", "Cram")
ASKED_DAYS = (0, 31, 365)
DECKS = ("A", "A::B", "A::B::C", "AB", "E")
FILTERED = "Cram"
CARDS, REVIEWS = 140, 500

# Where Anki is asked: as a server, which knows an offset only, and as a client in a time zone.
SERVER_SEEDS = range(16)
ZONES = {
    "Europe/Berlin": range(16, 20),
    "America/Sao_Paulo": range(20, 23),
    "Asia/Kathmandu": range(23, 25),
    "Pacific/Auckland": range(25, 28),
}
_OFFSETS_WEST = (0, 0, 180, 300, -60, -120, -345, 570, -840, 720)
# When clocks change in Europe, in spring and in autumn, and two other days.
_NOWS = (1_711_846_800, 1_729_990_800, 1_718_000_000, 1_767_600_000)
_HISTORIES_DAYS = (3, 40, 100, 400, 1200)
_REAL = Path(__file__).parent.parent / "data" / "jlpt-n5-studied.anki2"
_REAL_NOWS = (1_771_504_300, 1_771_570_800, 1_775_000_000)
_REAL_DECKS = (None, "Geo", "Japanese")
_LAST_INTERVALS = (-86_401, -86_400, -86_399, -600, -60, 0, 1, 5, 20, 21, 22, 180)


@dataclass(frozen=True)
class Studied:
    """A collection and the moment at which it is looked at, epoch seconds."""

    conn: sqlite3.Connection
    now_s: int
    deck_ids: dict[str, int]


def studied(seed: int) -> Studied:
    """A collection with cards in all states, answers of all kinds and a filtered deck."""
    rng = random.Random(seed)
    now_s = rng.choice(_NOWS) + rng.randint(-3 * 3600, 30 * 3600)
    days = rng.choice(_HISTORIES_DAYS)
    west, created_west = rng.choice(_OFFSETS_WEST), rng.choice(_OFFSETS_WEST)
    conn = new_connection(now_ms=(now_s - days * DAY_S) * 1000, minutes_west=created_west)
    conf = read_document(conn, "conf")
    write_document(conn, "conf", conf | {"localOffset": west, "rollover": rng.randint(0, 23)})
    deck_ids = {name: make_deck(conn, name, now_s * 1000) for name in DECKS}
    deck_ids[FILTERED] = _make_filtered_deck(conn, now_s)
    timing = timing_at(conn, now_s * 1000)
    _say_when_unburied(conn, rng, timing)
    card_ids = _add_cards(conn, rng, timing, days, deck_ids)
    _add_revlog(conn, rng, timing, days, card_ids)
    return Studied(conn, now_s, deck_ids)


def documents(folder: Path) -> Iterator[dict[str, Any]]:
    """What tests/oracle/graphs.py is asked; the collections are written to the folder."""
    yield {"tz": "UTC", "server": True, "cases": [_case(folder, n) for n in SERVER_SEEDS]}
    for zone, seeds in ZONES.items():
        yield {"tz": zone, "server": False, "cases": [_case(folder, n) for n in seeds]}
    yield {"tz": "America/Sao_Paulo", "server": False, "cases": list(_real_cases())}


def _case(folder: Path, seed: int) -> dict[str, Any]:
    made = studied(seed)
    with closing(made.conn):
        file = save(made.conn, folder / f"{seed}.anki2")
    asked = {"decks": list(ASKED_DECKS), "days": list(ASKED_DAYS)}
    return {"seed": seed, "file": str(file), "now": made.now_s, **asked}


def _real_cases() -> Iterator[dict[str, Any]]:
    for now_s in _REAL_NOWS:
        asked = {"decks": list(_REAL_DECKS), "days": list(ASKED_DAYS)}
        yield {"seed": None, "file": str(_REAL), "now": now_s, **asked}


def opened(case: dict[str, Any]) -> sqlite3.Connection:
    """The collection of a golden case, in memory, at the offset that Anki took."""
    if case["seed"] is None:
        conn = sqlite3.connect(":memory:", isolation_level=None)
        with closing(sqlite3.connect(f"file:{_REAL}?mode=ro", uri=True)) as real:
            real.backup(conn)
    else:
        conn = studied(case["seed"]).conn
    conf = read_document(conn, "conf")
    write_document(conn, "conf", conf | {"localOffset": case["localOffset"]})
    return conn


def _make_filtered_deck(conn: sqlite3.Connection, now_s: int) -> int:
    deck_id = make_deck(conn, FILTERED, now_s * 1000)
    decks = read_document(conn, "decks")
    more = {"dyn": 1, "resched": True, "terms": [["is:due", 9, 0]], "separate": True}
    decks[str(deck_id)] |= more | {"delays": None, "previewDelay": 10}
    write_document(conn, "decks", decks)
    return deck_id


def _say_when_unburied(conn: sqlite3.Connection, rng: random.Random, timing: Timing) -> None:
    last = timing.today - rng.randint(0, 1)
    conf = read_document(conn, "conf")
    write_document(conn, "conf", conf | {"lastUnburied": max(0, last)})


def _add_cards(
    conn: sqlite3.Connection,
    rng: random.Random,
    timing: Timing,
    days: int,
    deck_ids: dict[str, int],
) -> list[int]:
    note_id = make_note(conn, ["front", "back"], now_ms=timing.now_s * 1000).note_id
    conn.execute("DELETE FROM cards")
    moments = {_moment_ms(rng, timing, days) for _ in range(CARDS)}
    for number, card_id in enumerate(sorted(moments)):
        columns = _state(rng, timing) | _deck(rng, deck_ids)
        if columns["odid"]:
            columns |= {"odue": columns["due"], "due": -100_000 + number}
        row: dict[str, Any] = {
            "id": card_id,
            "nid": note_id,
            "ord": number,
            "mod": timing.now_s,
            "usn": 0,
        }
        row |= {"reps": 1, "lapses": 0, "left": 1, "flags": 0, "data": "{}", "odue": 0} | columns
        names, marks = ", ".join(row), ", ".join("?" * len(row))
        conn.execute(f"INSERT INTO cards ({names}) VALUES ({marks})", list(row.values()))
    return sorted(moments)


def _deck(rng: random.Random, deck_ids: dict[str, int]) -> dict[str, int]:
    home = rng.choice([deck_ids[name] for name in DECKS])
    if rng.random() < 0.1:
        return {"did": deck_ids[FILTERED], "odid": home}
    return {"did": home, "odid": 0}


def _state(rng: random.Random, timing: Timing) -> dict[str, Any]:
    """Any state of a card; the intervals around the border of maturity are the most frequent."""
    day = timing.today + rng.choice((-30, -2, -1, 0, 0, 1, 2, 21, 400))
    soon = timing.now_s + rng.choice((-200_000, -90_000, -600, 600, 90_000, 200_000))
    border = timing.next_cutoff_s + rng.choice((-DAY_S, -1, 0, DAY_S))
    review: dict[str, Any] = {
        "type": 2,
        "due": day,
        "ivl": rng.choice((1, 2, 3, 3, 7, 20, 21, 22, 365)),
    }
    review["factor"] = rng.choice((1300, 2150, 2305, 2499, 2500, 3100))
    relearn = review | {"type": 3, "ivl": rng.choice((1, 21, 40))}
    learn: dict[str, Any] = {"type": 1, "ivl": 0, "factor": 0}
    return rng.choice(
        (
            {"type": 0, "due": 5, "ivl": 0, "factor": 0, "queue": rng.choice((0, 0, -1, -2, -3))},
            learn | {"queue": 1, "due": rng.choice((soon, border))},
            learn | {"queue": rng.choice((3, -1, -2, -3)), "due": day},
            review | {"queue": 2},
            review | {"queue": 2},
            review | {"queue": rng.choice((2, -1, -2, -3))},
            relearn | {"queue": rng.choice((1, -3)), "due": soon},
            relearn | {"queue": rng.choice((3, -1)), "due": day},
        )
    )


def _moment_ms(rng: random.Random, timing: Timing, days: int) -> int:
    """Any time since the collection was made, often close to the beginning of a day."""
    cutoff_ms = timing.next_cutoff_s * 1000
    if rng.random() < 0.3:
        border: int = cutoff_ms - rng.choice((*range(9), 30, 31, 32, 90, 91, 365, 366)) * DAY_MS
        return border + rng.choice((-86_400_000, -1001, -1000, -999, -1, 0, 1, 999, 1000, 1001))
    back_ms: int = int(rng.random() ** 2 * (days + 1) * DAY_MS)
    return cutoff_ms - rng.randint(0, 500) - back_ms


def _add_revlog(
    conn: sqlite3.Connection,
    rng: random.Random,
    timing: Timing,
    days: int,
    card_ids: list[int],
) -> None:
    rows = _revlog_rows(rng, timing, days, card_ids)
    conn.executemany("INSERT OR IGNORE INTO revlog VALUES (?, ?, 0, ?, 1, ?, ?, ?, ?)", rows)


def _revlog_rows(
    rng: random.Random, timing: Timing, days: int, card_ids: list[int]
) -> Iterator[tuple[int, ...]]:
    deleted_card = 12_345
    for _ in range(REVIEWS):
        kind = rng.choices((0, 1, 2, 3, 4, 5, 7), (20, 50, 10, 10, 5, 5, 1))[0]
        rated = rng.random() < (0.1 if kind in {4, 5} else 0.97)
        yield (
            _moment_ms(rng, timing, days),
            rng.choice((deleted_card, *card_ids[:30], *card_ids)),
            rng.choices((1, 2, 3, 4), (2, 1, 6, 1))[0] if rated else 0,
            rng.choice(_LAST_INTERVALS),
            rng.choice((0, 1300, 2500)),
            rng.randint(0, 60_000),
            kind,
        )
