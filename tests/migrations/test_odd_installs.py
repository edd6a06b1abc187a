"""Installs in which something is not what its name says."""

import os
import random
import sqlite3
from collections.abc import Sequence
from contextlib import closing
from pathlib import Path

import pytest

from chalicelib.errors import ConfigurationError
from migrations.examining import Options
from migrations.flask.install import OldInstall, read_install
from migrations.naming import Decision
from tests.migrations.conftest import Place
from tests.migrations.install import build_install
from tests.migrations.moving import move_of, take_everybody

COMPOSED, DECOMPOSED = "jos\u00e9", "jose\u0301"
_TABLE = (
    "CREATE TABLE users (user_id INTEGER PRIMARY KEY, username TEXT UNIQUE, name, password_hash)"
)


def _install(folder: Path, rows: Sequence[tuple[object, str]], table: str = _TABLE) -> OldInstall:
    (folder / "user_dbs").mkdir(exist_ok=True)
    with closing(sqlite3.connect(folder / "admin.db")) as conn, conn:
        conn.execute("DROP TABLE IF EXISTS users")
        conn.execute(table)
        conn.executemany("INSERT INTO users VALUES (?, ?, '', '')", rows)
    return read_install(folder / "admin.db", folder / "user_dbs")


def _files_of(install: OldInstall) -> list[str]:
    return [user.file.path.name if user.file else "" for user in install.users]


@pytest.mark.parametrize(
    ("lying", "wanted"),
    [
        ([COMPOSED], [COMPOSED, ""]),
        ([DECOMPOSED], ["", DECOMPOSED]),
        ([COMPOSED, DECOMPOSED], [COMPOSED, DECOMPOSED]),
    ],
)
def test_two_spellings_are_two_people(tmp_path: Path, lying: list[str], wanted: list[str]) -> None:
    (tmp_path / "user_dbs").mkdir()
    for name in lying:
        (tmp_path / "user_dbs" / f"{name}.anki2").touch()
    install = _install(tmp_path, [(1, COMPOSED), (2, DECOMPOSED)])
    assert _files_of(install) == [name and f"{name}.anki2" for name in wanted]


def test_a_respelt_file_that_two_could_mean_is_nobodys(tmp_path: Path) -> None:
    """Each of the two accents is spelt in one of two ways, and the file has a third mixture."""
    (tmp_path / "user_dbs").mkdir()
    (tmp_path / "user_dbs" / "\u00e9\u00e9.anki2").touch()
    rows = [(1, "e\u0301\u00e9"), (2, "e\u0301e\u0301")]
    install = _install(tmp_path, rows)
    assert _files_of(install) == ["", ""]
    assert len(install.unclaimed) == 1
    assert _files_of(_install(tmp_path, rows[:1])) == ["\u00e9\u00e9.anki2"]


def test_what_is_no_file_is_told_of_and_never_taken_for_an_empty_one(
    local: Place, options: Options, tmp_path: Path
) -> None:
    old = build_install(tmp_path / "old", 3)
    usual, _, both = (user.file for user in old.users)
    assert usual
    assert both
    usual.unlink()
    usual.symlink_to("nowhere")
    both.unlink()
    both.mkdir()
    target = local.open()
    outcomes = take_everybody(target, move_of(old, target), options)
    told = {name: (one.status, one.reason) for name, one in outcomes.items()}
    refused = ("not_taken", "There is no regular file in its place.")
    assert (told["person-0"], told["person-2"]) == (refused, refused)
    decision = {"person-2": Decision(file="user_3.db"), "person-0": Decision(collection="empty")}
    outcomes = take_everybody(target, move_of(old, target, decision), options)
    assert [one.status for one in outcomes.values()] == ["empty", "already", "taken"]


def test_what_else_lies_in_the_folder_is_listed(tmp_path: Path) -> None:
    folder = tmp_path / "user_dbs"
    (folder / "backups").mkdir(parents=True)
    (folder / "nobody.anki2").symlink_to("nowhere")
    for name in ("ana.anki2", "ana.anki2-journal", "eva.anki2-journal", "ana.anki2-shm"):
        (folder / name).write_bytes(b"x")
    install = _install(tmp_path, [(1, "ana"), (2, "eva")])
    assert install.left == ("backups", "nobody.anki2")
    assert [file.path.name for file in install.unclaimed] == ["eva.anki2-journal"]
    assert _files_of(install) == ["ana.anki2", ""]


@pytest.mark.parametrize("empty", ["no bytes", "no tables", "no notes"])
def test_the_older_file_counts_when_the_newer_one_holds_nothing(
    local: Place, options: Options, tmp_path: Path, empty: str
) -> None:
    old = build_install(tmp_path / "old", 3)
    user = old.user("both layouts")
    assert user.file
    _empty(user.file, empty)
    target = local.open()
    outcome = take_everybody(target, move_of(old, target), options)[user.username]
    assert outcome.status == "taken"
    assert outcome.counts["notes"] > 0
    assert any("user_3.db counts" in line for line in outcome.attention)


def _empty(path: Path, empty: str) -> None:
    if empty == "no bytes":
        os.truncate(path, 0)
        return
    with closing(sqlite3.connect(path, isolation_level=None)) as conn:
        for table in ("notes", "cards", "revlog"):
            conn.execute(f"DELETE FROM {table}")
        if empty == "no tables":
            tables = conn.execute("SELECT name FROM sqlite_schema WHERE type = 'table'")
            for (table,) in tables.fetchall():
                conn.execute(f"DROP TABLE {table}")


def test_damage_in_the_table_of_users_is_found(tmp_path: Path) -> None:
    """Wherever it is: no row is silently another one, or missing."""
    rows = [(number, f"person number {number}") for number in range(1, 400)]
    good = _install(tmp_path, rows)
    data, rng = (tmp_path / "admin.db").read_bytes(), random.Random(3)
    told = 0
    for number in range(60):
        # The first ones in the page of the schema, which is quoted in complaints.
        damaged = bytearray(data)
        at = rng.randrange(4096 - 150, 4096 - 64) if number < 30 else rng.randrange(len(data) - 64)
        damaged[at : at + 64] = rng.randbytes(64)
        (tmp_path / "admin.db").write_bytes(damaged)
        told += _is_refused(tmp_path)
    assert told >= 40  # what it cannot tell is text in place of text
    (tmp_path / "admin.db").write_bytes(data[: len(data) - 2048])
    assert _is_refused(tmp_path)
    (tmp_path / "admin.db").write_bytes(data)
    assert read_install(tmp_path / "admin.db", tmp_path / "user_dbs") == good


def _is_refused(folder: Path) -> bool:
    try:
        read_install(folder / "admin.db", folder / "user_dbs")
    except ConfigurationError:
        return True
    return False


@pytest.mark.parametrize(
    ("rows", "reason"),
    [
        ([("one", "ana")], "no number"),
        ([(1, "ana"), (2, "ana")], "called 'ana'"),
        ([(1, "ana"), (1, "eva")], "numbered '1'"),
    ],
)
def test_a_table_of_other_rules_is_refused_in_a_sentence(
    tmp_path: Path, rows: list[tuple[object, str]], reason: str
) -> None:
    table = "CREATE TABLE users (user_id, username, name, password_hash)"
    with pytest.raises(ConfigurationError, match=reason):
        _install(tmp_path, rows, table)


def test_a_name_of_any_length_can_be_kept(place: Place, options: Options, tmp_path: Path) -> None:
    """Nobody has decided on it yet, and escaped it is longer than a file system takes."""
    old, name = build_install(tmp_path / "old", 1), "日" * 80
    file = old.users[0].file
    assert file
    file.rename(file.with_name(f"{name}.anki2"))
    with closing(sqlite3.connect(old.admin_db)) as conn, conn:
        conn.execute("UPDATE users SET username = ?", (name,))
    target = place.open()
    outcomes = take_everybody(target, move_of(old, target, accept=False), options)
    assert outcomes[name].status == "unnamed"
    (key,) = [key for key in target.base.keys("legacy/unclaimed/") if "%E6" in key]
    kept = target.base.get(key)
    assert kept
    assert kept.data == (old.user_dbs / f"{name}.anki2").read_bytes()


def test_damage_that_no_complaint_can_quote_is_damage(
    local: Place, options: Options, tmp_path: Path
) -> None:
    old = build_install(tmp_path / "old", 1)
    file = old.users[0].file
    assert file
    data = file.read_bytes()
    file.write_bytes(data.replace(b"CREATE TABLE notes", b"CREATE TABL\xd0 notes"))
    assert file.read_bytes() != data
    target = local.open()
    outcome = take_everybody(target, move_of(old, target), options)["person-0"]
    assert (outcome.status, outcome.reason) == ("not_taken", "The file is damaged.")
