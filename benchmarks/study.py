"""`python -m benchmarks.study`: queue, answers, search and statistics beside real Anki.

Writes benchmarks/results/study.json and the tables of docs/performance.md; exits with 1 when a
promise is not kept.
"""

import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from benchmarks import study_queue, study_search, study_stats
from benchmarks.figures import Bar, Machine
from benchmarks.markdown import number, table
from benchmarks.publishing import tell, write_results, write_tables
from benchmarks.storage import DOCUMENT, ROOT
from benchmarks.study_queue import StudyFigures
from benchmarks.study_search import SearchFigures
from benchmarks.study_stats import StatsFigures

RESULTS = ROOT / "benchmarks" / "results" / "study.json"
BEGIN = "<!-- study tables: begin (written by make bench) -->"
END = "<!-- study tables: end -->"


@dataclass(frozen=True, slots=True)
class StudyResults:
    """Everything that a run has measured."""

    machine: Machine
    study: StudyFigures
    searches: list[SearchFigures]
    stats: list[StatsFigures]
    bars: list[Bar]


def run() -> StudyResults:
    """Measure all of it; a few minutes."""
    study, searches = study_queue.measure(), study_search.measure()
    return StudyResults(
        machine=Machine.this(),
        study=study,
        searches=searches,
        stats=_stats(time.time_ns() // 1_000_000),
        bars=[*study.bars, *study_search.bars(searches)],
    )


def _stats(now_ms: int) -> list[StatsFigures]:
    with tempfile.TemporaryDirectory() as directory:
        path = Path(directory, "stats.anki2")
        study_stats.make_studied(path, now_ms)
        return study_stats.measure(path, now_ms)


def tables(results: StudyResults) -> str:
    study = results.study
    size = f"{study.cards:,} cards, {study.reviews:,} reviews"
    return "\n\n".join(
        (
            f"{size}; Anki {study.anki}, Python {study.python}. Milliseconds, median.",
            table(("studying", "here", "real Anki"), _study_rows(study)),
            "A search: a page of 50 cards here, the ids of all cards in Anki.",
            table(("search", "found", "here", "real Anki"), _search_rows(results.searches)),
            "Statistics, of everything and of one deck:",
            table(("of", "days", "here", "real Anki", "answer"), _stats_rows(results.stats)),
        )
    )


def _study_rows(study: StudyFigures) -> Iterator[Sequence[str]]:
    for queue in study.queues:
        burying = "siblings buried" if queue.burying else "nothing buried"
        yield (f"queue, {burying}", number(queue.queue_ms.p50), number(queue.anki_queue_ms.p50))
        yield (
            f"counts of all decks, {burying}",
            number(queue.counts_ms.p50),
            number(queue.anki_counts_ms.p50),
        )
    yield ("an answer with its counts, no storage", number(study.answer_ms.p50), "")


def _search_rows(searches: list[SearchFigures]) -> Iterator[Sequence[str]]:
    for one in searches:
        text = f"`{one.text}`" if one.text else "(all)"
        yield (text, f"{one.found:,}", number(one.page_ms.p50), number(one.anki_ms.p50))


def _stats_rows(stats: list[StatsFigures]) -> Iterator[Sequence[str]]:
    for one in stats:
        yield (
            one.deck or "everything",
            str(one.days) if one.days else "all",
            number(one.ours_ms),
            number(one.anki_ms),
            f"{one.answer_bytes:,} bytes",
        )


def main() -> int:
    results = run()
    write_results(results, RESULTS)
    write_tables(tables(results), DOCUMENT, BEGIN, END)
    return tell(tables(results), results.bars)


if __name__ == "__main__":
    sys.exit(main())
