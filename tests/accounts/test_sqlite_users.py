"""What is SQLite's own: files of the earlier version of the service, and files that fail."""

import sqlite3
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from pathlib import Path
from threading import Barrier

import bcrypt
import pytest

from chalicelib.accounts.sqlite import SQLiteUserRepository
from chalicelib.accounts.throttle import Limit
from chalicelib.accounts.users import User, UserRepository
from chalicelib.errors import ConfigurationError, StorageUnavailableError
from tests.accounts.places import HASHER, InSQLite, stored, user

EARLIER_TABLE = """
CREATE TABLE users (
    user_id INTEGER PRIMARY KEY AUTOINCREMENT,
    username TEXT UNIQUE NOT NULL,
    name TEXT NOT NULL,
    password_hash TEXT NOT NULL
)
"""


def write_earlier_file(path: Path, *usernames: str) -> None:
    password_hash = bcrypt.hashpw("as typed, e\u0301".encode(), bcrypt.gensalt(4)).decode()
    with closing(sqlite3.connect(path)) as conn, conn:
        conn.execute(EARLIER_TABLE)
        conn.executemany(
            "INSERT INTO users (username, name, password_hash) VALUES (?, 'Ana', ?)",
            [(username, password_hash) for username in usernames],
        )


def test_a_file_of_the_earlier_version_is_adopted(sqlite_place: InSQLite) -> None:
    write_earlier_file(sqlite_place.path, "Ana", "jo", "Ñandú 1")
    users = sqlite_place.open()
    assert users.get("ana") == User(
        username="ana",
        name="Ana",
        password_hash=stored(users).password_hash,
        created_at_ms=0,
        generation="",
        token_version=1,
        ready=False,
    )
    for username in ("Ana", "JO", "ñandú 1"):
        assert users.verify_password(username, "as typed, e\u0301") is not None
        assert users.verify_password(username, "something else") is None
    users.create(user("new.one"))
    assert users.update("jo", ready=True).ready


def test_adoption_happens_once_and_keeps_what_came_since(sqlite_place: InSQLite) -> None:
    write_earlier_file(sqlite_place.path, "Ana")
    changed = sqlite_place.open().update("ana", ready=True, token_version=4, language="pt")
    assert sqlite_place.open().get("ana") == changed


def test_two_names_that_differ_in_case_stop_the_start_and_nothing_is_changed(
    sqlite_place: InSQLite,
) -> None:
    write_earlier_file(sqlite_place.path, "Ana", "ana")
    before = sqlite_place.path.read_bytes()
    with pytest.raises(ConfigurationError, match="Ana"):
        sqlite_place.open()
    assert sqlite_place.path.read_bytes() == before


@pytest.mark.parametrize("earlier", [True, False])
def test_many_that_start_at_once_all_find_the_users(tmp_path: Path, earlier: bool) -> None:
    start = Barrier(8)
    for round_ in range(10):
        place = InSQLite(tmp_path / f"{round_}.db")
        if earlier:
            write_earlier_file(place.path, "Ana")

        def open_and_look(_: int, place: InSQLite = place) -> bool:
            start.wait(60)
            return place.open().get("ana") is not None

        with ThreadPoolExecutor(8) as pool:
            assert set(pool.map(open_and_look, range(8))) == {earlier}


def test_a_new_file_is_readable_by_its_owner_alone(tmp_path: Path) -> None:
    path = tmp_path / "not yet" / "there" / "admin.db"
    InSQLite(path).open().create(user())
    assert path.stat().st_mode & 0o777 == 0o600


def assert_every_call_is_an_outage(users: UserRepository) -> None:
    with pytest.raises(StorageUnavailableError):
        users.get("ana")
    with pytest.raises(StorageUnavailableError):
        users.verify_password("ana", "correct horse")
    with pytest.raises(StorageUnavailableError):
        users.create(user("new.one"))
    with pytest.raises(StorageUnavailableError):
        users.update("ana", name="New")
    with pytest.raises(StorageUnavailableError):
        users.delete("ana")


def test_a_locked_file_is_an_outage_that_passes(sqlite_place: InSQLite) -> None:
    users = SQLiteUserRepository(sqlite_place.path, HASHER, busy_timeout_s=0)
    users.create(user())
    with closing(sqlite3.connect(sqlite_place.path, isolation_level=None)) as other:
        other.execute("BEGIN EXCLUSIVE")
        assert_every_call_is_an_outage(users)
        with pytest.raises(StorageUnavailableError):
            SQLiteUserRepository(sqlite_place.path, HASHER, busy_timeout_s=0)
    assert stored(users).name == "Ana"


def test_a_corrupt_file_is_an_outage(sqlite_place: InSQLite) -> None:
    users = sqlite_place.open()
    users.create(user())
    sqlite_place.path.write_bytes(b"not a database " * 1000)
    assert_every_call_is_an_outage(users)
    with pytest.raises(StorageUnavailableError):
        sqlite_place.open()


def test_a_file_that_vanishes_is_an_outage_and_not_an_empty_list(sqlite_place: InSQLite) -> None:
    users = sqlite_place.open()
    users.create(user())
    sqlite_place.path.unlink()
    assert_every_call_is_an_outage(users)
    assert not sqlite_place.path.exists()


def test_a_directory_that_cannot_be_made_stops_the_start(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(ConfigurationError):
        InSQLite(tmp_path / "file" / "admin.db").open()


def test_expired_revocations_do_not_pile_up(sqlite_place: InSQLite) -> None:
    users = sqlite_place.open()
    users.revoke_token("old", 2000, now_ms=1000)
    users.revoke_token("new", 9000, now_ms=2000)
    assert not users.is_token_revoked("old")
    assert users.is_token_revoked("new")


def test_a_missing_or_broken_file_of_tries_is_an_outage(sqlite_place: InSQLite) -> None:
    throttle = sqlite_place.open_throttle()
    limit = Limit("name", 1, 1000)
    ticket = throttle.admit(limit, "ana", 1)
    file = sqlite_place.path.with_name("tries.db")
    assert file.stat().st_mode & 0o777 == 0o600
    for break_it in (lambda: file.write_bytes(b"not a database " * 1000), file.unlink):
        break_it()
        with pytest.raises(StorageUnavailableError):
            throttle.admit(limit, "ana", 1)
        throttle.take_back(ticket)  # logged
    sqlite_place.open_throttle().admit(limit, "ana", 1)


def test_old_tries_do_not_pile_up(sqlite_place: InSQLite) -> None:
    throttle = sqlite_place.open_throttle()
    limit = Limit("name", 1, 1000)
    for number in range(50):
        throttle.admit(limit, f"name {number}", number * 1000)
    with closing(sqlite3.connect(sqlite_place.path.with_name("tries.db"))) as conn:
        assert conn.execute("SELECT count(*) FROM tries").fetchone() == (1,)
