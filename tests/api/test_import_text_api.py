"""Text files, brought in both ways: every option, judged by the rows."""

from collections.abc import Callable
from pathlib import Path

import pytest

from tests.api.importing import WAYS, Options, Rows, bring
from tests.support.server import Person

TEXT = b"a;<b>x</b>;t1;g1\nc;d;t2;g2\n"
COLUMNS: Options = {"field_columns": [1, 2], "tags_column": 3, "guid_column": 4}
CHOICES: list[tuple[Options, Callable[[Rows], object], object]] = [
    ({"delimiter": "comma"}, lambda rows: len(rows.notes), 2),
    (COLUMNS, lambda rows: rows.notes["g2"], "c\x1fd"),
    (COLUMNS | {"field_columns": [2, 1]}, lambda rows: rows.notes["g2"], "d\x1fc"),
    (COLUMNS | {"is_html": True}, lambda rows: rows.notes["g1"], "a\x1f<b>x</b>"),
    (COLUMNS | {"is_html": False}, lambda rows: rows.notes["g1"], "a\x1f&lt;b&gt;x&lt;/b&gt;"),
    (COLUMNS | {"has_names_row": True}, lambda rows: list(rows.notes), ["g2"]),
    (COLUMNS | {"tags_column": 0}, lambda rows: rows.tags["g2"], ""),
    (COLUMNS, lambda rows: rows.tags["g2"], " t2 "),
    (COLUMNS | {"tags": ["mine"]}, lambda rows: rows.tags["g2"], " mine t2 "),
    (COLUMNS | {"guid_column": 0}, lambda rows: "g2" in rows.notes, False),
]


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize(("options", "seen", "expected"), CHOICES)
def test_a_text_file_is_understood_as_it_was_said(
    person: Person,
    tmp_path: Path,
    way: str,
    options: Options,
    seen: Callable[[Rows], object],
    expected: object,
) -> None:
    bring(person, way, TEXT, "csv", **{"delimiter": "semicolon"} | options)
    assert seen(Rows(person, tmp_path)) == expected


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize(
    ("choice", "outcome", "notes"),
    [("update", "updated", 1), ("preserve", "unchanged", 1), ("duplicate", "new", 2)],
)
def test_rows_that_are_here_already_count_as_it_was_said(
    person: Person, tmp_path: Path, way: str, choice: str, outcome: str, notes: int
) -> None:
    person.card(1, "a", "here")
    options = {"if_matches": choice, "updated_tags": ["again"], "match_scope": "notetype"}
    report = bring(person, way, b"a;new\n", "txt", **options)
    assert report["notes"][outcome] == 1
    rows = Rows(person, tmp_path)
    assert len(rows.notes) == notes
    assert (" again " in rows.tags.values()) == (choice == "update")
    assert ("a\x1fnew" in rows.notes.values()) == (choice != "preserve")


@pytest.mark.parametrize("way", WAYS)
def test_rows_go_into_the_deck_and_become_the_notetype_that_were_chosen(
    person: Person, tmp_path: Path, way: str
) -> None:
    person.card(1, "a", "here")
    deck_id = person.deck("Elsewhere")
    listed = person.ok("GET", "/api/notetypes")["notetypes"]
    notetype = next(each for each in listed if each["name"] == "Basic (and reversed card)")
    options = {"deck_id": deck_id, "notetype_id": notetype["id"]}
    bring(person, way, b"a;new\n", "tsv", delimiter="semicolon", **options)
    # With the deck counting too, a note of the same first field elsewhere is another one.
    bring(person, way, b"a;newer\n", "csv", deck_id=deck_id, match_scope="notetype_and_deck")
    cards = Rows(person, tmp_path).content["cards"]
    assert sorted(did == deck_id for _, _, did, *_ in cards) == [False, True, True, True]
