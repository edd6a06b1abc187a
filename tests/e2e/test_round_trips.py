"""Whatever moves into JAVUMBO moves out of it as it would out of Anki.

Files made by real Anki, in every format, are imported through the API and exported in every
format; real Anki imports these, and has what it has when it imports the file itself.

More of it, with other collections: `python -m tests.e2e.test_round_trips --count 1000`.
"""

import argparse
import json
import sys
import tempfile
import time
import unicodedata
import zipfile
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import replace
from itertools import count
from pathlib import Path
from random import Random

import pytest

from tests.e2e.partial_trips import settle, unlike_parts, unlike_texts
from tests.e2e.round_trips import (
    EXPORTS,
    Trip,
    complaints,
    differences,
    export,
    import_file,
    make_odd_collections,
    travel,
)
from tests.support.server import Person, serving

DATA = Path(__file__).parent.parent / "data"
PACKAGES = sorted(DATA.glob("*.apkg"))
COLLECTIONS = [*sorted(DATA.glob("*.colpkg")), *sorted(DATA.glob("*.anki2"))]
SEEDS = ("1",)
OPTIONS: Sequence[dict[str, object]] = (
    {},
    {"merge_notetypes": True},
    {"update_notes": "always", "update_notetypes": "never"},
    {"update_notes": "never", "update_notetypes": "always"},
    {"with_scheduling": False},
    {"with_deck_configs": False},
)
PARTS = 6
# So many collections are made and judged at a time by the longer version.
BATCH = 3


@pytest.fixture(scope="module")
def base_url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    with serving(tmp_path_factory.mktemp("served") / "data", MAX_BODY_BYTES="20000000") as url:
        yield url


@pytest.fixture(scope="module")
def odd(tmp_path_factory: pytest.TempPathFactory) -> list[Path]:
    return make_odd_collections(tmp_path_factory.mktemp("odd"), SEEDS)


def judged(base_url: str, trips: Sequence[Trip], folder: Path) -> list[str]:
    """What is not as in Anki after the trips, and what Anki finds wrong."""
    began_s = time.time_ns() // 1_000_000_000
    journeys = [
        travel(
            base_url, f"{folder.name}-{number}".replace("_", "-")[-32:], trip, folder / str(number)
        )
        for number, trip in enumerate(trips)
    ]
    exported = [file for journey in journeys for file in journey.exported()]
    return [*differences(journeys, began_s), *complaints(exported)]


@pytest.mark.parametrize("mode", ["merge", "replace"])
def test_real_collections_leave_as_they_came(base_url: str, mode: str, tmp_path: Path) -> None:
    files = COLLECTIONS if mode == "replace" else [*PACKAGES, *COLLECTIONS]
    trips = [Trip(file, mode) for file in files]
    assert judged(base_url, list(in_one_format(trips)), tmp_path) == []


def test_odd_collections_leave_as_they_came(base_url: str, odd: list[Path], tmp_path: Path) -> None:
    trips = [trip for folder in odd for trip in all_trips(folder)]
    assert judged(base_url, list(in_one_format(trips)), tmp_path) == []


def in_one_format(trips: Sequence[Trip]) -> Iterator[Trip]:
    """The trips, but each out again in only one of the formats, in turn."""
    for number, trip in enumerate(trips):
        yield replace(trip, exports=([*EXPORTS][number % len(EXPORTS)],))


def all_trips(folder: Path) -> Iterator[Trip]:
    for name in ("latest.apkg", "legacy.apkg", "shared.apkg", "legacy.colpkg", "collection.anki2"):
        yield Trip(folder / name, "merge")
    yield Trip(with_decomposed_names(folder / "legacy.apkg"), "merge")
    for name in ("latest.colpkg", "legacy.colpkg", "collection.anki2"):
        yield Trip(folder / name, "replace")
    later = folder / "later"
    yield Trip(folder / "legacy.colpkg", "replace", first=later / "latest.colpkg")
    for options in OPTIONS:
        first = folder / "latest.colpkg"
        yield Trip(later / "latest.apkg", "merge", first=first, options=options)


def with_decomposed_names(package: Path) -> Path:
    """A legacy package whose list of media is in NFD, as some programs write it."""
    target = package.with_name(f"decomposed {package.name}")
    with zipfile.ZipFile(package) as source, zipfile.ZipFile(target, "w") as archive:
        for name in source.namelist():
            data = source.read(name)
            if name == "media":
                names = {
                    member: unicodedata.normalize("NFD", file)
                    for member, file in json.loads(data).items()
                }
                data = json.dumps(names).encode()
            archive.writestr(name, data)
    return target


def test_odd_collections_are_odd(odd: list[Path]) -> None:
    """What the comparison says depends on there being something to compare."""
    for folder in odd:
        with zipfile.ZipFile(folder / "legacy.colpkg") as archive:
            names = json.loads(archive.read("media")).values()
        assert any(not name.isascii() for name in names)
        assert any("%" in name or " " in name for name in names)
        assert any(name.startswith("_") for name in names)
        assert len((folder / "notes.txt").read_text().splitlines()) > 10


def test_parts_and_texts_of_odd_collections_are_those_that_anki_makes(
    base_url: str, odd: list[Path], tmp_path: Path
) -> None:
    for folder in odd:
        resident = settle(base_url, f"resident{folder.name}", folder, tmp_path / folder.name)
        assert list(unlike_parts(resident, Random(folder.name), PARTS)) == []
        assert list(unlike_texts(resident, folder)) == []
        resident.person.close()


@pytest.mark.parametrize("level", ["n3", "n4", "n5"])
def test_a_vocabulary_list_comes_back_from_a_spreadsheet(
    base_url: str, level: str, tmp_path: Path
) -> None:
    person = Person(base_url, f"learner-{level}", sample_deck=False)
    query = {"format": "csv", "has_names_row": True}
    report = import_file(person, DATA / f"jlpt-{level}.csv", **query)
    assert report["notes"]["new"] > 500
    again = tmp_path / "again.csv"
    again.write_bytes(export(person, format="csv", html=True, guarded=False))
    unchanged = report["notes"] | {"new": 0, "unchanged": report["notes"]["new"]}
    assert import_file(person, again, **query)["notes"] == unchanged
    (tmp_path / "list.anki2").write_bytes(export(person))
    assert complaints([tmp_path / "list.anki2"]) == []
    person.close()


def run(how_many: int, seed: int) -> Counter[str]:
    """At least so many round trips of random collections; prints each difference."""
    figures: Counter[str] = Counter()
    batches = count(seed, BATCH)
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        with serving(folder / "data", MAX_BODY_BYTES="20000000") as base_url:
            while figures["round trips"] < how_many:
                first = next(batches)
                work_dir = folder / f"batch-{first}"
                work_dir.mkdir()
                figures += _run_batch(base_url, range(first, first + BATCH), work_dir)
                print(dict(figures), flush=True)
    return figures


def _run_batch(base_url: str, seeds: range, work_dir: Path) -> Counter[str]:
    made = work_dir / "made"
    made.mkdir()
    folders = make_odd_collections(made, [str(seed) for seed in seeds])
    trips = [trip for folder in folders for trip in all_trips(folder)]
    found = judged(base_url, trips, work_dir)
    for folder in folders:
        resident = settle(base_url, f"resident-{folder.name}", folder, work_dir / folder.name)
        found += unlike_parts(resident, Random(folder.name), 2 * PARTS)
        found += unlike_texts(resident, folder)
        resident.person.close()
    for each in found:
        print(each)
    return Counter(
        {
            "collections": len(folders),
            "imports": len(trips),
            "round trips": len(trips) * len(EXPORTS),
            "parts": len(folders) * 2 * PARTS,
            "text files": len(folders) * 5,
            "differences": len(found),
        }
    )


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--count", type=int, default=500, help="how many round trips at least")
    parser.add_argument("--seed", type=int, default=1, help="that of the first collection")
    arguments = parser.parse_args()
    return int(run(arguments.count, arguments.seed)["differences"] > 0)


if __name__ == "__main__":
    sys.exit(main())
