"""Imports, merged and in the collection's place, beside real Anki's in the same run.

Here a file goes through all that a request does: the backup, the merge, the record for undo and
the commit to the storage of one machine. In Anki it is the call that its window makes.
"""

import shutil
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from benchmarks.packages_anki import Anki
from benchmarks.packages_figures import ImportFigures, Times
from chalicelib.collection.create import create_collection
from chalicelib.importer import ImportFormat, Wanted
from chalicelib.services import Services, build_services
from chalicelib.settings import load_settings
from chalicelib.storage import Owner

_OWNER = Owner("reader", "1")


@dataclass(frozen=True, slots=True)
class Step:
    """A file that is brought into a collection; `notes` are new or changed by that."""

    name: str
    file: Path
    notes: int
    how: Literal["merge", "text", "replace"] = "merge"

    @property
    def wanted(self) -> Wanted:
        formats: dict[str, ImportFormat] = {"merge": "apkg", "text": "csv", "replace": "colpkg"}
        return Wanted(
            format=formats[self.how], mode="replace" if self.how == "replace" else "merge"
        )


# One after the other into the same collection, which is a new one before the first.
Chain = Sequence[Step]


def measure_imports(
    chains: Sequence[Chain], anki: Anki, work_dir: Path, samples: int
) -> list[ImportFigures]:
    """Each step of each chain, ours and Anki's in turn; both have to bring as many notes.

    Raises RuntimeError where they do not.
    """
    rounds = [
        [times for chain in chains for times in _round(chain, anki, work_dir)]
        for _ in range(samples)
    ]
    steps = [step for chain in chains for step in chain]
    return [
        ImportFigures(
            name=step.name,
            has_bar=step.how == "merge",
            notes=step.notes,
            file_bytes=step.file.stat().st_size,
            ours_ms=Times.of(ours for ours, _ in times),
            anki_ms=Times.of(theirs for _, theirs in times),
        )
        for step, times in zip(steps, zip(*rounds, strict=True), strict=True)
    ]


def _round(chain: Chain, anki: Anki, work_dir: Path) -> Iterator[tuple[float, float]]:
    ours_dir, anki_dir = work_dir / "ours", work_dir / "theirs"
    services = new_collection(ours_dir)
    anki_dir.mkdir()
    collection = anki_dir / "collection.anki2"
    for step in chain:
        yield import_here(services, step), _import_there(anki, collection, step)
    anki.ask("close", collection=str(collection))
    shutil.rmtree(ours_dir)
    shutil.rmtree(anki_dir)


def new_collection(data_dir: Path) -> Services:
    """The services of one machine over a new directory, in which somebody has a new collection."""
    environ = {"JAVUMBO_DATA": str(data_dir), "JAVUMBO_CACHE": str(data_dir / "cache")}
    services = build_services(load_settings(environ))
    now_ms = services.now_ms()
    services.storage.create(
        _OWNER, lambda conn: create_collection(conn, now_ms=now_ms, minutes_west=0)
    )
    return services


def import_here(services: Services, step: Step) -> float:
    """How long it took, milliseconds. Raises RuntimeError for another number of notes."""
    began = time.perf_counter()
    notes = services.importer.run(_OWNER, step.file, step.wanted, None)["notes"]
    took_ms = (time.perf_counter() - began) * 1000
    _check(step, "here", notes["new"] + notes["updated"])
    return took_ms


def _import_there(anki: Anki, collection: Path, step: Step) -> float:
    answer = anki.ask(step.how, collection=str(collection), file=str(step.file))
    _check(step, "in Anki", answer["notes"])
    took_ms: float = answer["ms"]
    return took_ms


def _check(step: Step, where: str, notes: int) -> None:
    if notes != step.notes:
        raise RuntimeError(f"{step.name}: {notes} notes {where}, and not {step.notes}")
