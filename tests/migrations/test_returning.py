"""The way back when not everything is as it should be: nobody is lost, and nobody is passed over
in silence."""

import itertools
import shutil
import sqlite3
from collections.abc import Callable
from contextlib import closing
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import msgspec
import pytest

from chalicelib.accounts.users import User
from chalicelib.collection.create import create_collection
from chalicelib.errors import NotFoundError, StorageUnavailableError
from chalicelib.storage import CollectionStorage, Owner
from migrations.examining import Options
from migrations.giving_back import GivenBack, give_back_all
from migrations.naming import Decision
from migrations.noted import note
from migrations.target import Target
from tests.migrations.conftest import Place
from tests.migrations.dying import KilledError, Life, mortal
from tests.migrations.install import NOW_MS, Install, build_install
from tests.migrations.moving import move_of, quietly, rows_of, take_everybody

Row = tuple[int, str | None, str, str]


@dataclass
class Back:
    """What was given back, and where."""

    given: GivenBack
    rows: list[Row]
    user_dbs: Path

    @property
    def told(self) -> str:
        return "\n".join(self.given.told)

    def names(self) -> dict[int, str | None]:
        return {row[0]: row[1] for row in self.rows}

    def files(self) -> set[str]:
        return {path.name for path in self.user_dbs.iterdir()}


@pytest.fixture
def back(tmp_path: Path) -> Callable[[Target], Back]:
    def give_back(target: Target) -> Back:
        admin_db, user_dbs = tmp_path / "back" / "admin.db", tmp_path / "back" / "user_dbs"
        given = give_back_all(target, admin_db, user_dbs, 2, quietly)
        return Back(given, _rows(admin_db), user_dbs)

    return give_back


def _rows(admin_db: Path) -> list[Row]:
    with closing(sqlite3.connect(admin_db)) as conn:
        return conn.execute("SELECT * FROM users ORDER BY user_id").fetchall()


def _change(admin_db: Path, sql: str, *values: object) -> None:
    with closing(sqlite3.connect(admin_db)) as conn, conn:
        conn.execute(sql, values)


def _overwrite(target: Target, key: str, data: bytes) -> None:
    head = target.base.head(key)
    target.base.put(key, data, metadata={}, if_match=head.etag if head else None)


def _register(target: Target, username: str, generation: str = "new") -> None:
    user = User(
        username=username,
        name="New",
        password_hash="h",
        created_at_ms=1,
        generation=generation,
        ready=True,
    )
    target.users.create(user)
    owner = Owner(username, generation)
    target.storage.create(
        owner, lambda conn: create_collection(conn, now_ms=NOW_MS, minutes_west=0)
    )


def _remove_account(target: Target, username: str) -> None:
    user = target.users.get(username)
    assert user
    target.storage.delete(Owner(username, user.generation))
    target.users.delete(username)


def test_who_has_no_new_name_yet_has_the_old_row_and_file(
    place: Place, options: Options, tmp_path: Path, back: Callable[[Target], Back]
) -> None:
    old = build_install(tmp_path / "old", 9)  # the names that today's rules refuse among them
    target = place.open()
    move = move_of(old, target, accept=False)
    note(target.base, move.install, ())
    outcomes = take_everybody(target, move, options)
    assert [one.status for one in outcomes.values()].count("unnamed") == 5
    returned = back(target)
    assert returned.rows == _rows(old.admin_db)
    assert returned.told == ""
    for user in old.users:
        assert user.file
        assert rows_of(returned.user_dbs / user.file.name)["notes"] == rows_of(user.file)["notes"]


@pytest.fixture
def few(tmp_path: Path) -> Install:
    return build_install(tmp_path / "old", 2)


@pytest.fixture
def target(local: Place, few: Install, options: Options) -> Target:
    return _taken(local, few, options)


def _taken(place: Place, few: Install, options: Options) -> Target:
    target = place.open()
    move = move_of(few, target)
    note(target.base, move.install, ())
    take_everybody(target, move, options)
    return target


def test_of_two_accounts_of_one_person_both_are_written(
    target: Target, few: Install, back: Callable[[Target], Back]
) -> None:
    """As a new mapping could make them; the later one is the person's."""
    receipt = target.receipts.get("person-0")
    assert receipt
    later = msgspec.structs.replace(
        receipt, username="person-zero", generation="new", now_ms=receipt.now_ms + 1
    )
    _register(target, "person-zero")
    _overwrite(target, "legacy/person-zero.json", msgspec.json.encode(later))
    returned = back(target)
    assert returned.names() == {1: "person-0", 2: "person-1", 3: "person-0-new"}
    assert "person-0 has two accounts here: person-0 is given back as person-0-new" in returned.told
    first = few.users[0].file
    assert first
    notes = rows_of(first)["notes"]
    assert rows_of(returned.user_dbs / "person-0-new.anki2")["notes"] == notes
    assert rows_of(returned.user_dbs / "person-0.anki2")["notes"] != notes


def test_who_was_being_taken_when_the_copy_died_is_there(
    place: Place, few: Install, options: Options, back: Callable[[Target], Back]
) -> None:
    target = _taken(place, few, options)
    receipt = target.receipts.get("person-0")
    assert receipt
    data = msgspec.json.encode(msgspec.structs.replace(receipt, is_done=False))
    _overwrite(target, "legacy/person-0.json", data)
    _remove_account(target, "person-0")
    _remove_account(target, "person-1")  # as the person wanted
    returned = back(target)
    assert returned.rows == _rows(few.admin_db)[:1]
    assert returned.told == ""
    assert few.users[0].file
    assert (returned.user_dbs / "person-0.anki2").read_bytes() == few.users[0].file.read_bytes()


@pytest.mark.parametrize("had_file", [True, False])
def test_who_had_a_file_and_gets_none_is_named(
    local: Place,
    few: Install,
    options: Options,
    back: Callable[[Target], Back],
    *,
    had_file: bool,
) -> None:
    if not had_file:
        assert few.users[0].file
        few.users[0].file.unlink()
    target = local.open()
    move = move_of(few, target, {"person-0": Decision(collection="skip")})
    note(target.base, move.install, ())
    take_everybody(target, move, options)
    target.base.delete("legacy/unclaimed/person-0.anki2")
    returned = back(target)
    assert returned.rows == _rows(few.admin_db)
    assert ("person-0 gets no collection" in returned.told) == had_file
    assert returned.files() == {"user_2.db"}


def test_who_has_not_logged_in_since_has_the_old_file(
    local: Place, options: Options, tmp_path: Path, back: Callable[[Target], Back]
) -> None:
    old = build_install(tmp_path / "old", 1)
    file = old.users[0].file
    assert file
    file.write_bytes(b"no collection")
    target = local.open()
    decision = {"person-0": Decision(collection="empty")}
    take_everybody(target, move_of(old, target, decision), options)
    returned = back(target)
    assert (returned.user_dbs / "person-0.anki2").read_bytes() == b"no collection"
    assert (returned.given.files, returned.told) == (1, "")


@pytest.mark.parametrize("username", ["x" * 300, "nul\0 in the name", "日" * 90, "a/b"])
def test_a_name_that_is_none_of_a_file_gives_a_file_by_number(
    local: Place, few: Install, options: Options, back: Callable[[Target], Back], username: str
) -> None:
    """There was no file under it, but the person has a collection by now."""
    assert few.users[0].file
    few.users[0].file.unlink()
    _change(few.admin_db, "UPDATE users SET username = ? WHERE user_id = 1", username)
    target = local.open()
    decision = {username: Decision(username="ana-maria")}
    take_everybody(target, move_of(few, target, decision), options)
    user = target.users.get("ana-maria")
    assert user
    owner = Owner("ana-maria", user.generation)
    target.storage.create(
        owner, lambda conn: create_collection(conn, now_ms=NOW_MS, minutes_west=0)
    )
    target.users.update("ana-maria", ready=True)
    returned = back(target)
    assert returned.rows == _rows(few.admin_db)
    assert returned.files() == {"user_1.db", "user_2.db"}


def test_rows_without_a_username_stay_and_keep_their_numbers(
    place: Place, few: Install, options: Options, back: Callable[[Target], Back]
) -> None:
    _change(few.admin_db, "INSERT INTO users VALUES (40, NULL, 'n', 'h'), (41, '', 'm', 'h')")
    (few.user_dbs / "user_40.db").write_bytes(b"of nobody with a name")
    target = _taken(place, few, options)
    _register(target, "newcomer")
    returned = back(target)
    assert returned.rows == [*_rows(few.admin_db), (42, "newcomer", "New", "h")]
    assert (returned.user_dbs / "user_40.db").read_bytes() == b"of nobody with a name"


def test_a_newcomer_has_a_number_even_when_the_last_one_is_taken(
    local: Place, few: Install, options: Options, back: Callable[[Target], Back]
) -> None:
    _change(few.admin_db, "UPDATE users SET user_id = ? WHERE user_id = 2", 2**63 - 1)
    target = _taken(local, few, options)
    _register(target, "newcomer")
    assert back(target).names() == {1: "person-0", 2: "newcomer", 2**63 - 1: "person-1"}


def test_numbers_and_names_that_two_claim_are_given_once(
    local: Place, few: Install, options: Options, back: Callable[[Target], Back]
) -> None:
    """The old program gives a number that became free again, and so does a name change hands."""
    target = _taken(local, few, options)
    target.storage.transact("person-0", lambda conn: conn.execute("UPDATE col SET mod = 1").close())
    _change(few.admin_db, "UPDATE users SET user_id = 50 WHERE user_id = 1")
    _change(few.admin_db, "UPDATE users SET username = 'another' WHERE user_id = 2")
    take_everybody(target, move_of(few, target), options)
    names = back(target)
    assert names.names() == {1: "person-0", 2: "another", 50: "person-0-old", 51: "person-1"}
    assert "person-0, number 50, is given back as person-0-old" in names.told
    assert "person-1 has two accounts here" in names.told


def test_who_is_renamed_in_the_old_install_and_not_taken_again_is_there_twice(
    local: Place, few: Install, options: Options, back: Callable[[Target], Back]
) -> None:
    """Nobody knows whether it is the same person: number 2 is who studies here."""
    target = _taken(local, few, options)
    _change(few.admin_db, "UPDATE users SET username = 'li' WHERE user_id = 2")
    take_everybody(target, move_of(few, target, accept=False), options)
    returned = back(target)
    assert returned.names() == {1: "person-0", 2: "person-1", 3: "li"}
    assert returned.files() == {"person-0.anki2", "user_2.db", "user_3.db"}
    assert "li, number 2, is given back as li, number 3" in returned.told


def test_only_the_owner_can_read_what_is_written(
    place: Place, few: Install, options: Options, back: Callable[[Target], Back]
) -> None:
    returned = back(_taken(place, few, options))
    folder = returned.user_dbs.parent
    written = [folder, *folder.rglob("*")]
    assert len(written) == 5
    modes = {path.stat().st_mode & 0o777 for path in written if path.is_dir()}
    assert modes == {0o700}
    assert {path.stat().st_mode & 0o777 for path in written if path.is_file()} == {0o600}


@dataclass
class _Failing:
    """A storage that cannot read these people's collections."""

    inner: CollectionStorage
    error: Exception
    usernames: set[str]
    before: Callable[[str], None] = lambda _username: None

    def image_to(self, owner: Owner, path: Path) -> None:
        if owner.username in self.usernames:
            self.before(owner.username)
            raise self.error
        self.inner.image_to(owner, path)

    def __getattr__(self, name: str) -> Any:
        return getattr(self.inner, name)


def _failing(target: Target, error: Exception, *usernames: str, **more: Any) -> Target:
    storage: Any = _Failing(target.storage, error, set(usernames), **more)
    return replace(target, storage=storage)


@pytest.mark.parametrize(
    "error", [StorageUnavailableError(), NotFoundError(), sqlite3.DatabaseError("malformed")]
)
def test_a_collection_that_cannot_be_read_stops_nobody_else(
    target: Target, few: Install, back: Callable[[Target], Back], error: Exception
) -> None:
    returned = back(_failing(target, error, "person-0"))
    assert returned.rows == _rows(few.admin_db)
    assert returned.told.startswith("person-0: the collection could not be read")
    assert few.users[0].file
    assert (returned.user_dbs / "person-0.anki2").read_bytes() == few.users[0].file.read_bytes()
    assert returned.files() == {"person-0.anki2", "user_2.db"}


def test_who_deletes_the_account_at_that_moment_is_gone(
    target: Target, few: Install, back: Callable[[Target], Back]
) -> None:
    deleting = _failing(target, NotFoundError(), "person-0", before=target.users.delete)
    returned = back(deleting)
    assert (returned.rows, returned.told) == (_rows(few.admin_db)[1:], "")
    assert returned.files() == {"user_2.db"}


def test_when_hardly_anything_can_be_read_there_is_no_table(
    target: Target, tmp_path: Path, back: Callable[[Target], Back]
) -> None:
    """So it is run again, and not taken for done."""
    with pytest.raises(StorageUnavailableError, match="2 collections"):
        back(_failing(target, StorageUnavailableError(), "person-0", "person-1"))
    assert not (tmp_path / "back" / "admin.db").exists()
    assert back(target).told == ""


def test_a_stored_table_that_is_damaged_keeps_nobody_who_was_taken_from_going_back(
    target: Target, few: Install, back: Callable[[Target], Back]
) -> None:
    _overwrite(target, "legacy/admin.db", b"no table")
    returned = back(target)
    assert returned.rows == _rows(few.admin_db)
    assert "nothing is known" in returned.told


@pytest.mark.parametrize("what", ["first copy", "second copy", "another name"])
def test_wherever_a_copy_dies_the_way_back_has_everybody_once(
    local: Place, few: Install, options: Options, tmp_path: Path, what: str
) -> None:
    """With a file, or named."""
    alone, start = replace(options, jobs=1), tmp_path / "data"
    decisions = _begin(what, local.open(), few, alone)
    for writes in itertools.count():
        data = shutil.copytree(start, tmp_path / f"data {writes}")
        target = Place("local", {"JAVUMBO_DATA": str(data)}).open()
        try:
            dying = mortal(target, Life(writes, after=False))
            take_everybody(dying, move_of(few, target, decisions), alone)
        except KilledError:
            pass
        else:
            break
        folder = tmp_path / f"back {writes}"
        given = give_back_all(target, folder / "admin.db", folder / "user_dbs", 1, quietly)
        if target.base.head("legacy/admin.db"):
            assert _rows(folder / "admin.db") == _rows(few.admin_db)
        assert what == "first copy" or given.told == []
        for one in given.people:
            is_there = (folder / "user_dbs" / one.file).is_file() if one.file else False
            assert is_there != any(one.row.username in line for line in given.told)
    assert writes > 6


def _begin(what: str, target: Target, few: Install, options: Options) -> dict[str, Decision]:
    """What was before the copy that dies, and what that is told."""
    move = move_of(few, target)
    note(target.base, move.install, ())
    if what == "first copy":
        return {}
    take_everybody(target, move, options)
    if what == "another name":
        return {"person-0": Decision(username="person-zero")}
    assert few.users[0].file
    _change(few.users[0].file, "DELETE FROM revlog WHERE id = (SELECT max(id) FROM revlog)")
    return {}
