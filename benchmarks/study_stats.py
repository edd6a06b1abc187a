"""`python -m benchmarks.study_stats`: our statistics beside real Anki's graphs.

Both are asked in turn about one collection: 30,000 cards and 500,000 reviews of ten years.
"""

import random
import sqlite3
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

import msgspec

from chalicelib.collection.create import create_collection
from chalicelib.collection.day import timing_at
from chalicelib.collection.decks import add_deck
from chalicelib.collection.stats.graphs import graphs
from chalicelib.scheduler.timing import DAY_S

CARDS, REVIEWS, DAYS = 30_000, 500_000, 3_650

_SEED = 5
_NOTE_ID = 1
_DECKS = ("Languages", "Languages::Japanese", "Languages::French", "Anatomy")
_ASKED_DECK = "Languages"
_DAYS_ASKED = (0, 365, 31)
_REPEATS = 5


@dataclass(frozen=True, slots=True)
class StatsFigures:
    """Medians, milliseconds, and the size of our answer as JSON; `days` 0 is all of them."""

    deck: str | None
    days: int
    ours_ms: float
    anki_ms: float
    answer_bytes: int


def make_studied(path: Path, now_ms: int) -> None:
    """Make the collection as a new file, always the same one but for when it is."""
    rng = random.Random(_SEED)  # noqa: S311
    with closing(sqlite3.connect(path, isolation_level=None)) as conn:
        conn.execute("PRAGMA journal_mode = OFF")
        conn.execute("BEGIN")
        create_collection(conn, now_ms=now_ms - DAYS * DAY_S * 1000, minutes_west=0)
        decks = [add_deck(conn, name, now_ms=now_ms, max_decks=100)["id"] for name in _DECKS]
        today = timing_at(conn, now_ms).today
        conn.execute(
            "INSERT INTO notes SELECT ?, 'one', id, 0, 0, '', 'a' || char(31) || 'b', 'a', 0, 0, ''"
            " FROM (SELECT max(key) AS id FROM json_each((SELECT models FROM col)))",
            (_NOTE_ID,),
        )
        conn.executemany(_INSERT_CARD, _cards(rng, now_ms, today, decks))
        conn.executemany(_INSERT_REVIEW, _reviews(rng, now_ms))
        conn.execute("COMMIT")


_INSERT_CARD = f"""INSERT INTO cards VALUES
    (?, {_NOTE_ID}, ?, ?, 0, 0, ?, ?, ?, ?, ?, 5, 0, 0, 0, 0, 0, '{{}}')"""
_INSERT_REVIEW = "INSERT OR IGNORE INTO revlog VALUES (?, ?, 0, ?, ?, ?, ?, ?, ?)"


def _card_id(now_ms: int, number: int) -> int:
    return now_ms - (CARDS - number) * DAYS * DAY_S * 1000 // CARDS


def _cards(
    rng: random.Random, now_ms: int, today: int, decks: list[int]
) -> Iterator[tuple[int, ...]]:
    for number in range(CARDS):
        place = (_card_id(now_ms, number), rng.choice(decks), number)
        if rng.random() < 1 / 6:
            yield (*place, 0, 0, number, 0, 0)
        else:
            interval = int(rng.lognormvariate(3.5, 1.2)) + 1
            due = today + rng.randint(-5, interval)
            yield (*place, 2, rng.choice((2, 2, 2, -1)), due, interval, rng.randrange(1300, 3000))


def _reviews(rng: random.Random, now_ms: int) -> Iterator[tuple[int, ...]]:
    """Some hours of each day are the favourite ones."""
    step_ms = DAYS * DAY_S * 1000 // REVIEWS
    for number in range(REVIEWS):
        spread_ms = int(rng.gauss(0, 2 * 3600 * 1000))
        yield (
            min(now_ms - (REVIEWS - number) * step_ms + spread_ms, now_ms - 1),
            _card_id(now_ms, rng.randrange(CARDS)),
            rng.choices((1, 2, 3, 4), (10, 5, 75, 10))[0],
            rng.randint(1, 200),
            rng.choice((-600, 1, 3, 10, 30, 90)),
            2500,
            rng.randrange(60_000),
            rng.choices((0, 1, 2, 3, 4), (30, 60, 8, 1, 1))[0],
        )


def measure(path: Path, now_ms: int) -> list[StatsFigures]:
    """Ask both, in turn, for everything and for one deck; Anki works on `path` itself."""
    from anki.collection import Collection  # noqa: PLC0415

    copy = path.with_suffix(".copy")
    copy.write_bytes(path.read_bytes())
    col = Collection(str(path))
    try:
        with closing(sqlite3.connect(copy, isolation_level=None)) as conn:
            deck_id = col.decks.id(_ASKED_DECK)

            def figures(deck: str | None, days: int) -> StatsFigures:
                search = f"deck:{deck}" if deck else ""
                asked = deck_id if deck else None
                ours, anki = _medians_ms(
                    lambda: _ours(conn, now_ms, days, asked),
                    lambda: col._backend.graphs(search=search, days=days),
                )
                size = len(_ours(conn, now_ms, days, asked))
                return StatsFigures(deck, days, ours, anki, size)

            return [figures(deck, days) for deck in (None, _ASKED_DECK) for days in _DAYS_ASKED]
    finally:
        col.close()


def _ours(conn: sqlite3.Connection, now_ms: int, days: int, deck_id: int | None) -> bytes:
    return msgspec.json.encode(graphs(conn, now_ms=now_ms, days=days, deck_id=deck_id))


def _medians_ms(*asked: Callable[[], object]) -> list[float]:
    times: list[list[float]] = [[] for _ in asked]
    for _ in range(_REPEATS):
        for call, taken in zip(asked, times, strict=True):
            began = time.perf_counter()
            call()
            taken.append((time.perf_counter() - began) * 1000)
    return [sorted(taken)[_REPEATS // 2] for taken in times]


def main() -> None:
    now_ms = time.time_ns() // 1_000_000
    with tempfile.TemporaryDirectory(prefix="javumbo-bench-") as directory:
        path = Path(directory, "studied.anki2")
        make_studied(path, now_ms)
        for found in measure(path, now_ms):
            sys.stdout.write(
                f"{found.deck or 'everything':12} {found.days:4} days:"
                f" ours {found.ours_ms:6.0f} ms, Anki {found.anki_ms:6.0f} ms"
                f" ({found.ours_ms / found.anki_ms:.1f}x), {found.answer_bytes:,} bytes\n"
            )


if __name__ == "__main__":
    main()
