"""What the server's process and the disk say of an attack."""

import hashlib
import os
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tests.e2e.hostile.kinds import MARK

_KILOBYTE = 1024
_RESET_PEAK = "5"
_TICKS = os.sysconf("SC_CLK_TCK")
_TABLES = ("col", "notes", "cards", "revlog", "graves")
_SCRATCH = ("javumbo-file-*", "javumbo-media-*", "*.anki2-*", "tmp*")


@dataclass(frozen=True)
class Process:
    """The server's, as the kernel knows it."""

    pid: int

    def reset_peak(self) -> None:
        self._file("clear_refs").write_text(_RESET_PEAK)

    @property
    def peak_bytes(self) -> int:
        """The most memory that it had since `reset_peak`."""
        lines = self._file("status").read_text().splitlines()
        (kilobytes,) = (line.split()[1] for line in lines if line.startswith("VmHWM:"))
        return int(kilobytes) * _KILOBYTE

    @property
    def work_s(self) -> float:
        """The time for which it has had a processor: other programs do not count."""
        fields = self._file("stat").read_text().rpartition(") ")[2].split()
        return (int(fields[11]) + int(fields[12])) / _TICKS

    def _file(self, name: str) -> Path:
        return Path("/proc", str(self.pid), name)


@dataclass(frozen=True)
class Contents:
    """A collection: a hash of all there is in it, and how many rows there are."""

    digest: str
    counts: dict[str, int]

    @classmethod
    def of(cls, collection: bytes) -> "Contents":
        with closing(sqlite3.connect(":memory:")) as conn:
            conn.deserialize(collection)
            digest, counts = hashlib.sha256(), {}
            for table in _TABLES:
                rows = conn.execute(f"SELECT * FROM {table} ORDER BY rowid").fetchall()
                counts[table] = len(rows)
                digest.update(repr(rows).encode(errors="replace"))
        return cls(digest.hexdigest(), counts)


def files_in(folder: Path) -> set[str]:
    """The files in it, by relative path; empty folders do not count."""
    return {str(path.relative_to(folder)) for path in folder.rglob("*") if path.is_file()}


def leftovers(*folders: Path) -> list[str]:
    """Scratch files that were not removed."""
    return sorted(
        str(path) for folder in folders for name in _SCRATCH for path in folder.rglob(name)
    )


def marked_files(*folders: Path) -> Iterator[str]:
    """What was written under one of the names that must not become paths, outside of `folders`."""
    places = {Path("/"), Path("/tmp"), Path.home(), Path.cwd(), Path.cwd().parent, *folders}
    places |= {parent for folder in folders for parent in folder.parents}
    for place in sorted(places):
        yield from (str(path) for path in _listed(place) if MARK in path.name)


def _listed(place: Path) -> list[Path]:
    try:
        return list(place.iterdir())
    except OSError:
        return []


def json_of(response: Any) -> dict[str, Any]:
    """The JSON object of an answer; an empty one where it is none."""
    try:
        value = response.json()
    except ValueError:
        return {}
    return value if isinstance(value, dict) else {}
