"""The locked S3 SQLite wrapper: a SQLite collection a user, whose only lock is compare-and-set."""

from chalicelib.errors import ConflictError
from chalicelib.storage.connection import LockedS3SQLiteConnection
from chalicelib.storage.engine import CollectionStorage, StorageOptions
from chalicelib.storage.history import Way
from chalicelib.storage.keys import Owner
from chalicelib.storage.reverting import Reversion
from chalicelib.storage.writing import Request

__all__ = [
    "CollectionStorage",
    "ConflictError",
    "LockedS3SQLiteConnection",
    "Owner",
    "Request",
    "Reversion",
    "StorageOptions",
    "Way",
]
