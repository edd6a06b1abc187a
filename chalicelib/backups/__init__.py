"""Backups: complete copies of a collection, each an object of its own in the base store.

A base store keeps earlier versions of an object for a while only; a backup stays until `retention`
says that it may go.
"""

from chalicelib.backups.backup import Backup, BackupId, BackupKind, Preview
from chalicelib.backups.backups import Backups
from chalicelib.backups.sweeping import BackupSweeper

__all__ = ["Backup", "BackupId", "BackupKind", "BackupSweeper", "Backups", "Preview"]
