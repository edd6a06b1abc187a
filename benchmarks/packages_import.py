"""`python -m benchmarks.packages_import`: a large package brought in, beside real Anki.

The package has 10,000 notes with 20,000 studied cards, their reviews and some small media files.
Here it is merged in a transaction of the storage of one machine, everything that a request does
included; there with `import_anki_package`. Both begin with a new collection. Needs `anki`, which
is there for the tests only.
"""

import random
import resource
import sqlite3
import subprocess
import sys
import tempfile
import time
import zipfile
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

import msgspec

from benchmarks.figures import Bar
from chalicelib.collection.create import create_collection
from chalicelib.collection.decks import add_deck
from chalicelib.collection.guid import GUID_BITS, guid_from_bits
from chalicelib.collection.notetypes.lookup import notetype_by_name
from chalicelib.importer import Wanted
from chalicelib.scheduler.timing import DAY_S
from chalicelib.services import build_services
from chalicelib.settings import load_settings
from chalicelib.storage import Owner

NOTES, REVIEWS_A_CARD, MEDIA_FILES = 10_000, 3, 50

_SEED = 7
_REPEATS = 3
_MOST_TIMES_ANKI = 3.0
_MOST_MEGABYTES = 512.0
_DAY_MS = DAY_S * 1000
_DAYS = 100
# A note of this length makes a collection of 100 MB of ten thousand.
_LARGE_FIELD = 10_000
_OWNER = Owner("reader", "1")


@dataclass(frozen=True, slots=True)
class ImportFigures:
    """Medians, milliseconds; and the most memory that importing 100 MB takes, in MB."""

    notes: int
    cards: int
    reviews: int
    package_bytes: int
    ours_ms: float
    anki_ms: float
    large_package_bytes: int
    peak_megabytes: float
    bars: list[Bar]


def make_package(path: Path, now_ms: int, *, field_length: int = 60) -> None:
    """Write the package, always the same one but for when it is."""
    collection = path.with_suffix(".anki2")
    _make_collection(collection, now_ms, field_length)
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as archive:
        archive.write(collection, "collection.anki2")
        names = {str(number): f"picture-{number}.png" for number in range(MEDIA_FILES)}
        archive.writestr("media", msgspec.json.encode(names))
        for number in names:
            archive.writestr(number, random.Random(number).randbytes(2_000))  # noqa: S311
    collection.unlink()


def _make_collection(path: Path, now_ms: int, field_length: int) -> None:
    rng = random.Random(_SEED)  # noqa: S311
    with closing(sqlite3.connect(path, isolation_level=None)) as conn:
        conn.execute("PRAGMA journal_mode = OFF")
        conn.execute("BEGIN")
        create_collection(conn, now_ms=now_ms - _DAYS * _DAY_MS, minutes_west=0)
        deck = add_deck(conn, "Large::Deck", now_ms=now_ms, max_decks=10)
        notetype = notetype_by_name(conn, "Basic (and reversed card)")
        first_id = now_ms - _DAYS * _DAY_MS
        notes = _notes(rng, first_id, notetype["id"], field_length)
        conn.executemany("INSERT INTO notes VALUES (?, ?, ?, 1, 0, ?, ?, ?, 0, 0, '')", notes)
        cards = list(_cards(rng, first_id, deck["id"]))
        conn.executemany(_INSERT_CARD, cards)
        conn.executemany(_INSERT_REVIEW, _reviews(rng, first_id, [card[0] for card in cards]))
        conn.execute("COMMIT")


_INSERT_CARD = """INSERT INTO cards VALUES
    (?, ?, ?, ?, 1, 0, ?, ?, ?, ?, ?, 3, 0, 0, 0, 0, 0, '{}')"""
_INSERT_REVIEW = "INSERT INTO revlog VALUES (?, ?, 0, ?, 5, 3, 2500, 4000, 1)"


def _notes(
    rng: random.Random, first_id: int, notetype_id: int, field_length: int
) -> Iterator[tuple[object, ...]]:
    letters = "abcdefghijklmnoprstuvw äöü会う"
    for number in range(NOTES):
        text = "".join(rng.choices(letters, k=min(field_length, 200)))
        picture = f'<img src="picture-{number % MEDIA_FILES}.png">'
        back = (text * (field_length // len(text) + 1))[:field_length]
        flds = f"{text[:40]} {number}\x1f{back} {picture}"
        tags = f" chapter::{number % 30} verb "
        guid = guid_from_bits(rng.getrandbits(GUID_BITS))
        yield (first_id + number, guid, notetype_id, tags, flds, text[:40])


def _cards(rng: random.Random, first_id: int, deck_id: int) -> Iterator[tuple[int, ...]]:
    for number in range(2 * NOTES):
        place = (first_id + number, first_id + number // 2, deck_id, number % 2)
        if rng.random() < 1 / 4:
            yield (*place, 0, 0, number, 0, 0)
        else:
            yield (*place, 2, 2, _DAYS + rng.randint(-5, 90), rng.randint(1, 90), 2500)


def _reviews(rng: random.Random, first_id: int, cards: list[int]) -> Iterator[tuple[int, ...]]:
    for number in range(REVIEWS_A_CARD * len(cards)):
        yield (first_id + number * 100, rng.choice(cards), rng.randint(1, 4))


def measure() -> ImportFigures:
    """Make the packages and import them; a minute or two."""
    with tempfile.TemporaryDirectory(prefix="javumbo-bench-") as directory:
        now_ms = time.time_ns() // 1_000_000
        package, large = Path(directory, "small.apkg"), Path(directory, "large.apkg")
        make_package(package, now_ms)
        make_package(large, now_ms, field_length=_LARGE_FIELD)
        rounds = [
            (import_here(Path(directory, f"ours-{number}"), package), _anki_ms(directory, package))
            for number in range(_REPEATS)
        ]
        ours_ms, anki_ms = (sorted(times)[_REPEATS // 2] for times in zip(*rounds, strict=True))
        peak = _peak_megabytes(large)
        return ImportFigures(
            notes=NOTES,
            cards=2 * NOTES,
            reviews=2 * NOTES * REVIEWS_A_CARD,
            package_bytes=package.stat().st_size,
            ours_ms=ours_ms,
            anki_ms=anki_ms,
            large_package_bytes=_unpacked_bytes(large),
            peak_megabytes=peak,
            bars=_bars(ours_ms, anki_ms, peak),
        )


def _bars(ours_ms: float, anki_ms: float, peak: float) -> list[Bar]:
    times, most = ours_ms / anki_ms, _MOST_TIMES_ANKI
    return [
        Bar("10,000 notes", f"an import in at most {most:g} times Anki's", times, times <= most),
        Bar(
            "100 MB",
            f"an import in at most {_MOST_MEGABYTES:g} MB of memory",
            peak,
            peak <= _MOST_MEGABYTES,
        ),
    ]


def _unpacked_bytes(package: Path) -> int:
    with zipfile.ZipFile(package) as archive:
        return sum(info.file_size for info in archive.infolist())


def import_here(data_dir: Path, package: Path) -> float:
    """Import into a new collection under the directory; how long it took, milliseconds."""
    environ = {"JAVUMBO_DATA": str(data_dir), "JAVUMBO_CACHE": str(data_dir / "cache")}
    services = build_services(load_settings(environ))
    now_ms = services.now_ms()
    services.storage.create(
        _OWNER, lambda conn: create_collection(conn, now_ms=now_ms, minutes_west=0)
    )
    began = time.perf_counter()
    report = services.importer.run(_OWNER, package, Wanted(format="apkg"), None)
    took_ms = (time.perf_counter() - began) * 1000
    assert report["notes"]["new"] == NOTES  # noqa: S101
    return took_ms


def _anki_ms(directory: str, package: Path) -> float:
    from anki.collection import (  # noqa: PLC0415
        Collection,
        ImportAnkiPackageOptions,
        ImportAnkiPackageRequest,
    )

    options = ImportAnkiPackageOptions(with_scheduling=True, with_deck_configs=True)
    with tempfile.TemporaryDirectory(dir=directory) as home:
        col = Collection(str(Path(home, "collection.anki2")))
        try:
            began = time.perf_counter()
            col.import_anki_package(
                ImportAnkiPackageRequest(package_path=str(package), options=options)
            )
            return (time.perf_counter() - began) * 1000
        finally:
            col.close()


def _peak_megabytes(package: Path) -> float:
    """The most memory that a process which does nothing else has had."""
    done = subprocess.run(  # noqa: S603
        [sys.executable, "-m", "benchmarks.packages_import", str(package)],
        capture_output=True,
        text=True,
        check=True,
    )
    return float(done.stdout)


def main() -> None:
    if len(sys.argv) > 1:
        with tempfile.TemporaryDirectory(prefix="javumbo-bench-") as directory:
            import_here(Path(directory), Path(sys.argv[1]))
        peak_kilobytes = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
        sys.stdout.write(f"{peak_kilobytes / 1024}\n")
        return
    found = measure()
    sys.stdout.write(
        f"{found.notes:,} notes, {found.cards:,} cards, {found.reviews:,} reviews"
        f" ({found.package_bytes / 1e6:.1f} MB): ours {found.ours_ms:,.0f} ms,"
        f" Anki {found.anki_ms:,.0f} ms ({found.ours_ms / found.anki_ms:.1f}x);"
        f" {found.large_package_bytes / 1e6:.0f} MB in {found.peak_megabytes:.0f} MB of memory\n"
    )


if __name__ == "__main__":
    main()
