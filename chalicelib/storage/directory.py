"""A base store in a directory of this machine, shared by any number of processes.

    <root>/user_dbs/ada.anki2                   the collection, and nothing else in that folder
    <root>/.versions/user_dbs/ada.anki2.json    what the last two versions were
    <root>/.versions/user_dbs/ada.anki2.new     the next version while it is written
    <root>/.versions/user_dbs/ada.anki2.lock    locked while versions are compared and swapped

Needs a local file system, one where rename is atomic and flock works between processes.
"""

import fcntl
import hashlib
import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from io import BufferedReader
from pathlib import Path
from typing import NamedTuple

import msgspec

from chalicelib.storage.disk import DurableFiles, disk_errors
from chalicelib.storage.ports import (
    AmbiguousOutcomeError,
    NotModified,
    ObjectHead,
    PreconditionFailedError,
    StoredObject,
)

_VERSIONS = ".versions"


class _Stamp(NamedTuple):
    """What tells one version of a file from another without reading it."""

    inode: int
    size: int
    mtime_ns: int

    @classmethod
    def of(cls, stat: os.stat_result) -> "_Stamp":
        return cls(stat.st_ino, stat.st_size, stat.st_mtime_ns)


@dataclass(frozen=True, slots=True)
class _Record:
    stamp: _Stamp
    metadata: dict[str, str]


class DirectoryBaseStore:
    """Files under `root`; the etag is the SHA-256 of the bytes.

    An acknowledged write has reached the disk. The lock of a key is held only while a version is
    compared and swapped, and the system releases it when its holder dies; reads take none.
    """

    def __init__(self, root: Path, files: DurableFiles | None = None) -> None:
        self._root = root
        self._files = files or DurableFiles()
        self._hashes: dict[Path, tuple[_Stamp, str]] = {}

    def get(self, key: str) -> StoredObject | None:
        with disk_errors(), self._opened(key) as found:
            return _with_data(*found) if found else None

    def get_if_changed(self, key: str, etag: str) -> StoredObject | NotModified | None:
        with disk_errors(), self._opened(key) as found:
            if found and found[0].etag == etag:
                return NotModified()
            return _with_data(*found) if found else None

    def head(self, key: str) -> ObjectHead | None:
        with disk_errors(), self._opened(key) as found:
            return found[0] if found else None

    def put(
        self, key: str, data: bytes, *, metadata: Mapping[str, str], if_match: str | None
    ) -> str:
        with disk_errors(), self._locked(key), self._opened(key) as found:
            etag = found[0].etag if found else None
            if etag != if_match:
                raise PreconditionFailedError
            records = {}
            if found:
                records[found[0].etag] = _Record(_stamp(found[1]), dict(found[0].metadata))
            return self._swap(key, data, dict(metadata), records)

    def delete(self, key: str) -> None:
        with disk_errors(), self._locked(key):
            self._files.make_directory(self._path(key).parent)
            self._files.remove(self._path(key))
            for kind in ("json", "new", "lock"):
                self._files.remove(self._beside(key, kind))

    def _swap(
        self, key: str, data: bytes, metadata: dict[str, str], records: dict[str, _Record]
    ) -> str:
        """Put the new version in the place of the one that `records` describes; its etag.

        Its record is written before itself, with the old one's: whichever file a crash leaves is
        described.
        """
        target, new = self._path(key), self._beside(key, "new")
        self._files.make_directory(target.parent)
        etag = hashlib.sha256(data).hexdigest()
        stamp = _Stamp.of(self._files.write(new, data))
        self._write_records(key, records | {etag: _Record(stamp, metadata)})
        try:
            self._files.rename(new, target)
        except OSError as error:
            raise AmbiguousOutcomeError from error
        return etag

    @contextmanager
    def _opened(self, key: str) -> Iterator[tuple[ObjectHead, BufferedReader] | None]:
        """The current version and its file, which stays readable when it is replaced."""
        path = self._path(key)
        while True:
            try:
                file = path.open("rb")
            except FileNotFoundError:
                yield None
                return
            with file:
                if head := self._identified(key, path, file):
                    yield head, file
                    return

    def _identified(self, key: str, path: Path, file: BufferedReader) -> ObjectHead | None:
        """Which version an open file is; None when it was replaced and its record is gone."""
        stamp = _stamp(file)
        records = self._records(key)
        for etag, record in records.items():
            if record.stamp == stamp:
                return ObjectHead(etag, record.metadata)
        if _stamp_at(path) != stamp:
            return None
        etag = self._hash(path, stamp, file)
        return ObjectHead(etag, records[etag].metadata if etag in records else {})

    def _hash(self, path: Path, stamp: _Stamp, file: BufferedReader) -> str:
        """The etag of a file that was put there by other means; worked out once."""
        known = self._hashes.get(path)
        if known and known[0] == stamp:
            return known[1]
        etag = hashlib.file_digest(file, "sha256").hexdigest()
        file.seek(0)
        self._hashes[path] = (stamp, etag)
        return etag

    def _records(self, key: str) -> dict[str, _Record]:
        """The last versions by etag; none when the file is missing or is not ours."""
        try:
            text = self._beside(key, "json").read_bytes()
            return msgspec.json.decode(text, type=dict[str, _Record])
        except (FileNotFoundError, msgspec.DecodeError):
            return {}

    def _write_records(self, key: str, records: dict[str, _Record]) -> None:
        target = self._beside(key, "json")
        new = self._beside(key, "json.new")
        self._files.write(new, msgspec.json.encode(records))
        self._files.rename(new, target)

    @contextmanager
    def _locked(self, key: str) -> Iterator[None]:
        path = self._beside(key, "lock")
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

    def _path(self, key: str) -> Path:
        parts = key.split("/")
        if parts[0] == _VERSIONS or not {"", ".", ".."}.isdisjoint(parts):
            raise ValueError("not a key")
        return self._root.joinpath(*parts)

    def _beside(self, key: str, kind: str) -> Path:
        path = self._path(key)
        return self._root / _VERSIONS / path.relative_to(self._root).parent / f"{path.name}.{kind}"


def _with_data(head: ObjectHead, file: BufferedReader) -> StoredObject:
    return StoredObject(head.etag, head.metadata, file.read())


def _stamp(file: BufferedReader) -> _Stamp:
    return _Stamp.of(os.fstat(file.fileno()))


def _stamp_at(path: Path) -> _Stamp | None:
    try:
        return _Stamp.of(path.stat())
    except FileNotFoundError:
        return None


def _is_still(path: Path, descriptor: int) -> bool:
    """Whether the locked file is the one at `path`: a deletion removes the lock as well."""
    at = _stamp_at(path)
    return at is not None and at.inode == os.fstat(descriptor).st_ino
