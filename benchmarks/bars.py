"""What the engine promises. A run that does not keep it fails."""

from collections.abc import Iterator, Sequence

from benchmarks.engines import DELTA_LOG, WHOLE_FILE
from benchmarks.figures import Bar, CollectionFigures
from benchmarks.model import CONSERVATIVE, Latency

# How many times faster than the whole file an answer is at least, by collection.
_TIMES_FASTER = {"10 MB": 15, "100 MB": 100}
_MOST_BYTES_UP = 2048
_MOST_CPU_MS = 2.0


def check(collections: Sequence[CollectionFigures]) -> list[Bar]:
    """Each promise with what was measured, under the conservative model."""
    return [bar for collection in collections for bar in _of_collection(collection)]


def times_faster(collection: CollectionFigures, model: str) -> float:
    """How often an answer of this engine fits into one of the baseline."""
    baseline = collection.on(WHOLE_FILE).under(model).warm_answer_ms.p50
    return baseline / collection.on(DELTA_LOG).under(model).warm_answer_ms.p50


def times_faster_than_unvalidated(collection: CollectionFigures, model: Latency) -> float:
    """The same for a baseline without the read that validates its copy before the write."""
    baseline = collection.on(WHOLE_FILE).under(model.name).warm_answer_ms.p50
    answer = collection.on(DELTA_LOG).under(model.name).warm_answer_ms.p50
    return (baseline - model.object_read_ms) / answer


def _of_collection(collection: CollectionFigures) -> Iterator[Bar]:
    name, engine = collection.name, collection.on(DELTA_LOG)
    figures = engine.under(CONSERVATIVE.name)
    if name in _TIMES_FASTER:
        least, ratio = _TIMES_FASTER[name], times_faster(collection, CONSERVATIVE.name)
        yield Bar(name, f"an answer at least {least} times faster", ratio, ratio >= least)
    up = figures.bytes_up.p50
    yield Bar(name, f"at most {_MOST_BYTES_UP} bytes up (median)", up, up <= _MOST_BYTES_UP)
    least_requests, most_requests = figures.warm_answer_requests
    one = least_requests == most_requests == 1
    yield Bar(name, "exactly 1 round trip an answer", most_requests, one)
    cpu_ms = engine.cpu.commit_ms.p50
    yield Bar(name, f"at most {_MOST_CPU_MS} ms of CPU a commit", cpu_ms, cpu_ms <= _MOST_CPU_MS)
