"""How long backups are kept: all for 30 days, one a week for half a year, and never too many."""

from collections.abc import Iterable
from itertools import pairwise

from chalicelib.backups.backup import BackupId

DAY_MS = 24 * 60 * 60 * 1000
WEEK_MS = 7 * DAY_MS
ALL_KEPT_MS = 30 * DAY_MS
KEPT_MS = 182 * DAY_MS


def unneeded(backups: Iterable[BackupId], now_ms: int, most: int) -> list[BackupId]:
    """Those that may go, so that at most `most` (from 1) are left; the newest never goes.

    Of too many the one that was made soonest after its predecessor goes first: an hour with many
    backups does not cost those of the weeks before.
    """
    every = sorted(backups)
    kept = _by_age(every, now_ms)
    while len(kept) > most:
        del kept[_soonest(kept)]
    return [backup for backup in every if backup not in kept]


def _by_age(backups: list[BackupId], now_ms: int) -> list[BackupId]:
    """Those not too old, the oldest first; of weeks that are long ago only the last of each."""
    young = [backup for backup in backups if now_ms - backup.made_ms <= ALL_KEPT_MS]
    of_week = {
        backup.made_ms // WEEK_MS: backup
        for backup in backups
        if ALL_KEPT_MS < now_ms - backup.made_ms <= KEPT_MS
    }
    kept = [*of_week.values(), *young]
    return kept or backups[-1:]


def _soonest(kept: list[BackupId]) -> int:
    """Where the backup is, but the newest, that has the shortest time to the one before."""
    gaps = [later.made_ms - earlier.made_ms for earlier, later in pairwise(kept[:-1])]
    return gaps.index(min(gaps)) + 1 if gaps else 0
