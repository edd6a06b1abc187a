"""`python -m benchmarks.packages`: imports and exports beside real Anki, and a large upload.

Writes benchmarks/results/packages.json and the tables of docs/performance.md; exits with 1 when a
promise is not kept.
"""

import sqlite3
import sys
import tempfile
from collections.abc import Iterable, Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

from benchmarks.collections import CollectionSize, make
from benchmarks.figures import Bar, Machine
from benchmarks.markdown import number, table
from benchmarks.packages_anki import running_anki
from benchmarks.packages_export import measure_exports
from benchmarks.packages_figures import (
    ImportFigures,
    MemoryFigures,
    PackageResults,
    UploadFigures,
)
from benchmarks.packages_files import Package, chains, long_notes, with_media
from benchmarks.packages_import import measure_imports
from benchmarks.packages_memory import measure_memory
from benchmarks.packages_upload import measure_upload
from benchmarks.publishing import tell, write_results, write_tables
from benchmarks.storage import DOCUMENT, ROOT

RESULTS = ROOT / "benchmarks" / "results" / "packages.json"
BEGIN = "<!-- packages tables: begin (written by make bench) -->"
END = "<!-- packages tables: end -->"

_MOST_TIMES_ANKI = 3.0
_MOST_MEGABYTES = 512.0
_MOST_SECONDS = 24.0


@dataclass(frozen=True, slots=True)
class Scale:
    """How much is imported and exported, and how often; each note of `media` has a file."""

    notes: CollectionSize
    media: CollectionSize
    clip_bytes: int
    samples: int


FULL = Scale(
    notes=CollectionSize("10,000 notes", notes=10_000, decks=20, days=500),
    media=CollectionSize("200 MB of media", notes=5_000, decks=5, days=100),
    clip_bytes=40_000,
    samples=5,
)


def run(scale: Scale) -> PackageResults:
    """Measure all of it; two minutes."""
    with tempfile.TemporaryDirectory(prefix="javumbo-bench-") as directory, running_anki() as anki:
        work_dir, notes = Path(directory), scale.notes.notes
        source = work_dir / "source.anki2"
        make(source, scale.notes)
        files = chains(source, anki, work_dir, notes)
        imports = measure_imports(files, anki, work_dir, scale.samples)
        exports = measure_exports(source, anki, work_dir, scale.samples)
        package = files[0][0].file
        memory = [
            measure_memory(Package(scale.notes.name, package, source.stat().st_size, notes)),
            measure_memory(long_notes(source, work_dir / "long.apkg", notes)),
        ]
        media = with_media(work_dir / "media.apkg", scale.media, scale.clip_bytes)
        upload = measure_upload(media, anki, work_dir)
        return PackageResults(
            machine=Machine.this(),
            anki=anki.ask("tell its version")["version"],
            cards=_count(source, "cards"),
            reviews=_count(source, "revlog"),
            imports=imports,
            exports=exports,
            memory=memory,
            upload=upload,
            bars=list(bars(imports, memory, upload)),
        )


def _count(source: Path, rows: str) -> int:
    with closing(sqlite3.connect(source)) as conn:
        ((count,),) = conn.execute(f"SELECT count(*) FROM {rows}")
        return int(count)


def bars(
    imports: Iterable[ImportFigures], memory: Iterable[MemoryFigures], upload: UploadFigures
) -> Iterator[Bar]:
    """Each promise with what was measured."""
    for one in (each for each in imports if each.has_bar):
        yield _at_most(
            one.name, f"an import takes at most {_MOST_TIMES_ANKI:g} times what Anki takes",
            one.times_anki, _MOST_TIMES_ANKI,
        )  # fmt: skip
    in_memory = f"an import takes at most {_MOST_MEGABYTES:g} MB of memory"
    for each in memory:
        yield _at_most(each.name, in_memory, each.peak_megabytes, _MOST_MEGABYTES)
    name = f"{_megabytes(upload.file_bytes)} with media"
    seconds = upload.upload_s + upload.import_s
    yield _at_most(name, f"uploaded and imported in {_MOST_SECONDS:g} s", seconds, _MOST_SECONDS)
    yield _at_most(name, in_memory, upload.peak_megabytes, _MOST_MEGABYTES)


def _at_most(name: str, promise: str, measured: float, most: float) -> Bar:
    return Bar(name, promise, measured, kept=measured <= most)


def tables(results: PackageResults) -> str:
    size = f"{results.cards:,} cards, {results.reviews:,} reviews"
    versions = f"Anki {results.anki}, Python {results.machine.python}"
    best = f"the best of {results.imports[0].ours_ms.samples}"
    return "\n\n".join(
        (
            f"{size}; {versions}. Milliseconds on the clock, {best}.",
            table(("import", "file", "notes", "here", "real Anki", "times"), _import_rows(results)),
            table(("export", "here", "real Anki", "bytes here", "of Anki"), _export_rows(results)),
            "The most memory that a process had that imports one package:",
            table(("package", "unpacked", "peak"), _memory_rows(results)),
            f"A package with {results.upload.media_files:,} media files through `javumbo serve`:",
            table(_UPLOAD_HEADER, [_upload_row(results.upload)]),
            _kept(results.bars),
        )
    )


_UPLOAD_HEADER = (
    *("file", "upload", "import", "real Anki's import"),
    *("the server's memory before", "at its peak"),
)


def _kept(found: Sequence[Bar]) -> str:
    """A sentence about the promises, so that nobody has to compare."""
    missed = [bar for bar in found if not bar.kept]
    if not missed:
        return "All promises are kept in this run."
    listed = "\n".join(
        f"- {bar.collection}: {bar.promise}; it was {number(bar.measured)}." for bar in missed
    )
    return f"Not kept in this run:\n\n{listed}"


def _import_rows(results: PackageResults) -> Iterator[Sequence[str]]:
    for one in results.imports:
        yield (
            *(one.name, _megabytes(one.file_bytes), f"{one.notes:,}"),
            *(number(one.ours_ms.best), number(one.anki_ms.best), number(one.times_anki)),
        )


def _export_rows(results: PackageResults) -> Iterator[Sequence[str]]:
    for one in results.exports:
        yield (
            *(one.kind, number(one.ours_ms.best), number(one.anki_ms.best)),
            *(_megabytes(one.our_bytes), _megabytes(one.anki_bytes)),
        )


def _memory_rows(results: PackageResults) -> Iterator[Sequence[str]]:
    for one in results.memory:
        yield (one.name, _megabytes(one.unpacked_bytes), f"{number(one.peak_megabytes)} MB")


def _upload_row(upload: UploadFigures) -> Sequence[str]:
    return (
        _megabytes(upload.file_bytes),
        *(f"{number(s)} s" for s in (upload.upload_s, upload.import_s, upload.anki_s)),
        *(f"{number(mb)} MB" for mb in (upload.idle_megabytes, upload.peak_megabytes)),
    )


def _megabytes(count: int) -> str:
    return f"{number(count / 1e6)} MB"


def main() -> int:
    results = run(FULL)
    write_results(results, RESULTS)
    write_tables(tables(results), DOCUMENT, BEGIN, END)
    return tell(tables(results), results.bars)


if __name__ == "__main__":
    sys.exit(main())
