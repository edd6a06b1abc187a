"""Measures one engine on one collection."""

import sqlite3
import statistics
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from benchmarks.changes import Submission
from benchmarks.engines import Container, Engine
from benchmarks.figures import (
    Cpu,
    Dollars,
    Folding,
    ModelFigures,
    Sample,
    Spread,
    mean,
    rounded,
)
from benchmarks.model import INSTANT, Latency, dollars, lambda_dollars
from benchmarks.usage import Usage
from chalicelib.collection.cards import get_card


@dataclass(frozen=True, slots=True)
class Samples:
    """How often each thing is measured; `unfolded` commits lie in the log at a cold open."""

    warm: int = 100
    behind: int = 20
    alternating: int = 20
    cold: int = 5
    folds: int = 3
    cpu: int = 100
    unfolded: int = 60


@dataclass(frozen=True, slots=True)
class _Folds:
    """Some folds, and what these and all answers that led to them asked of the stores."""

    folds: list[Sample]
    answers: int
    usage: Usage


class Bench:
    """One engine with one collection in its stores, and somebody who answers its cards."""

    def __init__(
        self, engine: Engine, answers: Iterator[Submission], directory: Path, samples: Samples
    ) -> None:
        """`directory` takes the containers' caches."""
        self._engine = engine
        self._network = engine.network
        self._answers = answers
        self._directory = directory
        self._samples = samples

    def prepare(self, build: Callable[[sqlite3.Connection], None]) -> None:
        """Put the collection into the store."""
        with self._container() as container:
            container.create(build)

    def cpu(self) -> Cpu:
        """What an answer takes of the processor, with stores that answer at once."""
        with self._container() as container:
            container.change(next(self._answers))
            changes = [_TimedChange(next(self._answers)) for _ in range(self._samples.cpu)]
            totals = [_answer_cpu_ms(container, change) for change in changes]
        commits = [total - change.own_ms for total, change in zip(totals, changes, strict=True)]
        return Cpu(Spread.of(totals), Spread.of(commits))

    def under(self, latency: Latency) -> ModelFigures:
        """What a container's callers wait for while the stores take the model's time."""
        with self._container() as one, self._container() as other:
            unfolded = self._leave_unfolded(one)
            cold = [self._cold_open(latency) for _ in range(self._samples.cold)]
            folds = self._folds(one, latency)
            answers, reads = self._warm(one, latency)
            one.fold()
            behind = self._reads_behind(one, other, latency)
            alternating = self._alternating_answers(one, other, latency)
        return ModelFigures(
            model=latency.name,
            warm_read_ms=Spread.of_ms(reads),
            warm_answer_ms=Spread.of_ms(answers),
            warm_answer_requests=_least_and_most(answers),
            requests=_mean_requests(answers),
            bytes_up=Spread.of(sample.usage.bytes_up for sample in answers),
            bytes_up_with_folds=_bytes_up_with_folds(answers, folds),
            behind_read_ms=Spread.of_ms(behind),
            behind_bytes_down=mean(sample.usage.bytes_down for sample in behind),
            cold_open_ms=Spread.of_ms(cold),
            cold_bytes_down=mean(sample.usage.bytes_down for sample in cold),
            unfolded_commits=unfolded,
            alternating_answer_ms=Spread.of_ms(alternating),
            alternating_requests=mean(sample.usage.total for sample in alternating),
            fold=_folding(folds) if folds else None,
            dollars_per_million=_dollars(answers, folds),
        )

    def _leave_unfolded(self, container: Container) -> int:
        """Leave so many commits in the log that a cold container has some to apply."""
        if not self._engine.folds:
            return 0
        container.fold()
        for _ in range(self._samples.unfolded):
            container.change(next(self._answers))
        return self._samples.unfolded

    def _cold_open(self, latency: Latency) -> Sample:
        with self._container() as fresh:
            return self._timed(latency, lambda: fresh.read(_look))

    def _folds(self, container: Container, latency: Latency) -> _Folds | None:
        """Folds, each after as many answers as make it due."""
        if not self._engine.folds:
            return None
        container.fold()
        before, answers = self._network.usage, 0
        folds: list[Sample] = []
        while len(folds) < self._samples.folds:
            container.change(next(self._answers))
            answers += 1
            if container.fold_is_due:
                folds.append(self._timed(latency, container.fold))
        return _Folds(folds, answers, self._network.usage - before)

    def _warm(self, container: Container, latency: Latency) -> tuple[list[Sample], list[Sample]]:
        """Answers and reads in turn, in a container that has the current state.

        The first answer after a fold, which also marks the collection, is not among them.
        """
        container.change(next(self._answers))
        answers, reads = [], []
        for _ in range(self._samples.warm):
            answers.append(self._answer(container, latency))
            reads.append(self._timed(latency, lambda: container.read(_look)))
        return answers, reads

    def _reads_behind(self, reader: Container, writer: Container, latency: Latency) -> list[Sample]:
        """Reads in a container while another one has committed an answer meanwhile."""
        writer.read(_look)
        samples = []
        for _ in range(self._samples.behind):
            writer.change(next(self._answers))
            samples.append(self._timed(latency, lambda: reader.read(_look)))
        return samples

    def _alternating_answers(
        self, one: Container, other: Container, latency: Latency
    ) -> list[Sample]:
        """Answers to two containers in turn, each of which is one commit behind."""
        one.change(next(self._answers))
        pairs = self._samples.alternating // 2
        return [self._answer(container, latency) for container in (other, one) * pairs]

    def _answer(self, container: Container, latency: Latency) -> Sample:
        submission = next(self._answers)
        return self._timed(latency, lambda: container.change(submission))

    def _timed(self, latency: Latency, call: Callable[[], None]) -> Sample:
        before = self._network.usage
        self._network.latency = latency
        started = time.perf_counter()
        try:
            call()
            seconds = time.perf_counter() - started
        finally:
            self._network.latency = INSTANT
        return Sample(seconds, self._network.usage - before)

    @contextmanager
    def _container(self) -> Iterator[Container]:
        with tempfile.TemporaryDirectory(dir=self._directory) as cache_dir:
            yield self._engine.container(Path(cache_dir))


class _TimedChange:
    """An answer that remembers how much of the processor it took itself."""

    def __init__(self, submission: Submission) -> None:
        self.key = submission.key
        self.digest = submission.digest
        self.own_ms = 0.0
        self._apply = submission.apply

    def apply(self, conn: sqlite3.Connection) -> dict[str, Any]:
        started = time.process_time()
        result = self._apply(conn)
        self.own_ms = (time.process_time() - started) * 1000
        return result


def _answer_cpu_ms(container: Container, change: _TimedChange) -> float:
    started = time.process_time()
    container.change(change)
    return (time.process_time() - started) * 1000


def _look(conn: sqlite3.Connection) -> None:
    """A small read, so that what is measured is the engine."""
    (card_id,) = conn.execute("SELECT max(id) FROM cards").fetchone()
    get_card(conn, card_id)


def _least_and_most(samples: Sequence[Sample]) -> tuple[int, int]:
    totals = [sample.usage.total for sample in samples]
    return min(totals), max(totals)


def _mean_requests(samples: Sequence[Sample]) -> dict[str, float]:
    usage = _total(samples)
    return {str(kind): count / len(samples) for kind, count in usage.requests.items()}


def _bytes_up_with_folds(answers: Sequence[Sample], folds: _Folds | None) -> float:
    if folds is None:
        return mean(sample.usage.bytes_up for sample in answers)
    return rounded(folds.usage.bytes_up / folds.answers)


def _folding(folds: _Folds) -> Folding:
    return Folding(
        ms=Spread.of_ms(folds.folds),
        answers_per_fold=rounded(folds.answers / len(folds.folds)),
        requests=_mean_requests(folds.folds),
        bytes_up=mean(fold.usage.bytes_up for fold in folds.folds),
    )


def _dollars(answers: Sequence[Sample], folds: _Folds | None) -> Dollars:
    requests = dollars(_total(answers)) / len(answers)
    seconds = statistics.fmean(sample.seconds for sample in answers)
    if folds is None:
        return _rounded_dollars(requests, requests, seconds)
    with_folds = dollars(folds.usage) / folds.answers
    seconds += sum(fold.seconds for fold in folds.folds) / folds.answers
    return _rounded_dollars(requests, with_folds, seconds)


def _rounded_dollars(requests: float, with_folds: float, seconds: float) -> Dollars:
    with_lambda = with_folds + lambda_dollars(seconds)
    return Dollars(rounded(requests), rounded(with_folds), rounded(with_lambda))


def _total(samples: Sequence[Sample]) -> Usage:
    return sum((sample.usage for sample in samples), Usage())
