"""Folding: the state at a commit becomes the base file, so that the ring may be overwritten.

It commits nothing and un-commits nothing: it may be lost, repeated, and done by many at once.
"""

import logging
from collections.abc import Callable
from pathlib import Path

from chalicelib.errors import NotFoundError, StorageUnavailableError
from chalicelib.storage.access import Access
from chalicelib.storage.adoption import Adoption
from chalicelib.storage.disk import disk_errors
from chalicelib.storage.keys import Owner
from chalicelib.storage.ports import BaseStore, CommitLog, ObjectHead, PreconditionFailedError
from chalicelib.storage.replica import Adopted, Replica
from chalicelib.storage.versions import BaseVersion, store_base
from chalicelib.storage.warm import Seat, WarmCopies

logger = logging.getLogger(__name__)

# While the unfolded commits are this few, a cold opener gets them beside the base file at no
# extra time, and a fold costs less than the commits it stands for.
FOLD_COMMITS = 64
FOLD_BYTES = 64 * 1024
# A fold that was asked for may be on its way: it is asked for again after so many commits.
_ASK_AGAIN = 16

_TRIES = 4


class _ForeignBaseError(Exception):
    """A foreign file, not adopted yet, lies in the place of the base file."""


class Folder:
    """Makes states of collections their base files."""

    def __init__(
        self,
        base: BaseStore,
        log: CommitLog,
        warm: WarmCopies,
        access: Access,
        adoption: Adoption,
        pause: Callable[[int], None],
    ) -> None:
        """`pause(n)` waits before the nth further try."""
        self._base = base
        self._log = log
        self._warm = warm
        self._access = access
        self._adoption = adoption
        self._pause = pause

    def fold(self, owner: Owner) -> int:
        """Fold all that is committed; the state that the base file is now.

        Others go on reading and writing meanwhile. Raises NotFoundError when the owner has no
        collection, and StorageUnavailableError.
        """
        with self._warm.scratch() as image:
            with self._warm.turn(owner) as seat:
                replica = self._access.validated(seat)
                with disk_errors():
                    replica.copy_to(image)
                seq, adopted = replica.seq, replica.adopted
            try:
                folded = self._stored(owner, image, seq, adopted)
            except _ForeignBaseError:
                with self._warm.turn(owner) as seat:
                    return self.fold_now(seat)
        with self._warm.turn(owner) as seat:
            if seat.replica:
                seat.replica.base_seq = max(seat.replica.base_seq, folded)
        return folded

    def fold_now(self, seat: Seat) -> int:
        """Fold the state of the seat's replica, which may be replaced by a fresh one."""
        for _ in range(_TRIES):
            replica = self._access.at_hand(seat)
            try:
                with self._warm.scratch() as image:
                    with disk_errors():
                        replica.copy_to(image)
                    folded = self._stored(seat.owner, image, replica.seq, replica.adopted)
            except _ForeignBaseError:
                self._adoption.keep_conflict(replica)
                self._access.reopened(seat)
                continue
            replica.base_seq = max(replica.base_seq, folded)
            return folded
        raise StorageUnavailableError

    def make_room(self, seat: Seat) -> Replica:
        """The seat's replica, once the slot of its next commit may be overwritten."""
        replica = self._access.at_hand(seat)
        while replica.seq + 1 - self._log.slots > replica.base_seq:
            self.fold_now(seat)
            replica = self._access.at_hand(seat)
        return replica

    def _stored(self, owner: Owner, image: Path, seq: int, adopted: Adopted | None) -> int:
        """Store the file, which is state `seq`, unless a later state is there; the one there."""
        for attempt in range(_TRIES):
            if attempt:
                self._pause(attempt)
            head = self._base.head(owner.base_key)
            if head is None:
                raise StorageUnavailableError("The stored collection is gone.")
            version = BaseVersion.of(head)
            if version is None and not self._is_adopted(owner, head, adopted):
                raise _ForeignBaseError
            if version and version.generation != owner.generation:
                raise NotFoundError("There is no collection.")
            if version and version.seq >= seq:
                return version.seq
            try:
                store_base(self._base, owner, image, seq, head.etag, self._pause)
            except PreconditionFailedError:
                continue
            return seq
        raise StorageUnavailableError

    def _is_adopted(self, owner: Owner, head: ObjectHead, adopted: Adopted | None) -> bool:
        """Whether a foreign file is the one adopted: the same bytes may have come back later."""
        if adopted is None or adopted.etag != head.etag:
            return False
        return self._adoption.folded(owner) < adopted.seq


def is_due(replica: Replica) -> bool:
    """Whether a fold should be asked for after the commit that the replica has just made.

    At once where the base file is a foreign one: until then there is no earlier version of ours
    that a conflict copy could be made of.
    """
    many = replica.seq - replica.base_seq >= FOLD_COMMITS
    if not (many or replica.unfolded_bytes >= FOLD_BYTES or replica.adopted):
        return False
    if replica.asked_at is not None and replica.seq - replica.asked_at < _ASK_AGAIN:
        return False
    replica.asked_at = replica.seq
    return True
