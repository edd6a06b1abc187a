"""A base store and a commit log in memory, metered as S3 and DynamoDB would charge them."""

import threading
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from itertools import count
from pathlib import Path

from benchmarks.network import Network, Transfer
from benchmarks.usage import Kind
from benchmarks.whole_file import NotModified
from chalicelib.storage.ports import (
    RING_SLOTS,
    EarlierVersion,
    Following,
    LogEntry,
    Mark,
    ObjectHead,
    PreconditionFailedError,
    StoredObject,
)
from chalicelib.storage.ring import following, slots_from

# The names of an item's attributes, the name of its slot, and a number.
_ITEM_OVERHEAD = len("ringslotseqtxsegment") + len("L0000") + 4


class MeteredBaseStore:
    """Objects as S3 keeps them, without earlier versions."""

    def __init__(self, network: Network) -> None:
        self._network = network
        self._objects: dict[str, StoredObject] = {}
        self._etags = count(1)
        self._lock = threading.Lock()

    def get(self, key: str) -> StoredObject | None:
        with self._network.request(Kind.OBJECT_GET) as transfer:
            return self._fetched(key, transfer)

    def get_if_changed(self, key: str, etag: str) -> StoredObject | NotModified | None:
        with self._network.request(Kind.OBJECT_GET) as transfer:
            found = self._objects.get(key)
            if found and found.etag == etag:
                return NotModified()
            return self._fetched(key, transfer)

    def head(self, key: str) -> ObjectHead | None:
        with self._network.request(Kind.OBJECT_HEAD):
            found = self._objects.get(key)
            return ObjectHead(found.etag, found.metadata) if found else None

    def download(self, key: str, path: Path, *, version: str | None = None) -> ObjectHead | None:
        with self._network.request(Kind.OBJECT_GET) as transfer:
            found = None if version else self._fetched(key, transfer)
            if found is None:
                return None
            path.write_bytes(found.data)
            return ObjectHead(found.etag, found.metadata)

    def put(
        self, key: str, data: bytes | Path, *, metadata: Mapping[str, str], if_match: str | None
    ) -> str:
        with self._network.request(Kind.OBJECT_PUT) as transfer:
            content = data.read_bytes() if isinstance(data, Path) else data
            transfer.bytes_up = len(content) + _metadata_size(metadata)
            with self._lock:
                found = self._objects.get(key)
                if (found.etag if found else None) != if_match:
                    raise PreconditionFailedError
                etag = f'"{next(self._etags)}"'
                self._objects[key] = StoredObject(etag, dict(metadata), content)
            return etag

    def delete(self, key: str, *, if_match: str | None = None) -> None:  # noqa: ARG002
        with self._network.request(Kind.OBJECT_DELETE):
            self._objects.pop(key, None)

    def keys(self, prefix: str) -> list[str]:
        with self._network.request(Kind.OBJECT_LIST):
            return [key for key in self._objects if key.startswith(prefix)]

    def earlier(self, key: str) -> Iterator[EarlierVersion]:  # noqa: ARG002
        with self._network.request(Kind.OBJECT_LIST):
            return iter(())

    def _fetched(self, key: str, transfer: Transfer) -> StoredObject | None:
        found = self._objects.get(key)
        if found:
            transfer.bytes_down = len(found.data) + _metadata_size(found.metadata)
        return found


class MeteredCommitLog:
    """Rings as DynamoDB keeps them: an item a slot, and one a mark."""

    def __init__(self, network: Network, slots: int = RING_SLOTS) -> None:
        self.slots = slots
        self._network = network
        self._rings: dict[str, dict[int, LogEntry]] = {}
        self._marks: dict[str, Mark] = {}
        self._lock = threading.Lock()

    def append(self, ring: str, entry: LogEntry) -> LogEntry | None:
        """A refused write costs as much as one that was done; the occupant comes with it."""
        with self._network.request(Kind.LOG_WRITE) as transfer, self._lock:
            slots = self._rings.setdefault(ring, {})
            occupant = slots.get(entry.seq % self.slots)
            transfer.bytes_up = _item_size(ring, entry)
            transfer.written = max(transfer.bytes_up, _item_size(ring, occupant))
            if occupant and occupant.seq >= entry.seq:
                transfer.bytes_down = _item_size(ring, occupant)
                return occupant
            slots[entry.seq % self.slots] = entry
            return None

    def following(self, ring: str, seq: int) -> Following:
        """One query; two where the slots asked for lie at both ends of the ring."""
        asked = slots_from(seq, self.slots)
        late = [slot for slot in asked if slot < asked[0]]
        early = asked[: len(asked) - len(late)]
        found = [entry for run in (late, early) if run for entry in self._query(ring, run)]
        return following(found, seq, self.slots)

    def entries(self, ring: str) -> list[LogEntry]:
        return sorted(self._query(ring, range(self.slots)), key=lambda entry: entry.seq)

    def delete(self, ring: str) -> None:
        with self._network.request(Kind.LOG_WRITE), self._lock:
            self._rings.pop(ring, None)
            self._marks.pop(ring, None)

    def mark(self, mark: Mark) -> None:
        with self._marking(mark.ring):
            self._marks[mark.ring] = mark

    def marks(self) -> list[Mark]:
        with self._network.request(Kind.LOG_READ) as transfer, self._lock:
            transfer.read = transfer.bytes_down = sum(map(_mark_size, self._marks))
            return list(self._marks.values())

    def unmark(self, mark: Mark) -> None:
        with self._marking(mark.ring):
            if self._marks.get(mark.ring) == mark:
                del self._marks[mark.ring]

    def _query(self, ring: str, slots: Iterable[int]) -> list[LogEntry]:
        """What lies in these slots, also what lies there since a lap ago."""
        with self._network.request(Kind.LOG_READ) as transfer, self._lock:
            held = self._rings.get(ring, {})
            found = [held[slot] for slot in slots if slot in held]
            transfer.read = transfer.bytes_down = sum(_item_size(ring, entry) for entry in found)
        return found

    @contextmanager
    def _marking(self, ring: str) -> Iterator[None]:
        with self._network.request(Kind.LOG_WRITE) as transfer, self._lock:
            transfer.written = transfer.bytes_up = _mark_size(ring)
            yield


def _metadata_size(metadata: Mapping[str, str]) -> int:
    return sum(len(name) + len(value) for name, value in metadata.items())


def _mark_size(ring: str) -> int:
    return len(ring) + _ITEM_OVERHEAD


def _item_size(ring: str, entry: LogEntry | None) -> int:
    """What DynamoDB counts: names and values of all attributes."""
    if entry is None:
        return 0
    return len(ring) + len(entry.tx) + len(entry.segment) + _ITEM_OVERHEAD
