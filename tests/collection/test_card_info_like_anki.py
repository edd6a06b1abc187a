"""What Card Info shows is what real Anki shows of the same cards."""

import json
import random
import sqlite3
import subprocess
import sys
import time
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from chalicelib.api.card_view import CardPresenter
from chalicelib.collection.card_info import CardHistory, card_history
from chalicelib.collection.cards import get_card
from chalicelib.collection.day import timing_at
from chalicelib.scheduler.float32 import f32
from tests.collection import card_stats_in_anki
from tests.support.collections import (
    DAY_MS,
    make_card,
    make_deck,
    new_connection,
    save,
    set_columns,
)

KINDS = ["learning", "review", "relearning", "filtered", "manual", "rescheduled"]


@pytest.mark.parametrize("seed", range(3))
def test_card_info_is_that_of_anki(tmp_path: Path, seed: int) -> None:
    rng = random.Random(seed)
    now_ms = time.time_ns() // 1_000_000  # the clock that Anki itself reads
    with closing(new_connection(now_ms=now_ms - 100 * DAY_MS)) as conn:
        deck_id = make_deck(conn, "A::B", now_ms - 90 * DAY_MS)
        timing = timing_at(conn, now_ms)
        cards = [make_card(conn, f"card {n}", deck_id).id for n in range(25)]
        for card_id in cards:
            set_columns(conn, card_id, **random_state(rng, timing.today, timing.now_s))
            for _ in range(rng.choice((0, 1, 2, 9))):
                review(conn, card_id, rng, now_ms)
        theirs = stats_of_anki(save(conn, tmp_path / "info.anki2"))
        presenter = CardPresenter(conn, timing)
        assert set(theirs) == {str(card_id) for card_id in cards}
        for card_id in cards:
            shown = presenter.info(get_card(conn, card_id))
            assert_same_history(card_history(conn, card_id), theirs[str(card_id)])
            assert_same_schedule(shown, theirs[str(card_id)])


def test_what_a_strange_file_has_in_the_revlog_is_no_answer(tmp_path: Path) -> None:
    with closing(new_connection(now_ms=DAY_MS)) as conn:
        card_id = make_card(conn, "card", make_deck(conn, "D", DAY_MS)).id
        rows: list[tuple[Any, ...]] = [
            (1000, "x", "x", "x", "x", "x", "x"),
            (2000, 3, 10**15, 0, -5, -1, 99),
            (3000, None, None, None, None, None, None),
        ]
        for at, ease, interval, last, factor, taken, kind in rows:
            conn.execute(
                "INSERT INTO revlog VALUES (?, ?, -1, ?, ?, ?, ?, ?, ?)",
                (
                    at,
                    card_id,
                    *(value or 0 for value in (ease, interval, last, factor, taken, kind)),
                ),
            )
        history = card_history(conn, card_id)
    assert [review.interval_s for review in history.reviews] == [0, 0, 0]
    assert history.reviews[1].rating == 3
    assert history.total_ms == 0


def random_state(rng: random.Random, today: int, now_s: int) -> dict[str, Any]:
    studied = {"ivl": rng.randint(1, 900), "factor": 2500, "reps": 9, "lapses": 2}
    return rng.choice(
        (
            {"due": rng.randint(1, 500)},
            {"type": 1, "queue": 1, "due": now_s + 600, "left": 1, "reps": 1},
            {"type": 2, "queue": 2, "due": today + rng.randint(-50, 50), **studied},
            {"type": 2, "queue": -1, "due": today + 7, "data": '{"pos":12}', **studied},
            {"type": 3, "queue": 1, "due": now_s + 600, "left": 1, **studied},
        )
    )


def review(conn: sqlite3.Connection, card_id: int, rng: random.Random, now_ms: int) -> None:
    kind = rng.randrange(len(KINDS))
    rating = 0 if kind > 3 else rng.randint(1, 4)
    interval = rng.choice((-600, -60, 0, 1, 30, 365))
    at = now_ms - rng.randrange(80 * DAY_MS)
    conn.execute(
        "INSERT INTO revlog VALUES (?, ?, -1, ?, ?, 1, 2500, ?, ?)",
        (at, card_id, rating, interval, rng.randint(0, 60_000), kind),
    )


def stats_of_anki(file: Path) -> dict[str, Any]:
    done = subprocess.run(
        [sys.executable, card_stats_in_anki.__file__, str(file)],
        capture_output=True,
        text=True,
        check=True,
    )
    stats: dict[str, Any] = json.loads(done.stdout)
    return stats


def assert_same_history(ours: CardHistory, theirs: dict[str, Any]) -> None:
    assert seconds(ours.first_review_at) == number(theirs.get("first_review"))
    assert seconds(ours.latest_review_at) == number(theirs.get("latest_review"))
    assert ours.total_ms / 1000 == pytest.approx(theirs["total_secs"], rel=1e-5)
    assert ours.average_ms / 1000 == pytest.approx(theirs["average_secs"], abs=0.001)
    assert [
        (one.reviewed_at // 1000, one.rating, one.interval_s, round(one.ease * 1000))
        for one in ours.reviews
    ] == [
        (int(one["time"]), one["button_chosen"], one["interval"], one["ease"])
        for one in theirs["revlog"]
    ]
    assert [(one.kind, f32(one.taken_ms / 1000)) for one in ours.reviews] == [
        (one["review_kind"].lower(), f32(one["taken_secs"])) for one in theirs["revlog"]
    ]


def assert_same_schedule(ours: dict[str, Any], theirs: dict[str, Any]) -> None:
    assert ours["added_at"] // 1000 == int(theirs["added"])
    assert ours["due_position"] == theirs.get("due_position")
    assert ours["interval_days"] == theirs["interval"]
    assert round(ours["ease"] * 1000) == theirs["ease"]
    assert (ours["reps"], ours["lapses"]) == (theirs["reviews"], theirs["lapses"])
    assert ours["template"] == theirs["card_type"]
    assert ours["notetype"] == theirs["notetype"]
    assert ours["deck_name"] == ours["home_deck_name"] == theirs["deck"]
    assert ours["options_name"] == theirs["preset"]
    if "due_date" not in theirs:
        assert ours["due_at"] is None
    else:
        # Anki says which day by the present time of day, ours by the beginning of that day.
        assert -1 < (int(theirs["due_date"]) - ours["due_at"] / 1000) / 86_400 < 1


def seconds(at_ms: int | None) -> int | None:
    return None if at_ms is None else at_ms // 1000


def number(text: str | None) -> int | None:
    return None if text is None else int(text)
