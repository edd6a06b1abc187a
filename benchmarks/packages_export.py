"""Exports of 10,000 notes with all their reviews, beside real Anki's in the same run.

Times are of the wall clock, in milliseconds: ours from the file of the collection to the package,
Anki's from an open collection to the same. Needs `anki`, which is there for the tests only.
"""

import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from benchmarks.collections import NOW_MS, CollectionSize, make
from benchmarks.figures import Spread
from chalicelib.packages.exporting import (
    PackageOptions,
    export_collection_package,
    export_notes_package,
)
from chalicelib.packages.package_version import PackageVersion

SIZE = CollectionSize("10,000 notes", notes=10_000, decks=20, days=500)


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


@dataclass(frozen=True, slots=True)
class ExportFigures:
    """What one kind of package takes, and how many bytes it has."""

    kind: str
    ours_ms: Spread
    anki_ms: Spread
    our_bytes: int
    anki_bytes: int


def measure(size: CollectionSize = SIZE, samples: int = 5) -> list[ExportFigures]:
    """Make the collection, and packages of it."""
    with tempfile.TemporaryDirectory() as directory:
        work_dir = Path(directory)
        source = work_dir / "source.anki2"
        make(source, size)
        theirs = _ask_anki(source, samples)
        return [
            _figures(kind, source, samples, *answer)
            for kind, answer in zip(KINDS, theirs, strict=True)
        ]


def _figures(
    kind: Kind, source: Path, samples: int, anki_ms: list[float], anki_bytes: int
) -> ExportFigures:
    target = source.with_name("ours")
    times = [_ms(lambda: _export(kind, source, target)) for _ in range(samples)]
    size = target.stat().st_size
    return ExportFigures(kind.name, Spread.of(times), Spread.of(anki_ms), size, anki_bytes)


def _export(kind: Kind, source: Path, target: Path) -> None:
    if kind.whole:
        export_collection_package(source, target, None, kind.version, NOW_MS)
        return
    options = PackageOptions(
        version=kind.version,
        scheduling=kind.scheduling,
        presets=kind.scheduling,
        now_ms=NOW_MS,
    )
    export_notes_package(source, target, None, options)


def _ms(call: Callable[[], object]) -> float:
    began = time.perf_counter()
    call()
    return (time.perf_counter() - began) * 1000


_IN_ANKI = """
import json, os, shutil, sys, time
from anki.collection import Collection, ExportAnkiPackageOptions

source, kinds, samples = sys.argv[1], json.loads(sys.argv[2]), int(sys.argv[3])
path, target = source + ".anki.anki2", source + ".theirs"
shutil.copy(source, path)
col = Collection(path)

def export(kind):
    if kind["whole"]:
        col.export_collection_package(target, False, kind["legacy"])
        return
    options = ExportAnkiPackageOptions(
        with_scheduling=kind["scheduling"],
        with_deck_configs=kind["scheduling"],
        with_media=False,
        legacy=kind["legacy"],
    )
    col.export_anki_package(out_path=target, options=options, limit=None)

results = []
for kind in kinds:
    times = []
    for _ in range(samples):
        began = time.perf_counter()
        export(kind)
        times.append((time.perf_counter() - began) * 1000)
        if kind["whole"]:
            col.reopen()
    results.append([times, os.path.getsize(target)])
print(json.dumps(results))
"""


def _ask_anki(source: Path, samples: int) -> list[tuple[list[float], int]]:
    """By kind: milliseconds of each export, and the bytes of the package."""
    kinds = [
        {"legacy": kind.legacy, "whole": kind.whole, "scheduling": kind.scheduling}
        for kind in KINDS
    ]
    done = subprocess.run(  # noqa: S603
        [sys.executable, "-c", _IN_ANKI, str(source), json.dumps(kinds), str(samples)],
        env={**os.environ, "TZ": "UTC"},
        capture_output=True,
        text=True,
        check=True,
    )
    answers: list[tuple[list[float], int]] = json.loads(done.stdout)
    return answers


def main() -> None:
    for one in measure():
        sys.stdout.write(
            f"{one.kind:26} {one.ours_ms.p50:8.0f} ms, {one.our_bytes / 1e6:5.1f} MB;"
            f" Anki {one.anki_ms.p50:8.0f} ms, {one.anki_bytes / 1e6:5.1f} MB\n"
        )


if __name__ == "__main__":
    main()
