"""Adopting a foreign base file: one from an earlier version of the service, or put there by hand.

It becomes the collection by a commit of its own. What was committed and not yet folded into the
file whose place it took is kept as a conflict copy.
"""

import logging
import uuid
from collections.abc import Callable, Iterator
from pathlib import Path

import msgspec

from chalicelib.errors import NotFoundError
from chalicelib.storage.image import settle
from chalicelib.storage.keys import Owner
from chalicelib.storage.ports import (
    AmbiguousOutcomeError,
    BaseStore,
    CommitLog,
    EarlierVersion,
    LogEntry,
    ObjectHead,
)
from chalicelib.storage.replica import ReopenError, Replica
from chalicelib.storage.segments import Segment, decode_segment, encode_segment
from chalicelib.storage.spills import SpillStore, store_once
from chalicelib.storage.transaction import check_integrity
from chalicelib.storage.versions import BaseVersion

logger = logging.getLogger(__name__)


class Adoption:
    """Makes foreign base files the state of a collection."""

    def __init__(
        self,
        base: BaseStore,
        log: CommitLog,
        spills: SpillStore,
        generation_of: Callable[[str], str],
    ) -> None:
        self._base = base
        self._log = log
        self._spills = spills
        self._generation_of = generation_of

    def adopted_at(
        self, owner: Owner, head: ObjectHead, entries: list[LogEntry], path: Path
    ) -> int:
        """Which commit the foreign base file, downloaded to `path`, is the state of.

        Where there is none yet, one is made. Raises StorageUnavailableError for a damaged file,
        which is left alone, NotFoundError for an owner whose registration has ended, and
        ReopenError when others committed meanwhile.
        """
        if self._generation_of(owner.username) != owner.generation:
            raise NotFoundError("There is no collection.")
        folded = self.folded(owner)
        found = _adopting(entries, head.etag, folded)
        if found is not None:
            return found
        settle(path)
        check_integrity(path)
        top = max([entry.seq for entry in entries] + [folded])
        if top:
            self._keep_former(owner, top, entries, path)
        self._check_still_there(owner, head.etag)
        self._commit(owner, top + 1, head.etag)
        return top + 1

    def keep_conflict(self, replica: Replica) -> None:
        """Keep the state of a replica aside, whose base file is not the owner's any more."""
        copy = replica.path.with_name(f"{replica.path.name}-conflict")
        try:
            replica.copy_to(copy)
            store_once(self._base, replica.owner.conflict_key(replica.seq), copy)
        finally:
            copy.unlink(missing_ok=True)
        logger.error(
            "the base file of %s was replaced by a foreign one: its state %d is kept as %s",
            replica.owner.username,
            replica.seq,
            replica.owner.conflict_key(replica.seq),
        )

    def _check_still_there(self, owner: Owner, etag: str) -> None:
        """The ring that the commit follows was read before this, and the file before that.

        Whoever folded over the file since then has committed its adoption, so that another one
        on top of that ring is refused.
        """
        head = self._base.head(owner.base_key)
        if head is None or head.etag != etag:
            raise ReopenError

    def folded(self, owner: Owner) -> int:
        """The last commit that is known to have been in a base file of this owner."""
        for earlier in self._base.earlier(owner.base_key):
            version = BaseVersion.of(earlier)
            if version:
                return version.seq if version.generation == owner.generation else 0
        return 0

    def _keep_former(self, owner: Owner, top: int, entries: list[LogEntry], path: Path) -> None:
        """Keep the state at the head as a file, or at least the commits that led to it."""
        if self._base.head(owner.conflict_key(top)) is not None:
            return
        rebuilt = path.with_name(f"{path.name}-rebuilt")
        try:
            for version, seq in self._predecessors(owner, entries):
                replica = self._rebuilt(owner, version, seq, entries, rebuilt)
                if replica and replica.seq == top:
                    self.keep_conflict(replica)
                    return
        finally:
            rebuilt.unlink(missing_ok=True)
        key = f"{owner.conflict_key(top)}.segments"
        store_once(self._base, key, msgspec.msgpack.encode(entries))
        logger.error("the commits of %s before the foreign file are kept as %s", owner.ring, key)

    def _predecessors(
        self, owner: Owner, entries: list[LogEntry]
    ) -> Iterator[tuple[EarlierVersion, int]]:
        """Earlier base files of the owner, the newest first, and the commit that each one is."""
        adopted = {
            segment.etag: entry.seq
            for entry in entries
            if (segment := decode_segment(entry.segment)).kind == "adopt"
        }
        for earlier in self._base.earlier(owner.base_key):
            version = BaseVersion.of(earlier)
            if version and version.generation != owner.generation:
                return
            if version:
                yield earlier, version.seq
            elif earlier.etag in adopted:
                yield earlier, adopted[earlier.etag]

    def _rebuilt(
        self, owner: Owner, earlier: EarlierVersion, seq: int, entries: list[LogEntry], path: Path
    ) -> Replica | None:
        """The state at the head, from an earlier base file; None when that is not to be had."""
        if self._base.download(owner.base_key, path, version=earlier.version) is None:
            return None
        replica = Replica(owner, path, seq, self._log.slots)
        try:
            replica.replay(entries, self._spills)
        except ReopenError:
            return None
        return replica

    def _commit(self, owner: Owner, seq: int, etag: str) -> None:
        segment = Segment(kind="adopt", base_seq=seq - 1, etag=etag)
        entry = LogEntry(seq, uuid.uuid4().hex, encode_segment(segment))
        try:
            occupant = self._log.append(owner.ring, entry)
        except AmbiguousOutcomeError:
            raise ReopenError from None
        if occupant:
            raise ReopenError
        logger.warning("the foreign base file of %s is commit %d now", owner.username, seq)


def _adopting(entries: list[LogEntry], etag: str, folded: int) -> int | None:
    """The commit that adopted the file, unless one that came later was folded over it."""
    for entry in reversed(entries):
        segment = decode_segment(entry.segment)
        folded = max(folded, segment.base_seq)
        if segment.kind == "adopt" and segment.etag == etag:
            return entry.seq if folded < entry.seq else None
    return None
