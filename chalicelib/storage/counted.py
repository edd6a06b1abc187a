"""The ports of the storage, with what is asked of them counted.

The engine knows nothing of it: a refused append is another writer's commit, and a replaced base
file is a fold.
"""

from collections.abc import Iterator, Mapping
from contextlib import AbstractContextManager
from pathlib import Path

from chalicelib.counting import Usage, round_trip
from chalicelib.errors import StorageUnavailableError
from chalicelib.storage.keys import BASE_FOLDERS
from chalicelib.storage.ports import (
    AmbiguousOutcomeError,
    BaseStore,
    CommitLog,
    EarlierVersion,
    Following,
    LogEntry,
    Mark,
    ObjectHead,
    StoredObject,
)


class CountedBaseStore:
    """A base store whose use is counted."""

    def __init__(self, store: BaseStore) -> None:
        self._store = store

    def get(self, key: str) -> StoredObject | None:
        with _round_trip() as usage:
            found = self._store.get(key)
            usage.bytes_down += len(found.data) if found else 0
            return found

    def head(self, key: str) -> ObjectHead | None:
        with _round_trip():
            return self._store.head(key)

    def download(self, key: str, path: Path, *, version: str | None = None) -> ObjectHead | None:
        with _round_trip() as usage:
            found = self._store.download(key, path, version=version)
            usage.bytes_down += path.stat().st_size if found else 0
            return found

    def put(
        self, key: str, data: bytes | Path, *, metadata: Mapping[str, str], if_match: str | None
    ) -> str:
        with _round_trip() as usage:
            usage.bytes_up += data.stat().st_size if isinstance(data, Path) else len(data)
            etag = self._store.put(key, data, metadata=metadata, if_match=if_match)
            usage.folds += if_match is not None and key.startswith(BASE_FOLDERS)
            return etag

    def delete(self, key: str, *, if_match: str | None = None) -> None:
        with _round_trip():
            self._store.delete(key, if_match=if_match)

    def keys(self, prefix: str) -> list[str]:
        with _round_trip():
            return self._store.keys(prefix)

    def earlier(self, key: str) -> Iterator[EarlierVersion]:
        with _round_trip():
            yield from self._store.earlier(key)


class CountedCommitLog:
    """A commit log whose use is counted."""

    def __init__(self, log: CommitLog) -> None:
        self._log = log

    @property
    def slots(self) -> int:
        return self._log.slots

    def append(self, ring: str, entry: LogEntry) -> LogEntry | None:
        with _round_trip() as usage:
            usage.bytes_up += len(entry.segment)
            occupant = self._log.append(ring, entry)
            usage.conflicts += occupant is not None and occupant.tx != entry.tx
            usage.bytes_down += _size(occupant)
            return occupant

    def following(self, ring: str, seq: int) -> Following:
        with _round_trip() as usage:
            following = self._log.following(ring, seq)
            usage.bytes_down += _size(following.anchor, *following.entries)
            return following

    def entries(self, ring: str) -> list[LogEntry]:
        with _round_trip() as usage:
            entries = self._log.entries(ring)
            usage.bytes_down += _size(*entries)
            return entries

    def delete(self, ring: str) -> None:
        with _round_trip():
            self._log.delete(ring)

    def mark(self, mark: Mark) -> None:
        with _round_trip():
            self._log.mark(mark)

    def marks(self) -> list[Mark]:
        with _round_trip():
            return self._log.marks()

    def unmark(self, mark: Mark) -> None:
        with _round_trip():
            self._log.unmark(mark)


def _size(*entries: LogEntry | None) -> int:
    return sum(len(entry.segment) for entry in entries if entry)


def _round_trip() -> AbstractContextManager[Usage]:
    return round_trip(StorageUnavailableError, AmbiguousOutcomeError)
