"""The deck list and the study queue count what real Anki counts, on the same collection."""

import random
import sqlite3
import time
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from chalicelib.collection.col import read_document, write_document
from chalicelib.collection.day import timing_at
from chalicelib.collection.decks import Decks
from chalicelib.collection.study.deck_counts import counts_of_decks
from chalicelib.collection.study.queue import Counts, study_queue
from chalicelib.scheduler.timing import Timing
from tests.support.anki import report_of_anki
from tests.support.collections import (
    DAY_MS,
    make_card,
    make_deck,
    new_connection,
    save,
    set_columns,
)

DECKS = ("A", "A::B", "A::B::C", "A::D", "E", "E::F")


@pytest.mark.parametrize("seed", range(6))
def test_counts_are_those_of_anki(tmp_path: Path, seed: int) -> None:
    rng = random.Random(seed)
    now_ms = time.time_ns() // 1_000_000  # the clock that Anki itself reads
    with closing(new_connection(now_ms=now_ms - 100 * DAY_MS)) as conn:
        timing = timing_at(conn, now_ms)
        deck_ids = [make_deck(conn, name, now_ms - 90 * DAY_MS) for name in DECKS]
        for n in range(120):
            card = make_card(conn, f"card {n}", rng.choice(deck_ids))
            set_columns(conn, card.id, **random_state(rng, timing))
        limit_decks(conn, rng, timing.today)
        ours = counts_of_decks(conn, timing)
        queues = {
            deck_id: study_queue(conn, deck_id, timing).counts for deck_id in Decks(conn).by_id
        }
        names = {deck["name"]: deck["id"] for deck in Decks(conn).by_id.values()}
        report = report_of_anki(save(conn, tmp_path / "counts.anki2"))
    assert report["problems"] == []
    assert {name: counts(due) for name, due in report["due"].items()} == {
        name: ours[names[name]] for name in report["due"]
    }
    assert {name: counts(queue) for name, queue in report["queue"].items()} == {
        name: queues[deck_id] for name, deck_id in names.items()
    }
    assert report["today"] == timing.today


def counts(reported: dict[str, int]) -> Counts:
    return Counts(new=reported["new"], learn=reported["learn"], review=reported["review"])


def random_state(rng: random.Random, timing: Timing) -> dict[str, Any]:
    """Any state a card can be in, due around now; well clear of the minute of the test."""
    soon = timing.now_s + rng.choice((-5000, -300, 600, 1080, 1800, 40_000))
    day = timing.today + rng.randint(-5, 2)
    studied = {"ivl": 5, "factor": 2500, "reps": 3}
    return rng.choice(
        (
            {"queue": 0},
            {"queue": -1},
            {"type": 1, "queue": 1, "due": soon, "left": 1},
            {"type": 1, "queue": 3, "due": day, "left": 1},
            {"type": 2, "queue": 2, "due": day, **studied},
            {"type": 2, "queue": -1, "due": day, **studied},
            {"type": 2, "queue": -2, "due": day, **studied},
            {"type": 3, "queue": 1, "due": soon, "left": 1, **studied},
            {"type": 3, "queue": -3, "due": soon, "left": 1, **studied},
        )
    )


def limit_decks(conn: sqlite3.Connection, rng: random.Random, today: int) -> None:
    """Give decks limits of every kind, and something that was studied today or before."""
    groups, decks = read_document(conn, "dconf"), read_document(conn, "decks")
    for deck_id, deck in decks.items():
        options = {"id": int(deck_id), "name": f"for {deck['name']}"}
        groups[deck_id] = (
            groups["1"]
            | options
            | {
                "new": groups["1"]["new"] | {"perDay": rng.randint(0, 12)},
                "rev": groups["1"]["rev"] | {"perDay": rng.randint(0, 12)},
            }
        )
        deck["conf"] = int(deck_id)
        day = rng.choice((today, today, today - 1))
        deck |= {"newToday": [day, rng.randint(0, 3)], "revToday": [day, rng.randint(0, 3)]}
        deck |= {"lrnToday": [day, 0], "timeToday": [day, 0]}
        if rng.random() < 0.3:
            deck["newLimit"], deck["reviewLimit"] = rng.randint(0, 9), rng.randint(0, 9)
        if rng.random() < 0.3:
            deck["newLimitToday"] = {"limit": rng.randint(0, 9), "today": rng.choice((today, 1))}
    conf = read_document(conn, "conf")
    ignore = rng.random() < 0.4
    write_document(conn, "conf", conf | {"newCardsIgnoreReviewLimit": ignore})
    write_document(conn, "dconf", groups)
    write_document(conn, "decks", decks)
