"""Connections to the SQLite files of users and of their tries."""

import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

from chalicelib.errors import ConfigurationError, StorageUnavailableError


@contextmanager
def connection(path: Path, busy_timeout_s: float) -> Iterator[sqlite3.Connection]:
    """A connection to a file that is there, each statement a transaction of its own.

    It waits up to `busy_timeout_s` seconds for the writes of others. Whatever SQLite has against
    the file is a StorageUnavailableError.
    """
    try:
        with closing(
            sqlite3.connect(
                f"{path.absolute().as_uri()}?mode=rw",
                uri=True,
                timeout=busy_timeout_s,
                isolation_level=None,
            )
        ) as conn:
            yield conn
    except sqlite3.DatabaseError as error:
        raise StorageUnavailableError from error


def create_file(path: Path) -> None:
    """An empty file that only its owner reads, where there is none.

    Raises ConfigurationError when there cannot be one.
    """
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.touch(mode=0o600)
    except OSError as error:
        raise ConfigurationError("The file of users cannot be created.") from error
