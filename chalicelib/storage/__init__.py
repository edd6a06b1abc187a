"""The locked S3 SQLite wrapper: a SQLite collection a user, whose only lock is compare-and-set."""

from chalicelib.errors import ConflictError
from chalicelib.storage.connection import LockedS3SQLiteConnection
from chalicelib.storage.engine import CollectionStorage

__all__ = ["CollectionStorage", "ConflictError", "LockedS3SQLiteConnection"]
