"""The statistics are those of Anki's graphs (tests/oracle/graphs.py), number by number."""

import json
import lzma
from collections.abc import Iterator
from contextlib import closing
from itertools import product
from pathlib import Path
from typing import Any

import pytest

from chalicelib.collection.decks import Decks
from chalicelib.collection.stats.cards import CardCounts
from chalicelib.collection.stats.graphs import Graphs, graphs
from chalicelib.collection.stats.reviews import Today
from chalicelib.collection.stats.tally import Buttons, Retention
from chalicelib.scheduler.float32 import f32
from tests.collection.stats_collections import ASKED_DAYS, opened

GOLDEN = Path(__file__).parent.parent / "golden" / "graphs.json.xz"

CASES: list[dict[str, Any]] = json.loads(lzma.decompress(GOLDEN.read_bytes()))["graphs"]

# Of the numbers of days asked for, the one that Anki takes for all.
ALL = ASKED_DAYS.index(0)


@pytest.mark.parametrize("case", CASES, ids=lambda case: f"{case['seed']}-{case['now']}")
def test_statistics_are_those_of_anki(case: dict[str, Any]) -> None:
    answers = iter(case["graphs"])
    with closing(opened(case)) as conn:
        names = {deck["name"]: deck["id"] for deck in Decks(conn).by_id.values()}
        for deck in case["decks"]:
            by_days = [next(answers) for _ in case["days"]]
            for days, theirs in zip(case["days"], by_days, strict=True):
                ours = graphs(
                    conn,
                    now_ms=case["now"] * 1000 + 999,
                    days=days,
                    deck_id=None if deck is None else names[deck],
                )
                assert_same(of_chosen_days(ours), theirs)
                assert_same(of_fixed_windows(ours), by_days[ALL])
                assert_period_is_all_that_anki_knows(ours, theirs)
    assert next(answers, None) is None


def test_anki_was_asked_about_everything_that_makes_a_difference() -> None:
    assert len({case["seed"] for case in CASES}) > 20
    assert {case["localOffset"] for case in CASES} > {0, 180, -60, -120, -345}
    for name in ("answer_count", "mature_correct", "early_review_count", "relearn_count"):
        assert any(answer["today"][name] for answer in all_answers())
    for window, kind in product(("all_time", "yesterday"), ("young_failed", "mature_passed")):
        assert any(answer["true_retention"][window][kind] for answer in all_answers())
    for name in ("suspended", "buried", "relearn", "mature"):
        assert any(answer["card_counts"]["excluding_inactive"][name] for answer in all_answers())
    assert {answer["have_backlog"] for answer in all_answers()} == {True, False}


# Anki's retention has other names for the same windows than its hours and buttons.
IN_ANKI = {"month": "one_month", "year": "one_year"}


def all_answers() -> Iterator[dict[str, Any]]:
    return (answer for case in CASES for answer in case["graphs"])


def assert_same(ours: dict[str, Any], theirs: dict[str, Any]) -> None:
    for name, value in ours.items():
        assert value == theirs[name], name


def assert_period_is_all_that_anki_knows(ours: Graphs, theirs: dict[str, Any]) -> None:
    """Asked for some days, Anki reads no others: its all-time numbers are those of the period."""
    assert retention_of(ours.retention["period"]) == theirs["true_retention"]["all_time"]
    assert ours.hours["period"] == theirs["hours"]["all_time"]
    assert buttons_of(ours.buttons["period"]) == theirs["buttons"]["all_time"]


def of_chosen_days(ours: Graphs) -> dict[str, Any]:
    """Ours in the oracle's words, as far as it depends on the chosen days or on none."""
    return {
        "today": today_of(ours.today),
        "rollover_hour": ours.rollover_hour,
        "count": rows(ours.reviews.count),
        "time": rows(ours.reviews.time_ms),
        "card_counts": card_counts_of(ours.card_counts),
        "future_due": rows(ours.future_due.due),
        "have_backlog": ours.future_due.have_backlog,
        "daily_load": ours.future_due.daily_load,
        "intervals": rows(ours.intervals),
        "eases": rows(ours.eases.eases),
        "ease_average": f32(ours.eases.average),
        "added": rows(ours.added),
    }


def of_fixed_windows(ours: Graphs) -> dict[str, Any]:
    """Ours, whatever days were chosen, in the words of an oracle that was asked for all of them."""
    return {
        "true_retention": {
            name: retention_of(found) for name, found in ours.retention.items() if name != "period"
        },
        "hours": {
            IN_ANKI.get(name, name): found for name, found in ours.hours.items() if name != "period"
        },
        "buttons": {
            IN_ANKI.get(name, name): buttons_of(found)
            for name, found in ours.buttons.items()
            if name != "period"
        },
    }


def rows(found: list[Any]) -> list[list[int]]:
    return [list(row) for row in found]


def today_of(today: Today) -> dict[str, int]:
    assert today.again_count + today.correct_count == today.answer_count
    return {
        "answer_count": today.answer_count,
        "answer_millis": today.answer_ms,
        "correct_count": today.correct_count,
        "mature_correct": today.mature_correct,
        "mature_count": today.mature_count,
        "learn_count": today.learn_count,
        "review_count": today.review_count,
        "relearn_count": today.relearn_count,
        "early_review_count": today.filtered_count,
    }


def retention_of(retention: Retention) -> dict[str, int]:
    young, mature, both = retention.young, retention.mature, retention.all
    assert both.passed == young.passed + mature.passed
    assert both.failed == young.failed + mature.failed
    return {
        "young_passed": young.passed,
        "young_failed": young.failed,
        "mature_passed": mature.passed,
        "mature_failed": mature.failed,
    }


def buttons_of(buttons: Buttons) -> dict[str, list[int]]:
    return {"learning": buttons.learning, "young": buttons.young, "mature": buttons.mature}


def card_counts_of(counts: CardCounts) -> dict[str, dict[str, int]]:
    states = ("learn", "relearn", "young", "mature")
    including, excluding = counts.including_inactive, counts.excluding_inactive
    return {
        "including_inactive": {name: getattr(including, name) for name in states}
        | {"newCards": including.new, "suspended": 0, "buried": 0},
        "excluding_inactive": {name: getattr(excluding, name) for name in states}
        | {"newCards": excluding.new}
        | {"suspended": excluding.suspended, "buried": excluding.buried},
    }
