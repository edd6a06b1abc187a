import json
import sqlite3
from pathlib import Path
from typing import Any

import pytest

from tests.support.anki import assert_clean, report_of_anki
from tests.support.server import Person

DATA = Path(__file__).parent.parent / "data"
BYTES = {"Content-Type": "application/octet-stream"}
WORDS = "#separator:Comma\n会う,to meet\n青,blue\n".encode()


def bring(person: Person, content: bytes | Path, **query: Any) -> Any:
    data = content if isinstance(content, bytes) else content.read_bytes()
    return person.ok("POST", "/api/import", content=data, headers=BYTES, params=query)


def refused(person: Person, status: int, code: str, content: bytes, **query: Any) -> Any:
    request: dict[str, Any] = {"content": content, "headers": BYTES, "params": query}
    return person.fails(status, code, "POST", "/api/import", **request)


def media_of(person: Person) -> list[str]:
    files = person.ok("GET", "/api/media", params={"per_page": 100})["media"]
    return [file["name"] for file in files]


def test_what_one_person_exports_another_can_import(
    person: Person, tmp_path: Path, base_url: str
) -> None:
    person.import_file(DATA / "jlpt-n5-legacy.apkg")
    file = person.export(tmp_path / "mine.anki2")
    other = Person(base_url, f"{person.username}-friend", sample_deck=False)
    report = other.import_file(file)
    assert (report["notes"]["new"], report["cards"], report["revlog"]) == (318, 630, 2838)
    assert_clean(other.export(tmp_path / "theirs.anki2"))
    again = other.import_file(file)
    assert again["notes"]["new"] == 0
    assert again["notes"]["unchanged"] == 318
    other.close()


@pytest.mark.parametrize("name", sorted(path.name for path in DATA.glob("*.*pkg")))
def test_every_real_package_arrives_with_its_media(person: Person, name: str) -> None:
    report = bring(person, DATA / name, format=name.rpartition(".")[2])
    assert report["notes"]["new"] > 0
    assert report["cards"] >= report["notes"]["new"]
    assert (
        len(media_of(person))
        == report["media"]
        == (12 if "n5" in name[:7] else 0) * ("genanki" not in name)
    )


def test_learning_and_options_can_be_left_behind(person: Person) -> None:
    query = {"with_scheduling": "false", "with_deck_configs": "false"}
    report = bring(person, DATA / "jlpt-n5-latest.apkg", **query)
    assert (report["cards"], report["revlog"]) == (630, 0)
    assert len(person.ok("GET", "/api/options")["presets"]) == 1


def test_notes_are_replaced_as_it_was_said(person: Person) -> None:
    bring(person, DATA / "jlpt-n5-legacy.apkg")
    file = DATA / "jlpt-n5-legacy.apkg"
    for condition in ("never", "if_newer", "always"):
        report = bring(person, file, update_notes=condition, update_notetypes=condition)
        assert report["notes"] == {"new": 0, "updated": 0, "unchanged": 318, "conflicting": 0}
    assert bring(person, file, merge_notetypes="true")["notes"]["unchanged"] == 318


def test_a_collection_takes_the_place_of_another_and_gives_it_back(
    person: Person, tmp_path: Path
) -> None:
    person.card(1, "mine")
    before = person.export(tmp_path / "before.anki2").read_bytes()
    file = DATA / "jlpt-n5-studied.colpkg"
    headers = BYTES | {"Idempotency-Key": "replace-1"}
    request: dict[str, Any] = {
        "content": file.read_bytes(),
        "headers": headers,
        "params": {"mode": "replace", "format": "colpkg"},
    }
    first = person.ok("POST", "/api/import", **request)
    assert (first["notes"]["new"], first["cards"], first["revlog"]) == (318, 630, 2838)
    assert first["media"] == len(media_of(person)) == 12
    person.card(1, "added since")
    assert person.ok("POST", "/api/import", **request) == first
    assert person.ok("GET", "/api/undo")["undo"][:2] == ["Add note", "Import"]
    # Anki may only unbury cards there, as the day has changed.
    assert report_of_anki(person.export(tmp_path / "after.anki2"))["problems"] == []
    for operation in ("Add note", "Import"):
        assert person.ok("POST", "/api/undo")["operation"] == operation
    assert content_of(person.export(tmp_path / "undone.anki2")) == content_of(before, tmp_path)


def content_of(file: Path | bytes, tmp_path: Path | None = None) -> list[Any]:
    """The rows and documents, without the times of changes."""
    if isinstance(file, bytes):
        assert tmp_path
        path = tmp_path / "content.anki2"
        path.write_bytes(file)
    else:
        path = file
    conn = sqlite3.connect(path)
    try:
        return [
            conn.execute("SELECT id, flds, tags FROM notes").fetchall(),
            conn.execute("SELECT id, nid, did, ord, type, due FROM cards").fetchall(),
            sorted(json.loads(conn.execute("SELECT decks FROM col").fetchone()[0])),
        ]
    finally:
        conn.close()


def test_media_of_another_content_give_way_to_a_collection_that_takes_the_place(
    person: Person,
) -> None:
    bring(person, DATA / "jlpt-n5-studied.colpkg")
    names = media_of(person)
    person.ok("DELETE", "/api/media", params={"name": names[0]})
    person.ok("POST", "/api/media", content=b"other", headers=BYTES, params={"name": names[0]})
    bring(person, DATA / "jlpt-n5-studied.colpkg", mode="replace")
    kept = set(media_of(person)) - set(names)
    assert set(names) < set(media_of(person))
    assert [name.startswith(names[0].partition(".")[0]) for name in kept] == [True]


def test_a_package_whose_import_fails_leaves_no_media_behind(person: Person) -> None:
    refused(person, 422, "unusable_file", (DATA / "jlpt-n5-legacy.apkg").read_bytes()[:-5000])
    assert media_of(person) == []


@pytest.mark.parametrize("file_format", ["csv", "tsv", "txt"])
def test_a_text_file_is_shown_and_then_imported(person: Person, file_format: str) -> None:
    deck_id = person.deck("Words")
    options = {"deck_id": deck_id, "tags": '["from file"]'}
    seen = person.ok("POST", "/api/import/preview", content=WORDS, headers=BYTES, params=options)
    assert (seen["delimiter"], seen["rows"][0]) == ("comma", ["会う", "to meet"])
    assert (seen["deck_id"], seen["field_columns"], seen["tags"]) == (
        deck_id,
        [1, 2],
        ["from file"],
    )
    report = bring(person, WORDS, format=file_format, **options)
    assert (report["notes"]["new"], report["cards"], report["media"]) == (2, 2, 0)
    assert {card["front"] for card in person.next_cards(deck_id)} == {"会う", "青"}
    swapped = bring(person, WORDS, format=file_format, field_columns="[2,1]", **options)
    assert swapped["notes"]["new"] == 2
    assert person.ok("POST", "/api/undo")["operation"] == "Import"


def test_the_columns_of_a_text_file_are_lists_as_json(person: Person) -> None:
    for name, value in (
        ("field_columns", "1,2"),
        ("field_columns", '["a"]'),
        ("tags", "{}"),
        ("updated_tags", "[1]"),
    ):
        body = refused(person, 400, "invalid_input", WORDS, format="csv", **{name: value})
        assert body["fields"] == {name: "must be a list as JSON text"}


@pytest.mark.parametrize(
    "content",
    [b"", b"not a file of Anki", b"PK\x03\x04 broken", b"SQLite format 3\0" + b"\0" * 500],
)
@pytest.mark.parametrize("mode", ["merge", "replace"])
def test_a_file_that_is_not_what_it_says_is_422_and_changes_nothing(
    person: Person, content: bytes, mode: str
) -> None:
    before = person.call("GET", "/api/export").content
    refused(person, 422, "unusable_file", content, mode=mode)
    assert person.call("GET", "/api/export").content == before


def test_a_foreign_database_is_422(person: Person, tmp_path: Path) -> None:
    file = tmp_path / "other.db"
    with sqlite3.connect(file) as conn:
        conn.execute("CREATE TABLE things (id)")
    conn.close()
    refused(person, 422, "unusable_file", file.read_bytes())
    refused(person, 422, "unusable_file", file.read_bytes(), mode="replace")


def test_a_body_over_the_limit_is_413(person: Person) -> None:
    refused(person, 413, "too_large", b"x" * 1_000_001)


def test_other_content_is_415_and_what_is_not_known_400(person: Person) -> None:
    person.fails(415, "unsupported_media_type", "POST", "/api/import", json={})
    for query in (
        {"format": "exe"},
        {"mode": "both"},
        {"update_notes": "maybe"},
        {"merge_notetypes": "perhaps"},
        {"format": "csv", "mode": "replace"},
        {"format": "apkg", "mode": "replace"},
        {"format": "csv", "tags_column": "-1"},
        {"colour": "red"},
    ):
        refused(person, 400, "invalid_input", WORDS, **query)


def test_a_file_of_another_format_than_was_said_is_422(person: Person) -> None:
    content = (DATA / "jlpt-n5-legacy.apkg").read_bytes()
    refused(person, 422, "unusable_file", content, format="anki2")
    refused(person, 422, "unusable_file", content, format="txt")
    bring(person, content, format="apkg")
