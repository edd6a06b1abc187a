"""Packages in the latest format, made and looked into."""

import hashlib
import io
import json
import sqlite3
import subprocess
import sys
import tempfile
import zipfile
from collections.abc import Callable, Iterator, Mapping
from contextlib import closing, contextmanager
from itertools import chain
from pathlib import Path
from typing import Any, get_args

from chalicelib.collection.col import Document
from chalicelib.packages.media_list import MediaEntry, write_latest_media_list
from chalicelib.packages.package_version import PackageVersion, meta_bytes
from chalicelib.packages.report import ImportLog
from chalicelib.packages.schema18 import objects, unicase
from chalicelib.packages.schema18.to_schema18 import upgrade_to_schema18
from chalicelib.packages.source import SourceCollection
from chalicelib.packages.zstd import compressed, decompressed
from tests.packages.judge import DATA

ANKI_SIDE = Path(__file__).with_name("anki_side.py")
LATEST = DATA / "jlpt-n5-latest.apkg"
STUDIED = DATA / "jlpt-n5-studied.colpkg"
STUDIED_11 = DATA / "jlpt-n5-studied.anki2"

# Of each table with blobs: the columns of them, and how they are read and written.
Blobs = tuple[bytes, ...]
BLOBS: dict[str, tuple[str, Callable[..., Any], Callable[[Any], bytes | Blobs]]] = {
    "notetypes": ("config", objects.notetype_from_blob, objects.notetype_blob),
    "fields": ("config", objects.field_from_blob, objects.field_blob),
    "templates": ("config", objects.template_from_blob, objects.template_blob),
    "deck_config": ("config", objects.options_from_blob, objects.options_blob),
    "decks": ("common, kind", objects.deck_from_blobs, objects.deck_blobs),
}


def compress(data: bytes) -> bytes:
    return b"".join(compressed([data]))


def decompress(data: bytes) -> bytes:
    return b"".join(decompressed([data]))


def anki(*arguments: str | Path) -> Any:
    """Run `anki_side.py`; returns the JSON that it prints, if any."""
    done = subprocess.run(
        [sys.executable, str(ANKI_SIDE), *map(str, arguments)],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout) if done.stdout else None


def collection_in(package: Path) -> bytes:
    """The newest collection of a package, decompressed; of a bare collection itself."""
    if package.suffix == ".anki2":
        return package.read_bytes()
    with zipfile.ZipFile(package) as archive:
        if "collection.anki21b" in archive.namelist():
            return decompress(archive.read("collection.anki21b"))
        return archive.read("collection.anki21")


@contextmanager
def database(data: bytes) -> Iterator[sqlite3.Connection]:
    """The collection in memory, with Anki's collation."""
    with closing(sqlite3.connect(":memory:", isolation_level=None)) as conn:
        conn.deserialize(data[:18] + b"\x01\x01" + data[20:])  # what memory has no journal for
        unicase.register(conn)
        yield conn


def upgraded(data: bytes) -> bytes:
    """A schema-11 collection in schema 18."""
    with database(data) as conn:
        upgrade_to_schema18(conn)
        return conn.serialize()


def changed(data: bytes, change: Callable[[sqlite3.Connection], object]) -> bytes:
    with database(data) as conn:
        change(conn)
        return conn.serialize()


def latest_package(collection: bytes, media: Mapping[str, bytes] | None = None) -> bytes:
    """A package around a schema-18 collection, as Anki makes it."""
    media = media or {}
    entries = [
        MediaEntry(name, str(index), len(content), hashlib.sha1(content).digest())
        for index, (name, content) in enumerate(media.items())
    ]
    return packed(
        {
            "meta": meta_bytes(PackageVersion.LATEST),
            "collection.anki21b": compress(collection),
            **{str(index): compress(content) for index, content in enumerate(media.values())},
            "media": compress(write_latest_media_list(entries)),
        }
    )


def packed(entries: Mapping[str, bytes]) -> bytes:
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w") as archive:
        for name, content in entries.items():
            archive.writestr(name, content)
    return target.getvalue()


def contents(source: SourceCollection) -> dict[str, Any]:
    """All that a source says."""
    log = ImportLog()
    return {
        **{str(name): source.document(name) for name in get_args(Document)},
        "col": source.col,
        "notes": list(source.notes(log)),
        "cards": list(source.cards(log)),
        "reviews": list(chain.from_iterable(source.reviews(log))),
        "graves": sorted(source.graves()),
        "media": sorted(source.media.names),
        "log": log.lines(),
    }


def scratch() -> tempfile.TemporaryDirectory[str]:
    return tempfile.TemporaryDirectory(prefix="javumbo-schema18-")
