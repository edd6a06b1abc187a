"""What is told around studying is what real Anki tells, on the same random collections."""

import json
import os
import random
import sqlite3
import subprocess
import sys
import time
from collections.abc import Sequence
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from chalicelib.collection.col import read_document, write_document
from chalicelib.collection.day import timing_at
from chalicelib.collection.decks import Decks
from chalicelib.collection.notes import change_note, get_note
from chalicelib.collection.rendering.cloze import cloze_to_type
from chalicelib.collection.study.finished import Waiting, waiting_in_deck
from chalicelib.collection.study.queue import (
    next_learning_due_s,
    queue_counts,
    study_queue,
)
from chalicelib.collection.tag_counts import tag_counts
from chalicelib.scheduler.timing import Timing
from tests.support.collections import (
    DAY_MS,
    make_card,
    make_deck,
    new_connection,
    save,
    set_columns,
)

SCRIPT = Path(__file__).parent / "study_in_anki.py"
DECKS = ("A", "A::B", "A::B::C", "D", "D::E", "F")
LEVELS = ("a", "A", "b1", "b", "Ärger", "äh", "ζ", "B-2", "zz", "ß", "10", "9")
PIECES = (
    "{{c1::", "{{c2::", "{{c1,2::", "}}", "}}", "}}", "::",
    "one", "two", "one", " ", "<b>x</b>", r"\(", r"\)",
)  # fmt: skip


def in_anki(conn: sqlite3.Connection, folder: Path, typed: Sequence[tuple[str, int]] = ()) -> Any:
    job = {"collection": str(save(conn, folder / "asked.anki2")), "typed": list(typed)}
    done = subprocess.run(
        [sys.executable, str(SCRIPT)],
        input=json.dumps(job),
        env={**os.environ, "TZ": "UTC"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


@pytest.mark.parametrize("seed", range(5))
def test_what_waits_after_the_last_card_is_what_ankis_congratulations_say(
    tmp_path: Path, seed: int
) -> None:
    rng = random.Random(seed)
    now_ms = time.time_ns() // 1_000_000  # the clock that Anki itself reads
    with closing(new_connection(now_ms=now_ms - 100 * DAY_MS)) as conn:
        timing = timing_at(conn, now_ms)
        deck_ids = [make_deck(conn, name, now_ms - 90 * DAY_MS) for name in DECKS]
        for n in range(30):
            card = make_card(conn, f"card {n}", rng.choice(deck_ids))
            set_columns(conn, card.id, **waiting_state(rng, timing))
        grant_nothing(conn)
        if rng.random() < 0.6:
            conf = read_document(conn, "conf") | {"lastUnburied": timing.today}
            write_document(conn, "conf", conf)
        ours = {deck_id: waiting_in_deck(conn, deck_id, timing) for deck_id in Decks(conn).by_id}
        theirs = in_anki(conn, tmp_path)
    first_s, last_s = theirs["asked_s"]
    for deck_id, told in theirs["decks"].items():
        waiting = ours[int(deck_id)]
        assert told["is_finished"]
        assert told == {
            "is_finished": True,
            "new": waiting.new > 0,
            "reviews": waiting.reviews > 0,
            "learning": waiting.learning,
            "learning_in_s": told["learning_in_s"],
            "buried_siblings": waiting.buried_siblings > 0,
            "buried_by_user": waiting.buried_by_user > 0,
        }
        earliest, latest = (seconds_until(waiting, at_s) for at_s in (last_s, first_s))
        assert earliest <= told["learning_in_s"] <= latest


def seconds_until(waiting: Waiting, now_s: int) -> int:
    """Anki tells a minute at least, and a day where there is nothing."""
    return 86_400 if waiting.learning_shown_s is None else max(60, waiting.learning_shown_s - now_s)


def waiting_state(rng: random.Random, timing: Timing) -> dict[str, Any]:
    """A state in which no card is shown when no limit lets any through."""
    later = timing.now_s + rng.choice((1800, 9000, 40_000, 200_000))
    day = timing.today + rng.randint(-5, 2)
    studied = {"ivl": 5, "factor": 2500, "reps": 3}
    return rng.choice(
        (
            {"queue": 0},
            {"queue": -1},
            {"queue": -2},
            {"queue": -3},
            {"type": 1, "queue": 1, "due": later, "left": 1},
            {"type": 1, "queue": 3, "due": day, "left": 1},
            {"type": 2, "queue": 2, "due": day, **studied},
            {"type": 2, "queue": -2, "due": day, **studied},
            {"type": 2, "queue": -3, "due": day, **studied},
            {"type": 3, "queue": 1, "due": later, "left": 1, **studied},
            {"type": 3, "queue": -3, "due": later, "left": 1, **studied},
        )
    )


def grant_nothing(conn: sqlite3.Connection) -> None:
    groups = read_document(conn, "dconf")
    for block in ("new", "rev"):
        groups["1"][block]["perDay"] = 0
    write_document(conn, "dconf", groups)


@pytest.mark.parametrize("seed", range(20))
def test_the_next_learning_card_is_that_of_the_queue(seed: int) -> None:
    rng = random.Random(seed)
    now_ms = 1_700_000_000_000
    with closing(new_connection(now_ms=now_ms - 100 * DAY_MS)) as conn:
        timing = timing_at(conn, now_ms)
        deck_ids = [make_deck(conn, name, now_ms - 90 * DAY_MS) for name in DECKS]
        for n in range(8):
            card = make_card(conn, f"card {n}", rng.choice(deck_ids))
            set_columns(conn, card.id, **waiting_state(rng, timing))
        for deck_id in deck_ids:
            queue = study_queue(conn, deck_id, timing)
            assert next_learning_due_s(conn, deck_id, timing) == queue.next_learning_due_s
            assert queue_counts(conn, deck_id, timing) == queue.counts


def test_tags_stand_in_the_order_of_ankis_tag_tree(tmp_path: Path) -> None:
    rng, now_ms = random.Random(7), time.time_ns() // 1_000_000
    with closing(new_connection(now_ms=now_ms - 100 * DAY_MS)) as conn:
        for n in range(60):
            note = get_note(conn, make_card(conn, f"card {n}").nid)
            depth = rng.randint(1, 3)
            tags = ["::".join(rng.choices(LEVELS, k=depth)) for _ in range(rng.randint(1, 3))]
            change_note(conn, note, fields=note.fields, tags=tags, now_ms=now_ms)
        ours = [name for name, _ in tag_counts(conn)]
        theirs = in_anki(conn, tmp_path)["tags"]
    # Anki's tree has parents too that no note has.
    own = {name.casefold() for name in ours}
    assert [name.casefold() for name in theirs if name.casefold() in own] == [
        name.casefold() for name in ours
    ]
    assert len(ours) > 40


def test_what_is_to_be_typed_for_a_cloze_is_what_anki_compares_with(tmp_path: Path) -> None:
    rng = random.Random(11)
    texts = ["".join(rng.choices(PIECES, k=rng.randint(6, 20))) for _ in range(400)]
    asked = [(text, ordinal) for text in texts for ordinal in (1, 2)]
    with closing(new_connection()) as conn:
        theirs = in_anki(conn, tmp_path, asked)["typed"]
    ours = [cloze_to_type(text, number=ordinal) for text, ordinal in asked]
    assert [
        (text, one, other)
        for text, one, other in zip(asked, ours, theirs, strict=True)
        if one != other
    ] == []
    assert len(set(ours)) > 50
