"""The index of a person's media: which names there are, and which blob each one stands for.

All functions take a connection of one transaction, in which the rules hold.
"""

import sqlite3
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from itertools import islice

from chalicelib.errors import BadInputError, ConflictError, NotFoundError
from chalicelib.media.naming import possible_names

_TABLE = """
CREATE TABLE media (
    name TEXT PRIMARY KEY,
    sha256 BLOB NOT NULL,
    sha1 BLOB NOT NULL,
    size INTEGER NOT NULL,
    added_ms INTEGER NOT NULL,
    blob TEXT NOT NULL
)
"""
_COLUMNS = "name, sha256, sha1, size, added_ms, blob"
# As many as a query's parameters may be in SQLite before 3.32.
_BATCH = 900


@dataclass(frozen=True, slots=True)
class MediaEntry:
    """A file by the name that notes refer to; `blob` names its content in the person's folder.

    `sha1` is 20 raw bytes, as in Anki's lists of media; `size` is in bytes.
    """

    name: str
    sha256: bytes
    sha1: bytes
    size: int
    added_ms: int
    blob: str


@dataclass(frozen=True, slots=True)
class Staged:
    """A file that is to get a name.

    `blob` is where its content was uploaded to; None where the index has the content.
    """

    name: str
    sha256: bytes
    sha1: bytes
    size: int
    blob: str | None


def build_index(conn: sqlite3.Connection) -> None:
    conn.execute(_TABLE)
    conn.execute("CREATE INDEX media_by_content ON media (sha256)")


def find(conn: sqlite3.Connection, name: str) -> MediaEntry | None:
    row = conn.execute(f"SELECT {_COLUMNS} FROM media WHERE name = ?", (name,)).fetchone()
    return MediaEntry(*row) if row else None


def get(conn: sqlite3.Connection, name: str) -> MediaEntry:
    """Raises NotFoundError."""
    entry = find(conn, name)
    if entry is None:
        raise NotFoundError("There is no media file of this name.")
    return entry


def entries(conn: sqlite3.Connection) -> list[MediaEntry]:
    """All of them, by name."""
    rows = conn.execute(f"SELECT {_COLUMNS} FROM media ORDER BY name")
    return [MediaEntry(*row) for row in rows]


def counts(conn: sqlite3.Connection) -> tuple[int, int]:
    """How many names there are, and the bytes of all contents, each counted once."""
    (names,) = conn.execute("SELECT count() FROM media").fetchone()
    (size,) = conn.execute(
        "SELECT coalesce(sum(size), 0) FROM (SELECT size FROM media GROUP BY sha256)"
    ).fetchone()
    return names, size


def with_content(conn: sqlite3.Connection, sha256: bytes) -> MediaEntry | None:
    """A file of this content, under whatever name."""
    found = f"SELECT {_COLUMNS} FROM media WHERE sha256 = ? LIMIT 1"
    row = conn.execute(found, (sha256,)).fetchone()
    return MediaEntry(*row) if row else None


def blobs(conn: sqlite3.Connection) -> set[str]:
    """All that any name stands for."""
    return {blob for (blob,) in conn.execute("SELECT DISTINCT blob FROM media")}


def store(conn: sqlite3.Connection, staged: Staged, now_ms: int) -> tuple[MediaEntry, bool]:
    """Give a staged file its name, another one where that is taken; whether the name is new.

    Raises ConflictError where its content was to be there, and is not any more.
    """
    names = possible_names(staged.name, staged.sha1, staged.sha256)
    name, existing = _fitting(conn, names, staged.sha256)
    return (existing, False) if existing else (_insert(conn, name, staged, now_ms), True)


def put(conn: sqlite3.Connection, entry: MediaEntry) -> None:
    """Have the entry's name stand for its content, whatever it stood for before."""
    conn.execute(
        f"INSERT OR REPLACE INTO media ({_COLUMNS}) VALUES (?, ?, ?, ?, ?, ?)",
        (entry.name, entry.sha256, entry.sha1, entry.size, entry.added_ms, entry.blob),
    )


def keep_aside(conn: sqlite3.Connection, entry: MediaEntry) -> tuple[str, bool]:
    """Give what is to lose its name another one; that name, and whether it is new."""
    names = possible_names(entry.name, entry.sha1, entry.sha256)
    name, existing = _fitting(conn, islice(names, 1, None), entry.sha256)
    if existing is None:
        put(conn, replace(entry, name=name))
    return name, existing is None


def rename(conn: sqlite3.Connection, name: str, new_name: str) -> MediaEntry:
    """Raises NotFoundError, and BadInputError where the new name is taken."""
    get(conn, name)
    if new_name != name and find(conn, new_name):
        raise BadInputError(fields={"name": "is taken"})
    conn.execute("UPDATE media SET name = ? WHERE name = ?", (new_name, name))
    return get(conn, new_name)


def remove(conn: sqlite3.Connection, names: Iterable[str]) -> list[str]:
    """Remove names; the blobs that none is left for. Names that are not there do not matter."""
    removed = []
    for batch in _batches(list(names)):
        marks = ", ".join("?" * len(batch))
        gone = f"DELETE FROM media WHERE name IN ({marks}) RETURNING blob"
        removed += [blob for (blob,) in conn.execute(gone, batch).fetchall()]
    left = blobs(conn)
    return sorted(set(removed) - left)


def _fitting(
    conn: sqlite3.Connection, names: Iterator[str], sha256: bytes
) -> tuple[str, MediaEntry | None]:
    """The first of the names that is free or stands for this content; the entry that does."""
    found = ((name, find(conn, name)) for name in names)
    return next((name, entry) for name, entry in found if entry is None or entry.sha256 == sha256)


def _insert(conn: sqlite3.Connection, name: str, staged: Staged, now_ms: int) -> MediaEntry:
    same = with_content(conn, staged.sha256)
    blob = same.blob if same else staged.blob
    if blob is None:
        raise ConflictError
    entry = MediaEntry(name, staged.sha256, staged.sha1, staged.size, now_ms, blob)
    put(conn, entry)
    return entry


def _batches(names: list[str]) -> Iterator[list[str]]:
    for start in range(0, len(names), _BATCH):
        yield names[start : start + _BATCH]
