"""An install of the Flask version: its users, and which file is whose."""

import json
import sqlite3
from collections import Counter
from collections.abc import Sequence
from contextlib import closing
from dataclasses import dataclass, replace
from hashlib import sha256
from pathlib import Path
from tempfile import TemporaryDirectory

from chalicelib.errors import ConfigurationError
from migrations.flask.files import OldFile
from migrations.flask.folder import OldFolder, holds_nothing

_COLUMNS = ("user_id", "username", "name", "password_hash")

# A row of `users` as it lies there.
Row = tuple[object, object, object, object]


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
    """`unclaimed` are the files of nobody, `left` the names of what is no file at all.

    `nameless` are the ids of rows without a username, which are `nameless_rows` as they lie there.
    """

    admin_db: OldFile
    user_dbs: Path
    users: tuple[OldUser, ...]
    nameless: tuple[int, ...]
    unclaimed: tuple[OldFile, ...]
    left: tuple[str, ...] = ()
    nameless_rows: tuple[Row, ...] = ()


def read_install(admin_db: Path, user_dbs: Path) -> OldInstall:
    """The install at these places, which are only read.

    Raises ConfigurationError when there is none, or its `admin.db` is not sound.
    """
    check_there(admin_db, user_dbs)
    admin = OldFile(admin_db)
    rows = _rows(admin)
    named = [user for row in rows if (user := _user(row)).username]
    _check_single(admin_db, named)
    folder = OldFolder(user_dbs, [user.username for user in named])
    users = tuple(_with_files(user, folder) for user in named)
    claimed = {file.path for user in users for file in (user.file, user.other) if file}
    nameless = tuple(row for row in rows if not _user(row).username)
    return OldInstall(
        admin_db=admin,
        user_dbs=user_dbs,
        users=users,
        nameless=tuple(_user(row).user_id for row in nameless),
        unclaimed=tuple(OldFile(path) for path in folder.unclaimed(claimed)),
        left=tuple(folder.left(claimed)),
        nameless_rows=nameless,
    )


def check_there(admin_db: Path, user_dbs: Path) -> None:
    """Raises ConfigurationError where an install is not."""
    if not admin_db.is_file():
        raise ConfigurationError(f"There is no file {admin_db}.")
    if not user_dbs.is_dir():
        raise ConfigurationError(f"There is no folder {user_dbs}.")


def _rows(admin: OldFile) -> list[Row]:
    """Read from a copy: what a killed program left beside the file is applied there."""
    with TemporaryDirectory() as folder:
        copy = Path(folder, "admin.db")
        admin.copy_to(copy)
        try:
            with closing(sqlite3.connect(copy, isolation_level=None)) as conn:
                conn.text_factory = lambda data: data.decode(errors="replace")
                rows = _sound_rows(conn)
        except UnicodeDecodeError as error:  # sqlite3 has quoted what is damaged
            raise ConfigurationError(f"{admin.path} cannot be read: it is damaged.") from error
        except sqlite3.DatabaseError as error:
            raise ConfigurationError(f"{admin.path} cannot be read: {error}.") from error
    if any(not isinstance(row[0], int) for row in rows):
        raise ConfigurationError(f"{admin.path} has a user whose user_id is no number.")
    return rows


def _sound_rows(conn: sqlite3.Connection) -> list[Row]:
    """Raises sqlite3.DatabaseError also for damage that reading the rows would not show."""
    (found,) = conn.execute("PRAGMA integrity_check(1)").fetchone()
    if found != "ok":
        raise sqlite3.DatabaseError(f"it is damaged ({found})")
    return conn.execute(f"SELECT {', '.join(_COLUMNS)} FROM users ORDER BY user_id").fetchall()


def _user(row: Row) -> OldUser:
    user_id, username, name, password_hash = row
    assert isinstance(user_id, int)  # noqa: S101  # the rows were looked at
    return OldUser(user_id, _text(username), _text(name), _text(password_hash))


def _check_single(admin_db: Path, users: Sequence[OldUser]) -> None:
    """The table's own rules see to that, unless it was made without them."""
    for what, values in (
        ("numbered", Counter(str(user.user_id) for user in users)),
        ("called", Counter(user.username for user in users)),
    ):
        for value in [value for value, count in values.items() if count > 1]:
            raise ConfigurationError(f"{admin_db} has two users {what} {value!r}.")


def _text(cell: object) -> str:
    if isinstance(cell, bytes):
        return cell.decode(errors="replace")
    return "" if cell is None else str(cell)


def _with_files(user: OldUser, folder: OldFolder) -> OldUser:
    """The newer layout counts, unless nothing is in it."""
    newer, older = folder.newer(user.username), folder.older(user.user_id)
    if newer and older and newer.is_file() and holds_nothing(newer):
        newer, older = older, newer
    found = [OldFile(path) for path in (newer, older) if path] + [None, None]
    return replace(user, file=found[0], other=found[1])
