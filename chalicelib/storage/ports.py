"""What the engine needs of the places where collections and commits lie."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

# How many slots a ring of the commit log has.
RING_SLOTS = 128


@dataclass(frozen=True, slots=True)
class ObjectHead:
    """One version of an object.

    `etag` is opaque, and different for different bytes; `metadata` was stored together with
    exactly these bytes, and is empty when somebody put them there by other means.
    """

    etag: str
    metadata: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class StoredObject(ObjectHead):
    data: bytes


@dataclass(frozen=True, slots=True)
class EarlierVersion(ObjectHead):
    """A version that another one has replaced; `version` is what the store calls it."""

    version: str
    stored_at_ms: int


class PreconditionFailedError(Exception):
    """The object was not the expected version; certainly nothing was written."""


class AmbiguousOutcomeError(Exception):
    """The answer to a write was lost: it may have happened, or may happen later."""


class BaseStore(Protocol):
    """Whole objects under keys, replaced by compare-and-set only.

    A read sees every acknowledged write and never a part of one. Every method raises
    StorageUnavailableError when the store does not answer or refuses; keys are relative paths
    with `/`, metadata is ASCII with lower-case names, 2 KB in all (S3's limit).
    """

    def get(self, key: str) -> StoredObject | None:
        """The object, or None when there is none."""

    def head(self, key: str) -> ObjectHead | None:
        """The object without its data, or None when there is none."""

    def download(self, key: str, path: Path, *, version: str | None = None) -> ObjectHead | None:
        """Write the object's data to the file `path`; None, and no file, when there is none.

        `version` asks for one of `earlier`.
        """

    def put(
        self, key: str, data: bytes | Path, *, metadata: Mapping[str, str], if_match: str | None
    ) -> str:
        """Replace the version that has the etag `if_match`; the new etag.

        With None create what is not there yet. There is no unconditional write. A path stands
        for the bytes of that file.

        Raises PreconditionFailedError when another version, or none, is there, and
        AmbiguousOutcomeError when the outcome is not known.
        """

    def delete(self, key: str, *, if_match: str | None = None) -> None:
        """Remove the object, whatever its version unless one is given; fine when there is none.

        Raises PreconditionFailedError when another version than `if_match` is there.
        """

    def keys(self, prefix: str) -> list[str]:
        """The keys that begin with `prefix`, which ends with `/`."""

    def earlier(self, key: str) -> Iterator[EarlierVersion]:
        """Versions of the object that others have replaced, the newest first.

        How many are kept is the store's choice; an object that was deleted has none. Of one that
        was overwritten by other means than this port the data may be gone: `download` gives None.
        """


@dataclass(frozen=True, slots=True)
class LogEntry:
    """One commit in a ring: segment number `seq` (from 1), written by transaction `tx`."""

    seq: int
    tx: str
    segment: bytes


@dataclass(frozen=True, slots=True)
class Following:
    """The newer entries that a ring's next slots hold, by number.

    `anchor` is the entry of the slot that the caller's own state came from, None where it is
    empty; `more` tells that the last slot asked for was new as well.
    """

    anchor: LogEntry | None
    entries: tuple[LogEntry, ...]
    more: bool


@dataclass(frozen=True, slots=True)
class Mark:
    """A ring that may have commits which its base file has not, as of `at_ms`."""

    ring: str
    at_ms: int


class CommitLog(Protocol):
    """Rings of slots, one ring a collection; commit `seq` lies in slot `seq % slots`.

    Nothing is removed from a ring but by `delete`; a slot is overwritten by the commit one lap
    later. A read sees every acknowledged append. Every method raises StorageUnavailableError
    when the log does not answer or refuses.
    """

    @property
    def slots(self) -> int:
        """How many slots a ring has."""

    def append(self, ring: str, entry: LogEntry) -> LogEntry | None:
        """Put `entry` into its slot, where that is empty or holds an older lap.

        None when it was put there. Otherwise nothing was changed, and the occupant is the
        answer, whose number is the entry's or higher. One attempt, never repeated by itself.

        Raises AmbiguousOutcomeError when it is not known whether the entry was put there.
        """

    def following(self, ring: str, seq: int) -> Following:
        """What came after commit `seq`, a few commits at most, in one round trip."""

    def entries(self, ring: str) -> list[LogEntry]:
        """All that the ring holds, by number."""

    def delete(self, ring: str) -> None:
        """Remove the ring and its mark; fine when there is none."""

    def mark(self, mark: Mark) -> None:
        """Note that the ring has commits to fold; a later mark replaces an earlier one."""

    def marks(self) -> list[Mark]:
        """Every ring's mark."""

    def unmark(self, mark: Mark) -> None:
        """Remove exactly this mark; a later one stays."""
