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
from migrations.mapping import check_edits_given, check_mapping, read_mapping, write_mapping
from migrations.naming import Decision, MappingFile, Person, name_people

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
    _write(tmp_path, name_people(install, decided), MappingFile(decided))
    edited = json.loads(path.read_text())
    assert edited["rows_without_username"] == {"17": "undecided"}
    assert set(edited["users"]) == {"Ana", "li", "gone"}
    edited["users"]["li"]["username"] = "lilian"
    path.write_text(json.dumps(edited))
    people = name_people(install, read_mapping(path).users)
    assert [person.username for person in people] == ["ana-2", "ana", "lilian", ""]


def test_a_decision_without_a_name_gets_a_suggestion_beside_it(tmp_path: Path) -> None:
    install, decided = install_of("li"), {"li": Decision(collection="empty")}
    _write(tmp_path, name_people(install, decided), MappingFile(decided))
    written = read_mapping(tmp_path / "mapping.json").users["li"]
    assert (written.collection, bool(written.username)) == ("empty", True)


def _write(folder: Path, people: list[Person], decided: MappingFile) -> None:
    write_mapping(folder, people, [17], decided, None)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "{",
        '{"users": {"a": {"collection": "burn"}}}',
        '{"users": {"a": {"colection": "skip"}}}',
        '{"user": {}}',
        '{"rows_without_username": {"17": "drop"}}',
    ],
)
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


def test_an_edited_mapping_is_neither_passed_over_nor_written_over(tmp_path: Path) -> None:
    install, path = install_of("Ana", "ana"), tmp_path / "mapping.json"
    people = name_people(install, {})
    _write(tmp_path, people, MappingFile())
    _write(tmp_path, people, MappingFile({"ana": Decision(collection="empty")}))
    check_edits_given(tmp_path, None)
    edited = path.read_text().replace("ana-2", "ana-maria")
    path.write_text(edited)
    with pytest.raises(ConfigurationError, match="was edited"):
        check_edits_given(tmp_path, None)
    check_edits_given(tmp_path, path)
    _write(tmp_path, people, MappingFile())
    assert path.read_text() == edited
    decided = read_mapping(path)
    write_mapping(tmp_path, name_people(install, decided.users), [], decided, path)
    given = path.read_text()
    check_edits_given(tmp_path, None)
    _write(tmp_path, people, MappingFile())
    assert path.read_text() == given
    assert "ana-maria" in given


def _with_files(folder: Path, *usernames: str) -> OldInstall:
    """Everybody of the names has a file of the older layout."""
    for number in range(1, len(usernames) + 1):
        (folder / f"user_{number}.db").write_bytes(b"cards")
    with closing(sqlite3.connect(folder.parent / "admin.db")) as conn, conn:
        conn.execute(_TABLE)
        conn.executemany("INSERT INTO users VALUES (?, ?, '', '')", enumerate(usernames, 1))
        conn.execute("INSERT INTO users VALUES (17, NULL, '', '')")
    return read_install(folder.parent / "admin.db", folder)


_TABLE = "CREATE TABLE users (user_id INTEGER PRIMARY KEY, username, name, password_hash)"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "user_dbs").mkdir()
    return tmp_path / "user_dbs"


def test_nobody_gets_somebody_elses_file(folder: Path) -> None:
    install = _with_files(folder, "ana", "eva", "kim")
    for file in ("user_2.db", str(folder / "user_2.db"), "../user_dbs/user_2.db"):
        with pytest.raises(ConfigurationError, match="somebody else has"):
            name_people(install, {"ana": Decision(file=file)})
    (folder / "found.db").write_bytes(b"cards")
    both = {name: Decision(file="found.db") for name in ("ana", "eva")}
    with pytest.raises(ConfigurationError, match="somebody else has"):
        name_people(install, both)
    swapped = {"ana": Decision(file="user_2.db"), "eva": Decision(file="user_1.db")}
    people = name_people(install, swapped)
    files = [[f.path.name for f in (p.old.file, p.old.other) if f] for p in people]
    assert files == [["user_2.db"], ["user_1.db"], ["user_3.db"]]


def test_a_file_that_is_gone_is_a_mistake_when_it_is_decided_and_no_more_later(
    folder: Path,
) -> None:
    install, gone = _with_files(folder, "ana", "eva"), Decision(file="/nowhere/ana.anki2")
    with pytest.raises(ConfigurationError, match="not there"):
        check_mapping(install, MappingFile({"ana": gone}))
    ana, eva = name_people(install, {"ana": gone})
    assert ana.old.file
    assert not ana.old.file.path.exists()
    assert eva.old.file


def test_nobody_loses_a_name_to_somebody_else(folder: Path) -> None:
    install = _with_files(folder, "li", "ana")
    evicting = {"li": Decision(username="ana")}
    with pytest.raises(ConfigurationError, match="li the name of ana"):
        check_mapping(install, MappingFile(evicting))
    for given_up in (Decision(username="ana-maria"), Decision(collection="skip")):
        check_mapping(install, MappingFile({**evicting, "ana": given_up}))
    _, ana = name_people(install, evicting)
    assert ana.problem == "the mapping gives this name to somebody else"


def test_a_row_without_a_username_can_be_decided_by_its_number(folder: Path) -> None:
    install = _with_files(folder, "ana")
    mapping = MappingFile(rows_without_username={17: "skip"})
    check_mapping(install, mapping)
    assert mapping.skipped_rows == {17}
    assert not MappingFile(rows_without_username={17: "undecided"}).skipped_rows
    with pytest.raises(ConfigurationError, match="User 1 "):
        check_mapping(install, MappingFile(rows_without_username={1: "skip"}))
