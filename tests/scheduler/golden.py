"""Reads tests/golden: what real Anki answered to the cases of tests/oracle/make_golden.py."""

import json
import lzma
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from chalicelib.scheduler.answers import Outcome, Rating, capped_ms
from chalicelib.scheduler.labels import interval_label
from chalicelib.scheduler.options import SchedulingOptions, options_from_dconf
from chalicelib.scheduler.states import CardState
from chalicelib.scheduler.timing import Timing

_FOLDER = Path(__file__).resolve().parents[1] / "golden"
_ABSENT = "<absent>"

# [card columns, revlog columns, 1 if the note was tagged as a leech]; the columns are those of
# `rows` below, in its order.
AnswerRows = list[Any]


def load(name: str) -> dict[str, Any]:
    text = lzma.decompress((_FOLDER / f"{name}.json.xz").read_bytes())
    content: dict[str, Any] = json.loads(text)
    return content


@dataclass(frozen=True)
class Case:
    """One card at one moment, the labels on its buttons, and what Anki made of each answer."""

    card: CardState
    options: SchedulingOptions
    timing: Timing
    fuzz: bool
    taken_ms: int
    labels: list[str]
    answers: dict[Rating, AnswerRows]


@dataclass(frozen=True)
class Answer:
    """One answer of a timeline, and what Anki made of the card."""

    timing: Timing
    rating: Rating
    taken_ms: int
    labels: list[str]
    rows: AnswerRows


@dataclass(frozen=True)
class Timeline:
    """The answers that one card was given, from new on."""

    card: CardState
    options: SchedulingOptions
    fuzz: bool
    answers: list[Answer]


def transitions() -> Iterator[Case]:
    content = load("transitions")
    for group in content["transitions"]:
        options = options_from_dconf(_overlaid(content["dconf"], group["config"]))
        timing = _timing(group["now"], group["today"], group["secs_to_rollover"])
        for card_id, columns, taken_ms, labels, answers in group["cases"]:
            yield Case(
                card=_card_state(card_id, columns),
                options=options,
                timing=timing,
                fuzz=group["fuzz"],
                taken_ms=taken_ms,
                labels=labels,
                answers=dict(zip(Rating, answers, strict=True)),
            )


def timelines() -> Iterator[Timeline]:
    content = load("timelines")
    for timeline in content["timelines"]:
        yield Timeline(
            card=_card_state(timeline["card_id"], [0, 0, timeline["position"], 0, 0, 0, 0, 0]),
            options=options_from_dconf(_overlaid(content["dconf"], timeline["config"])),
            fuzz=timeline["fuzz"],
            answers=[_answer(row) for row in timeline["answers"]],
        )


def rows(rating: Rating, outcome: Outcome, taken_ms: int, options: SchedulingOptions) -> AnswerRows:
    """One of our outcomes laid out as the golden files have Anki's."""
    card = outcome.card
    return [
        [
            card.type,
            card.queue,
            card.due,
            card.interval,
            card.factor,
            card.reps,
            card.lapses,
            card.left,
        ],
        [
            rating,
            outcome.revlog_interval,
            outcome.revlog_last_interval,
            outcome.revlog_factor,
            capped_ms(taken_ms, options),
            outcome.revlog_type,
        ],
        int(outcome.leech),
    ]


def button_labels(outcomes: dict[Rating, Outcome]) -> list[str]:
    return [interval_label(outcomes[rating].delay_s) for rating in Rating]


def _overlaid(dconf: dict[str, Any], config: dict[str, Any]) -> dict[str, Any]:
    """The option group of a case: the fresh one with the case's members over it."""
    result = dict(dconf)
    for name, value in config.items():
        if value == _ABSENT:
            result.pop(name, None)
        elif isinstance(value, dict) and isinstance(result.get(name), dict):
            result[name] = _overlaid(result[name], value)
        else:
            result[name] = value
    return result


def _card_state(card_id: int, columns: list[int]) -> CardState:
    kind, queue, due, interval, factor, reps, lapses, left = columns
    return CardState(
        card_id=card_id,
        type=kind,
        queue=queue,
        due=due,
        interval=interval,
        factor=factor,
        reps=reps,
        lapses=lapses,
        left=left,
    )


def _answer(row: list[Any]) -> Answer:
    now, today, secs_to_rollover, button, taken_ms, labels, answer_rows = row
    timing = _timing(now, today, secs_to_rollover)
    return Answer(timing, Rating(button), taken_ms, labels, answer_rows)


def _timing(now: int, today: int, secs_to_rollover: int) -> Timing:
    return Timing(now, today, now + secs_to_rollover)
