"""A page of a search, with its 50 cards presented, beside real Anki's find_cards.

`measure` makes the collection of benchmarks/study_queue.py, moves it to the present, and puts the
same searches to both; it also tells whether both found the same cards. Times are of the CPU, in
milliseconds. Needs `anki`, which is there for the tests only.
"""

import json
import os
import sqlite3
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

from benchmarks.collections import NOW_MS, CollectionSize, make
from benchmarks.figures import Bar, Spread
from benchmarks.study_queue import SIZE
from chalicelib.api.card_view import CardPresenter
from chalicelib.collection.browsing import page_of_cards
from chalicelib.collection.day import timing_at, unbury_on_new_day
from chalicelib.collection.documents import DEFAULT_ROLLOVER
from chalicelib.collection.search import search_cards
from chalicelib.scheduler.timing import DAY_S

USUAL = ('deck:"Subject 1"', "tag:verb", "is:due", "prop:ivl>20", "rated:7", "-tag:noun is:review")
UNUSUAL = ("", "introduced:30", "back:*a*", "nc:e", r"re:\bk\w+n\b", "note:basic* flag:0")

_PAGE = 50
_WARMING = 2
_MOST_MS = 50.0


@dataclass(frozen=True, slots=True)
class SearchFigures:
    """One search: what a page of it takes us, and what finding all its cards takes Anki."""

    text: str
    is_usual: bool
    found: int
    same_as_anki: bool
    page_ms: Spread
    anki_ms: Spread


def measure(size: CollectionSize = SIZE, samples: int = 9) -> list[SearchFigures]:
    """Make the collection and put the usual and some unusual searches to both."""
    with tempfile.TemporaryDirectory() as directory:
        path = Path(directory, "search.anki2")
        make(path, size)
        now_ms = time.time_ns() // 1_000_000
        with closing(sqlite3.connect(path, isolation_level=None)) as conn:
            _bring_to(conn, now_ms)
            texts = [_some_word(conn), *USUAL, *UNUSUAL]
            theirs = _ask_anki(path, texts, samples)
            usual = {texts[0], *USUAL}
            return [
                _figures(conn, text, text in usual, now_ms, samples, *answer)
                for text, answer in zip(texts, theirs, strict=True)
            ]


def bars(figures: list[SearchFigures]) -> list[Bar]:
    slowest = max(one.page_ms.p50 for one in figures if one.is_usual)
    same = sum(one.same_as_anki for one in figures)
    return [
        Bar(
            SIZE.name,
            f"a page of each usual search in at most {_MOST_MS:g} ms of CPU",
            slowest,
            slowest <= _MOST_MS,
        ),
        Bar(SIZE.name, "searches that find what Anki finds", same, same == len(figures)),
    ]


def _figures(
    conn: sqlite3.Connection,
    text: str,
    is_usual: bool,
    now_ms: int,
    samples: int,
    anki_found: list[int],
    anki_ms: list[float],
) -> SearchFigures:
    found = sorted(search_cards(conn, text, timing_at(conn, now_ms)).card_ids())
    times = [_cpu_ms(lambda: _page(conn, text, now_ms)) for _ in range(_WARMING + samples)]
    return SearchFigures(
        text,
        is_usual,
        len(found),
        found == anki_found,
        Spread.of(times[_WARMING:]),
        Spread.of(anki_ms[_WARMING:]),
    )


def _page(conn: sqlite3.Connection, text: str, now_ms: int) -> object:
    """What GET /api/cards does."""
    timing = timing_at(conn, now_ms)
    search = search_cards(conn, text, timing)
    total, cards = page_of_cards(
        conn, search, sort="created", descending=False, offset=0, limit=_PAGE
    )
    presenter = CardPresenter(conn, timing)
    return total, [presenter.summary(card) for card in cards]


def _cpu_ms(call: Callable[[], object]) -> float:
    began = time.thread_time()
    call()
    return (time.thread_time() - began) * 1000


def _bring_to(conn: sqlite3.Connection, now_ms: int) -> None:
    """Move the whole past of the collection by days, because Anki's clock is the machine's."""
    days = _study_day(now_ms) - _study_day(NOW_MS)
    conn.execute("UPDATE col SET crt = crt + ?", (days * DAY_S,))
    conn.execute("UPDATE revlog SET id = -(id + ?)", (days * DAY_S * 1000,))
    conn.execute("UPDATE revlog SET id = -id")
    conn.execute("UPDATE cards SET due = due + ? WHERE queue = 1", (days * DAY_S,))
    unbury_on_new_day(conn, timing_at(conn, now_ms))


def _study_day(moment_ms: int) -> int:
    return (moment_ms // 1000 - DEFAULT_ROLLOVER * 3600) // DAY_S


def _some_word(conn: sqlite3.Connection) -> str:
    (fields,) = conn.execute("SELECT flds FROM notes ORDER BY id LIMIT 1").fetchone()
    words: list[str] = fields.split()
    return max(words[1:], key=len)


_IN_ANKI = """
import json, sys, time
from anki.collection import Collection

path, texts, times = sys.argv[1], json.loads(sys.argv[2]), int(sys.argv[3])
col = Collection(path)

def cpu_ms(call):
    began = time.process_time()
    call()
    return (time.process_time() - began) * 1000

print(json.dumps([
    [sorted(col.find_cards(text)), [cpu_ms(lambda: col.find_cards(text)) for _ in range(times)]]
    for text in texts
]))
col.close()
"""


def _ask_anki(path: Path, texts: list[str], samples: int) -> list[tuple[list[int], list[float]]]:
    """By search: the ids found, and CPU milliseconds of each call; Anki works on a copy."""
    copy = path.with_name("anki.anki2")
    copy.write_bytes(path.read_bytes())
    done = subprocess.run(  # noqa: S603
        [sys.executable, "-c", _IN_ANKI, str(copy), json.dumps(texts), str(samples + _WARMING)],
        env={**os.environ, "TZ": "UTC"},
        capture_output=True,
        text=True,
        check=True,
    )
    answers: list[tuple[list[int], list[float]]] = json.loads(done.stdout)
    return answers


def main() -> None:
    for one in measure():
        sys.stdout.write(
            f"{one.text:24} {one.found:6} found{'' if one.same_as_anki else ', NOT AS ANKI'}:"
            f" a page {one.page_ms.p50:6.1f} ms, Anki finds in {one.anki_ms.p50:6.1f} ms\n"
        )


if __name__ == "__main__":
    main()
