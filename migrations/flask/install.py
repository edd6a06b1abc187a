"""An install of the Flask version: its users, and which file is whose."""

import json
import sqlite3
import unicodedata
from collections.abc import Mapping
from contextlib import closing
from dataclasses import dataclass, replace
from hashlib import sha256
from pathlib import Path
from tempfile import TemporaryDirectory

from chalicelib.errors import ConfigurationError
from migrations.flask.files import SIDES, OldFile

_COLUMNS = ("user_id", "username", "name", "password_hash")
_ENDING = ".anki2"


@dataclass(frozen=True, slots=True)
class OldUser:
    """A row of `users`, and the collection; `other` is a second file, of the older layout."""

    user_id: int
    username: str
    name: str
    password_hash: str
    file: OldFile | None = None
    other: OldFile | None = None

    @property
    def row_digest(self) -> str:
        """Tells whether the row has changed, and nothing else."""
        row = [self.user_id, self.username, self.name, self.password_hash]
        return sha256(json.dumps(row).encode()).hexdigest()


@dataclass(frozen=True, slots=True)
class OldInstall:
    """`nameless` are the ids of rows without a username, `unclaimed` the files of nobody."""

    admin_db: OldFile
    user_dbs: Path
    users: tuple[OldUser, ...]
    nameless: tuple[int, ...]
    unclaimed: tuple[OldFile, ...]


def read_install(admin_db: Path, user_dbs: Path) -> OldInstall:
    """The install at these places, which are only read.

    Raises ConfigurationError when there is none.
    """
    if not admin_db.is_file():
        raise ConfigurationError(f"There is no file {admin_db}.")
    if not user_dbs.is_dir():
        raise ConfigurationError(f"There is no folder {user_dbs}.")
    admin = OldFile(admin_db)
    rows = _rows(admin)
    files = _files(user_dbs)
    users = tuple(_with_files(user, files) for user in rows if user.username)
    claimed = {file.path for user in users for file in (user.file, user.other) if file}
    return OldInstall(
        admin_db=admin,
        user_dbs=user_dbs,
        users=users,
        nameless=tuple(user.user_id for user in rows if not user.username),
        unclaimed=tuple(OldFile(path) for path in files.values() if path not in claimed),
    )


def _rows(admin: OldFile) -> list[OldUser]:
    """Read from a copy: what a killed program left beside the file is applied there."""
    with TemporaryDirectory() as folder:
        copy = Path(folder, "admin.db")
        admin.copy_to(copy)
        try:
            with closing(sqlite3.connect(copy, isolation_level=None)) as conn:
                conn.text_factory = lambda data: data.decode(errors="replace")
                sql = f"SELECT {', '.join(_COLUMNS)} FROM users ORDER BY user_id"
                return [_user(row) for row in conn.execute(sql)]
        except sqlite3.DatabaseError as error:
            raise ConfigurationError(f"{admin.path} cannot be read: {error}.") from error


def _user(row: tuple[object, ...]) -> OldUser:
    user_id, username, name, password_hash = row
    assert isinstance(user_id, int)  # noqa: S101  # an INTEGER PRIMARY KEY holds nothing else
    return OldUser(user_id, _text(username), _text(name), _text(password_hash))


def _text(cell: object) -> str:
    if isinstance(cell, bytes):
        return cell.decode(errors="replace")
    return "" if cell is None else str(cell)


def _files(user_dbs: Path) -> dict[str, Path]:
    """The main files by name, whichever way a system spells an accent."""
    paths = sorted(path for path in user_dbs.iterdir() if path.is_file())
    mains = [path for path in paths if not path.name.endswith((*SIDES, "-shm"))]
    by_spelling = {unicodedata.normalize("NFC", path.name): path for path in mains}
    return by_spelling | {path.name: path for path in mains}


def _with_files(user: OldUser, files: Mapping[str, Path]) -> OldUser:
    name = user.username + _ENDING
    newer = files.get(name) or files.get(unicodedata.normalize("NFC", name))
    older = files.get(f"user_{user.user_id}.db")
    found = [OldFile(path) for path in (newer, older) if path] + [None, None]
    return replace(user, file=found[0], other=found[1])
