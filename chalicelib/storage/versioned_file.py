"""One file and its versions: the one in its place, and the last ones that were replaced."""

import fcntl
import hashlib
import os
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, replace
from io import BufferedReader
from pathlib import Path
from typing import NamedTuple

import msgspec

from chalicelib.storage.disk import DurableFiles, chunks_left, chunks_of
from chalicelib.storage.ports import AmbiguousOutcomeError

# How many replaced versions stay: enough to undo one bad file, at the price of one more.
KEPT_VERSIONS = 1


class Stamp(NamedTuple):
    """What tells one version of a file from another without reading it."""

    inode: int
    size: int
    mtime_ns: int

    @classmethod
    def of(cls, stat: os.stat_result) -> "Stamp":
        return cls(stat.st_ino, stat.st_size, stat.st_mtime_ns)

    @classmethod
    def at(cls, path: Path) -> "Stamp | None":
        try:
            return cls.of(path.stat())
        except FileNotFoundError:
            return None


@dataclass(frozen=True, slots=True)
class Version:
    """One version of a file; `number` grows from each one to the next."""

    number: int
    etag: str
    stamp: Stamp
    metadata: dict[str, str]

    @property
    def name(self) -> str:
        """Never that of other bytes, not even of those of a later file in the same place."""
        return f"{self.number}-{self.etag}"


class Opened(NamedTuple):
    """An open file, which version it is, and those that it replaced, the newest first.

    It stays readable when it is replaced or removed.
    """

    version: Version
    file: BufferedReader
    replaced: list[Version]


class VersionedFile:
    """The file at `path`; what belongs to it has the path `aside` with a suffix.

        .json       the versions on record, the newest first
        .json-new   the next records while they are written
        .new        the next version while it is written
        .<number>   a version that was replaced
        .lock       locked while versions are compared and swapped

    The etag of a version is the SHA-256 of its bytes. `swap` and `remove` are for whoever holds
    `locked`; the system releases it when its holder dies. All methods raise OSError for what the
    disk refuses.
    """

    def __init__(
        self, path: Path, aside: Path, files: DurableFiles, hashes: dict[Path, tuple[Stamp, str]]
    ) -> None:
        """`hashes` is where the etags of files that somebody else put there are remembered."""
        self._path = path
        self._aside = aside
        self._files = files
        self._hashes = hashes

    @contextmanager
    def opened(self) -> Iterator[Opened | None]:
        """The version in its place, None when there is none."""
        while True:
            try:
                file = self._path.open("rb")
            except FileNotFoundError:
                yield None
                return
            with file:
                if versions := self._versions(file):
                    yield Opened(versions[0], file, versions[1:])
                    return

    @contextmanager
    def opened_replaced(self, name: str) -> Iterator[Opened | None]:
        """The replaced version of this name, None when it is not kept."""
        kept = next((version for version in self.replaced() if version.name == name), None)
        try:
            file = self._kept(kept).open("rb") if kept else None
        except FileNotFoundError:
            file = None
        if not kept or not file:
            yield None
            return
        with file:
            yield Opened(kept, file, []) if _stamp(file) == kept.stamp else None

    def replaced(self) -> list[Version]:
        """The replaced versions that are kept, the newest first.

        One that somebody wrote over by hand is among them: what it was is on record, its bytes
        are gone.
        """
        with self.opened() as current:
            found = current.replaced if current else []
            kept = [version for version in found if self._is_kept(version)][:KEPT_VERSIONS]
            return kept if kept[:1] == found[:1] else [found[0], *kept]

    def swap(
        self, current: Opened | None, data: bytes | Path, metadata: Mapping[str, str]
    ) -> Version:
        """Put a new version in the place of `current`.

        The old file has its second name and the new one is on record before they change places,
        so that whatever a crash leaves is whole and described. Versions beyond those that are
        kept go last.

        Raises AmbiguousOutcomeError when the disk refuses in the middle of the swap.
        """
        older = self._put_aside(current) if current else []
        if not current and self._records():
            self._remove_all_kept()
        new = self._write_new(older[0].number + 1 if older else 1, data, dict(metadata))
        self._write_records([new, *older])
        self._files.make_directory(self._path.parent)
        try:
            self._files.rename(self._beside("new"), self._path)
            self._files.sync(self._path.parent)
        except OSError as error:
            raise AmbiguousOutcomeError from error
        with suppress(OSError):
            self._remove_kept(older[KEPT_VERSIONS:])
        return new

    def remove(self) -> None:
        """Remove the file and all that belongs to it; fine when there is none."""
        self._files.make_directory(self._path.parent)
        self._files.remove(self._path)
        self._files.sync(self._path.parent)
        self._remove_all_kept()
        for kind in ("json", "json-new", "new", "lock"):
            self._files.remove(self._beside(kind))
        self._files.sync(self._aside.parent)

    @contextmanager
    def locked(self) -> Iterator[None]:
        path = self._beside("lock")
        self._files.make_directory(path.parent)
        while True:
            descriptor = os.open(path, os.O_RDWR | os.O_CREAT, 0o600)
            try:
                fcntl.flock(descriptor, fcntl.LOCK_EX)
                if _is_still(path, descriptor):
                    yield
                    return
            finally:
                # Closing alone leaves it locked for a child that was forked meanwhile.
                fcntl.flock(descriptor, fcntl.LOCK_UN)
                os.close(descriptor)

    def _versions(self, file: BufferedReader) -> list[Version]:
        """What an open file is and has replaced; nothing when it is gone without a record."""
        stamp, records = _stamp(file), self._records()
        for position, version in enumerate(records):
            if version.stamp == stamp:
                return records[position:]
        if Stamp.at(self._path) != stamp:
            return []
        etag = self._hash(stamp, file)
        for position in self._possible(records):
            if records[position].etag == etag:
                return [replace(records[position], stamp=stamp), *records[position + 1 :]]
        return [Version(records[0].number + 1 if records else 1, etag, stamp, {}), *records]

    def _possible(self, records: list[Version]) -> range:
        """Which of the records a file may be that has another stamp, as a copied folder has.

        The first; and the second while the first has not come into its place. Bytes of an older
        version were put there by hand.
        """
        waiting = bool(records) and Stamp.at(self._beside("new")) == records[0].stamp
        return range(min(len(records), 2 if waiting else 1))

    def _hash(self, stamp: Stamp, file: BufferedReader) -> str:
        """The etag of a file that somebody else put there; worked out once."""
        known = self._hashes.get(self._path)
        if known and known[0] == stamp:
            return known[1]
        etag = hashlib.file_digest(file, "sha256").hexdigest()
        file.seek(0)
        self._hashes[self._path] = (stamp, etag)
        return etag

    def _put_aside(self, current: Opened) -> list[Version]:
        """Give the current version a second name; it, and the replaced ones that are kept."""
        version = current.version
        try:
            self._files.link(self._path, self._kept(version))
        except OSError:
            # The file of another user, or a file system without hard links.
            stat = self._files.write(self._kept(version), chunks_left(current.file))
            version = replace(version, stamp=Stamp.of(stat))
        self._remove_kept(v for v in current.replaced if not self._is_kept(v))
        return [version, *(v for v in current.replaced if self._is_kept(v))]

    def _write_new(self, number: int, data: bytes | Path, metadata: dict[str, str]) -> Version:
        digest = hashlib.sha256()

        def hashed() -> Iterator[bytes]:
            for chunk in chunks_of(data):
                digest.update(chunk)
                yield chunk

        stamp = Stamp.of(self._files.write(self._beside("new"), hashed()))
        return Version(number, digest.hexdigest(), stamp, metadata)

    def _records(self) -> list[Version]:
        """The versions on record; none when the file is missing or is not ours."""
        try:
            return msgspec.json.decode(self._beside("json").read_bytes(), type=list[Version])
        except (FileNotFoundError, msgspec.DecodeError):
            return []

    def _write_records(self, versions: list[Version]) -> None:
        self._files.write(self._beside("json-new"), [msgspec.json.encode(versions)])
        self._files.rename(self._beside("json-new"), self._beside("json"))
        self._files.sync(self._aside.parent)

    def _is_kept(self, version: Version) -> bool:
        """Whether its second name is there, and the file still as it was."""
        return Stamp.at(self._kept(version)) == version.stamp

    def _remove_kept(self, versions: Iterable[Version]) -> None:
        for version in versions:
            self._files.remove(self._kept(version))

    def _remove_all_kept(self) -> None:
        """For good, so that none outlasts the records, and the file that it was a version of."""
        # No suffix has a dot inside, so these are not of a file with a longer name.
        beside = [path for path in self._aside.parent.iterdir() if path.stem == self._aside.name]
        kept = [path for path in beside if path.suffix[1:].isdigit()]
        for path in kept:
            self._files.remove(path)
        if kept:
            self._files.sync(self._aside.parent)

    def _kept(self, version: Version) -> Path:
        return self._beside(str(version.number))

    def _beside(self, kind: str) -> Path:
        return self._aside.with_name(f"{self._aside.name}.{kind}")


def _stamp(file: BufferedReader) -> Stamp:
    return Stamp.of(os.fstat(file.fileno()))


def _is_still(path: Path, descriptor: int) -> bool:
    """Whether the locked file is the one at `path`: a removal takes the lock along."""
    at = Stamp.at(path)
    return at is not None and at.inode == os.fstat(descriptor).st_ino
