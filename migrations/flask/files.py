"""SQLite files as a killed program left them: the file, and what lies beside it."""

import hashlib
import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

_CHUNK_BYTES = 1024 * 1024
# Of a write-ahead log's index nothing is needed: SQLite makes it anew.
SIDES = ("-journal", "-wal")


@dataclass(frozen=True, slots=True)
class Part:
    """One file: the main one (suffix "") or one beside it, with what proves a copy equal."""

    suffix: str
    path: Path
    size: int
    sha256: str


@dataclass(frozen=True, slots=True)
class OldFile:
    """A SQLite file with its sides; the files are only ever read."""

    path: Path

    def paths(self) -> Iterator[tuple[str, Path]]:
        """Each part that is there, by suffix, the main one first."""
        for suffix in ("", *SIDES):
            path = self.path.with_name(self.path.name + suffix)
            if path.is_file():
                yield suffix, path

    def parts(self) -> tuple[Part, ...]:
        """Each part with its size in bytes and SHA-256. Raises OSError."""
        return tuple(
            Part(suffix, path, path.stat().st_size, sha256_of(path))
            for suffix, path in self.paths()
        )

    def size(self) -> int:
        """Bytes of all parts."""
        return sum(path.stat().st_size for _, path in self.paths())

    def copy_to(self, target: Path) -> None:
        """Copy all parts to `target` and beside it, where SQLite looks for them."""
        for suffix, path in self.paths():
            shutil.copyfile(path, target.with_name(target.name + suffix))


def sha256_of(path: Path) -> str:
    """The digest of a file's bytes, in hexadecimal."""
    digest = hashlib.sha256()
    with path.open("rb") as file:
        while chunk := file.read(_CHUNK_BYTES):
            digest.update(chunk)
    return digest.hexdigest()
