"""Users in a SQLite file: the adapter for one machine."""

import sqlite3
from collections.abc import Mapping
from contextlib import AbstractContextManager
from dataclasses import asdict, fields
from pathlib import Path

from chalicelib.accounts.passwords import PasswordHasher
from chalicelib.accounts.rules import username_key
from chalicelib.accounts.sqlite_file import connection, create_file
from chalicelib.accounts.users import Ending, User, UserChanges, UserRepository
from chalicelib.errors import ConfigurationError, UsernameTakenError

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
    "ending": "INTEGER NOT NULL DEFAULT 0",
}
_MORE_TABLES = (
    "CREATE TABLE IF NOT EXISTS revoked (jti TEXT PRIMARY KEY, expires_at_ms INTEGER NOT NULL)",
    """
    CREATE TABLE IF NOT EXISTS endings (
        username TEXT NOT NULL,
        generation TEXT NOT NULL,
        at_ms INTEGER NOT NULL,
        PRIMARY KEY (username, generation, at_ms)
    )
    """,
)
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
        create_file(path)
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
        self,
        username: str,
        changes: UserChanges,
        expected: Mapping[str, str],
        *,
        revoke_tokens: bool = False,
    ) -> User | None:
        assignments = [f"{column} = :{column}" for column in changes]
        if revoke_tokens:
            assignments.append("token_version = token_version + 1")
        conditions = ["username = :username", *(f"{name} = :is_{name}" for name in expected)]
        sql = (
            f"UPDATE users SET {', '.join(assignments)} WHERE {' AND '.join(conditions)}"
            f" RETURNING {_SELECTED}"
        )
        values = {f"is_{name}": value for name, value in expected.items()}
        with self._connection() as conn:
            return _user(conn.execute(sql, values | changes | {"username": username}).fetchall())

    def _remove(self, username: str, generation: str | None) -> None:
        sql = "DELETE FROM users WHERE username = ? AND generation = ifnull(?, generation)"
        with self._connection() as conn:
            conn.execute(sql, (username, generation))

    def endings(self) -> list[Ending]:
        with self._connection() as conn:
            rows = conn.execute("SELECT username, generation, at_ms FROM endings").fetchall()
        return [Ending(*row) for row in rows]

    def forget_ending(self, ending: Ending) -> None:
        sql = "DELETE FROM endings WHERE username = ? AND generation = ? AND at_ms = ?"
        with self._connection() as conn:
            conn.execute(sql, ending)

    def _note_ending(self, ending: Ending) -> None:
        with self._connection() as conn:
            conn.execute("INSERT OR IGNORE INTO endings VALUES (?, ?, ?)", ending)

    def revoke_token(self, jti: str, expires_at_ms: int, now_ms: int) -> None:
        with self._connection() as conn:
            conn.execute("INSERT OR IGNORE INTO revoked VALUES (?, ?)", (jti, expires_at_ms))
            conn.execute("DELETE FROM revoked WHERE expires_at_ms <= ?", (now_ms,))

    def is_token_revoked(self, jti: str) -> bool:
        with self._connection() as conn:
            return bool(conn.execute("SELECT 1 FROM revoked WHERE jti = ?", (jti,)).fetchall())

    def _connection(self) -> AbstractContextManager[sqlite3.Connection]:
        return connection(self._path, self._busy_timeout_s)


def _adopt(conn: sqlite3.Connection) -> None:
    """Bring an empty file, or one of the earlier version, to today's columns."""
    conn.execute("BEGIN IMMEDIATE")
    conn.execute(_CREATE)
    present = _present_columns(conn)  # again, now that no other process can add them
    for column, kind in _ADDED_COLUMNS.items():
        if column not in present:
            conn.execute(f"ALTER TABLE users ADD COLUMN {column} {kind}")
    for table in _MORE_TABLES:
        conn.execute(table)
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
    flags = {name: bool(values[name]) for name in ("ready", "ending")}
    return User(**(values | flags))  # type: ignore[arg-type]
