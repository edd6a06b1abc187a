"""The figures of a run, as they are written to benchmarks/results/storage.json."""

import math
import os
import platform
import sqlite3
import statistics
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Self

from benchmarks.model import Latency
from benchmarks.usage import Usage

_P95 = 0.95
_DIGITS = 3


def rounded(value: float) -> float:
    """A figure with as many digits as it is worth writing down."""
    return round(value, _DIGITS)


def mean(values: Iterable[float]) -> float:
    return rounded(statistics.fmean(values))


@dataclass(frozen=True, slots=True)
class Sample:
    """One measured call: how long it took, and what it asked of the stores."""

    seconds: float
    usage: Usage


@dataclass(frozen=True, slots=True)
class Spread:
    """The median and the 95th percentile (nearest rank) of `samples` measurements."""

    p50: float
    p95: float
    samples: int

    @classmethod
    def of(cls, values: Iterable[float]) -> Self:
        ordered = sorted(values)
        rank = math.ceil(_P95 * len(ordered)) - 1
        return cls(rounded(statistics.median(ordered)), rounded(ordered[rank]), len(ordered))

    @classmethod
    def of_ms(cls, samples: Sequence[Sample]) -> Self:
        return cls.of(sample.seconds * 1000 for sample in samples)


@dataclass(frozen=True, slots=True)
class Folding:
    """What a fold costs, and how many answers it takes on average until one is due."""

    ms: Spread
    answers_per_fold: float
    requests: dict[str, float]
    bytes_up: float


@dataclass(frozen=True, slots=True)
class Dollars:
    """For a million answers: their requests, these with folds, and all of it with Lambda."""

    requests: float
    with_folds: float
    with_lambda: float


@dataclass(frozen=True, slots=True)
class ModelFigures:
    """One engine on one collection under one latency model; times in milliseconds.

    `warm_answer_requests` are the least and the most of any measured answer; `requests` is the
    mean by kind. `bytes_up_with_folds` is the mean of an answer and its share of a fold.
    """

    model: str
    warm_read_ms: Spread
    warm_answer_ms: Spread
    warm_answer_requests: tuple[int, int]
    requests: dict[str, float]
    bytes_up: Spread
    bytes_up_with_folds: float
    behind_read_ms: Spread
    behind_bytes_down: float
    cold_open_ms: Spread
    cold_bytes_down: float
    unfolded_commits: int
    alternating_answer_ms: Spread
    alternating_requests: float
    fold: Folding | None
    dollars_per_million: Dollars


@dataclass(frozen=True, slots=True)
class Cpu:
    """Milliseconds of processor time that an answer takes.

    `commit_ms` is without what the answer itself computes: what the engine takes.
    """

    answer_ms: Spread
    commit_ms: Spread


@dataclass(frozen=True, slots=True)
class EngineFigures:
    engine: str
    cpu: Cpu
    models: list[ModelFigures]

    def under(self, model: str) -> ModelFigures:
        return next(figures for figures in self.models if figures.model == model)


@dataclass(frozen=True, slots=True)
class CollectionFigures:
    """A collection, what is in it, and how the engines do on it."""

    name: str
    bytes: int
    notes: int
    cards: int
    reviews: int
    engines: list[EngineFigures]

    def on(self, engine: str) -> EngineFigures:
        return next(figures for figures in self.engines if figures.engine == engine)


@dataclass(frozen=True, slots=True)
class Bar:
    """A promise, and whether the run kept it."""

    collection: str
    promise: str
    measured: float
    kept: bool


@dataclass(frozen=True, slots=True)
class Machine:
    cores: int
    python: str
    sqlite: str

    @classmethod
    def this(cls) -> Self:
        return cls(len(os.sched_getaffinity(0)), platform.python_version(), sqlite3.sqlite_version)


@dataclass(frozen=True, slots=True)
class Results:
    machine: Machine
    models: list[Latency]
    dollars_per_million: dict[str, float]
    collections: list[CollectionFigures]
    bars: list[Bar]
