"""Reading and changing one's own account."""

import sqlite3
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from tests.support.server import Person

ACCOUNT = "/api/account"


def local_offset(file: Path) -> int:
    """Minutes west, as Anki keeps it."""
    with closing(sqlite3.connect(file)) as conn:
        (offset,) = conn.execute("SELECT json_extract(conf, '$.localOffset') FROM col").fetchone()
    assert isinstance(offset, int)
    return offset


def test_an_account_is_read_and_changed_in_parts(person: Person) -> None:
    account = person.ok("GET", ACCOUNT)["account"]
    assert account.pop("created_at") > 1_700_000_000_000
    expected: dict[str, Any] = {
        "username": person.username,
        "name": "A Person",
        "language": None,
        "utc_offset_minutes": None,
    }
    assert account == expected
    changes: list[dict[str, Any]] = [
        {"name": "José"},
        {"language": "pt-BR"},
        {"utc_offset_minutes": -180},
        {},
        {"language": None},
    ]
    for change in changes:
        expected |= change
        changed = person.ok("PUT", ACCOUNT, json=change)["account"]
        assert expected.items() <= changed.items()
    assert expected.items() <= person.ok("GET", ACCOUNT)["account"].items()


def test_the_day_follows_the_person_into_daylight_saving(person: Person, tmp_path: Path) -> None:
    for minutes_east in (60, 120):
        person.ok("PUT", ACCOUNT, json={"utc_offset_minutes": minutes_east})
        assert local_offset(person.export(tmp_path / "x.anki2")) == -minutes_east


@pytest.mark.parametrize(
    "change",
    [
        {"name": ""},
        {"name": "x" * 81},
        {"name": None},
        {"name": "two\nlines"},
        {"name": ["Ana"]},
        {"language": "tlh"},
        {"language": 5},
        {"utc_offset_minutes": None},
        {"utc_offset_minutes": 60.5},
        {"username": "another"},
        {"created_at": 5},
        {"utc_offset_minutes": 841},
        {"utc_offset_minutes": "60"},
        {"password": "correct horse battery"},
    ],
)
def test_a_bad_change_names_the_field_and_changes_nothing(
    person: Person, tmp_path: Path, change: dict[str, Any]
) -> None:
    before = person.ok("GET", ACCOUNT), person.export(tmp_path / "before.anki2").read_bytes()
    good = {"utc_offset_minutes": 300} | change
    error = person.fails(400, "invalid_input", "PUT", ACCOUNT, json=good)
    assert set(error["fields"]) == set(change)
    after = person.ok("GET", ACCOUNT), person.export(tmp_path / "after.anki2").read_bytes()
    assert after == before
