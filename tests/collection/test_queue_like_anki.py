"""Real Anki's study queues of random collections, as tests/oracle/queues.py has recorded them."""

import json
import sqlite3
from contextlib import closing
from typing import Any

import pytest

from chalicelib.collection.col import read_document
from chalicelib.collection.day import timing_at, unbury_on_new_day
from chalicelib.collection.study.answering import Answer, answer_card
from chalicelib.collection.study.deck_counts import Counts, counts_of_decks
from chalicelib.collection.study.queue import queue_counts, study_queue
from chalicelib.scheduler.answers import Rating
from tests.scheduler import golden
from tests.support.scenarios import JsonObject, build

PARTS = 8
GOLDEN = golden.load("queues")
CARD = ["type", "queue", "due", "ivl", "factor", "reps", "lapses", "left"]
CARD += ["did", "odid", "odue", "mod", "data"]
DATA = CARD.index("data")
REVLOG = ["id", "cid", "ease", "ivl", "lastIvl", "factor", "time", "type"]
COUNTERS = ("newToday", "revToday", "timeToday")


def test_there_are_enough_scenarios() -> None:
    assert len(GOLDEN["queues"]) >= 200
    assert sum(len(timeline["says"]) for timeline in GOLDEN["timelines"]) >= 300


@pytest.mark.parametrize("part", range(PARTS))
def test_queues_and_counts_are_those_of_anki(part: int) -> None:
    for scenario in GOLDEN["queues"][part::PARTS]:
        with closing(sqlite3.connect(":memory:", isolation_level=None)) as conn:
            build(conn, scenario)
            check_scenario(conn, scenario)


def check_scenario(conn: sqlite3.Connection, scenario: JsonObject) -> None:
    timing = timing_at(conn, scenario["now"] * 1000)
    tree = counts_of_decks(conn, timing)
    for deck_id, counts in scenario["says"]["tree"].items():
        assert as_list(tree[int(deck_id)]) == counts, deck_id
    for deck_id, (places, counts) in scenario["says"]["queues"].items():
        queue = study_queue(conn, int(deck_id), timing)
        assert as_list(queue.counts) == counts, deck_id
        assert queue.card_ids == card_ids(scenario, places), deck_id
        assert queue_counts(conn, int(deck_id), timing) == queue.counts, deck_id


@pytest.mark.parametrize("part", range(PARTS))
def test_studying_goes_on_as_in_anki(part: int) -> None:
    for timeline in GOLDEN["timelines"][part::PARTS]:
        with closing(sqlite3.connect(":memory:", isolation_level=None)) as conn:
            build(conn, timeline)
            check_timeline(conn, timeline)


def check_timeline(conn: sqlite3.Connection, timeline: JsonObject) -> None:
    """After each answer: its review, the cards that it changed, the counters, and what is next."""
    now_ms = timeline["now"] * 1000
    first, *rest = timeline["says"]
    unbury_on_new_day(conn, timing_at(conn, now_ms))
    check_queue(conn, timeline, first, now_ms)
    for step, (seconds, button) in zip(rest, timeline["steps"], strict=False):
        now_ms += seconds * 1000
        unbury_on_new_day(conn, timing_at(conn, now_ms))
        before = cards(conn)
        answer = Answer(step["card"], Rating(button), seconds * 1000, now_ms, token=None)
        answer_card(conn, answer, now_ms)
        assert changed(before, cards(conn)) == parsed(step["changed"])
        assert last_review(conn) == step["revlog"]
        assert counters(conn, step["counters"]) == step["counters"]
        check_queue(conn, timeline, step, now_ms)


def check_queue(
    conn: sqlite3.Connection, timeline: JsonObject, step: JsonObject, now_ms: int
) -> None:
    places, counts = step["queue"]
    timing = timing_at(conn, now_ms)
    queue = study_queue(conn, timeline["deck"], timing)
    assert as_list(queue.counts) == counts
    assert queue.card_ids == card_ids(timeline, places)
    assert queue_counts(conn, timeline["deck"], timing) == queue.counts


def as_list(counts: Counts) -> list[int]:
    return [counts.new, counts.learn, counts.review]


def card_ids(scenario: JsonObject, places: list[int]) -> list[int]:
    return [scenario["cards"][place][0] for place in places]


def cards(conn: sqlite3.Connection) -> dict[str, list[Any]]:
    rows = conn.execute(f"SELECT id, {', '.join(CARD)} FROM cards").fetchall()
    return parsed({str(card_id): list(row) for card_id, *row in rows})


def parsed(rows: dict[str, list[Any]]) -> dict[str, list[Any]]:
    return {
        key: [*row[:DATA], json.loads(row[DATA] or "{}"), *row[DATA + 1 :]]
        for key, row in rows.items()
    }


def changed(before: dict[str, list[Any]], after: dict[str, list[Any]]) -> dict[str, list[Any]]:
    return {key: row for key, row in after.items() if row != before[key]}


def last_review(conn: sqlite3.Connection) -> list[int]:
    rows = conn.execute(f"SELECT {', '.join(REVLOG)} FROM revlog ORDER BY id DESC LIMIT 1")
    return list(rows.fetchone())


def counters(conn: sqlite3.Connection, wanted: JsonObject) -> JsonObject:
    decks = read_document(conn, "decks")
    return {key: [decks[key][name] for name in COUNTERS] for key in wanted}
