"""Backups of whoever changed something, one a day, and the end of old ones."""

import logging
from collections import defaultdict
from collections.abc import Callable
from contextlib import suppress

from chalicelib.backups.backup import (
    ROOT,
    BackupId,
    key_of,
    parse_key,
    registration_at,
    registration_path,
)
from chalicelib.backups.backups import Backups
from chalicelib.backups.retention import DAY_MS, unneeded
from chalicelib.errors import BadInputError, JavumboError, NotFoundError
from chalicelib.storage import Owner
from chalicelib.storage.ports import (
    AmbiguousOutcomeError,
    BaseStore,
    CommitLog,
    Mark,
    PreconditionFailedError,
)

logger = logging.getLogger(__name__)

_DUE = "backups_due/"


class BackupSweeper:
    """Sweeps before each sweep of the storage, which removes the marks that tell who was active.

    The note that somebody's daily backup is due lies under `backups_due/`, so that who committed
    after one backup and never again gets the next one all the same. A sweep costs a listing of
    these, and three requests and a copy for each active person and day.
    """

    def __init__(
        self,
        backups: Backups,
        base: BaseStore,
        log: CommitLog,
        *,
        most: int,
        now_ms: Callable[[], int],
    ) -> None:
        """`most` is how many backups one person may have."""
        self._backups = backups
        self._base = base
        self._log = log
        self._most = most
        self._now_ms = now_ms

    def sweep(self) -> list[Owner]:
        """Make the daily backups that are due.

        The owners for whom that failed, which is logged; it is tried again next time.
        """
        owners = self._note_active()
        return [owner for owner in owners if not self._managed(self._make_daily, owner)]

    def thin(self) -> None:
        """Remove what need not be kept, also of those who make no new ones. Lists all backups."""
        of_owner: dict[Owner, list[BackupId]] = defaultdict(list)
        for key in self._base.keys(ROOT):
            if found := parse_key(key):
                of_owner[found[0]].append(found[1])
        for owner, backups in of_owner.items():
            for backup_id in unneeded(backups, self._now_ms(), self._most):
                self._base.delete(key_of(owner, backup_id))

    def _note_active(self) -> list[Owner]:
        """The owners whose backup is due, those with a commit since the last sweep included."""
        due = {owner for key in self._base.keys(_DUE) if (owner := _due_owner(key))}
        active = {owner for mark in self._log.marks() if (owner := _marked_owner(mark))}
        for owner in active - due:
            # Another sweep was first, or may have been: either will do.
            with suppress(PreconditionFailedError, AmbiguousOutcomeError):
                self._base.put(_due_key(owner), b"", metadata={}, if_match=None)
        return sorted(due | active, key=lambda owner: owner.ring)

    def _make_daily(self, owner: Owner) -> None:
        days = [one.made_ms for one in self._backups.ids(owner) if one.kind == "daily"]
        if days and self._now_ms() - days[0] < DAY_MS:
            return
        # No collection: it was deleted meanwhile.
        with suppress(NotFoundError):
            self._backups.make(owner, "daily")
        self._base.delete(_due_key(owner))

    def _managed(self, work: Callable[[Owner], None], owner: Owner) -> bool:
        try:
            work(owner)
        except JavumboError:
            logger.exception("the daily backup of %s failed", owner.username)
            return False
        return True


def _due_key(owner: Owner) -> str:
    return _DUE + registration_path(owner)


def _due_owner(key: str) -> Owner | None:
    return registration_at(key.removeprefix(_DUE))


def _marked_owner(mark: Mark) -> Owner | None:
    """None for what is no ring of ours, and for that of a list of media files."""
    try:
        owner = Owner.of_ring(mark.ring)
    except BadInputError:
        return None
    return owner if owner == Owner(owner.username, owner.generation) else None
