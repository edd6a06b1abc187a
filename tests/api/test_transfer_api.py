import sqlite3
from pathlib import Path

import pytest

from tests.support.anki import assert_clean
from tests.support.server import Person

DATA = Path(__file__).parent.parent / "data"
BYTES = {"Content-Type": "application/octet-stream"}


def test_an_export_is_an_anki_file_to_be_saved(person: Person, tmp_path: Path) -> None:
    person.card(1, "a card")
    response = person.call("GET", "/api/export")
    assert response.headers["content-type"] == "application/octet-stream"
    disposition = response.headers["content-disposition"]
    assert disposition.startswith(f'attachment; filename="{person.username}-20')
    assert disposition.endswith('.anki2"')
    assert response.headers["cache-control"] == "no-store"
    assert response.headers["x-content-type-options"] == "nosniff"
    assert response.content.startswith(b"SQLite format 3\0")
    assert_clean(person.export(tmp_path / "export.anki2"))


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


@pytest.mark.parametrize(
    "content",
    [b"", b"not a file of Anki", b"PK\x03\x04 broken", b"SQLite format 3\0" + b"\0" * 500],
)
def test_a_file_that_is_not_what_it_says_is_422_and_changes_nothing(
    person: Person, content: bytes
) -> None:
    before = person.call("GET", "/api/export").content
    person.fails(422, "unusable_file", "POST", "/api/import", content=content, headers=BYTES)
    assert person.call("GET", "/api/export").content == before


def test_a_foreign_database_is_422(person: Person, tmp_path: Path) -> None:
    file = tmp_path / "other.db"
    with sqlite3.connect(file) as conn:
        conn.execute("CREATE TABLE things (id)")
    conn.close()
    content = file.read_bytes()
    person.fails(422, "unusable_file", "POST", "/api/import", content=content, headers=BYTES)


def test_a_body_over_the_limit_is_413(person: Person) -> None:
    content = b"x" * 1_000_001
    person.fails(413, "too_large", "POST", "/api/import", content=content, headers=BYTES)


def test_other_content_is_415_and_other_formats_400(person: Person) -> None:
    person.fails(415, "unsupported_media_type", "POST", "/api/import", json={})
    query = {"format": "colpkg"}
    person.fails(400, "invalid_input", "GET", "/api/export", params=query)


def test_a_file_of_another_format_than_was_said_is_422(person: Person) -> None:
    content = (DATA / "jlpt-n5-legacy.apkg").read_bytes()
    request = {"content": content, "headers": BYTES, "params": {"format": "anki2"}}
    person.fails(422, "unusable_file", "POST", "/api/import", **request)
    request["params"] = {"format": "apkg"}
    person.ok("POST", "/api/import", **request)
