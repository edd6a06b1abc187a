"""The study queue and one answer, without any storage, beside real Anki on the same collection.

`measure` makes the collection and tells what both take. Times are of the CPU, in milliseconds.
Needs `anki`, which is there for the tests only.
"""

import json
import os
import platform
import sqlite3
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from contextlib import closing
from dataclasses import dataclass
from itertools import islice
from pathlib import Path

from benchmarks.changes import Submission, submissions
from benchmarks.collections import NOW_MS, CollectionSize, make
from benchmarks.figures import Bar, Spread
from chalicelib.collection.col import read_document, write_document
from chalicelib.collection.day import timing_at, unbury_on_new_day
from chalicelib.collection.documents import DEFAULT_ROLLOVER
from chalicelib.collection.study.deck_counts import counts_of_decks
from chalicelib.collection.study.queue import study_queue
from chalicelib.scheduler.timing import DAY_S

# 30,000 cards with 500,000 reviews.
SIZE = CollectionSize("30,000 cards", notes=23_100, decks=30, days=7_600)

_ROOT_ID = 1
_ROOT = "Everything"
_WARMING = 3
_ANSWERS_OF_WARMING = 50
_MOST_TIMES_ANKI = 3.0
_MOST_ANSWER_MS = 2.0


@dataclass(frozen=True, slots=True)
class QueueFigures:
    """What building the queue of all cards, and the counts of all decks, takes."""

    burying: bool
    queue_ms: Spread
    counts_ms: Spread
    anki_queue_ms: Spread
    anki_counts_ms: Spread

    @property
    def times_anki(self) -> float:
        ours = self.queue_ms.p50 + self.counts_ms.p50
        return ours / (self.anki_queue_ms.p50 + self.anki_counts_ms.p50)


@dataclass(frozen=True, slots=True)
class StudyFigures:
    """The figures of a run, as they are written to benchmarks/results/study.json."""

    python: str
    anki: str
    cards: int
    reviews: int
    queues: list[QueueFigures]
    answer_ms: Spread
    bars: list[Bar]


def measure(size: CollectionSize = SIZE, samples: int = 15, answers: int = 300) -> StudyFigures:
    """Make a collection and measure what studying in it takes, and what it takes Anki."""
    with tempfile.TemporaryDirectory() as directory:
        path = Path(directory, "study.anki2")
        make(path, size)
        with closing(sqlite3.connect(path, isolation_level=None)) as conn:
            _put_all_decks_under_one(conn)
            answer_ms = _answer_ms(conn, answers)
            cards, reviews = (_count(conn, table) for table in ("cards", "revlog"))
        queues = [_queues(path, samples, burying=burying) for burying in (False, True)]
        return StudyFigures(
            python=platform.python_version(),
            anki=_ask_anki("from importlib.metadata import version; print(version('anki'))"),
            cards=cards,
            reviews=reviews,
            queues=queues,
            answer_ms=answer_ms,
            bars=_bars(queues, answer_ms),
        )


def _bars(queues: list[QueueFigures], answer_ms: Spread) -> list[Bar]:
    slowest = max(figures.times_anki for figures in queues)
    return [
        Bar(
            SIZE.name,
            f"the queue and all counts in at most {_MOST_TIMES_ANKI:g} times what Anki takes",
            round(slowest, 2),
            slowest <= _MOST_TIMES_ANKI,
        ),
        Bar(
            SIZE.name,
            f"at most {_MOST_ANSWER_MS:g} ms of CPU an answer without storage",
            answer_ms.p50,
            answer_ms.p50 <= _MOST_ANSWER_MS,
        ),
    ]


def _count(conn: sqlite3.Connection, table: str) -> int:
    (count,) = conn.execute(f"SELECT count(*) FROM {table}").fetchone()
    return int(count)


def _put_all_decks_under_one(conn: sqlite3.Connection) -> None:
    decks = read_document(conn, "decks")
    for key, deck in decks.items():
        is_root = key == str(_ROOT_ID)
        deck["name"] = _ROOT if is_root else f"{_ROOT}::{deck['name']}"
    write_document(conn, "decks", decks)
    unbury_on_new_day(conn, timing_at(conn, NOW_MS))


def _bury_siblings(conn: sqlite3.Connection, *, burying: bool) -> None:
    groups = read_document(conn, "dconf")
    for group in groups.values():
        group["new"]["bury"] = group["rev"]["bury"] = burying
    write_document(conn, "dconf", groups)


def _cpu_ms(call: Callable[[], object]) -> float:
    began = time.process_time()
    call()
    return (time.process_time() - began) * 1000


def _spread(call: Callable[[], object], samples: int) -> Spread:
    for _ in range(_WARMING):
        call()
    return Spread.of(_cpu_ms(call) for _ in range(samples))


def _queues(path: Path, samples: int, *, burying: bool) -> QueueFigures:
    """Both do the same work; the collection is left as it was."""
    with closing(sqlite3.connect(path, isolation_level=None)) as conn:
        _bury_siblings(conn, burying=burying)
        timing = timing_at(conn, NOW_MS)
        queue_ms = _spread(lambda: study_queue(conn, _ROOT_ID, timing), samples)
        counts_ms = _spread(lambda: counts_of_decks(conn, timing), samples)
    theirs = _measured_in_anki(path, samples)
    return QueueFigures(
        burying,
        queue_ms,
        counts_ms,
        anki_queue_ms=Spread.of(theirs["queue"]),
        anki_counts_ms=Spread.of(theirs["counts"]),
    )


def _answer_ms(conn: sqlite3.Connection, answers: int) -> Spread:
    """Answers to cards of a deck, each taken back."""
    many = islice(submissions(conn), _ANSWERS_OF_WARMING + answers)
    times = [_taken_back_ms(conn, submission) for submission in many]
    return Spread.of(times[_ANSWERS_OF_WARMING:])


def _taken_back_ms(conn: sqlite3.Connection, submission: Submission) -> float:
    conn.execute("BEGIN")
    spent_ms = _cpu_ms(lambda: submission.apply(conn))
    conn.execute("ROLLBACK")
    return spent_ms


def _measured_in_anki(path: Path, samples: int) -> dict[str, list[float]]:
    """CPU milliseconds of each call; Anki works on a copy, for it upgrades what it opens."""
    with tempfile.TemporaryDirectory() as directory:
        copy = Path(directory, "anki.anki2")
        copy.write_bytes(path.read_bytes())
        with closing(sqlite3.connect(copy, isolation_level=None)) as conn:
            _bring_to_the_present(conn, int(time.time()))
        measured: dict[str, list[float]] = json.loads(
            _ask_anki(_IN_ANKI, str(copy), str(_ROOT_ID), str(samples + _WARMING))
        )
    return {name: times[_WARMING:] for name, times in measured.items()}


def _bring_to_the_present(conn: sqlite3.Connection, now_s: int) -> None:
    """Move the collection so that Anki, whose clock is the machine's, finds it on the same day."""
    was_s = NOW_MS // 1000
    days = (now_s - _study_day_began_s(was_s)) // DAY_S
    conn.execute("UPDATE col SET crt = crt + ?", (days * DAY_S,))
    conn.execute("UPDATE cards SET due = due + ? WHERE queue = 1", (now_s - was_s,))


def _study_day_began_s(moment_s: int) -> int:
    rollover_s = DEFAULT_ROLLOVER * 3600
    return (moment_s - rollover_s) // DAY_S * DAY_S + rollover_s


# Choosing another deck in between makes Anki build the queue again.
_IN_ANKI = """
import json, sys, time
from anki.collection import Collection

path, root, times = sys.argv[1], int(sys.argv[2]), int(sys.argv[3])
col = Collection(path)
other = next(deck.id for deck in col.decks.all_names_and_ids() if deck.id != root)

def cpu_ms(call):
    began = time.process_time()
    call()
    return (time.process_time() - began) * 1000

def queue():
    col.decks.set_current(other)
    col.decks.set_current(root)
    return cpu_ms(lambda: col.sched.get_queued_cards(fetch_limit=1))

print(json.dumps({
    "queue": [queue() for _ in range(times)],
    "counts": [cpu_ms(col.sched.deck_due_tree) for _ in range(times)],
}))
col.close()
"""


def _ask_anki(script: str, *arguments: str) -> str:
    """Run a script in a process of its own, at UTC as the collection is; what it prints."""
    done = subprocess.run(  # noqa: S603
        [sys.executable, "-c", script, *arguments],
        env={**os.environ, "TZ": "UTC"},
        capture_output=True,
        text=True,
        check=True,
    )
    return done.stdout.strip()
