"""Real Anki as the judge of packages: the same exports of the same collections."""

import hashlib
import json
import os
import sqlite3
import subprocess
import sys
import tempfile
import zipfile
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

from chalicelib.packages.media_list import read_latest_media_list, read_legacy_media_list
from chalicelib.packages.media_ports import MediaFile
from chalicelib.packages.package_version import PackageVersion
from chalicelib.packages.schema18 import objects, unicase
from tests.packages.schema18.files import BLOBS, decompress
from tests.packages.sources import LIMITS

ANKI_SIDE = Path(__file__).with_name("anki_side.py")
DATA = Path(__file__).parents[2] / "data"
# What Anki writes into schema 11 where it is missing.
_NEWER_OPTIONS = {
    "desiredRetention": 0.9,
    "sm2Retention": 0.9,
}
# A file's own times, and what a new collection of Anki has of notetypes that are not exported.
_NOT_COMPARED = ("mod", "scm", "curModel")


def run_anki(*arguments: str, jobs: Sequence[dict[str, Any]] = (), cwd: Path | None = None) -> Any:
    """Run `anki_side.py`; what its jobs gave."""
    done = subprocess.run(
        [sys.executable, str(ANKI_SIDE), *arguments],
        input=json.dumps(list(jobs)),
        env=os.environ | {"TZ": "UTC"},
        cwd=cwd,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout.splitlines()[-1]) if jobs else None


class FolderMedia:
    """The files of a folder as the media of an export."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def files(self) -> Iterator[MediaFile]:
        for path in sorted(self._folder.iterdir()):
            data = path.read_bytes()
            yield MediaFile(path.name, len(data), hashlib.sha1(data).digest())

    def chunks(self, name: str) -> Iterator[bytes]:
        data = (self._folder / name).read_bytes()
        for start in range(0, len(data), 1000):
            yield data[start : start + 1000]


def contents(package: Path) -> dict[str, Any]:
    """All that a package holds, comparable with `==`: rows by table, settings, media by name."""
    with zipfile.ZipFile(package) as archive:
        version = PackageVersion(archive.read("meta")[1])
        collection = _read(archive, version.collection, version)
        return {
            "meta": archive.read("meta"),
            "entries": {name for name in archive.namelist() if not name.isdigit()},
            "media": _media(archive, version),
            **(_latest if version.is_zstd else _legacy)(collection),
        }


def _read(archive: zipfile.ZipFile, name: str, version: PackageVersion) -> bytes:
    data = archive.read(name)
    return decompress(data) if version.is_zstd else data


def _media(archive: zipfile.ZipFile, version: PackageVersion) -> dict[str, Any]:
    """Each file's content with what the list says of it; members are numbered without a gap."""
    read_list = read_latest_media_list if version.is_zstd else read_legacy_media_list
    entries = read_list(_read(archive, "media", version), LIMITS)
    members = {name for name in archive.namelist() if name.isdigit()}
    assert members == {str(number) for number in range(len(entries))}
    return {
        entry.name: (_read(archive, entry.member, version), entry.size, entry.sha1)
        for entry in entries
    }


@contextmanager
def database(data: bytes) -> Iterator[sqlite3.Connection]:
    with tempfile.NamedTemporaryFile() as file:
        file.write(data)
        file.flush()
        with closing(sqlite3.connect(file.name)) as conn:
            unicase.register(conn)
            assert conn.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
            yield conn


def _latest(data: bytes) -> dict[str, Any]:
    """The tables as they are, their blobs decoded."""
    with database(data) as conn:
        tables = {
            table: [_decoded(table, row) for row in _rows(conn, table)]
            for (table,) in conn.execute("SELECT name FROM sqlite_master WHERE type = 'table'")
            if not table.startswith("sqlite_")
        }
    kept = {row["id"] for row in tables["notetypes"]}
    for part in ("fields", "templates"):  # Anki leaves those of notetypes that it took out again
        tables[part] = [row for row in tables[part] if row["ntid"] in kept]
    config = {row["KEY"]: json.loads(row["val"]) for row in tables["config"]}
    return tables | {"col": _compared(tables["col"][0]), "config": _compared(config)}


def _decoded(table: str, row: dict[str, Any]) -> dict[str, Any]:
    if table not in BLOBS:
        return row
    columns, decode, _ = BLOBS[table]
    return row | {columns: decode(*(row.pop(column) for column in columns.split(", ")))}


def _legacy(data: bytes) -> dict[str, Any]:
    """The tables, and the documents with what stands for missing keys."""
    with database(data) as conn:
        tables = {table: _rows(conn, table) for table in ("notes", "cards", "revlog", "graves")}
        (col,) = _rows(conn, "col")
    documents = {name: json.loads(col.pop(name)) for name in ("models", "decks", "dconf", "tags")}
    documents["conf"] = _compared(json.loads(col.pop("conf")))
    for name, complete in _COMPLETE.items():
        documents[name] = {key: complete(each) for key, each in documents[name].items()}
    return tables | documents | {"col": _compared(col)}


def _complete_deck(deck: dict[str, Any]) -> dict[str, Any]:
    completed = deck | objects.deck_from_blobs(*objects.deck_blobs(deck))
    return {key: value for key, value in completed.items() if (key, value) != ("md", False)}


def _complete_options(options: dict[str, Any]) -> dict[str, Any]:
    options = _NEWER_OPTIONS | options
    return options | objects.options_from_blob(objects.options_blob(options))


def _complete_notetype(notetype: dict[str, Any]) -> dict[str, Any]:
    parts = {
        "flds": (objects.field_blob, objects.field_from_blob),
        "tmpls": (objects.template_blob, objects.template_from_blob),
    }
    completed = {
        name: [part | from_blob(to_blob(part)) for part in notetype[name]]
        for name, (to_blob, from_blob) in parts.items()
    }
    return notetype | objects.notetype_from_blob(objects.notetype_blob(notetype)) | completed


_COMPLETE = {"decks": _complete_deck, "dconf": _complete_options, "models": _complete_notetype}


def _rows(conn: sqlite3.Connection, table: str) -> list[dict[str, Any]]:
    cursor = conn.execute(f"SELECT * FROM {table}")
    names = [name for name, *_ in cursor.description]
    return [dict(zip(names, row, strict=True)) for row in sorted(cursor.fetchall(), key=repr)]


def _compared(values: dict[str, Any]) -> dict[str, Any]:
    return {key: value for key, value in values.items() if key not in _NOT_COMPARED}
