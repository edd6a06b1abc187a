"""A whole run: every engine on every collection under every model."""

import sqlite3
import tempfile
from collections.abc import Callable, Sequence
from contextlib import closing
from pathlib import Path

from benchmarks.bars import check
from benchmarks.changes import submissions
from benchmarks.collections import CollectionSize, copy_from, make
from benchmarks.engines import Engine, delta_log, whole_file
from benchmarks.figures import CollectionFigures, EngineFigures, Machine, Results
from benchmarks.measuring import Bench, Samples
from benchmarks.model import Latency, Price

# Where the whole file takes seconds, fewer samples have to do.
_SLOW = Samples(warm=20, behind=5, alternating=6, cold=3, cpu=10)
_SLOW_FROM_BYTES = 50_000_000

Samplers = Callable[[Engine, int], Samples]
Progress = Callable[[str], None]


def usual_samples(engine: Engine, size_bytes: int) -> Samples:
    """How often an engine is measured on a collection of this size."""
    return _SLOW if size_bytes > _SLOW_FROM_BYTES and not engine.folds else Samples()


def run(
    sizes: Sequence[CollectionSize],
    models: Sequence[Latency],
    progress: Progress,
    samples: Samplers = usual_samples,
) -> Results:
    """Measure and check; `progress` is told what begins."""
    collections = [_measured(size, models, progress, samples) for size in sizes]
    return Results(
        machine=Machine.this(),
        models=list(models),
        dollars_per_million={price.name.lower(): price.value for price in Price},
        collections=collections,
        bars=check(collections),
    )


def _measured(
    size: CollectionSize, models: Sequence[Latency], progress: Progress, samples: Samplers
) -> CollectionFigures:
    with tempfile.TemporaryDirectory() as directory:
        source = Path(directory, "source.anki2")
        progress(f"{size.name}: making the collection")
        make(source, size)
        engines = []
        for engine in (delta_log(), whole_file()):
            progress(f"{size.name}: {engine.name}")
            often = samples(engine, source.stat().st_size)
            engines.append(_with_engine(engine, source, models, often))
        notes, cards, reviews = (_count(source, table) for table in ("notes", "cards", "revlog"))
        size_bytes = source.stat().st_size
        return CollectionFigures(size.name, size_bytes, notes, cards, reviews, engines)


def _with_engine(
    engine: Engine, source: Path, models: Sequence[Latency], samples: Samples
) -> EngineFigures:
    with closing(sqlite3.connect(source)) as conn:
        answers = submissions(conn)
        bench = Bench(engine, answers, source.parent, samples)
        bench.prepare(lambda empty: copy_from(source, empty))
        cpu = bench.cpu()
        return EngineFigures(engine.name, cpu, [bench.under(model) for model in models])


def _count(source: Path, table: str) -> int:
    with closing(sqlite3.connect(source)) as conn:
        (count,) = conn.execute(f"SELECT count(*) FROM {table}").fetchone()
    return int(count)
