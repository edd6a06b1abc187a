"""Sound files to spoil, made once, and what they are packed with."""

import io
import random
import sqlite3
import zipfile
from collections.abc import Callable, Mapping, Sequence
from contextlib import closing
from functools import cache
from pathlib import Path

from tests.packages.judge import DATA
from tests.packages.schema18.files import (
    changed,
    collection_in,
    compress,
    latest_package,
    upgraded,
)
from tests.packages.sources import package
from tests.packages.test_documents import rich_collection
from tests.support.collections import new_connection

Change = Callable[[sqlite3.Connection], object]
Entry = tuple[str | zipfile.ZipInfo, bytes]

REAL = (
    "jlpt-n1-grammar.apkg",
    "jlpt-n5-genanki.apkg",
    "jlpt-n5-latest.apkg",
    "jlpt-n5-legacy.apkg",
    "jlpt-n5-studied.colpkg",
    "jlpt-n5-studied.anki2",
)
# So that its notetypes have other ids than those of whom it is sent to.
MADE_MS = 1_700_000_000_000


@cache
def real(name: str) -> bytes:
    return (DATA / name).read_bytes()


@cache
def real_collection(name: str) -> bytes:
    """The collection in it; where it is in an old package, one that stands for it."""
    old = name.endswith(".apkg") and b"collection.anki21" not in real(name)
    return small() if old else collection_in(DATA / name)


@cache
def small() -> bytes:
    """A collection of schema 11 with all kinds of documents."""
    with closing(new_connection(now_ms=MADE_MS)) as conn:
        rich_collection(conn)
        return conn.serialize()


@cache
def small_18() -> bytes:
    return upgraded(small())


def spoiled(change: Change) -> bytes:
    """The small collection after `change`."""
    with closing(sqlite3.connect(":memory:", isolation_level=None)) as conn:
        conn.deserialize(small())
        change(conn)
        return conn.serialize()


def spoiled_18(change: Change) -> bytes:
    """The small collection of schema 18 after `change`, in a latest package."""
    return latest_package(changed(small_18(), change))


def wrapped(collection: bytes, rng: random.Random) -> bytes:
    """The collection by itself or in a package, as it would be accepted best."""
    return (
        rng.choice([collection, package(collection)])
        if len(collection) < 3_000_000
        else (package(collection))
    )


def any_change(*changes: Change) -> Callable[[random.Random], bytes]:
    """A file maker: one of these changes to the small collection."""
    return lambda rng: wrapped(spoiled(rng.choice(changes)), rng)


def running(*statements: str) -> Change:
    def change(conn: sqlite3.Connection) -> None:
        for statement in statements:
            conn.execute(statement)

    return change


def rewritten_schema(old: str, new: str) -> Change:
    """SQLite would not write such a schema; whoever writes the file can."""

    def change(conn: sqlite3.Connection) -> None:
        conn.execute("PRAGMA writable_schema = ON")
        conn.execute("UPDATE sqlite_schema SET sql = replace(sql, ?, ?)", (old, new))

    return change


def zipped(entries: Sequence[Entry], method: int = zipfile.ZIP_DEFLATED) -> bytes:
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w", method) as archive:
        for name, content in entries:
            archive.writestr(name, content, compress_type=method)
    return target.getvalue()


def latest(entries: Mapping[str, bytes]) -> bytes:
    """A latest package around a sound collection, with other entries in the place of its own."""
    own = {"meta": b"\x08\x03", "collection.anki21b": compress(small_18()), "media": compress(b"")}
    return zipped([*(own | dict(entries)).items()], zipfile.ZIP_STORED)


def made_on_disk(pragmas: Sequence[str], work_dir: Path) -> bytes:
    """The small collection, rewritten under these pragmas."""
    path, other = work_dir / "made.anki2", work_dir / "other.anki2"
    path.write_bytes(small())
    with closing(sqlite3.connect(path, isolation_level=None)) as conn:
        for pragma in pragmas:
            conn.execute(f"PRAGMA {pragma}")
        conn.execute("VACUUM INTO ?", (str(other),))
    path.unlink()
    return other.read_bytes()
