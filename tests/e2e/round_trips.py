"""Trips of collections into JAVUMBO and out again, beside the same ones into real Anki and out.

All of it is in UTC, and on one day: whoever began before four o'clock ends before it.
"""

import hashlib
import json
import os
import re
import shutil
import sqlite3
import subprocess
import sys
import time
import zipfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from chalicelib.collection.day import timing_at
from tests.packages.exporting.judge import run_anki as run_exports
from tests.packages.judge import contents, run_anki
from tests.packages.sources import edit
from tests.support.server import ROOT, Person

CHECKER = ROOT / "tests" / "oracle_packages" / "check_files.py"
MAKER = "tests.packages.exporting.anki_travels"
BYTES = {"Content-Type": "application/octet-stream"}
# How each kind of file is asked for.
EXPORTS: dict[str, dict[str, Any]] = {
    "export.anki2": {},
    "latest.colpkg": {"format": "colpkg"},
    "legacy.colpkg": {"format": "colpkg", "legacy": True},
    "latest.apkg": {"format": "apkg"},
    "legacy.apkg": {"format": "apkg", "legacy": True},
}
# Anki's exports without scheduling can have times for positions; no sound one is as high.
_REPAIRED_POSITION = 1_000_000
_TIME_IN_NAME = re.compile(r"(?<= )1\d{9}(?=$|::)")
_EVERYTHING = {"with_scheduling": True, "with_deck_configs": True, "with_media": True}
# Each of these is set anew by whoever opens a file or adds a notetype, or is what Anki's dialog for
# imports begins with.
_PERSONAL = {
    "curModel",
    "lastUnburied",
    "localOffset",
    "mergeNotetypes",
    "updateNotes",
    "updateNotetypes",
    "withDeckConfigs",
    "withScheduling",
}
Job = dict[str, Any]


@dataclass(frozen=True)
class Trip:
    """A file to import in one of the modes, and how to take it out again.

    `first` is what takes the place of the empty collection before, `options` are the import's.
    """

    file: Path
    mode: str
    exports: tuple[str, ...] = tuple(EXPORTS)
    first: Path | None = None
    options: Mapping[str, Any] = field(default_factory=dict)

    def __str__(self) -> str:
        first = f"{self.first} and then " if self.first else ""
        return f"{first}{self.mode} {self.file} {dict(self.options)}"


@dataclass(frozen=True)
class Journey:
    """A trip that was made: what the collection was before, and what came out of it."""

    trip: Trip
    folder: Path

    @property
    def before(self) -> Path:
        return self.folder / "before.colpkg"

    @property
    def theirs(self) -> Path:
        """Where real Anki makes the same trip."""
        return self.folder / "theirs" / "collection.anki2"

    def exported(self) -> list[Path]:
        return [self.folder / name for name in self.trip.exports]


def make_odd_collections(directory: Path, seeds: Sequence[str]) -> list[Path]:
    """Random collections of real Anki; of each, the folder with all its files."""
    subprocess.run(
        [sys.executable, "-m", MAKER, str(directory), *seeds],
        cwd=ROOT,
        env=os.environ | {"TZ": "UTC"},
        check=True,
        capture_output=True,
    )
    return [directory / seed for seed in seeds]


def travel(base_url: str, username: str, trip: Trip, folder: Path) -> Journey:
    """Somebody new imports the file, and takes it out in each of the ways."""
    folder.mkdir()
    journey = Journey(trip, folder)
    person = Person(base_url, username, sample_deck=False, utc_offset_minutes=0)
    if trip.first:
        import_file(person, trip.first, mode="replace")
    journey.before.write_bytes(export(person, format="colpkg", legacy=True))
    import_file(person, trip.file, mode=trip.mode, **trip.options)
    for name in trip.exports:
        (folder / name).write_bytes(export(person, **EXPORTS[name]))
    person.close()
    return journey


def import_file(person: Person, file: Path, **query: Any) -> Any:
    """The report of an import."""
    return person.ok("POST", "/api/import", params=query, content=file.read_bytes(), headers=BYTES)


def export(person: Person, **query: Any) -> bytes:
    response = person.call("GET", "/api/export", params=query)
    assert response.status_code == 200, response.text
    return response.content


def differences(journeys: Sequence[Journey], began_s: int) -> Iterator[str]:
    """What is not as it would be had the file been imported into real Anki.

    Times since `began_s` (epoch seconds) are all one.
    """
    _import_into_anki(journeys)
    reference = _export_from_anki(journeys)
    jobs = [_arrival(file) for journey in journeys for file in journey.exported()]
    jobs += [_arrival(file) for file in reference]
    for result, job in zip(run_anki(jobs), jobs, strict=True):
        if result["error"]:
            yield f"{job}: {result['error']}"
    for journey, shared in zip(journeys, reference, strict=True):
        for file in journey.exported():
            expected = arrived(shared) if file.suffix == ".apkg" else journey.theirs
            for difference in _unlike(journey.trip, file, expected, began_s):
                yield f"{journey.trip}, as {file.name}: {difference}"


def _import_into_anki(journeys: Sequence[Journey]) -> None:
    jobs = []
    for journey in journeys:
        _unpack(journey.before, journey.theirs)
        options = {"options": dict(journey.trip.options)}
        jobs.append(_job(journey.theirs, _packed(journey), journey.trip.mode) | options)
    for journey, result in zip(journeys, run_anki(jobs), strict=True):
        assert result["error"] is None, f"{journey.trip}: {result['error']}"


def _unpack(package: Path, collection: Path) -> None:
    """A legacy .colpkg as a person's files."""
    folder = collection.with_suffix(".media")
    folder.mkdir(parents=True)
    with zipfile.ZipFile(package) as archive:
        collection.write_bytes(archive.read("collection.anki21"))
        for member, name in json.loads(archive.read("media")).items():
            (folder / name).write_bytes(archive.read(member))


def _packed(journey: Journey) -> Path:
    """The file as Anki imports it: a bare collection in a package."""
    file = journey.trip.file
    if file.suffix != ".anki2":
        return file
    package = journey.folder / "packed.zip"
    with zipfile.ZipFile(package, "w") as archive:
        archive.write(file, "collection.anki2")
        archive.writestr("media", "{}")
    return package


def _job(collection: Path, package: Path, mode: str) -> Job:
    if mode == "replace":
        return {
            "collection": str(collection),
            "packages": [],
            "replacement": str(package),
            "check": True,
        }
    return {"collection": str(collection), "packages": [str(package)], "check": True}


def _export_from_anki(journeys: Sequence[Journey]) -> list[Path]:
    """An .apkg of each of Anki's collections."""
    targets = [journey.folder / "theirs.apkg" for journey in journeys]
    jobs = [
        {
            "do": "export",
            "collection": str(journey.theirs),
            "target": str(target),
            "limit": None,
            "options": _EVERYTHING | {"legacy": False},
        }
        for journey, target in zip(journeys, targets, strict=True)
    ]
    run_exports("run", jobs=jobs)
    return targets


def arrived(file: Path) -> Path:
    """Where a file was taken to by real Anki."""
    return file.with_name(f"{file.name} arrived") / "collection.anki2"


def _arrival(file: Path) -> Job:
    target = arrived(file)
    target.parent.mkdir()
    if file.suffix == ".anki2":
        shutil.copy(file, target)
        return {"collection": str(target), "packages": [], "check": True}
    return _job(target, file, "replace" if file.suffix == ".colpkg" else "merge")


def _unlike(trip: Trip, file: Path, expected: Path, began_s: int) -> Iterator[str]:
    ours, theirs = (everything(path, began_s) for path in (arrived(file), expected))
    # Files may come along that no note takes over, and what a replacement displaced is kept.
    if trip.options.get("merge_notetypes") or trip.mode == "replace":
        ours["media"] = {name: ours["media"].get(name) for name in theirs["media"]}
    if file.suffix == ".anki2":  # the media are not in it
        del ours["media"], theirs["media"]
    if file.suffix == ".colpkg":  # which every client has to take in one piece
        del ours["schema changed"], theirs["schema changed"]
    for part, value in theirs.items():
        if ours[part] != value:
            yield f"{part}: {first_difference(ours[part], value)}"


def everything(path: Path, began_s: int) -> dict[str, Any]:
    """All of a collection and, by their hashes, its media."""
    with closing(sqlite3.connect(path)) as conn:
        columns = "crt, usn, ls, conf, models"
        crt_s, usn, synced_ms, conf, models = conn.execute(f"SELECT {columns} FROM col").fetchone()
        last_reviews = conn.execute(
            "SELECT nid, ord, iif(data = '', NULL, json_extract(data, '$.lrt')) FROM cards"
            " ORDER BY nid, ord, id DESC"
        ).fetchall()
    found = contents(path, began_s)
    settings = {key: value for key, value in json.loads(conf).items() if key not in _PERSONAL}
    whole = found | {
        "graves": sorted(found["graves"]),
        "col": (crt_s, usn, synced_ms),
        "conf": settings,
        "last reviews": last_reviews,
        "in the browser": browser_formats(models),
        "media": media_of(path),
    }
    for card in whole["cards"].values():
        if card["type"] == 0 and card["due"] >= _REPAIRED_POSITION:
            card["mod"] = 0  # that of the repair, by Check Database or while importing
    for notetype in whole["notetypes"].values():
        notetype["originalId"] = min(notetype.get("originalId") or 0, began_s * 1000)
    comparable: dict[str, Any] = _without_times(whole)
    return comparable


def _without_times(value: Any) -> Any:
    """The same, but for the times that are in the names of new decks."""
    if isinstance(value, str):
        return _TIME_IN_NAME.sub("", value)
    if isinstance(value, dict):
        return {_without_times(key): _without_times(each) for key, each in value.items()}
    if isinstance(value, list):
        return [_without_times(each) for each in value]
    return value


def browser_formats(models: str) -> dict[str, list[tuple[str, str]]]:
    return {
        notetype["name"]: [(each["bqfmt"], each["bafmt"]) for each in notetype["tmpls"]]
        for notetype in json.loads(models).values()
    }


def media_of(collection: Path) -> dict[str, str]:
    folder = collection.with_suffix(".media")
    files = folder.iterdir() if folder.exists() else ()
    return {file.name: hashlib.sha256(file.read_bytes()).hexdigest() for file in files}


def first_difference(ours: Any, theirs: Any) -> str:
    """One place where they differ, to be read by a person."""
    if isinstance(ours, dict) and isinstance(theirs, dict):
        for key in [*theirs, *(key for key in ours if key not in theirs)]:
            if key not in ours or key not in theirs or ours[key] != theirs[key]:
                missing = "(nothing)"
                inner = first_difference(ours.get(key, missing), theirs.get(key, missing))
                return f"{key}: {inner}"
    if isinstance(ours, list) and isinstance(theirs, list) and len(ours) == len(theirs):
        pairs = zip(ours, theirs, strict=True)
        return next(first_difference(*pair) for pair in pairs if pair[0] != pair[1])
    return f"{ours!r:.500} and not {theirs!r:.500}"


def complaints(files: Sequence[Path]) -> list[str]:
    """What real Anki finds wrong with files, or would put right silently."""
    done = subprocess.run(
        [sys.executable, str(CHECKER)],
        input=json.dumps([str(_as_of_today(file)) for file in files]),
        env=os.environ | {"TZ": "UTC"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return [
        f"{report['file']}: {report.get('error')} {report['problems']} {report['lint']}"
        for report in json.loads(done.stdout)
        if not report["ok"]
    ]


def _as_of_today(file: Path) -> Path:
    """A collection file as if it had been open today: on a new day Anki brings back what is
    buried, and that would be a difference."""
    if file.suffix != ".anki2":
        return file
    copy = file.with_name("today.anki2")
    shutil.copy(file, copy)
    with closing(sqlite3.connect(copy)) as conn, conn:
        today = timing_at(conn, time.time_ns() // 1_000_000).today
        edit(conn, "conf", lambda conf: conf.update(lastUnburied=today))
    return copy
