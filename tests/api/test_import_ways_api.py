"""Both ways to import, in a request and from an upload: every option, judged by the rows."""

import sqlite3
from collections.abc import Callable, Iterator
from hashlib import sha1, sha256
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest

from tests.api.importing import BYTES, WAYS, Options, Rows, bring, send, wish
from tests.importing.packages import lacking_its_last_file, with_media
from tests.packages.sources import collection_file, edit, package
from tests.support import local_http
from tests.support.collections import make_note
from tests.support.server import Person, serving

DATA = Path(__file__).parent.parent / "data"
NEWER, OLDER = 100, -100


def filled(seconds: int = 0, *changes: Callable[[sqlite3.Connection], object]) -> bytes:
    """A package of two notes, studied, whose notes and notetype were changed so much later."""

    def fill(conn: sqlite3.Connection) -> None:
        for number in range(2):
            make_note(conn, [f"front {number}", f"back {seconds}"])
        conn.execute(
            "UPDATE notes SET guid = 'guid' || (id - (SELECT min(id) FROM notes)), mod = mod + ?",
            (seconds,),
        )
        conn.execute(
            "UPDATE cards SET type = 2, queue = 2, ivl = 5, due = 9, factor = 2500, reps = 1"
        )
        conn.execute("INSERT INTO revlog SELECT id, id, 0, 3, 5, 1, 2500, 900, 1 FROM cards")
        edit(conn, "models", lambda notetypes: style(notetypes, seconds))
        for change in changes:
            change(conn)

    return package(collection_file(fill))


def style(notetypes: dict[str, Any], seconds: int) -> None:
    for notetype in notetypes.values():
        notetype["name"] = f"Their {notetype['name']}"
        notetype["mod"] += seconds
        notetype["css"] = f"/* {seconds} */"


def with_own_options(conn: sqlite3.Connection) -> None:
    def add(options: dict[str, Any]) -> None:
        options["77"] = options["1"] | {"id": 77, "name": "Theirs"}

    edit(conn, "dconf", add)
    edit(conn, "decks", lambda decks: decks["1"].update(name="Their deck", conf=77))
    edit(conn, "decks", lambda decks: decks.update({"5": decks["1"] | {"id": 5}}))
    edit(conn, "decks", lambda decks: decks["1"].update(name="Default", conf=1))
    conn.execute("UPDATE cards SET did = 5")


def with_one_more_field(conn: sqlite3.Connection) -> None:
    def add(notetypes: dict[str, Any]) -> None:
        for notetype in notetypes.values():
            if notetype["type"] == 0:
                notetype["flds"].append(
                    notetype["flds"][0] | {"name": "Extra", "ord": len(notetype["flds"]), "id": 4}
                )

    edit(conn, "models", add)
    conn.execute("UPDATE notes SET flds = flds || char(31) || 'extra'")


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("chosen", [True, False])
def test_scheduling_comes_along_or_stays_behind(
    person: Person, tmp_path: Path, way: str, chosen: bool
) -> None:
    report = bring(person, way, filled(), with_scheduling=chosen)
    rows = Rows(person, tmp_path)
    assert report["cards"] == len(rows.content["cards"]) == 2
    assert report["revlog"] == len(rows.content["revlog"]) == (2 if chosen else 0)
    assert rows.types == ({2} if chosen else {0})


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("chosen", [True, False])
def test_option_groups_come_along_or_stay_behind(
    person: Person, tmp_path: Path, way: str, chosen: bool
) -> None:
    bring(person, way, filled(0, with_own_options), with_deck_configs=chosen)
    rows = Rows(person, tmp_path)
    assert ("Theirs" in rows.named("dconf")) == chosen
    assert rows.named("decks")["Their deck"]["conf"] == (77 if chosen else 1)


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize(
    ("condition", "changing"), [("never", set()), ("if_newer", {NEWER}), ("always", {NEWER, OLDER})]
)
def test_notes_give_way_as_it_was_said(
    person: Person, tmp_path: Path, way: str, condition: str, changing: set[int]
) -> None:
    for seconds in (NEWER, OLDER):
        bring(person, way, filled(), update_notes="always")
        report = bring(person, way, filled(seconds), update_notes=condition)
        updated = 2 if seconds in changing else 0
        assert report["notes"] == {
            "new": 0,
            "updated": updated,
            "unchanged": 2 - updated,
            "conflicting": 0,
        }
        back = f"back {seconds if updated else 0}"
        rows = Rows(person, tmp_path)
        assert {flds.partition("\x1f")[2] for flds in rows.notes.values()} == {back}


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize(
    ("condition", "changing"), [("never", set()), ("if_newer", {NEWER}), ("always", {NEWER, OLDER})]
)
def test_notetypes_give_way_as_it_was_said(
    person: Person, tmp_path: Path, way: str, condition: str, changing: set[int]
) -> None:
    for seconds in (NEWER, OLDER):
        bring(person, way, filled(), update_notetypes="always")
        bring(person, way, filled(seconds), update_notetypes=condition)
        shown = seconds if seconds in changing else 0
        assert Rows(person, tmp_path).notetype["css"] == f"/* {shown} */"


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("chosen", [True, False])
def test_notetypes_of_other_fields_are_joined_or_stay_apart(
    person: Person, tmp_path: Path, way: str, chosen: bool
) -> None:
    bring(person, way, filled())
    file = filled(NEWER, with_one_more_field)
    # Joining changes our notes, which makes them newer than those that come, as in Anki.
    report = bring(person, way, file, merge_notetypes=chosen, update_notes="always")
    rows = Rows(person, tmp_path)
    names = [field["name"] for field in rows.notetype["flds"]]
    assert ("Extra" in names) == chosen
    assert report["notes"]["conflicting"] == (0 if chosen else 2)
    assert {flds.endswith("\x1fextra") for flds in rows.notes.values()} == {chosen}


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize(
    ("file_format", "mode", "status"),
    [
        *((file_format, "merge", 200) for file_format in ("anki2", "apkg", "colpkg", "csv")),
        *((file_format, "replace", 200) for file_format in ("anki2", "colpkg")),
        *((file_format, "replace", 400) for file_format in ("apkg", "csv", "tsv", "txt")),
    ],
)
def test_every_format_in_every_mode(
    person: Person, tmp_path: Path, way: str, file_format: str, mode: str, status: int
) -> None:
    person.card(1, "mine")
    file = {
        "anki2": collection_file(lambda conn: make_note(conn, ["theirs", "back"])),
        "csv": b"theirs;back\n",
    }.get(file_format, filled())
    before = Rows(person, tmp_path).content
    response = send(person, way, file, file_format, mode=mode)
    assert response.status_code == status, response.text
    rows = Rows(person, tmp_path)
    if status == 400:
        assert set(response.json()["fields"]) == {"mode"}
        assert rows.content == before
        assert person.ok("GET", "/api/backups")["backups"] == []
        return
    assert any(flds.startswith("mine") for flds in rows.notes.values()) == (mode == "merge")
    assert person.ok("POST", "/api/undo")["operation"] == "Import"
    assert Rows(person, tmp_path).content == before


@pytest.mark.parametrize(
    ("options", "fields"),
    [
        ({"update_notes": "maybe", "with_scheduling": "no"}, {"update_notes", "with_scheduling"}),
        ({"field_columns": "[1]", "tags": [1], "deck_id": 0}, {"field_columns", "tags", "deck_id"}),
        ({"tags_column": -1, "delimiter": ";"}, {"tags_column", "delimiter"}),
        ({"colour": "red", "mode": "both", "format": "exe"}, {"colour", "mode", "format"}),
        ({"mode": "replace"}, {"mode"}),
    ],
)
def test_what_cannot_be_meant_is_refused_and_the_upload_still_waits(
    person: Person, options: Options, fields: set[str]
) -> None:
    body = wish(person, filled(), "apkg")
    refused = person.fails(400, "invalid_input", "POST", "/api/imports", json=body | options)
    assert {name.partition(".")[0] for name in refused["fields"]} == fields
    assert person.ok("POST", "/api/imports", json=body)["state"] == "done"


def test_an_upload_is_imported_under_the_options_of_the_first_wish(person: Person) -> None:
    body = wish(person, filled(), "apkg") | {"with_scheduling": False}
    done = person.ok("POST", "/api/imports", json=body)
    assert person.ok("POST", "/api/imports", json=body) == done
    for other in ({"with_scheduling": True}, {"update_notes": "never"}, {"tags": ["x"]}):
        person.fails(400, "invalid_input", "POST", "/api/imports", json=body | other)


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("mode", ["merge", "replace"])
def test_media_of_a_package_are_listed_and_served_as_they_came(
    person: Person, way: str, mode: str
) -> None:
    files = {f"{name}.png": name.encode() * 1000 for name in ("a", "b c", "あ")}
    report = bring(person, way, with_media(files), "colpkg", mode=mode)
    assert report["media"] == len(files)
    listed = person.ok("GET", "/api/media")
    assert {entry["name"]: entry["size"] for entry in listed["media"]} == {
        name: len(content) for name, content in files.items()
    }
    for name, sent in files.items():
        address = f"{person.http.base_url}{listed['media_url']}{quote(name)}"
        assert sha256(local_http.get(address).content).digest() == sha256(sent).digest()


def test_what_had_a_name_of_the_package_is_kept_under_another_one(person: Person) -> None:
    add = {"params": {"name": "a.png"}, "content": b"mine", "headers": BYTES}
    person.ok("POST", "/api/media", **add)
    bring(person, "in a request", with_media({"a.png": b"theirs"}), "colpkg", mode="replace")
    listed = person.ok("GET", "/api/media")
    address = f"{person.http.base_url}{listed['media_url']}"
    kept = f"a-{sha1(b'mine').hexdigest()}.png"
    assert {
        entry["name"]: local_http.get(f"{address}{entry['name']}").content
        for entry in listed["media"]
    } == {"a.png": b"theirs", kept: b"mine"}


@pytest.fixture(scope="module")
def frugal_url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    with serving(tmp_path_factory.mktemp("frugal") / "data", MEDIA_QUOTA_BYTES="5000") as address:
        yield address


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("mode", ["merge", "replace"])
@pytest.mark.parametrize(
    ("file", "status"),
    [
        (with_media({"a.png": b"theirs", "b.png": bytes(5000)}), 413),
        (lacking_its_last_file({"a.png": b"theirs", "b.png": b"b"}), 422),
        (with_media({"a.png": b"theirs"})[:-60], 422),
    ],
)
def test_an_import_that_fails_leaves_everything_as_it_was(
    frugal_url: str, tmp_path: Path, way: str, mode: str, file: bytes, status: int
) -> None:
    name = f"{WAYS.index(way)}-{mode}-{status}-{len(file)}"
    person = Person(frugal_url, name, sample_deck=False)
    person.card(1, "mine <img src=a.png>")
    add = {"params": {"name": "a.png"}, "content": b"mine", "headers": BYTES}
    person.ok("POST", "/api/media", **add)
    before, media = Rows(person, tmp_path).content, person.ok("GET", "/api/media")
    assert send(person, way, file, "colpkg", mode=mode).status_code == status
    assert Rows(person, tmp_path).content == before
    after = person.ok("GET", "/api/media")
    assert (after["media"], after["usage"]) == (media["media"], media["usage"])
    assert local_http.get(f"{frugal_url}{after['media_url']}a.png").content == b"mine"
    assert person.ok("GET", "/api/backups")["backups"] == []
    assert person.ok("GET", "/api/undo")["undo"] == ["Add note"]
    person.close()


def test_the_report_counts_rows(person: Person) -> None:
    first = bring(person, "in a request", filled())
    assert first == {
        "success": True,
        "notes": {"new": 2, "updated": 0, "unchanged": 0, "conflicting": 0},
        "cards": 2,
        "revlog": 2,
        "media": 0,
        "log": [],
    }
    again = bring(person, "in a request", filled(NEWER))
    assert (again["notes"]["updated"], again["cards"], again["revlog"]) == (2, 0, 0)
