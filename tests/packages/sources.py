"""Files to import, made to measure, and the ways to import them."""

import io
import json
import sqlite3
import tempfile
import zipfile
from collections.abc import Callable, Iterator, Mapping
from contextlib import closing, contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

from chalicelib.packages import (
    ImportOptions,
    ImportReport,
    SourceCollection,
    SourceLimits,
    import_package,
    open_source,
)
from tests.support.collections import NOW_MS, new_connection

LIMITS = SourceLimits(
    unpacked_bytes=64 * 1024 * 1024,
    field_bytes=64 * 1024,
    note_bytes=256 * 1024,
    decks=2000,
    deck_name_length=120,
)


def collection_file(change: Callable[[sqlite3.Connection], object]) -> bytes:
    """An .anki2 file: a new collection that `change` was let loose on."""
    with closing(new_connection()) as conn:
        change(conn)
        return conn.serialize()


def package(collection: bytes, others: Mapping[str, bytes] | None = None) -> bytes:
    """A legacy package around a collection, with further entries."""
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("collection.anki2", collection)
        for name, content in (others or {}).items():
            archive.writestr(name, content)
    return target.getvalue()


def edit(conn: sqlite3.Connection, document: str, change: Callable[[dict[str, Any]], None]) -> None:
    """Change one JSON document of `col` in place."""
    value = json.loads(conn.execute(f"SELECT {document} FROM col").fetchone()[0])
    change(value)
    conn.execute(f"UPDATE col SET {document} = ?", (json.dumps(value),))


@contextmanager
def opened(data: bytes | Path, **limits: int) -> Iterator[SourceCollection]:
    """The file, opened under the usual limits but for the given ones."""
    with (
        tempfile.TemporaryDirectory() as work_dir,
        open_source(data, limits=replace(LIMITS, **limits), work_dir=Path(work_dir)) as source,
    ):
        yield source


def merge(
    conn: sqlite3.Connection, data: bytes, *, now_ms: int = NOW_MS, **limits: int
) -> ImportReport:
    """Import as the service does by default."""
    with opened(data, **limits) as source:
        return merge_source(conn, source, now_ms=now_ms)


def merge_source(
    conn: sqlite3.Connection,
    source: SourceCollection,
    options: ImportOptions | None = None,
    *,
    now_ms: int = NOW_MS,
    media: Mapping[str, str] | None = None,
) -> ImportReport:
    """Import in one transaction, taken back if anything is wrong."""
    conn.execute("BEGIN")
    try:
        report = import_package(
            conn, source, options or ImportOptions(), now_ms=now_ms, media=media or {}
        )
    except BaseException:
        conn.execute("ROLLBACK")
        raise
    conn.execute("COMMIT")
    return report


def import_file(
    collection: Path, file: Path, options: ImportOptions | None = None, *, now_ms: int = NOW_MS
) -> ImportReport:
    """Import a file into a collection on disk."""
    with (
        closing(sqlite3.connect(collection, isolation_level=None)) as conn,
        opened(file) as source,
    ):
        return merge_source(conn, source, options, now_ms=now_ms)


def everything(conn: sqlite3.Connection) -> list[str]:
    """All of a database as SQL, to see whether anything changed."""
    return list(conn.iterdump())
