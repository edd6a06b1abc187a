"""The results as Markdown, for docs/performance.md and for the terminal."""

from collections.abc import Callable, Iterator, Sequence

from benchmarks.bars import times_faster, times_faster_than_unvalidated
from benchmarks.figures import CollectionFigures, EngineFigures, ModelFigures, Results
from benchmarks.markdown import number, replaced_between, table
from benchmarks.model import CONSERVATIVE

BEGIN = "<!-- storage tables: begin (written by make bench) -->"
END = "<!-- storage tables: end -->"

_TIMES: dict[str, Callable[[ModelFigures], float]] = {
    "warm read": lambda figures: figures.warm_read_ms.p50,
    "warm answer": lambda figures: figures.warm_answer_ms.p50,
    "its p95": lambda figures: figures.warm_answer_ms.p95,
    "read, 1 commit behind": lambda figures: figures.behind_read_ms.p50,
    "answer, 2 containers in turn": lambda figures: figures.alternating_answer_ms.p50,
    "cold open": lambda figures: figures.cold_open_ms.p50,
}
_COSTS = (
    "requests an answer",
    "bytes up an answer",
    "its p95",
    "mean with folds",
    "a fold",
    "CPU: commit / answer",
    "$ a million answers: requests",
    "with folds",
    "with Lambda",
)
_KILO = 1000


def replace_tables(document: str, results: Results) -> str:
    """The document with these tables between its markers."""
    return replaced_between(document, BEGIN, END, tables(results))


def tables(results: Results) -> str:
    machine = results.machine
    return "\n\n".join(
        (
            f"{machine.cores} cores, Python {machine.python}, SQLite {machine.sqlite}.",
            f"Milliseconds, median, {' / '.join(model.name for model in results.models)} model:",
            table(("collection", "engine", *_TIMES), _time_rows(results)),
            f"What travels and what it costs ({CONSERVATIVE.name} model):",
            table(("collection", "engine", *_COSTS), _cost_rows(results)),
            "How many times faster an answer is than with the whole file:",
            table(_ratio_header(results), _ratio_rows(results)),
        )
    )


def _time_rows(results: Results) -> Iterator[Sequence[str]]:
    for collection, engine in _engines(results):
        yield (
            _described(collection),
            engine.engine,
            *(_by_model(engine, results, time_of) for time_of in _TIMES.values()),
        )


def _by_model(
    engine: EngineFigures, results: Results, time_of: Callable[[ModelFigures], float]
) -> str:
    return " / ".join(number(time_of(engine.under(model.name))) for model in results.models)


def _cost_rows(results: Results) -> Iterator[Sequence[str]]:
    for collection, engine in _engines(results):
        figures = engine.under(CONSERVATIVE.name)
        cost = figures.dollars_per_million
        yield (
            collection.name,
            engine.engine,
            ", ".join(f"{count:g} {kind}" for kind, count in figures.requests.items()),
            _size(figures.bytes_up.p50),
            _size(figures.bytes_up.p95),
            _size(figures.bytes_up_with_folds),
            _described_fold(figures),
            f"{engine.cpu.commit_ms.p50:.2f} / {engine.cpu.answer_ms.p50:.2f} ms",
            *(f"{part:.2f}" for part in (cost.requests, cost.with_folds, cost.with_lambda)),
        )


def _described_fold(figures: ModelFigures) -> str:
    fold = figures.fold
    return f"{number(fold.ms.p50)} ms, one in {fold.answers_per_fold:.0f}" if fold else ""


def _ratio_header(results: Results) -> Sequence[str]:
    return ("collection", *(model.name for model in results.models), "without its validating read")


def _ratio_rows(results: Results) -> Iterator[Sequence[str]]:
    for collection in results.collections:
        ratios = (times_faster(collection, model.name) for model in results.models)
        strictest = times_faster_than_unvalidated(collection, CONSERVATIVE)
        yield (collection.name, *(number(ratio) for ratio in (*ratios, strictest)))


def _engines(results: Results) -> Iterator[tuple[CollectionFigures, EngineFigures]]:
    for collection in results.collections:
        for engine in collection.engines:
            yield collection, engine


def _described(collection: CollectionFigures) -> str:
    return f"{collection.name} ({collection.cards:,} cards, {collection.reviews:,} reviews)"


def _size(count: float) -> str:
    if count < _KILO:
        return f"{count:.0f} B"
    if count < _KILO * _KILO:
        return f"{number(count / _KILO)} KB"
    return f"{number(count / _KILO / _KILO)} MB"
