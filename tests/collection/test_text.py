import sqlite3
import unicodedata
from collections.abc import Callable
from contextlib import closing

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chalicelib.collection.text import (
    field_checksum,
    is_blank,
    normalize_field,
    sort_field,
    strip_html,
    strip_html_preserving_media,
    strip_tags,
)
from tests.golden_rendering import golden_cases

Strip = Callable[[str], str]

PIECES = (
    *("<", ">", "<b>", "</b>", "<!--", "-->", "<style", "</style>", "<script>", "</SCRIPT>", "\n"),
    *(
        "<img ",
        "<IMG",
        "<audio ",
        "<source",
        "src=",
        "data=",
        "'",
        '"',
        " ",
        "=",
        "/",
        "x",
        "a.jpg",
    ),
    *("&", "&amp;", "&lt", "&#65;", "&#x41;", "&#xD800;", "&#99999999;", "&#x;", "&nope;", "\xa0"),
)
html = st.lists(st.one_of(st.sampled_from(PIECES), st.text(max_size=3)), max_size=25).map("".join)
lone_surrogates = st.sampled_from("\ud800\udfff")
any_text = st.text(
    alphabet=st.one_of(st.characters(exclude_categories=()), lone_surrogates), max_size=40
)
strips = pytest.mark.parametrize("strip", [strip_html, strip_html_preserving_media, strip_tags])


def test_fields_are_stored_as_anki_stores_them() -> None:
    different = [
        (case.asked["values"], case.made["stored"])
        for case in golden_cases()
        if [normalize_field(value) for value in case.asked["values"]] != case.made["stored"]
    ]

    assert different == []


def test_checksums_are_ankis() -> None:
    different = [
        case.made["stored"][0]
        for case in golden_cases()
        if field_checksum(case.made["stored"][0]) != case.made["csum"]
    ]

    assert different == []


def test_sort_fields_are_ankis() -> None:
    with closing(sqlite3.connect(":memory:")) as conn:
        conn.execute("CREATE TABLE notes (sfld integer)")
        different = []
        for case in golden_cases():
            field = case.made["stored"][case.asked.get("sortf", 0)]
            conn.execute("INSERT INTO notes VALUES (?)", (sort_field(field),))
            (stored,) = conn.execute("DELETE FROM notes RETURNING sfld").fetchone()
            if str(stored) != case.made["sfld"]:
                different.append((field, stored, case.made["sfld"]))

    assert different == []


@given(any_text)
def test_a_normalized_field_can_be_stored_and_stays_as_it_is(value: str) -> None:
    stored = normalize_field(value)

    assert normalize_field(stored) == stored
    assert unicodedata.is_normalized("NFC", stored)
    assert not {chr(code) for code in (*range(9), *range(11, 32), 127)} & set(stored)
    stored.encode()


@given(st.text(alphabet=st.characters(exclude_categories=("Cc", "Cs")), max_size=40))
def test_normalizing_loses_nothing_that_is_printed(value: str) -> None:
    assert normalize_field(value) == unicodedata.normalize("NFC", value)
    assert normalize_field(f"\t{value}\n") == unicodedata.normalize("NFC", f"\t{value}\n")


@strips
@given(text=st.one_of(html, any_text))
def test_stripping_takes_any_text(strip: Strip, text: str) -> None:
    assert isinstance(strip(text), str)


@strips
@given(text=st.text(alphabet=st.characters(exclude_characters="<&"), max_size=40))
def test_stripping_leaves_plain_text_alone(strip: Strip, text: str) -> None:
    assert strip(text) == text


@given(html)
def test_no_whole_tag_is_left(text: str) -> None:
    assert ">" not in strip_tags(text).partition("<")[2]


@given(html)
def test_one_malformed_entity_leaves_all_of_them(text: str) -> None:
    assert strip_html(text + "&nope;") == strip_tags(text) + "&nope;"


@given(st.sampled_from(("img", "AUDIO", "video", "source")), st.text("ab.jpg_", min_size=1))
def test_a_media_tag_leaves_its_files_name(tag: str, name: str) -> None:
    for quoted in (f'"{name}"', f"'{name}'", name):
        text = f"a<{tag} title='>' src={quoted} alt=x>b<b>c</b>"

        assert strip_html_preserving_media(text) == f"a {name} bc"
        assert field_checksum(text) == field_checksum(f"a {name} bc")


@given(st.lists(st.sampled_from(("<br>", "<BR />", "</div>", "<div>", " ", "\n", "\t"))))
def test_space_and_line_breaks_alone_make_a_blank_field(pieces: list[str]) -> None:
    assert is_blank("".join(pieces))
    assert not is_blank("".join((*pieces, "x", *pieces)))
    assert not is_blank("".join((*pieces, "&nbsp;", *pieces)))
