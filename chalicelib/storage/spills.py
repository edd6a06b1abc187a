"""Spilled parts of segments: objects in the base store, under keys that are never used twice."""

from pathlib import Path

from chalicelib.errors import StorageUnavailableError
from chalicelib.storage.keys import Owner
from chalicelib.storage.ports import (
    AmbiguousOutcomeError,
    BaseStore,
    LogEntry,
    PreconditionFailedError,
)
from chalicelib.storage.segments import Part, Segment, decode_segment

# What a state is made of; once it is folded, nobody needs them.
_NEEDED_UNTIL_FOLDED: frozenset[Part] = frozenset({"pages", "image"})
_SENDS = 3


class SpillStore:
    """The parts of segments, wherever they lie."""

    def __init__(self, base: BaseStore) -> None:
        self._base = base

    def put(self, owner: Owner, seq: int, tx: str, part: Part, data: bytes | Path) -> str:
        """Store a part before its segment is committed; its key.

        Raises StorageUnavailableError when it is not known to be stored.
        """
        key = owner.spill_key(seq, tx, part)
        store_once(self._base, key, data)
        return key

    def part(self, segment: Segment, part: Part) -> bytes | None:
        """A part of a segment; None when it has none, or it was removed meanwhile."""
        if part in segment.parts:
            return segment.parts[part]
        key = segment.spilled.get(part)
        found = self._base.get(key) if key else None
        return found.data if found else None

    def download(self, segment: Segment, part: Part, path: Path) -> bool:
        """Write a spilled part over the file `path`; whether it is still there."""
        key = segment.spilled.get(part)
        return key is not None and self._base.download(key, path) is not None

    def remove_unneeded(self, owner: Owner, base_seq: int, entries: list[LogEntry]) -> int:
        """Remove what no reader needs any more; how many objects.

        That is what is folded for good (up to `base_seq`), and what is left of commits that are
        not in the ring: overwritten, or never committed.
        """
        kept = set()
        for entry in entries:
            for part, key in decode_segment(entry.segment).spilled.items():
                if entry.seq > base_seq or part not in _NEEDED_UNTIL_FOLDED:
                    kept.add(key)
        removed = 0
        for key in self._base.keys(owner.spill_prefix):
            seq = _seq_of(key)
            if key not in kept and seq is not None and seq <= base_seq:
                self._base.delete(key)
                removed += 1
        return removed

    def remove_all(self, owner: Owner) -> None:
        for key in self._base.keys(owner.spill_prefix):
            self._base.delete(key)


def store_once(base: BaseStore, key: str, data: bytes | Path) -> None:
    """Store an object under a key that stands for these bytes and no others.

    Raises StorageUnavailableError when it is not known to be stored.
    """
    for _ in range(_SENDS):
        try:
            base.put(key, data, metadata={}, if_match=None)
        except AmbiguousOutcomeError:
            continue
        except PreconditionFailedError:
            # It is there from an earlier try, or that one is still on its way.
            if base.head(key) is None:
                continue
        return
    raise StorageUnavailableError


def _seq_of(key: str) -> int | None:
    """The commit that a spill is for; None for an object that is no spill."""
    seq, _, _ = key.rsplit("/", 1)[1].partition("-")
    return int(seq) if seq.isdecimal() else None
