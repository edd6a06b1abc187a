"""What importing a text file does to a collection, beside what real Anki is asked about."""

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from chalicelib.collection.documents import new_deck
from chalicelib.errors import BadInputError, TooLargeError, UnusableFileError
from chalicelib.packages.report import ImportReport
from chalicelib.packages.text.export_notes import NoteColumns, export_notes
from chalicelib.packages.text.merging import import_text
from chalicelib.packages.text.options import TextOptions
from chalicelib.packages.text.preview import preview_text
from chalicelib.packages.text.spreadsheet import export_spreadsheet
from tests.collection.undoing import content, record, undo
from tests.packages.sources import edit, everything
from tests.packages.text.judge import DATA, LIMITS, SEED
from tests.support.anki import assert_clean
from tests.support.collections import NOW_MS, make_deck, make_note, new_connection, save

STUDIED = DATA / "jlpt-n5-studied.anki2"
WORDS = (DATA / "jlpt-n5.csv").read_bytes()


@pytest.fixture
def conn() -> Iterator[sqlite3.Connection]:
    with closing(new_connection()) as connection:
        yield connection


def run(
    conn: sqlite3.Connection, text: str | bytes, seed: int = SEED, **options: Any
) -> ImportReport:
    """Import as the service does: in one transaction, taken back if anything is wrong."""
    data = text.encode() if isinstance(text, str) else text
    limits = replace(LIMITS, **options.pop("limits", {}))
    now_ms = options.pop("now_ms", NOW_MS + 1000)
    conn.execute("BEGIN")
    try:
        report = import_text(
            conn, data, TextOptions(**options), limits=limits, now_ms=now_ms, guid_seed=seed
        )
    except BaseException:
        conn.execute("ROLLBACK")
        raise
    conn.execute("COMMIT")
    return report


def notes(conn: sqlite3.Connection) -> list[tuple[str, str]]:
    return conn.execute("SELECT flds, tags FROM notes ORDER BY id").fetchall()


def decks_of_cards(conn: sqlite3.Connection) -> list[str]:
    return [
        name
        for (name,) in conn.execute(
            "SELECT json_extract(decks, '$.' || did || '.name') FROM cards, col ORDER BY cards.id"
        )
    ]


def test_a_vocabulary_list_with_a_row_of_names_is_imported_whole_and_only_once(
    conn: sqlite3.Connection, tmp_path: Path
) -> None:
    seen = preview_text(conn, WORDS, TextOptions(has_names_row=True), LIMITS)
    assert seen.columns == ("expression", "reading", "meaning", "tags", "guid")
    assert (seen.delimiter, seen.tags_column, seen.guid_column) == ("comma", 4, 5)
    fields: dict[str, Any] = {"has_names_row": True, "field_columns": (1, 3)}
    report = run(conn, WORDS, **fields)
    assert (report.notes_new, report.cards, report.log) == (718, 718, ())
    first = conn.execute("SELECT guid, flds, tags FROM notes ORDER BY id LIMIT 1").fetchone()
    assert first == ("HI-.Ij?HS~", "ああ\x1fAh!, Oh!", " JLPT JLPT_4 JLPT_5 JLPT_N5 ")
    before = everything(conn)
    again = run(conn, WORDS, now_ms=NOW_MS + 5000, **fields)
    assert (again.notes_unchanged, again.notes_new, again.log) == (718, 0, ())
    assert everything(conn) == before
    assert_clean(save(conn, tmp_path / "collection.anki2"))


def test_a_row_of_names_finds_the_fields_in_any_case_or_else_their_order_counts() -> None:
    with closing(sqlite3.connect(":memory:", isolation_level=None)) as conn:
        conn.deserialize(STUDIED.read_bytes())
        before = everything(conn)
        named = TextOptions(has_names_row=True, notetype_id=1607392320)
        assert preview_text(conn, WORDS, named, LIMITS).field_columns == (1, 2, 3)
        unnamed = TextOptions(has_names_row=True)
        seen = preview_text(conn, b"tags,one,two\nx,y,z\n", unnamed, LIMITS)
        assert (seen.field_columns, seen.tags_column) == ((2, 3), 1)
        assert everything(conn) == before


def test_importing_our_own_export_changes_nothing() -> None:
    with closing(sqlite3.connect(":memory:", isolation_level=None)) as conn:
        conn.deserialize(STUDIED.read_bytes())
        before = everything(conn)
        report = run(conn, export_notes(conn, NoteColumns()), now_ms=NOW_MS + 10**11)
        assert (report.notes_unchanged, report.cards, report.log) == (318, 0, ())
        assert everything(conn) == before


def test_importing_our_own_spreadsheet_changes_nothing(conn: sqlite3.Connection) -> None:
    make_deck(conn, "A::B")
    make_note(conn, ["=1+1", 'a "b", <b>c</b>'], tags=["x", "y"])
    make_note(conn, ["two\nlines", "#d"], deck_id=make_deck(conn, "Ü"))
    before = everything(conn)
    file = export_spreadsheet(conn, html=True)
    assert file.startswith("\ufeffFront,Back,tags,deck,notetype,guid\r\n=1+1,".encode())
    report = run(conn, file, has_names_row=True, is_html=True)
    assert report.notes_unchanged == 2
    assert everything(conn) == before


def test_a_spreadsheet_brings_notes_to_another_collection(conn: sqlite3.Connection) -> None:
    make_note(conn, ["a", "b"], tags=["x", "y"], deck_id=make_deck(conn, "A::B"))
    make_note(conn, ["{{c1::one}}", ""], notetype="Cloze")
    with closing(new_connection()) as other:
        report = run(other, export_spreadsheet(conn, html=True), has_names_row=True)
        assert (report.notes_new, report.log) == (2, ())
        assert decks_of_cards(other) == ["A::B", "Default"]
        assert export_notes(other, NoteColumns()) == export_notes(conn, NoteColumns())


def test_a_guarded_spreadsheet_starts_no_value_like_a_formula(conn: sqlite3.Connection) -> None:
    for front in ("=1", "+1", "-1", "@x", "\tx", "1=1"):
        make_note(conn, [front, "back"])
    plain = export_spreadsheet(conn, is_guarded=False).decode()
    assert [line.split(",")[0] for line in plain.splitlines()[1:]] == [
        "=1", "+1", "-1", "@x", "\tx", "1=1",
    ]  # fmt: skip
    guarded = export_spreadsheet(conn, is_guarded=True).decode()
    assert [line.split(",")[0] for line in guarded.splitlines()[1:]] == [
        "'=1", "'+1", "'-1", "'@x", "'\tx", "1=1",
    ]  # fmt: skip


def test_rows_that_cannot_be_taken_are_named_by_their_lines(conn: sqlite3.Connection) -> None:
    filtered = new_deck(deck_id=9, name="Filtered", now_s=1, usn=0) | {"dyn": 1}
    edit(conn, "decks", lambda decks: decks.update({"9": filtered}))
    report = run(
        conn,
        "#separator:comma\n#notetype column:1\n#deck column:2\n#guid column:3\n"
        'Basic,A,g1,"two\nlines",ok\n'
        "Basic,A,g2,,empty\n"
        "None such,A,g3,x,y\n"
        "Basic,4711,g4,x,y\n"
        "Basic,Filtered,g5,where the file goes,ok\n"
        "Basic,Filtered::Below,g6,this too,ok\n"
        f"Basic,{'n' * 121},g7,x,y\n"
        f"Basic,A,{'g' * 129},x,y\n"
        f"Basic,A,g8,x,y,{'z' * (64 * 1024 + 1)}\n"
        f"Basic,A,g8,x,{'&' * 20_000}\n"
        "Basic,A,g9\n"
        "Basic,A,g10,last,ok\n",
    )
    assert (report.notes_new, [flds for flds, _ in notes(conn)]) == (
        4,
        [
            "two<br>lines\x1fok",
            "where the file goes\x1fok",
            "this too\x1fok",
            "last\x1fok",
        ],
    )
    assert report.log == (
        "Rows with an empty first field left out: 1 (line 7).",
        "Rows for want of their notetype left out: 1 (line 8).",
        "Rows for a deck that is not there left out: 1 (line 9).",
        "Rows that name a filtered deck, which takes no new cards: 2 (lines 10, 11).",
        "Rows for a deck with too long a name left out: 1 (line 12).",
        "Rows with too long a guid left out: 1 (line 13).",
        "Rows larger than the limit left out: 2 (lines 14, 15).",
        "Rows without a first field left out: 1 (line 16).",
    )


def test_notes_that_a_filtered_deck_has_cards_of_are_changed_all_the_same(
    conn: sqlite3.Connection,
) -> None:
    make_note(conn, ["front", "before"])
    conn.execute("UPDATE notes SET guid = 'g'")
    filtered = new_deck(deck_id=9, name="Filtered", now_s=1, usn=0) | {"dyn": 1}
    edit(conn, "decks", lambda decks: decks.update({"9": filtered}))
    conn.execute("UPDATE cards SET odid = did, did = 9")
    report = run(conn, "#guid column:1\n#deck column:2\ng\tFiltered\tfront\tafter\n")
    assert report.notes_updated == 1
    assert [flds for flds, _ in notes(conn)] == ["front\x1fafter"]
    assert conn.execute("SELECT did, odid FROM cards").fetchall() == [(9, 1)]
    (said,) = run(conn, "#deck:Filtered\nfront\tback\n").log[1:]
    assert said == "Rows for a filtered deck left out: 1 (line 2)."


def test_a_long_log_names_only_the_first_lines(conn: sqlite3.Connection) -> None:
    (said,) = run(conn, "x\ty\n" + "\ty\n" * 50).log
    assert said.startswith("Rows with an empty first field left out: 50 (lines 2, 3, 4,")
    assert said.endswith("21, ...).")


def test_a_guid_stays_unique_when_a_file_brings_it_twice(conn: sqlite3.Connection) -> None:
    report = run(conn, "#separator:tab\n#guid column:1\ng\tone\ta\ng\ttwo\tb\n")
    assert (report.notes_new, report.notes_updated) == (1, 1)
    assert notes(conn) == [("two\x1fb", "")]


def test_deck_names_find_their_decks_however_they_are_written(conn: sqlite3.Connection) -> None:
    make_deck(conn, "Old")
    run(
        conn,
        "#separator:tab\n#deck column:1\n OLD \ta\tb\nNew::Below\tc\td\nnew\te\tf\n\tg\th\n",
    )
    assert decks_of_cards(conn) == ["Old", "New::Below", "New", "Default"]


def test_notes_without_guids_get_the_same_ones_when_a_transaction_runs_again(
    conn: sqlite3.Connection,
) -> None:
    def guids(seed: int) -> list[str]:
        with closing(new_connection()) as fresh:
            run(fresh, "a\tb\nc\td\n", seed)
            return [guid for (guid,) in fresh.execute("SELECT guid FROM notes ORDER BY id")]

    assert guids(1) == guids(1)
    assert len({*guids(1), *guids(2)}) == 4


@pytest.mark.parametrize(
    "text",
    [
        "a\tb\n",
        "#deck:New::Deck\n#tags:t\nold\tchanged\n",
        "#notetype:Cloze\n{{c1::a}}{{c2::b}}\n",
    ],
)
def test_an_import_can_be_undone(conn: sqlite3.Connection, text: str) -> None:
    make_note(conn, ["old", "unchanged"])
    before = content(conn)
    inverse = record(conn, lambda: import_in(conn, text))
    after = content(conn)
    assert after != before
    redo = undo(conn, inverse)
    assert content(conn) == before
    undo(conn, redo)
    assert content(conn) == after


def import_in(conn: sqlite3.Connection, text: str) -> None:
    import_text(
        conn,
        text.encode(),
        TextOptions(),
        limits=LIMITS,
        now_ms=NOW_MS + 1000,
        guid_seed=SEED,
    )


@pytest.mark.parametrize(
    ("limits", "text"),
    [
        ({"rows": 2}, "a\tb\nc\td\ne\tf\n"),
        ({"columns": 3}, "a\tb\nc\td\te\tf\n"),
        ({"file_bytes": 7}, "a\tb\nc\td\n"),
        ({"decks": 2}, "#deck column:1\nx\ta\nx::y\tb\n"),
        ({"new_tags": 1}, "#tags column:1\nx\ta\ny\tb\n"),
        ({"doubles": 1}, "same\tb\n"),
        ({"cards": 2}, "#separator:tab\n#notetype:Cloze\n{{c1::a}}{{c2::b}}\n{{c1::x}}\n"),
    ],
)
def test_a_file_over_a_limit_is_refused_and_leaves_nothing_behind(
    conn: sqlite3.Connection, limits: dict[str, int], text: str
) -> None:
    for _ in range(3):
        make_note(conn, ["same", "first"])
    before = everything(conn)
    with pytest.raises(TooLargeError):
        run(conn, text, limits=limits, if_matches="update")
    assert everything(conn) == before


@pytest.mark.parametrize(
    ("options", "field"),
    [
        ({"notetype_id": 5}, "notetype_id"),
        ({"deck_id": 5}, "deck_id"),
        ({"field_columns": (1,)}, "field_columns"),
        ({"field_columns": (0, 1)}, "field_columns"),
        ({"field_columns": (1, 3)}, "field_columns"),
        ({"tags_column": 3}, "tags_column"),
        ({"guid_column": -1}, "guid_column"),
        ({"tags": ("\ud800",)}, "tags"),
    ],
)
def test_options_that_do_not_fit_are_refused_by_their_names(
    conn: sqlite3.Connection, options: dict[str, Any], field: str
) -> None:
    with pytest.raises(BadInputError) as caught:
        run(conn, "a\tb\n", **options)
    assert list(caught.value.fields) == [field]


@pytest.mark.parametrize(
    ("data", "said"),
    [
        (b"", "no rows"),
        (b"\n\r\n", "no rows"),
        (b"#html:true\n", "no rows"),
        (b"a\tb\nc\t\xff\n", "Line 2"),
        ("a\tb\n".encode("utf-16"), "Line 1"),
    ],
)
def test_what_is_no_text_file_is_refused(conn: sqlite3.Connection, data: bytes, said: str) -> None:
    with pytest.raises(UnusableFileError, match=said):
        run(conn, data)


def test_a_preview_tells_what_an_import_does_and_may_be_overridden(
    conn: sqlite3.Connection,
) -> None:
    text = "#tags:t\n<b>one</b>;two;three;x y\n"
    seen = preview_text(conn, text.encode(), TextOptions(), LIMITS)
    assert (seen.delimiter, seen.is_html, seen.deck_name) == ("semicolon", True, "Default")
    assert (seen.field_columns, seen.tags_column, seen.tags) == ((1, 2), 3, ("t",))
    assert seen.rows == (("one", "two", "three", "x y"),)
    run(
        conn,
        text,
        is_html=False,
        field_columns=(2, 1),
        tags_column=4,
        tags=("other",),
        deck_id=make_deck(conn, "There"),
    )
    assert notes(conn) == [("two\x1f&lt;b&gt;one&lt;/b&gt;", " other x y ")]
    assert decks_of_cards(conn) == ["There"]


def test_a_collection_without_notetypes_takes_no_text(conn: sqlite3.Connection) -> None:
    edit(conn, "models", dict[str, Any].clear)
    with pytest.raises(BadInputError, match="no notetype"):
        run(conn, "a\tb\n")
