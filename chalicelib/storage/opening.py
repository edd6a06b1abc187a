"""Getting a replica to the head of the log: opening one cold, and catching up with others."""

import logging
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from chalicelib.errors import NotFoundError, StorageUnavailableError
from chalicelib.storage.adoption import Adoption
from chalicelib.storage.disk import disk_errors
from chalicelib.storage.keys import Owner
from chalicelib.storage.ports import BaseStore, CommitLog, LogEntry, ObjectHead
from chalicelib.storage.replica import ReopenError, Replica
from chalicelib.storage.segments import decode_segment
from chalicelib.storage.spills import SpillStore
from chalicelib.storage.versions import BaseVersion

logger = logging.getLogger(__name__)

# Each further try is needed only where a fold came in between.
_TRIES = 20


class Opener:
    """Brings replicas to the state at the head."""

    def __init__(
        self,
        base: BaseStore,
        log: CommitLog,
        spills: SpillStore,
        adoption: Adoption,
        pause: Callable[[int], None],
    ) -> None:
        """`pause(n)` waits before the nth further try."""
        self._base = base
        self._log = log
        self._spills = spills
        self._adoption = adoption
        self._pause = pause

    def open(self, owner: Owner, path: Path) -> Replica:
        """A replica at the head, over the file `path`, from the base and the ring.

        Raises NotFoundError when there is no collection of this owner, StorageUnavailableError
        when what is stored does not fit together, which is left as it is.
        """
        for attempt in range(_TRIES):
            if attempt:
                self._pause(attempt)
            try:
                return self._opened(owner, path)
            except ReopenError:
                continue
        raise StorageUnavailableError(
            "The collection and its commits do not fit together; nothing was changed."
        )

    def catch_up(self, replica: Replica) -> bool:
        """Apply what others have committed; whether there was anything.

        Raises ReopenError when the replica is too far behind, or its own past is not what the
        log says.
        """
        changed = False
        more = True
        while more:
            following = self._log.following(replica.owner.ring, replica.seq)
            if replica.tx is not None and not _is_own_past(replica, following.anchor):
                raise ReopenError
            for entry in following.entries:
                replica.apply(entry, self._spills)
                changed = True
            more = following.more
        return changed

    def _opened(self, owner: Owner, path: Path) -> Replica:
        head, entries = self._fetched(owner, path)
        if head is None:
            raise self._missing(owner, entries)
        version = BaseVersion.of(head)
        if not self._is_last_lap(entries, version.seq if version else 0):
            # It was read while others wrote, or before a fold whose outcomes it has to tell.
            entries = self._log.entries(owner.ring)
        if version is None:
            adopted_at = self._adoption.adopted_at(owner, head, entries, path)
            replica = Replica(owner, path, adopted_at, self._log.slots)
            replica.came_from_foreign(head.etag)
        elif version.generation != owner.generation:
            raise NotFoundError("There is no collection.")
        else:
            replica = Replica(owner, path, version.seq, self._log.slots)
        self._replay(replica, entries)
        return replica

    def _fetched(self, owner: Owner, path: Path) -> tuple[ObjectHead | None, list[LogEntry]]:
        """The base file, put at `path`, and the ring, asked for at the same time."""
        with ThreadPoolExecutor(1) as pool, disk_errors():
            entries = pool.submit(self._log.entries, owner.ring)
            head = self._base.download(owner.base_key, path)
            return head, entries.result()

    def _is_last_lap(self, entries: list[LogEntry], base_seq: int) -> bool:
        """Whether these are all of the last commits, those of the base file included."""
        last = entries[-1].seq if entries else 0
        first = max(1, last - self._log.slots + 1)
        whole = [entry.seq for entry in entries] == list(range(first, last + 1))
        return whole and last >= base_seq

    def _replay(self, replica: Replica, entries: list[LogEntry]) -> None:
        for entry in entries:
            if entry.seq <= replica.seq:
                replica.remember(entry, decode_segment(entry.segment))
                if entry.seq == replica.seq:
                    replica.tx = entry.tx
        replica.replay(entries, self._spills)

    def _missing(self, owner: Owner, entries: list[LogEntry]) -> Exception:
        if not entries:
            return NotFoundError("There is no collection.")
        logger.error(
            "the base file of %s is gone, its log is not: restore an earlier version of it",
            owner.username,
        )
        return StorageUnavailableError("The stored collection is gone; nothing was changed.")


def _is_own_past(replica: Replica, anchor: LogEntry | None) -> bool:
    return anchor is not None and (anchor.seq, anchor.tx) == (replica.seq, replica.tx)
