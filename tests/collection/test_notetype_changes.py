"""What the comparison with Anki does not say about changing notetypes."""

import sqlite3
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chalicelib.collection.cards import get_card
from chalicelib.collection.col import JsonObject, read_document, write_document
from chalicelib.collection.notes import get_note
from chalicelib.collection.notetypes.changes import (
    MAX_FIELDS,
    MAX_TEMPLATES,
    NotetypeState,
    change_notetype,
)
from chalicelib.collection.notetypes.checks import MAX_NESTING
from chalicelib.collection.notetypes.lifecycle import MAX_NOTETYPES, add_notetype, remove_notetype
from chalicelib.collection.notetypes.lookup import all_notetypes, get_notetype, notetype_by_name
from chalicelib.collection.notetypes.names import MAX_NAME_LENGTH, clean_field_name, clean_name
from chalicelib.collection.notetypes.parts import Part
from chalicelib.collection.notetypes.shape import shaped
from chalicelib.collection.notetypes.stock import stock_notetype
from chalicelib.collection.rendering.templates import Field, parse_template
from chalicelib.errors import BadInputError, NotFoundError
from tests.collection.undoing import LATER_MS, USN, dump
from tests.support.collections import NOW_MS, make_deck, make_note, set_columns

BASIC, REVERSED, CLOZE = "Basic", "Basic (and reversed card)", "Cloze"
NEW = {"is_new": True}


def id_of(conn: sqlite3.Connection, name: str = BASIC) -> int:
    notetype_id: int = notetype_by_name(conn, name)["id"]
    return notetype_id


def change(conn: sqlite3.Connection, of: str = BASIC, /, **state: Any) -> JsonObject:
    return change_notetype(conn, id_of(conn, of), NotetypeState(**state), LATER_MS)


def sides(question: str = "{{Front}}", answer: str = "{{Back}}") -> dict[str, str]:
    return {"qfmt": question, "afmt": answer}


def test_fields_are_moved_renamed_added_and_removed_in_one_go(conn: sqlite3.Connection) -> None:
    note = make_note(conn, ["one", "two", "three"], notetype="Basic (optional reversed card)")
    fields = [Part("New"), Part("Third", was="Add Reverse"), Part("Front", was="Front")]
    changed = change(conn, "Basic (optional reversed card)", fields=fields, sort_field="Third")
    assert get_note(conn, note.note_id).fields == ["", "three", "one"]
    assert conn.execute("SELECT sfld FROM notes").fetchall() == [("three",)]
    assert [field["ord"] for field in changed["flds"]] == [0, 1, 2]
    assert changed["tmpls"][1]["qfmt"] == "{{#Third}}{{/Third}}{{New}}"


def test_what_is_meant_by_a_field_without_its_old_name(conn: sqlite3.Connection) -> None:
    note = make_note(conn, ["one", "two"])
    change(conn, fields=[Part("Back"), Part("Front")])
    assert get_note(conn, note.note_id).fields == ["two", "one"]
    change(conn, fields=[Part("Back", is_new=True), Part("Front")])
    assert get_note(conn, note.note_id).fields == ["", "one"]


def test_changed_rows_and_the_notetype_carry_time_and_usn(conn: sqlite3.Connection) -> None:
    make_note(conn, ["one", "two"], notetype=REVERSED)
    conn.execute("UPDATE col SET usn = ?", (USN,))
    changed = change(
        conn,
        REVERSED,
        fields=[Part("Back"), Part("Front")],
        templates=[Part("Card 2"), Part("Card 1"), Part("3", members=sides("{{Back}}!"))],
    )
    stamp = (LATER_MS // 1000, USN)
    assert (changed["mod"], changed["usn"]) == stamp
    for table, rows in (("notes", 1), ("cards", 3)):
        assert conn.execute(f"SELECT mod, usn FROM {table}").fetchall() == [stamp] * rows
    assert conn.execute("SELECT mod, scm FROM col").fetchone() == (LATER_MS, LATER_MS)


def test_text_and_style_touch_neither_notes_nor_the_schema(conn: sqlite3.Connection) -> None:
    make_note(conn, ["one", "two"])
    (scm,) = conn.execute("SELECT scm FROM col").fetchone()
    templates = [Part("Renamed", was="Card 1", members=sides(answer="{{Front}} {{Back}}"))]
    fields = [Part("Front", members={"font": "Mono"}), Part("Back", members={"rtl": True})]
    change(conn, css="x", templates=templates, fields=fields, name="Other")
    assert conn.execute("SELECT scm FROM col").fetchone() == (scm,)
    for table in ("notes", "cards"):
        assert conn.execute(f"SELECT mod FROM {table}").fetchone() == (NOW_MS // 1000,)


def test_what_is_already_so_changes_nothing(conn: sqlite3.Connection) -> None:
    make_note(conn, ["one", "two"])
    before = dump(conn)
    basic = get_notetype(conn, id_of(conn))
    change(
        conn,
        name="Basic",
        css=basic["css"],
        sort_field="Front",
        fields=[Part("Front"), Part("Back", was="Back")],
        templates=[Part("Card 1", members={"qfmt": "{{Front}}"})],
    )
    assert dump(conn) == before


def test_a_note_whose_cards_all_go_gets_a_new_one_where_they_were(conn: sqlite3.Connection) -> None:
    deck = make_deck(conn, "Deck")
    added = make_note(conn, ["one", "two"], deck_id=deck)
    empty = make_note(conn, ["only front", ""], deck_id=deck)
    set_columns(conn, empty.card_ids[0], did=1, odid=deck)
    change(conn, templates=[Part("Other", members=sides("{{Back}}", "{{Front}}"))])
    rows = conn.execute("SELECT nid, ord, did, type FROM cards ORDER BY nid").fetchall()
    assert rows == [(added.note_id, 0, deck, 0), (empty.note_id, 0, deck, 0)]
    gone = conn.execute("SELECT oid, type FROM graves ORDER BY oid").fetchall()
    assert gone == [(card, 0) for card in (*added.card_ids, *empty.card_ids)]


def test_the_cards_of_a_cloze_notetype_stay_where_its_template_is_changed(
    conn: sqlite3.Connection,
) -> None:
    added = make_note(conn, ["{{c1::a}} {{c4::b}}", ""], notetype=CLOZE)
    question = {"qfmt": "{{cloze:Text}} {{Back Extra}}"}
    change(conn, CLOZE, templates=[Part("Cloze", members=question)])
    assert [get_card(conn, card).ord for card in added.card_ids] == [0, 3]
    assert conn.execute("SELECT count(*) FROM cards").fetchone() == (2,)


def test_a_note_with_too_few_or_too_many_values_fits_again(conn: sqlite3.Connection) -> None:
    notes = [make_note(conn, [f"{n}", "back"]).note_id for n in range(2)]
    conn.execute("UPDATE notes SET flds = 'only' WHERE id = ?", (notes[0],))
    conn.execute("UPDATE notes SET flds = 'a\x1fe\u0301\x07\x1fc' WHERE id = ?", (notes[1],))
    change(conn, fields=[Part("Back"), Part("Front")])
    assert [get_note(conn, note).fields for note in notes] == [["", "only"], ["é", "a"]]


@pytest.mark.parametrize(
    ("name", "state", "field"),
    [
        (BASIC, {"name": "cloze"}, "name"),
        (BASIC, {"name": '"'}, "name"),
        (BASIC, {"name": "x" * (MAX_NAME_LENGTH + 1)}, "name"),
        (BASIC, {"sort_field": "Nobody"}, "sort_field"),
        (BASIC, {"fields": []}, "fields"),
        (BASIC, {"templates": []}, "templates"),
        (BASIC, {"fields": [Part("A", was="Front"), Part("B", was="Front")]}, "fields.B"),
        (BASIC, {"fields": [Part("A", was="Nobody")]}, "fields.A"),
        (BASIC, {"fields": [Part("A", was="")]}, "fields.A"),
        (BASIC, {"fields": [Part("Front"), Part("front:")]}, "fields.front"),
        (BASIC, {"fields": [Part("Front"), Part("# ")]}, "fields.# "),
        (BASIC, {"fields": [Part("Front"), Part("x" * (MAX_NAME_LENGTH + 1))]}, "fields.xx"),
        (BASIC, {"fields": [Part(f"{n}") for n in range(MAX_FIELDS + 1)]}, "fields"),
        (
            BASIC,
            {"templates": [Part(f"{n}", members=sides(f"{{{{Front}}}}{n}")) for n in range(51)]},
            "templates",
        ),
        (BASIC, {"templates": [Part("Card 1"), Part("CARD 1")]}, "templates.CARD 1"),
        (BASIC, {"templates": [Part("Card 1"), Part("2", members=sides())]}, "templates.2"),
        (BASIC, {"templates": [Part("Card 1"), Part("2")]}, "templates.2"),
        (
            BASIC,
            {"templates": [Part("Card 1", members=sides("{{#Front}}" * 101 + "{{/Front}}" * 101))]},
            "templates.Card 1",
        ),
        (CLOZE, {"fields": [Part("Back Extra")]}, "fields.Text"),
        (
            CLOZE,
            {"templates": [Part("Cloze"), Part("2", members=sides("{{cloze:Text}}!", ""))]},
            "templates",
        ),
        (
            CLOZE,
            {"templates": [Part("2", members=sides("{{cloze:Text}}!", "{{cloze:Text}}"))]},
            "templates",
        ),
        (CLOZE, {"templates": [Part("Cloze", members={"afmt": "{{Text}}"})]}, "templates.Cloze"),
        (CLOZE, {"templates": [Part("Cloze", members={"qfmt": "{{Text}}"})]}, "templates.Cloze"),
    ],
)
def test_what_cannot_be_is_refused_and_nothing_changes(
    conn: sqlite3.Connection, name: str, state: dict[str, Any], field: str
) -> None:
    make_note(conn, ["one", "two"])
    before = dump(conn)
    with pytest.raises(BadInputError) as caught:
        change(conn, name, **state)
    assert [key[: len(field)] for key in caught.value.fields] == [field]
    assert dump(conn) == before


@pytest.mark.parametrize(
    ("question", "is_fine"),
    [
        ("{{}}", True),
        ("{{cloze:}}", True),
        ("{{Tags}}", True),
        ("{{#Front}}text{{/Front}}", True),
        ("{{#c4294967295}}{{Front}}{{/c4294967295}}", True),
        ("{{#c+07}}{{Front}}{{/c+07}}", True),
        ("{{#c4294967296}}{{Front}}{{/c4294967296}}", False),
        ("{{#c٣}}{{Front}}{{/c٣}}", False),
        ("{{#c1}}text{{/c1}}", False),
        ("{{c1}}", False),
        ("{{front}}", False),
    ],
)
def test_strange_questions_are_fine_where_anki_takes_them(
    conn: sqlite3.Connection, question: str, is_fine: bool
) -> None:
    templates = [Part("Card 1", members={"qfmt": question})]
    if is_fine:
        assert change(conn, templates=templates)["tmpls"][0]["qfmt"] == question
    else:
        with pytest.raises(BadInputError):
            change(conn, templates=templates)


@pytest.mark.parametrize(
    ("members", "reason"),
    [
        (sides("no field"), "its question needs a field such as {{Front}}"),
        (sides("{{Nobody}}"), "its question refers to 'Nobody', but there is no such field"),
        (sides(answer="{{#c1}}{{^No}}{{/No}}{{/c1}}"), "its answer refers to 'No'"),
        (sides("{{#Front}}"), "its question cannot be read: Missing '{{/Front}}'"),
    ],
)
def test_a_refusal_names_the_template_and_says_what_is_wrong(
    conn: sqlite3.Connection, members: dict[str, str], reason: str
) -> None:
    with pytest.raises(BadInputError) as caught:
        change(conn, templates=[Part("My card", was="Card 1", members=members)])
    assert caught.value.message.startswith(f"Template 'My card': {reason}")
    assert caught.value.fields["templates.My card"].startswith(reason)


def test_the_same_question_twice_is_refused_unless_it_says_which_card_it_is(
    conn: sqlite3.Connection,
) -> None:
    question = "{{Front}} {{Card}}"
    both = [Part("Card 1", members=sides(question)), Part("2", members=sides(question))]
    assert len(change(conn, templates=both)["tmpls"]) == 2
    with pytest.raises(BadInputError, match="is the same as that of 'Card 1'"):
        change(conn, templates=[Part("Card 1", members=sides()), Part("2", members=sides())])


def test_conditions_may_be_in_each_other_up_to_a_limit(conn: sqlite3.Connection) -> None:
    question = "{{#Front}}" * MAX_NESTING + "{{Back}}" + "{{/Front}}" * MAX_NESTING
    changed = change(conn, templates=[Part("Card 1", members=sides(question))])
    assert changed["req"] == [[0, "all", [0, 1]]]


def test_what_was_beyond_a_limit_before_may_stay(conn: sqlite3.Connection) -> None:
    models = read_document(conn, "models")
    basic = models[str(id_of(conn))]
    basic["flds"] = [basic["flds"][0] | {"name": f"{n}"} for n in range(MAX_FIELDS + 5)]
    basic["tmpls"] = [
        basic["tmpls"][0] | {"name": "x" * 500 + f"{n}", "qfmt": f"{{{{1}}}} {n}", "afmt": ""}
        for n in range(MAX_TEMPLATES + 5)
    ]
    write_document(conn, "models", models)
    names = [field["name"] for field in basic["flds"]]
    changed = change(conn, fields=[Part(name) for name in reversed(names)], css="new")
    assert [field["name"] for field in changed["flds"]] == names[::-1]
    with pytest.raises(BadInputError):
        change(conn, fields=[Part(name) for name in (*names, "one more")])


def test_a_new_notetype_is_a_copy_under_another_name(conn: sqlite3.Connection) -> None:
    base = get_notetype(conn, id_of(conn, REVERSED)) | {"originalId": 5}
    added = add_notetype(conn, 'My "own"', base, LATER_MS)
    assert get_notetype(conn, added["id"]) == added
    assert (added["id"], added["name"]) == (LATER_MS, "My own")
    assert "originalId" not in added
    assert [one["qfmt"] for one in added["tmpls"]] == [one["qfmt"] for one in base["tmpls"]]
    with pytest.raises(BadInputError):
        add_notetype(conn, "MY OWN", stock_notetype("basic"), LATER_MS)
    base["tmpls"][0]["qfmt"] = "no field"
    with pytest.raises(BadInputError):
        add_notetype(conn, "Broken", base, LATER_MS)


def test_there_is_a_limit_to_notetypes(conn: sqlite3.Connection) -> None:
    models = read_document(conn, "models")
    basic = models[str(id_of(conn))]
    more = {str(n): basic | {"id": n, "name": f"{n}"} for n in range(1, MAX_NOTETYPES + 1)}
    write_document(conn, "models", models | more)
    with pytest.raises(BadInputError, match="at most"):
        add_notetype(conn, "One more", stock_notetype("cloze"), LATER_MS)


def test_a_notetype_goes_with_its_notes_cards_and_settings(conn: sqlite3.Connection) -> None:
    gone = make_note(conn, ["one", "two"], notetype=REVERSED)
    kept = make_note(conn, ["three", "four"])
    bare = make_note(conn, ["five", "six"], notetype=REVERSED)
    conn.execute("DELETE FROM cards WHERE nid = ?", (bare.note_id,))
    notetype_id = id_of(conn, REVERSED)
    conf = read_document(conn, "conf") | {f"_nt_{notetype_id}_lastDeck": 1, "_nt_1_lastDeck": 1}
    write_document(conn, "conf", conf)
    removed = remove_notetype(conn, notetype_id, LATER_MS)
    assert (removed.cards, removed.notes) == (2, 2)
    graves = {*((card, 0) for card in gone.card_ids), (gone.note_id, 1), (bare.note_id, 1)}
    assert set(conn.execute("SELECT oid, type FROM graves").fetchall()) == graves
    assert [row for (row,) in conn.execute("SELECT id FROM notes")] == [kept.note_id]
    conf = read_document(conn, "conf")
    assert f"_nt_{notetype_id}_lastDeck" not in conf
    assert "_nt_1_lastDeck" in conf
    assert conf["curModel"] == id_of(conn)
    with pytest.raises(NotFoundError):
        remove_notetype(conn, notetype_id, LATER_MS)


def test_the_last_notetype_stays(conn: sqlite3.Connection) -> None:
    for notetype in all_notetypes(conn)[1:]:
        remove_notetype(conn, notetype["id"], LATER_MS)
    with pytest.raises(BadInputError, match="only notetype"):
        remove_notetype(conn, id_of(conn), LATER_MS)


ANY_JSON: st.SearchStrategy[Any] = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner),
    max_leaves=8,
)
KEYS = st.sampled_from(("name", "type", "flds", "tmpls", "sortf", "css", "mod", "req", "did", "x"))
PART_KEYS = st.sampled_from(("name", "qfmt", "afmt", "ord", "size", "rtl", "font", "did", "y"))
PARTS = st.lists(st.dictionaries(PART_KEYS, ANY_JSON) | ANY_JSON, max_size=3)


@given(stored=ANY_JSON | st.dictionaries(KEYS, ANY_JSON | PARTS))
def test_a_notetype_out_of_a_strange_file_has_everything_that_is_needed(stored: Any) -> None:
    notetype = shaped(stored, 7)
    assert notetype["id"] == 7
    for key, value in stock_notetype("basic").items():
        if key != "originalStockKind":
            assert value is None or key == "type" or isinstance(notetype[key], type(value))
    for key in ("flds", "tmpls"):
        for part in notetype[key]:
            assert isinstance(part["name"], str)
    assert shaped(notetype, 7) == notetype
    if isinstance(stored, dict):
        assert {key: stored[key] for key in stored if key in ("x",)}.items() <= notetype.items()


@pytest.mark.parametrize("name", [BASIC, CLOZE])
def test_a_good_notetype_is_taken_as_it_is(conn: sqlite3.Connection, name: str) -> None:
    stored = read_document(conn, "models")[str(id_of(conn, name))]
    assert shaped(stored, id_of(conn, name)) == stored


@given(name=st.text(max_size=20))
def test_a_cleaned_field_name_can_stand_in_a_template(name: str) -> None:
    clean = clean_field_name(name)
    assert clean_field_name(clean) == clean
    if clean:
        assert parse_template("x{{" + clean + "}}")[1:-1] == [Field(clean, ())]
    assert clean_name(clean) == clean
