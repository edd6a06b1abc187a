"""Packages as files: their bytes, their media, and what we ourselves read in them."""

import hashlib
import sqlite3
import tracemalloc
import zipfile
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from chalicelib.errors import NotFoundError
from chalicelib.packages.exporting import (
    PackageOptions,
    export_collection_package,
    export_notes_package,
)
from chalicelib.packages.exporting.placeholder import PLACEHOLDER_TEXT
from chalicelib.packages.media_ports import MediaFile
from chalicelib.packages.package_version import PackageVersion
from tests.packages import judge
from tests.packages.exporting.judge import DATA, contents
from tests.packages.sources import merge
from tests.support.anki import assert_clean
from tests.support.collections import NOW_MS, make_note, new_connection, save

VERSIONS = list(PackageVersion)
STUDIED = DATA / "jlpt-n5-studied.anki2"


class Files:
    """Media in memory; of `gone`, the content was removed after the list was made."""

    def __init__(self, files: dict[str, bytes], gone: frozenset[str] = frozenset()) -> None:
        self._files = files
        self._gone = gone
        self.read: list[str] = []

    def files(self) -> Iterator[MediaFile]:
        for name, data in sorted(self._files.items()):
            yield MediaFile(name, len(data), hashlib.sha1(data).digest())

    def chunks(self, name: str) -> Iterator[bytes]:
        if name in self._gone:
            raise NotFoundError
        self.read.append(name)
        yield self._files[name]


@pytest.fixture
def pictured(tmp_path: Path) -> Path:
    """A collection whose only note shows a picture."""
    with closing(new_connection()) as conn:
        make_note(conn, ['<img src="a.png">', "<img src=gone.png> <img src=z.png>"])
        return save(conn, tmp_path / "pictured.anki2")


def options(version: PackageVersion = PackageVersion.LATEST, **chosen: bool) -> PackageOptions:
    return PackageOptions(version=version, now_ms=NOW_MS, **chosen)


@pytest.mark.parametrize("version", VERSIONS)
def test_the_same_content_and_time_give_the_same_bytes(
    version: PackageVersion, pictured: Path, tmp_path: Path
) -> None:
    media = Files({"a.png": b"picture", "z.png": bytes(70_000)})
    targets = [tmp_path / name for name in ("one", "two")]
    for target in targets:
        export_notes_package(pictured, target, media, options(version))
    assert targets[0].read_bytes() == targets[1].read_bytes()
    for target in targets:
        export_collection_package(pictured, target, media, version, NOW_MS)
    assert targets[0].read_bytes() == targets[1].read_bytes()


def test_only_media_that_notes_refer_to_are_read_for_a_package_of_notes(
    pictured: Path, tmp_path: Path
) -> None:
    media = Files({"a.png": b"a", "other.png": b"o", "_other.css": b"c"})
    export_notes_package(pictured, tmp_path / "notes", media, options())
    assert media.read == ["a.png"]
    export_collection_package(pictured, tmp_path / "all", media, PackageVersion.LATEST, NOW_MS)
    assert sorted(media.read[1:]) == ["_other.css", "a.png", "other.png"]


@pytest.mark.parametrize("version", [PackageVersion.LEGACY_2, PackageVersion.LATEST])
def test_a_file_that_was_removed_meanwhile_stays_out(
    version: PackageVersion, pictured: Path, tmp_path: Path
) -> None:
    files = {"a.png": b"a", "gone.png": b"g", "z.png": b"z"}
    media = Files(files, gone=frozenset({"gone.png"}))
    export_notes_package(pictured, tmp_path / "package", media, options(version))
    found = contents(tmp_path / "package")["media"]
    assert {name: data for name, (data, *_) in found.items()} == {"a.png": b"a", "z.png": b"z"}


def test_media_stay_at_home_when_they_are_not_wanted(pictured: Path, tmp_path: Path) -> None:
    export_notes_package(pictured, tmp_path / "package", None, options())
    assert contents(tmp_path / "package")["media"] == {}


@pytest.mark.parametrize("version", [PackageVersion.LEGACY_2, PackageVersion.LATEST])
def test_an_older_anki_finds_a_note_that_asks_for_a_newer_one(
    version: PackageVersion, pictured: Path, tmp_path: Path
) -> None:
    export_notes_package(pictured, tmp_path / "package", None, options(version))
    placeholder = tmp_path / "placeholder.anki2"
    with zipfile.ZipFile(tmp_path / "package") as archive:
        placeholder.write_bytes(archive.read("collection.anki2"))
    with closing(sqlite3.connect(placeholder)) as conn:
        ((flds,),) = conn.execute("SELECT flds FROM notes").fetchall()
        assert flds.split("\x1f")[0] == PLACEHOLDER_TEXT
    assert_clean(placeholder)


@pytest.mark.parametrize("version", VERSIONS)
@pytest.mark.parametrize("whole", [True, False])
def test_our_own_import_reads_back_what_was_exported(
    version: PackageVersion, whole: bool, tmp_path: Path
) -> None:
    package = tmp_path / "package"
    if whole:
        export_collection_package(STUDIED, package, None, version, NOW_MS)
    else:
        export_notes_package(STUDIED, package, None, options(version))
    read = [_imported(path, tmp_path) for path in (package, STUDIED)]
    assert read[0] == read[1]
    assert len(read[0]["revlog"]) == 2838


def _imported(file: Path, directory: Path) -> dict[str, Any]:
    with closing(new_connection()) as conn:
        merge(conn, file.read_bytes())
        path = save(conn, directory / f"{file.name}-read")
    found = judge.contents(path, NOW_MS // 1000)
    path.unlink()
    del found["tags"]  # a package of notes has only those of the notes
    return found


@pytest.mark.parametrize("version", VERSIONS)
def test_a_large_file_is_never_held_in_memory(
    version: PackageVersion, pictured: Path, tmp_path: Path
) -> None:
    class Large(Files):
        def chunks(self, name: str) -> Iterator[bytes]:
            for number in range(64):
                yield bytes([number]) * 1_000_000

    media = Large({"a.png": b""})
    tracemalloc.start()
    try:
        export_notes_package(pictured, tmp_path / "package", media, options(version))
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert peak < 16_000_000


def test_what_is_not_there_is_no_error(pictured: Path, tmp_path: Path) -> None:
    target = tmp_path / "package"
    assert export_notes_package(pictured, target, None, options(), note_ids=[1, 2, 3]) == 0
    assert contents(target)["notes"] == []


def test_an_export_changes_nothing_and_leaves_nothing_behind(
    pictured: Path, tmp_path: Path
) -> None:
    before = pictured.read_bytes()
    export_notes_package(pictured, tmp_path / "one", None, options(scheduling=False))
    export_collection_package(pictured, tmp_path / "two", None, PackageVersion.LATEST, NOW_MS)
    assert pictured.read_bytes() == before
    assert {path.name for path in tmp_path.iterdir()} == {"pictured.anki2", "one", "two"}
