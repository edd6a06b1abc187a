"""Where checking differs from Anki, on purpose, and what a strange collection may hold."""

import sqlite3
from collections.abc import Iterator
from contextlib import closing

import pytest

from chalicelib.collection.col import read_document, write_document
from chalicelib.collection.media_references import media_references, references_in_fields
from chalicelib.media import MediaCheck, MediaEntry, check_media
from tests.support.collections import make_note, new_connection


@pytest.fixture
def conn() -> Iterator[sqlite3.Connection]:
    with closing(new_connection()) as conn:
        yield conn


def check(conn: sqlite3.Connection, *names: str) -> MediaCheck:
    return check_media(
        media_references(conn), [MediaEntry(name, b"", b"", 1, 0, "") for name in names]
    )


def change_notetype(conn: sqlite3.Connection, **changes: object) -> None:
    notetypes = read_document(conn, "models")
    for notetype in notetypes.values():
        notetype.update(changes)
    write_document(conn, "models", notetypes)


def test_a_percent_encoded_name_is_the_one_that_the_card_shows(conn: sqlite3.Connection) -> None:
    make_note(conn, ['<img src="b%20c.png"><img src="%E3%81%82.png">', '<img src="no%20t.png">'])
    found = check(conn, "b c.png", "あ.png", "not.png")
    assert (found.missing, found.unused) == (["no%20t.png"], ["not.png"])


def test_a_name_that_has_a_percent_sign_itself_comes_first(conn: sqlite3.Connection) -> None:
    make_note(conn, ['<img src="b%20c.png">', ""])
    assert check(conn, "b%20c.png", "b c.png").unused == ["b c.png"]


def test_templates_and_styles_use_files(conn: sqlite3.Connection) -> None:
    css = '@import "in.css"; a {background: url( "bg.png" )} b {src:url(f.ttf)} url(url('
    template = {"name": "Card 1", "qfmt": "<img src=q.png>{{Front}}", "afmt": "[sound:a.mp3]"}
    change_notetype(conn, css=css, tmpls=[template])
    found = check(conn, "in.css", "bg.png", "f.ttf", "q.png", "a.mp3", "x.png", "_x.png")
    assert (found.missing, found.unused) == ([], ["x.png"])


def test_what_a_note_holds_itself_is_no_file(conn: sqlite3.Connection) -> None:
    make_note(conn, ['<img src="data:image/png;base64,AAAA">', ""])
    assert check(conn).missing == []


def test_latex_images_are_of_the_kind_of_the_notetype(conn: sqlite3.Connection) -> None:
    make_note(conn, ["[latex]x[/latex]", ""])
    digest = "11f6ad8ec52a2984abaafd7c3b516503785c2072"
    assert check(conn).missing == [f"latex-{digest}.png"]
    change_notetype(conn, latexsvg=True)
    assert check(conn).missing == [f"latex-{digest}.svg"]


@pytest.mark.parametrize(
    "changes", [{"tmpls": None, "css": None}, {"tmpls": [{}], "css": 7}, {"latexsvg": "yes"}]
)
def test_odd_notetypes_are_no_reason_to_fail(
    conn: sqlite3.Connection, changes: dict[str, object]
) -> None:
    make_note(conn, ["<img src=a.png>", ""])
    change_notetype(conn, **changes)
    assert check(conn).missing == ["a.png"]


def test_odd_notes_are_no_reason_to_fail(conn: sqlite3.Connection) -> None:
    make_note(conn, ["a", ""])
    conn.execute("UPDATE notes SET flds = 7, mid = 'none'")
    assert check(conn, "a.png").unused == ["a.png"]


@pytest.mark.parametrize(
    "piece",
    ["[latex]", "[$]", "[sound:", "<img src=", "<img src='", "{{c1::[$]", "url(", "[$]x[/$]"],
)
def test_a_hostile_field_takes_no_more_time_than_its_length(piece: str) -> None:
    """Quadratic time would take minutes here."""
    field = piece * (1_000_000 // len(piece))
    assert len(set(references_in_fields(field, svg=False))) <= 1
