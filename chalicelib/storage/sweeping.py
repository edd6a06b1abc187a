"""The sweep: folds what nobody came back to fold, and removes what nobody needs any more."""

import logging
from collections.abc import Callable
from contextlib import suppress

from chalicelib.errors import BadInputError, JavumboError, NotFoundError
from chalicelib.storage.folding import Folder
from chalicelib.storage.keys import BASE_FOLDERS, Owner
from chalicelib.storage.ports import BaseStore, CommitLog, Mark
from chalicelib.storage.spills import SpillStore
from chalicelib.storage.transacting import MARK_MS
from chalicelib.storage.versions import BaseVersion, may_be_of

logger = logging.getLogger(__name__)

# Every commit was made within MARK_MS after its ring's mark; as much again is left for clocks
# that differ.
_OUTLIVED_MS = 2 * MARK_MS


class Sweeper:
    """Folds in the background of requests."""

    def __init__(
        self,
        base: BaseStore,
        log: CommitLog,
        spills: SpillStore,
        folder: Folder,
        now_ms: Callable[[], int],
        generation_of: Callable[[str], str],
    ) -> None:
        self._base = base
        self._log = log
        self._spills = spills
        self._folder = folder
        self._now_ms = now_ms
        self._generation_of = generation_of

    def fold_quietly(self, owner: Owner) -> None:
        """Fold after a commit, which is durable as it is: a failure is logged and no more."""
        try:
            self._folder.fold(owner)
        except JavumboError:
            logger.exception("folding the commits of %s failed", owner.username)

    def sweep(self) -> list[Owner]:
        """Fold and tidy every marked collection; the owners for whom that failed, which is logged.

        A mark that nobody renewed goes, as all of its commits are folded.
        """
        failed = []
        for mark in sorted(self._log.marks(), key=lambda mark: mark.at_ms):
            owner = _owner_of(mark)
            try:
                if owner:
                    self._sweep_one(owner, mark)
            except JavumboError:
                logger.exception("sweeping the commits of %s failed", mark.ring)
                failed.append(owner)
        return [owner for owner in failed if owner]

    def everybody(self) -> list[Owner]:
        """The owners of all base files and of all marked rings."""
        owners = {owner for mark in self._log.marks() if (owner := _owner_of(mark))}
        for key in (key for folder in BASE_FOLDERS for key in self._base.keys(folder)):
            # Others are nobody's, and none of ours.
            with suppress(BadInputError, NotFoundError):
                owners.add(self._owner_at(key))
        return sorted(owners, key=lambda owner: owner.ring)

    def _owner_at(self, key: str) -> Owner:
        owner = Owner.of_base_key(key)
        version = BaseVersion.of(self._base.head(key))
        generation = version.generation if version else self._generation_of(owner.username)
        return Owner(owner.username, generation, owner.space)

    def tidy(self, owner: Owner, folded: int) -> int:
        """Remove the owner's spilled objects that nobody needs now that `folded` is the base.

        Those that lead from the base file's earlier version to this one are still needed: should
        a foreign file take its place, a conflict copy is made of them.
        """
        version = BaseVersion.of(next(self._base.earlier(owner.base_key), None))
        unneeded = min(folded, version.seq) if version else folded
        return self._spills.remove_unneeded(owner, unneeded, self._log.entries(owner.ring))

    def _sweep_one(self, owner: Owner, mark: Mark) -> None:
        outlived = mark.at_ms <= self._now_ms() - _OUTLIVED_MS
        try:
            self.tidy(owner, self._folder.fold(owner))
        except JavumboError:
            if not self._is_gone(owner):
                raise
            self._spills.remove_all(owner)
            self._log.delete(owner.ring)
        if outlived:
            self._log.unmark(mark)

    def _is_gone(self, owner: Owner) -> bool:
        """Whether neither the user nor the base file of this registration exists any more.

        What a request that was under way during the deletion has left is rubbish then.
        """
        head = self._base.head(owner.base_key)
        if head and may_be_of(head, owner):
            return False
        try:
            return self._generation_of(owner.username) != owner.generation
        except NotFoundError:
            return True


def _owner_of(mark: Mark) -> Owner | None:
    """None, and a word in the log, for a mark that is not one of ours."""
    try:
        return Owner.of_ring(mark.ring)
    except BadInputError:
        logger.exception("there is a mark for what is no ring: %r", mark.ring)
        return None
