"""Users in a SQLite file: the adapter for one machine."""

import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import asdict, fields
from pathlib import Path

from chalicelib.accounts.passwords import PasswordHasher
from chalicelib.accounts.rules import username_key
from chalicelib.accounts.users import User, UserChanges, UserRepository
from chalicelib.errors import ConfigurationError, StorageUnavailableError, UsernameTakenError

# The four columns of the earlier version of the service.
_CREATE = """
CREATE TABLE IF NOT EXISTS users (
    user_id INTEGER PRIMARY KEY,
    username TEXT UNIQUE NOT NULL,
    name TEXT NOT NULL,
    password_hash TEXT NOT NULL
)
"""
# Added to a file of the earlier version, whose users have no collection here yet.
_ADDED_COLUMNS = {
    "created_at_ms": "INTEGER NOT NULL DEFAULT 0",
    "generation": "TEXT NOT NULL DEFAULT ''",
    "token_version": "INTEGER NOT NULL DEFAULT 1",
    "ready": "INTEGER NOT NULL DEFAULT 0",
    "utc_offset_minutes": "INTEGER",
    "language": "TEXT",
}
_COLUMNS = tuple(column.name for column in fields(User))
_SELECTED = ", ".join(_COLUMNS)


class SQLiteUserRepository(UserRepository):
    """Users in the file at `path`, which threads and processes use at once.

    Each call has a connection of its own and waits up to `busy_timeout_s` seconds for the writes
    of others. The file is created, or one of the earlier version adopted, when the repository
    is made; a file that vanishes later is an outage and not an empty list of users.
    """

    def __init__(self, path: Path, hasher: PasswordHasher, *, busy_timeout_s: float = 10) -> None:
        super().__init__(hasher)
        self._path = path
        self._busy_timeout_s = busy_timeout_s
        _create_file(path)
        with self._connection() as conn:
            if not set(_COLUMNS) <= _present_columns(conn):
                _adopt(conn)

    def _insert(self, user: User) -> None:
        values = asdict(user)
        marks = ", ".join(f":{column}" for column in _COLUMNS)
        with self._connection() as conn:
            try:
                conn.execute(f"INSERT INTO users ({_SELECTED}) VALUES ({marks})", values)
            except sqlite3.IntegrityError:
                raise UsernameTakenError from None

    def _select(self, username: str) -> User | None:
        with self._connection() as conn:
            rows = conn.execute(
                f"SELECT {_SELECTED} FROM users WHERE username = ?", (username,)
            ).fetchall()
        return _user(rows)

    def _change(
        self, username: str, changes: UserChanges, *, current_hash: str | None = None
    ) -> User | None:
        assignments = ", ".join(f"{column} = :{column}" for column in changes)
        sql = (
            f"UPDATE users SET {assignments} WHERE username = :username"
            " AND password_hash = ifnull(:current_hash, password_hash)"
            f" RETURNING {_SELECTED}"
        )
        with self._connection() as conn:
            values = {**changes, "username": username, "current_hash": current_hash}
            return _user(conn.execute(sql, values).fetchall())

    def _remove(self, username: str) -> None:
        with self._connection() as conn:
            conn.execute("DELETE FROM users WHERE username = ?", (username,))

    @contextmanager
    def _connection(self) -> Iterator[sqlite3.Connection]:
        """A connection on which each statement is a transaction of its own."""
        try:
            with closing(
                sqlite3.connect(
                    f"{self._path.absolute().as_uri()}?mode=rw",
                    uri=True,
                    timeout=self._busy_timeout_s,
                    isolation_level=None,
                )
            ) as conn:
                yield conn
        except sqlite3.DatabaseError as error:
            raise StorageUnavailableError from error


def _create_file(path: Path) -> None:
    """An empty file that only its owner reads: it will hold password hashes."""
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.touch(mode=0o600)
    except OSError as error:
        raise ConfigurationError("The file of users cannot be created.") from error


def _adopt(conn: sqlite3.Connection) -> None:
    """Bring an empty file, or one of the earlier version, to today's columns."""
    conn.execute("BEGIN IMMEDIATE")
    conn.execute(_CREATE)
    present = _present_columns(conn)  # again, now that no other process can add them
    for column, kind in _ADDED_COLUMNS.items():
        if column not in present:
            conn.execute(f"ALTER TABLE users ADD COLUMN {column} {kind}")
    _fold_usernames(conn)
    conn.execute("COMMIT")


def _fold_usernames(conn: sqlite3.Connection) -> None:
    """The earlier version told "Ana" from "ana"; here a name is stored case-folded."""
    for user_id, username in conn.execute("SELECT user_id, username FROM users").fetchall():
        try:
            conn.execute(
                "UPDATE users SET username = ? WHERE user_id = ?",
                (username_key(username) or username, user_id),
            )
        except sqlite3.IntegrityError:
            raise ConfigurationError(
                f"Two users differ only in the case of their name: {username}; rename one."
            ) from None


def _present_columns(conn: sqlite3.Connection) -> set[str]:
    return {name for (name,) in conn.execute("SELECT name FROM pragma_table_info('users')")}


def _user(rows: list[tuple[object, ...]]) -> User | None:
    if not rows:
        return None
    values = dict(zip(_COLUMNS, rows[0], strict=True))
    return User(**(values | {"ready": bool(values["ready"])}))  # type: ignore[arg-type]
