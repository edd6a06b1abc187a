"""A base store in a directory of this machine, shared by any number of processes.

    <root>/user_dbs/ada.anki2                      the collection; no other kind of file is there
    <root>/.versions/user_dbs/ada.anki2.json       what its versions are, the newest first
    <root>/.versions/user_dbs/ada.anki2.7          version 7, the last one that was replaced
    <root>/.versions/user_dbs/ada.anki2.new        the next version while it is written
    <root>/.versions/user_dbs/ada.anki2.json-new   the next `.json` while it is written
    <root>/.versions/user_dbs/ada.anki2.lock       locked while versions are compared and swapped

Needs a local file system, one where rename is atomic and flock works between processes.
"""

import os
import shutil
from collections.abc import Iterator, Mapping
from contextlib import AbstractContextManager
from pathlib import Path

from chalicelib.storage.disk import CHUNK_BYTES, DurableFiles, disk_errors, new_file
from chalicelib.storage.ports import (
    EarlierVersion,
    ObjectHead,
    PreconditionFailedError,
    StoredObject,
)
from chalicelib.storage.versioned_file import Opened, Stamp, VersionedFile

_VERSIONS = ".versions"


class DirectoryBaseStore:
    """Files under `root`; the etag is the SHA-256 of the bytes.

    An acknowledged write has reached the disk. The lock of a key is held only while a version is
    compared and swapped; reads take none. One replaced version is kept.
    """

    def __init__(self, root: Path, files: DurableFiles | None = None) -> None:
        self._root = root
        self._files = files or DurableFiles()
        self._hashes: dict[Path, tuple[Stamp, str]] = {}

    def get(self, key: str) -> StoredObject | None:
        with disk_errors(), self._file(key).opened() as found:
            if not found:
                return None
            return StoredObject(found.version.etag, found.version.metadata, found.file.read())

    def head(self, key: str) -> ObjectHead | None:
        with disk_errors(), self._file(key).opened() as found:
            return _head(found) if found else None

    def download(self, key: str, path: Path, *, version: str | None = None) -> ObjectHead | None:
        with disk_errors(), self._opened(key, version) as found:
            path.unlink(missing_ok=True)
            if not found:
                return None
            with new_file(path) as copy:
                shutil.copyfileobj(found.file, copy, CHUNK_BYTES)
            return _head(found)

    def put(
        self, key: str, data: bytes | Path, *, metadata: Mapping[str, str], if_match: str | None
    ) -> str:
        file = self._file(key)
        with disk_errors(), file.locked(), file.opened() as current:
            if (current.version.etag if current else None) != if_match:
                raise PreconditionFailedError
            return file.swap(current, data, metadata).etag

    def delete(self, key: str, *, if_match: str | None = None) -> None:
        file = self._file(key)
        with disk_errors(), file.locked():
            if if_match is not None:
                with file.opened() as current:
                    if current and current.version.etag != if_match:
                        raise PreconditionFailedError
            file.remove()

    def keys(self, prefix: str) -> list[str]:
        with disk_errors():
            below = os.walk(self._path(prefix.removesuffix("/")), onerror=_unless_missing)
            paths = [Path(folder, name) for folder, _, names in below for name in names]
        return sorted(path.relative_to(self._root).as_posix() for path in paths)

    def earlier(self, key: str) -> Iterator[EarlierVersion]:
        with disk_errors():
            replaced = self._file(key).replaced()
        for version in replaced:
            stored_at_ms = version.stamp.mtime_ns // 1_000_000
            yield EarlierVersion(version.etag, version.metadata, version.name, stored_at_ms)

    def _opened(self, key: str, version: str | None) -> AbstractContextManager[Opened | None]:
        file = self._file(key)
        return file.opened() if version is None else file.opened_replaced(version)

    def _file(self, key: str) -> VersionedFile:
        path = self._path(key)
        aside = self._root / _VERSIONS / path.relative_to(self._root)
        return VersionedFile(path, aside, self._files, self._hashes)

    def _path(self, key: str) -> Path:
        parts = key.split("/")
        if parts[0] == _VERSIONS or not {"", ".", ".."}.isdisjoint(parts):
            raise ValueError("not a key")
        return self._root.joinpath(*parts)


def _head(found: Opened) -> ObjectHead:
    return ObjectHead(found.version.etag, found.version.metadata)


def _unless_missing(error: OSError) -> None:
    if not isinstance(error, FileNotFoundError | NotADirectoryError):
        raise error
