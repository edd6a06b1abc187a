"""The figures of packages, as they are written to benchmarks/results/packages.json."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Self

from benchmarks.figures import Bar, Machine, Spread, rounded


@dataclass(frozen=True, slots=True)
class Times:
    """The least and the median of `samples` measurements, milliseconds on the clock."""

    best: float
    median: float
    samples: int

    @classmethod
    def of(cls, values: Iterable[float]) -> Self:
        found = list(values)
        return cls(rounded(min(found)), Spread.of(found).p50, len(found))


@dataclass(frozen=True, slots=True)
class ImportFigures:
    """One import, here and in Anki: of this many notes, each new or changed by it.

    `has_bar` for packages that are merged: only of these something is promised.
    """

    name: str
    has_bar: bool
    notes: int
    file_bytes: int
    ours_ms: Times
    anki_ms: Times

    @property
    def times_anki(self) -> float:
        return self.ours_ms.best / self.anki_ms.best


@dataclass(frozen=True, slots=True)
class ExportFigures:
    """What one kind of package takes, and how many bytes it has."""

    kind: str
    ours_ms: Times
    anki_ms: Times
    our_bytes: int
    anki_bytes: int


@dataclass(frozen=True, slots=True)
class MemoryFigures:
    """The most memory that a process had which did nothing but import the package."""

    name: str
    unpacked_bytes: int
    peak_megabytes: float


@dataclass(frozen=True, slots=True)
class UploadFigures:
    """A package with media through the server, and the most memory that the server ever had.

    `idle_megabytes` is what it had before; `anki_s` is Anki's import alone, which uploads nothing.
    """

    file_bytes: int
    media_files: int
    upload_s: float
    import_s: float
    anki_s: float
    idle_megabytes: float
    peak_megabytes: float


@dataclass(frozen=True, slots=True)
class PackageResults:
    """Everything that a run has measured."""

    machine: Machine
    anki: str
    cards: int
    reviews: int
    imports: list[ImportFigures]
    exports: list[ExportFigures]
    memory: list[MemoryFigures]
    upload: UploadFigures
    bars: list[Bar]
