"""The old layout, written again from the live system with all that has happened since."""

import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from chalicelib.accounts.users import User
from chalicelib.collection.create import create_collection
from chalicelib.errors import ConfigurationError
from migrations.examining import Options
from migrations.giving_back import give_back_all
from migrations.target import Target
from tests.migrations.conftest import Place
from tests.migrations.install import NOW_MS, Install, OldUser, build_install
from tests.migrations.moving import (
    move_of,
    quietly,
    rows_of,
    state_of,
    take_everybody,
    what_anki_says,
)

Row = tuple[int, str, str, str]


def _back(target: Target, folder: Path) -> tuple[dict[str, Row], Path]:
    """The rows by username, and the folder of collections."""
    back = give_back_all(target, folder / "admin.db", folder / "user_dbs", 2, quietly)
    assert back.told == []
    return _rows(folder / "admin.db"), folder / "user_dbs"


def _rows(admin_db: Path) -> dict[str, Row]:
    with closing(sqlite3.connect(admin_db)) as conn:
        return {row[1]: row for row in conn.execute("SELECT * FROM users ORDER BY user_id")}


def _review(conn: sqlite3.Connection) -> None:
    (card_id,) = conn.execute("SELECT min(id) FROM cards").fetchone()
    rows = [(NOW_MS + number, card_id) for number in range(100)]
    sql = "INSERT INTO revlog VALUES (?, ?, 0, 3, 4, 2, 2500, 900, 1)"
    conn.executemany(sql, rows)


def test_all_that_happened_since_is_in_the_old_layout(
    place: Place, old: Install, options: Options, tmp_path: Path
) -> None:
    target = place.open()
    move = move_of(old, target)
    take_everybody(target, move, options)
    names = {person.old.username: person.username for person in move.people}
    target.storage.transact("person-0", _review)
    target.storage.delete("person-20")
    target.users.delete("person-20")
    target.users.update(names["li"], name="Lilian", password_hash="$2b$new")
    _register(target, "newcomer")
    rows, user_dbs = _back(target, tmp_path / "back")

    wanted = _rows(old.admin_db)
    del wanted["person-20"]
    wanted["li"] = (*wanted["li"][:2], "Lilian", "$2b$new")
    wanted["newcomer"] = (len(old.users) + 1, "newcomer", "New", "h")
    assert rows == wanted
    files = {path.name for path in user_dbs.iterdir()}
    known = {user.file.name for user in old.users if user.file}
    sides = {path.name for path in old.user_dbs.glob("person-1[34].anki2-*")}
    assert files == (known | sides | {"newcomer.anki2"}) - {"person-20.anki2"}
    for user in old.users:
        if user.file and user.file.name in files:
            _check_file(user, user_dbs / user.file.name)
    named = (user_dbs / "user_2.db").rename(user_dbs / "user_2.anki2")
    assert what_anki_says([named, user_dbs / "newcomer.anki2"]) == {}


def _check_file(user: OldUser, path: Path) -> None:
    assert user.file
    if user.fate != "taken":
        assert path.read_bytes() == user.file.read_bytes()
        return
    before, after = rows_of(user.file), rows_of(path)
    assert (after["notes"], after["cards"]) == (before["notes"], before["cards"])
    since = len(after["revlog"]) - len(before["revlog"])
    assert since == (100 if user.username == "person-0" else 0)
    assert after["revlog"][: len(before["revlog"])] == before["revlog"]


def _register(target: Target, username: str) -> None:
    target.users.create(
        User(
            username=username,
            name="New",
            password_hash="h",
            created_at_ms=1,
            generation="new",
            ready=True,
        )
    )
    target.storage.create(
        username, lambda conn: create_collection(conn, now_ms=NOW_MS, minutes_west=0)
    )


def test_there_and_back_and_there_again(local: Place, options: Options, tmp_path: Path) -> None:
    """What is given back can be taken over again, and is the same."""
    old = build_install(tmp_path / "old", 4)
    target = local.open()
    take_everybody(target, move_of(old, target), options)
    _back(target, tmp_path / "back")
    again = Place("local", {"JAVUMBO_DATA": str(tmp_path / "again")}).open()
    returned = Install(tmp_path / "back" / "admin.db", tmp_path / "back" / "user_dbs")
    outcomes = take_everybody(again, move_of(returned, again), options)
    assert {one.status for one in outcomes.values()} == {"taken"}
    for part in ("users", "collections"):
        assert state_of(again)[part] == state_of(target)[part]


def test_nothing_that_lies_there_is_written_over(
    local: Place, options: Options, tmp_path: Path
) -> None:
    old = build_install(tmp_path / "old", 2)
    target = local.open()
    take_everybody(target, move_of(old, target), options)
    places = [
        (old.admin_db, tmp_path / "free"),
        (tmp_path / "admin.db", old.user_dbs),
        (tmp_path / "free" / "admin.db", tmp_path / "free"),
    ]
    for admin_db, user_dbs in places:
        with pytest.raises(ConfigurationError):
            give_back_all(target, admin_db, user_dbs, 2, quietly)
    assert not (tmp_path / "free").exists()


def test_a_run_that_was_cut_short_is_repeated(
    local: Place, options: Options, tmp_path: Path
) -> None:
    old = build_install(tmp_path / "old", 3)
    target = local.open()
    take_everybody(target, move_of(old, target), options)

    class _CutShortError(Exception):
        pass

    def cut_short(number: int) -> None:
        raise _CutShortError

    with pytest.raises(_CutShortError):
        give_back_all(target, tmp_path / "admin.db", tmp_path / "back", 1, cut_short)
    assert not (tmp_path / "admin.db").exists()
    (tmp_path / "back" / "deleted-since.anki2").touch()
    back = give_back_all(target, tmp_path / "admin.db", tmp_path / "back", 1, quietly)
    assert (len(back.people), back.files) == (3, 3)
    assert len(list((tmp_path / "back").iterdir())) == 3
