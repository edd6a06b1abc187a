"""Exports of everything that a collection has, beside real Anki's in the same run.

Times are of the clock: ours from the file of the collection to the package, Anki's from an open
collection to the same.
"""

import time
from dataclasses import dataclass
from pathlib import Path

from benchmarks.collections import NOW_MS
from benchmarks.packages_anki import Anki
from benchmarks.packages_figures import ExportFigures, Times
from chalicelib.packages.exporting import (
    PackageOptions,
    export_collection_package,
    export_notes_package,
)
from chalicelib.packages.package_version import PackageVersion


@dataclass(frozen=True, slots=True)
class Kind:
    """One kind of package."""

    name: str
    legacy: bool
    whole: bool = False
    scheduling: bool = True

    @property
    def version(self) -> PackageVersion:
        return PackageVersion.LEGACY_2 if self.legacy else PackageVersion.LATEST


KINDS = (
    Kind("apkg", legacy=False),
    Kind("apkg, without scheduling", legacy=False, scheduling=False),
    Kind("apkg, legacy", legacy=True),
    Kind("colpkg", legacy=False, whole=True),
    Kind("colpkg, legacy", legacy=True, whole=True),
)


def measure_exports(source: Path, anki: Anki, work_dir: Path, samples: int) -> list[ExportFigures]:
    """Packages of each kind of the collection file `source`, which stays as it is."""
    theirs = work_dir / "exported-by-anki.anki2"
    theirs.write_bytes(source.read_bytes())
    figures = [_measured(kind, source, anki, theirs, samples) for kind in KINDS]
    anki.ask("close", collection=str(theirs))
    return figures


def _measured(kind: Kind, source: Path, anki: Anki, theirs: Path, samples: int) -> ExportFigures:
    ours_file, anki_file = theirs.with_name("ours.package"), theirs.with_name("theirs.package")
    ours_ms, anki_ms = list[float](), list[float]()
    for _ in range(samples):
        ours_ms.append(_export(kind, source, ours_file))
        anki_ms.append(ask_for_package(anki, kind, theirs, anki_file))
    return ExportFigures(
        kind=kind.name,
        ours_ms=Times.of(ours_ms),
        anki_ms=Times.of(anki_ms),
        our_bytes=ours_file.stat().st_size,
        anki_bytes=anki_file.stat().st_size,
    )


def ask_for_package(anki: Anki, kind: Kind, collection: Path, file: Path) -> float:
    """Have Anki write a package of its open collection; how long that took, milliseconds."""
    answer = anki.ask(
        "package",
        collection=str(collection),
        file=str(file),
        whole=kind.whole,
        legacy=kind.legacy,
        scheduling=kind.scheduling,
    )
    took_ms: float = answer["ms"]
    return took_ms


def _export(kind: Kind, source: Path, target: Path) -> float:
    options = PackageOptions(
        version=kind.version,
        scheduling=kind.scheduling,
        presets=kind.scheduling,
        now_ms=NOW_MS,
    )
    began = time.perf_counter()
    if kind.whole:
        export_collection_package(source, target, None, kind.version, NOW_MS)
    else:
        export_notes_package(source, target, None, options)
    return (time.perf_counter() - began) * 1000
