import json
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from chalicelib.accounts.rules import normalise_username
from chalicelib.errors import ConfigurationError
from migrations.flask.files import OldFile
from migrations.flask.install import OldInstall, OldUser, read_install
from migrations.naming import Decision, name_people, read_mapping, write_mapping

NOWHERE = Path("nowhere")


def install_of(*usernames: str) -> OldInstall:
    users = tuple(OldUser(n, name, "", "") for n, name in enumerate(usernames, 1))
    return OldInstall(OldFile(NOWHERE), NOWHERE, users, (), ())


_NAMES = st.text(st.sampled_from("abAB12._-é 日/")) | st.text(min_size=1, max_size=40)


@settings(max_examples=200)
@given(st.lists(_NAMES.filter(bool), unique=True, max_size=12))
def test_every_suggestion_can_be_accepted_at_once(usernames: list[str]) -> None:
    install = install_of(*usernames)
    people = name_people(install, {})
    suggested = {
        person.old.username: Decision(username=person.suggestion)
        for person in people
        if not person.username
    }
    named = name_people(install, suggested)
    names = [person.username for person in named]
    assert len(set(names)) == len(names) == len(usernames)
    assert all(normalise_username(name) == name for name in names)
    kept = {person.old.username: person.username for person in people if person.username}
    assert {old: new for old, new in zip(usernames, names, strict=True) if old in kept} == kept
    assert all(new == old.lower() for old, new in kept.items())


def test_of_two_who_differ_only_in_case_the_lower_one_keeps_the_name() -> None:
    ana, exact = name_people(install_of("Ana", "ana"), {})
    assert (ana.username, exact.username) == ("", "ana")
    assert ana.problem == "somebody else's name differs only in case"
    first, second = name_people(install_of("ANA", "Ana"), {})
    assert (first.username, second.username) == ("ana", "")


def test_a_name_given_to_one_is_nobody_elses() -> None:
    first, second = name_people(install_of("ana", "li"), {"li": Decision(username="ana")})
    assert (first.username, second.username) == ("", "ana")


@pytest.mark.parametrize(
    ("decisions", "reason"),
    [
        ({"eva": Decision(username="eve")}, "nobody who is there"),
        ({"li": Decision(username="Li!")}, "cannot be"),
        ({"li": Decision(username="xyz"), "ana": Decision(username="xyz")}, "two people"),
        ({"li": Decision(file="not-there.anki2")}, "not there"),
    ],
)
def test_a_decision_that_cannot_be_stops_everything(
    decisions: dict[str, Decision], reason: str
) -> None:
    with pytest.raises(ConfigurationError, match=reason):
        name_people(install_of("ana", "li"), decisions)


def test_the_written_mapping_can_be_edited_and_read_back(tmp_path: Path) -> None:
    install, path = install_of("Ana", "ana", "li", "gone"), tmp_path / "mapping.json"
    decided = {"gone": Decision(collection="skip")}
    write_mapping(path, name_people(install, decided), decided)
    edited = json.loads(path.read_text())
    assert set(edited["users"]) == {"Ana", "li", "gone"}
    edited["users"]["li"]["username"] = "lilian"
    path.write_text(json.dumps(edited))
    people = name_people(install, read_mapping(path))
    assert [person.username for person in people] == ["ana-2", "ana", "lilian", ""]


@pytest.mark.parametrize("text", ["", "{", '{"users": {"a": {"collection": "burn"}}}'])
def test_a_mapping_that_cannot_be_read_stops_everything(tmp_path: Path, text: str) -> None:
    path = tmp_path / "mapping.json"
    path.write_text(text)
    with pytest.raises(ConfigurationError):
        read_mapping(path)


def test_odd_rows_of_users(tmp_path: Path) -> None:
    """Of types that nobody meant, and a spelling that another system gave to a file's name."""
    folder = tmp_path / "user_dbs"
    folder.mkdir()
    (folder / "Jose\u0301.anki2").touch()
    with closing(sqlite3.connect(tmp_path / "admin.db")) as conn, conn:
        conn.execute(
            "CREATE TABLE users (user_id INTEGER PRIMARY KEY, username, name, password_hash)"
        )
        rows = [
            (1, None, "a", "h"),
            (2, "José", None, b"$2b$"),
            (3, 77, 1.5, None),
            (4, "", "", ""),
        ]
        conn.executemany("INSERT INTO users VALUES (?, ?, ?, ?)", rows)
    install = read_install(tmp_path / "admin.db", folder)
    assert install.nameless == (1, 4)
    jose, seven = install.users
    assert (jose.name, jose.password_hash, seven.username, seven.name) == ("", "$2b$", "77", "1.5")
    assert jose.file
    assert install.unclaimed == ()


def test_where_there_is_no_old_install(tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError, match="no file"):
        read_install(tmp_path / "admin.db", tmp_path)
    (tmp_path / "admin.db").write_text("this is no database at all, only words")
    with pytest.raises(ConfigurationError, match="cannot be read"):
        read_install(tmp_path / "admin.db", tmp_path)
