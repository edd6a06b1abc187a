"""Looking at how a collection is stored, and checking it, without changing anything."""

from dataclasses import dataclass, field
from pathlib import Path

from chalicelib.errors import StorageUnavailableError
from chalicelib.storage.keys import Owner
from chalicelib.storage.ports import BaseStore, CommitLog, LogEntry, ObjectHead
from chalicelib.storage.replica import ReopenError, Replica
from chalicelib.storage.segments import Segment, decode_segment
from chalicelib.storage.spills import SpillStore
from chalicelib.storage.transaction import check_integrity
from chalicelib.storage.versions import BaseVersion


@dataclass(frozen=True, slots=True)
class StoredCommit:
    """One slot of the ring: what kind of commit, its bytes in the log, what it did."""

    seq: int
    tx: str
    kind: str
    size: int
    pages: int
    operation: str
    spilled: list[str]


@dataclass(slots=True)
class Inspection:
    """How a collection is stored. Sizes are in bytes.

    `base_seq` is the commit that the base file is the state of, None for a foreign file and for
    none; `head` is the last commit. `problems` are sentences, none where all is well.
    """

    username: str
    generation: str
    base_etag: str | None = None
    base_seq: int | None = None
    base_size: int = 0
    head: int = 0
    slots: int = 0
    unfolded: int = 0
    unfolded_size: int = 0
    commits: list[StoredCommit] = field(default_factory=list)
    spilled: list[str] = field(default_factory=list)
    conflicts: list[str] = field(default_factory=list)
    problems: list[str] = field(default_factory=list)


class Inspector:
    """Reads everything that is stored of a collection."""

    def __init__(self, base: BaseStore, log: CommitLog, spills: SpillStore) -> None:
        self._base = base
        self._log = log
        self._spills = spills

    def inspect(self, owner: Owner, path: Path) -> Inspection:
        """What is stored; `path` is for a private copy, on which every unfolded commit is tried.

        Raises StorageUnavailableError when the storage does not answer.
        """
        found = Inspection(owner.username, owner.generation, slots=self._log.slots)
        head = self._base.download(owner.base_key, path)
        entries = self._log.entries(owner.ring)
        found.spilled = self._base.keys(owner.spill_prefix)
        found.conflicts = self._base.keys(owner.conflict_prefix)
        self._describe(found, owner, head, entries)
        if head and path.exists():
            found.base_size = path.stat().st_size
            self._check(found, owner, path, entries)
        return found

    def _describe(
        self, found: Inspection, owner: Owner, head: ObjectHead | None, entries: list[LogEntry]
    ) -> None:
        version = BaseVersion.of(head)
        found.base_etag = head.etag if head else None
        found.base_seq = version.seq if version else None
        found.commits = [_described(entry) for entry in entries]
        found.head = max([entry.seq for entry in entries] + [found.base_seq or 0])
        unfolded = [entry for entry in entries if entry.seq > (found.base_seq or 0)]
        found.unfolded = len(unfolded)
        found.unfolded_size = sum(len(entry.segment) for entry in unfolded)
        if head is None:
            found.problems.append("There is no base file.")
        elif version is None:
            found.problems.append("The base file is foreign; the next use adopts it.")
        elif version.generation != owner.generation:
            found.problems.append("The base file belongs to another registration of this name.")

    def _check(self, found: Inspection, owner: Owner, path: Path, entries: list[LogEntry]) -> None:
        """Try every unfolded commit on the copy; its checksums are compared on the way."""
        try:
            replica = Replica(owner, path, found.base_seq or 0, self._log.slots)
            check_integrity(path)
        except StorageUnavailableError:
            found.problems.append("The base file is damaged.")
            return
        if found.base_seq is None:
            return
        for entry in entries:
            if entry.seq <= replica.seq:
                continue
            try:
                replica.apply(entry, self._spills)
            except (ReopenError, StorageUnavailableError):
                found.problems.append(f"Commit {entry.seq} does not fit to what is before it.")
                return
        self._check_head(found, path)

    def _check_head(self, found: Inspection, path: Path) -> None:
        try:
            check_integrity(path)
        except StorageUnavailableError:
            found.problems.append("The collection is damaged at the head.")


def _described(entry: LogEntry) -> StoredCommit:
    try:
        segment = decode_segment(entry.segment)
    except StorageUnavailableError:
        segment = Segment(kind="pages", operation="(cannot be read)")
    return StoredCommit(
        seq=entry.seq,
        tx=entry.tx,
        kind=segment.kind,
        size=len(entry.segment),
        pages=segment.changed_pages,
        operation=segment.operation,
        spilled=sorted(segment.spilled.values()),
    )
