"""What lies in `user_dbs`, and which of it is whose."""

import sqlite3
import unicodedata
from collections import Counter
from collections.abc import Collection
from contextlib import closing
from pathlib import Path

from migrations.flask.files import SIDES

_ENDING = ".anki2"
_INDEX = "-shm"  # of a write-ahead log; SQLite makes it anew
_TABLES_OF_WORTH = ("notes", "revlog")


class OldFolder:
    """The entries of a folder `user_dbs` in which these usernames have their files."""

    def __init__(self, path: Path, usernames: Collection[str]) -> None:
        """Raises OSError."""
        self._entries = {entry.name: entry for entry in sorted(path.iterdir())}
        self._respelt = self._by_spelling(usernames)

    def newer(self, username: str) -> Path | None:
        """The person's file; anything that is no file where that should be is returned as well.

        A system may have respelt an accent in it: that counts only where one person alone can be
        meant.
        """
        name = username + _ENDING
        return self._entries.get(name) or self._respelt.get(name)

    def older(self, user_id: int) -> Path | None:
        """The person's file of the older layout."""
        path = self._entries.get(f"user_{user_id}.db")
        return path if path and path.is_file() else None

    def unclaimed(self, claimed: Collection[Path]) -> list[Path]:
        """Files that are nobody's, and what lies beside a file that is not there."""
        return [path for path in self._mains() if path.is_file() and path not in claimed]

    def left(self, claimed: Collection[Path]) -> list[str]:
        """The names of what is neither anybody's nor a file: folders, links to nowhere."""
        odd = [path for path in self._entries.values() if not path.is_file()]
        return [path.name for path in odd if path not in claimed]

    def _by_spelling(self, usernames: Collection[str]) -> dict[str, Path]:
        exact = {username + _ENDING for username in usernames}
        without = [name for name in exact if name not in self._entries]
        free = {_normal(name): path for name, path in self._entries.items() if name not in exact}
        wanted = Counter(_normal(name) for name in without)
        return {
            name: free[_normal(name)]
            for name in without
            if _normal(name) in free and wanted[_normal(name)] == 1
        }

    def _mains(self) -> list[Path]:
        return [path for name, path in self._entries.items() if not self._is_side(name)]

    def _is_side(self, name: str) -> bool:
        if name.endswith(_INDEX):
            return True
        mains = [name.removesuffix(suffix) for suffix in SIDES if name.endswith(suffix)]
        return any(main in self._entries for main in mains)


def holds_nothing(path: Path) -> bool:
    """Whether a file holds neither a note nor a review; False where that cannot be told."""
    if any(path.with_name(path.name + suffix).exists() for suffix in SIDES):
        return False
    try:
        uri = f"{path.absolute().as_uri()}?mode=ro&immutable=1"
        with closing(sqlite3.connect(uri, uri=True)) as conn:
            names = {name for (name,) in conn.execute("SELECT name FROM sqlite_schema")}
            return not any(
                conn.execute(f"SELECT 1 FROM {table} LIMIT 1").fetchone()
                for table in _TABLES_OF_WORTH
                if table in names
            )
    except (sqlite3.DatabaseError, UnicodeDecodeError):
        return False


def _normal(name: str) -> str:
    return unicodedata.normalize("NFC", name)
