"""The context manager for scripts and tests: one private copy, committed on leaving."""

import sqlite3
from collections.abc import Callable
from contextlib import AbstractContextManager
from types import TracebackType

from chalicelib.errors import ConfigurationError
from chalicelib.storage.engine import CollectionStorage

StorageFactory = Callable[[], CollectionStorage]

_default: list[StorageFactory] = []


def set_default_storage(factory: StorageFactory) -> None:
    """Say which storage a LockedS3SQLiteConnection without one uses; asked at each use."""
    _default[:] = [factory]


class LockedS3SQLiteConnection:
    """One transaction: `with LockedS3SQLiteConnection(username) as conn:`.

    It changes a private copy of the user's collection and commits it on leaving; an exception
    undoes it. Overlapping ones never wait for each other: the first to leave commits, and every
    later one raises ConflictError with nothing changed. The transaction cannot be ended inside
    the block: `conn.commit()` is refused. Routes use `CollectionStorage.transact` instead, which
    runs again after a conflict.
    """

    def __init__(self, username: str, storage: CollectionStorage | None = None) -> None:
        """Without `storage` the process's default one; ConfigurationError when none is set."""
        self._username = username
        self._storage = storage or _default_storage()
        self._attempt: AbstractContextManager[sqlite3.Connection] | None = None

    def __enter__(self) -> sqlite3.Connection:
        self._attempt = self._storage.attempt(self._username)
        return self._attempt.__enter__()

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        attempt, self._attempt = self._attempt, None
        if attempt:
            attempt.__exit__(kind, error, traceback)


def _default_storage() -> CollectionStorage:
    if not _default:
        raise ConfigurationError("No default storage was set.")
    return _default[0]()
