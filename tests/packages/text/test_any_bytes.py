"""Files that nobody meant well: whatever the bytes, an answer, and in linear time."""

import sqlite3
from collections.abc import Iterator
from contextlib import closing, suppress
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from chalicelib.errors import BadInputError, TooLargeError, UnusableFileError
from chalicelib.packages.text.merging import import_text
from chalicelib.packages.text.options import TextOptions
from chalicelib.packages.text.plain_text import (
    text_line,
    without_question,
    without_redundant_sections,
)
from chalicelib.packages.text.preview import preview_text
from chalicelib.packages.text.records import read_records
from chalicelib.packages.text.vocabulary import DELIMITERS
from chalicelib.packages.text.writing import RowWriter
from tests.packages.text.judge import LIMITS
from tests.support.collections import NOW_MS, make_note, new_connection

REFUSALS = (BadInputError, UnusableFileError, TooLargeError)
KEYS = [
    "separator", "html", "tags", "columns", "notetype", "deck", "notetype column", "deck column",
    "tags column", "guid column", "if matches", "match scope",
]  # fmt: skip
VALUES = [
    "tab", "comma", "true", "false", "Basic", "Cloze", "1", "2", "-1", "99999999999", "New::Deck",
    "::", "update current", "keep both", "notetype + deck", "", "Front\tBack", "\u0660",
]  # fmt: skip
PIECES = [
    *'\t,;|: "#\n\r\0<>&', "\ufeff", "a", "{{c1::x}}", "\x1f", "\u0301", "same", "99", "<b>", "é",
]  # fmt: skip
headers = st.lists(
    st.tuples(st.sampled_from(KEYS), st.sampled_from(VALUES) | st.text(max_size=8)), max_size=5
).map(lambda pairs: "".join(f"#{key}:{value}\n" for key, value in pairs))
rows = st.lists(st.sampled_from(PIECES), max_size=40).map("".join)
files = st.binary(max_size=200) | st.tuples(headers, rows).map(
    lambda parts: "".join(parts).encode(errors="replace")
)
options = st.builds(
    TextOptions,
    delimiter=st.sampled_from([None, *DELIMITERS]),
    is_html=st.sampled_from([None, True, False]),
    has_names_row=st.booleans(),
    notetype_id=st.sampled_from([None, 1]),
    deck_id=st.sampled_from([None, 1, 2]),
    field_columns=st.none() | st.lists(st.integers(-1, 4), max_size=3),
    tags_column=st.none() | st.integers(-1, 4),
    guid_column=st.none() | st.integers(-1, 4),
    tags=st.none() | st.lists(st.text(max_size=5), max_size=2),
    updated_tags=st.lists(st.text(max_size=5), max_size=2),
    if_matches=st.sampled_from([None, "update", "preserve", "duplicate"]),
    match_scope=st.sampled_from([None, "notetype", "notetype_and_deck"]),
)


@pytest.fixture(scope="module")
def conn() -> Iterator[sqlite3.Connection]:
    with closing(new_connection()) as connection:
        make_note(connection, ["same", "a"])
        make_note(connection, ["{{c1::x}}", ""], notetype="Cloze")
        yield connection


@settings(max_examples=400, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(data=files, options=options)
def test_any_bytes_are_imported_or_refused(
    conn: sqlite3.Connection, data: bytes, options: TextOptions
) -> None:
    conn.execute("BEGIN")
    try:
        with suppress(*REFUSALS):
            preview_text(conn, data, options, LIMITS)
            import_text(conn, data, options, limits=LIMITS, now_ms=NOW_MS + 9, guid_seed=1)
        doubled = "SELECT count(*) - count(DISTINCT guid) FROM notes"
        assert conn.execute(doubled).fetchone() == (0,)
        bare = "SELECT count(*) FROM notes WHERE id NOT IN (SELECT nid FROM cards)"
        assert conn.execute(bare).fetchone() == (0,)
    finally:
        conn.execute("ROLLBACK")


values = st.lists(st.text(st.sampled_from('a,;"#\n\r\t |:é'), max_size=5), min_size=1, max_size=4)


@given(rows=st.lists(values, max_size=5), delimiter=st.sampled_from(list(DELIMITERS)))
def test_written_rows_are_read_again(rows: list[list[str]], delimiter: Any) -> None:
    text = RowWriter(DELIMITERS[delimiter], "\n").rows(rows)
    assert [row.values for row in read_records(text, delimiter, LIMITS)] == rows


SIZE = 1_500_000
HOSTILE = {
    "one line": "x" * SIZE,
    "an open quotation": '"' + "x" * SIZE,
    "quotation marks": '"' * SIZE,
    "line ends": "\n" * SIZE,
    "header lines": "#a:b\n" * (SIZE // 5),
    "names of columns": "#columns:" + "\t" * SIZE + "\nx",
    "blanks in a header": "#html:" + " " * SIZE + "x\ny",
    "opened tags": "#separator:tab\n#html:true\n" + "<img src=" * (SIZE // 9) + ">",
    "opened styles": "#separator:tab\n#html:true\n" + "<style>" * (SIZE // 7),
    "opened sounds": "#separator:tab\n#html:true\n" + "[sound:" * (SIZE // 7),
    "half entities": "#html:true\n" + "&amp" * (SIZE // 4),
    "levels of a deck": "#separator:tab\n#deck column:1\na" + "::a" * (SIZE // 3) + "\tx\n",
    "combining marks": "e" + "\u0301" * (SIZE // 2),
    "values": "," * SIZE,
}


@pytest.mark.parametrize("kind", HOSTILE)
@pytest.mark.timeout(30)
def test_a_long_file_of_one_thing_is_dealt_with_in_linear_time(
    conn: sqlite3.Connection, kind: str
) -> None:
    conn.execute("BEGIN")
    try:
        data = HOSTILE[kind].encode()
        with suppress(*REFUSALS):
            preview_text(conn, data, TextOptions(), LIMITS)
            import_text(conn, data, TextOptions(), limits=LIMITS, now_ms=NOW_MS + 9, guid_seed=1)
    finally:
        conn.execute("ROLLBACK")


@pytest.mark.parametrize(
    "opening", ["<style>", "[[type:", "[sound:", "<hr id=answer>", "<br", "<", "[[type:x]"]
)
@pytest.mark.timeout(30)
def test_fields_of_one_thing_are_exported_in_linear_time(opening: str) -> None:
    html = opening * (SIZE // len(opening)) + "]"
    without_question(without_redundant_sections(html))
    text_line(html, keep_media_names=True)
