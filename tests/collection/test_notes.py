import random
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from chalicelib.collection.cards import get_card
from chalicelib.collection.col import read_document, write_document
from chalicelib.collection.notes import (
    NoteLimits,
    add_tag,
    change_note,
    check_fields,
    check_size,
    find_duplicate,
    get_note,
)
from chalicelib.collection.notetypes.lookup import notetype_by_name
from chalicelib.collection.notetypes.stock import new_template
from chalicelib.collection.tags import check_tags, join_tags, register_tags, split_tags
from chalicelib.collection.text import field_checksum
from chalicelib.errors import BadInputError, TooLargeError
from tests.support.anki import assert_clean
from tests.support.collections import (
    NOW_MS,
    make_deck,
    make_note,
    new_connection,
    save,
    set_columns,
)

LIMITS = NoteLimits(max_field_bytes=100, max_note_bytes=150)


def test_notes_of_every_stock_notetype_are_clean_for_anki(
    conn: sqlite3.Connection, tmp_path: Path
) -> None:
    deck = make_deck(conn, "Mixed::Deck")
    notes = [
        make_note(conn, ["42", "the answer"], deck_id=deck, tags=["b", "A::x"]),
        make_note(conn, ["<b>3.5</b>", '<img src="a b.png">'], deck_id=deck),
        make_note(conn, ["um", "dois"], notetype="Basic (and reversed card)"),
        make_note(conn, ["um", "dois", ""], notetype="Basic (optional reversed card)"),
        make_note(conn, ["um", "dois", "y"], notetype="Basic (optional reversed card)"),
        make_note(conn, ["não", "é &amp; ção"], notetype="Basic (type in the answer)"),
        make_note(conn, ["{{c1::a}} {{c3::b}} {{c1::c}}", "extra"], notetype="Cloze"),
    ]
    assert [len(note.card_ids) for note in notes] == [1, 1, 2, 1, 2, 1, 2]
    report = assert_clean(save(conn, tmp_path / "notes.anki2"))
    assert report["counts"] == {"notes": 7, "cards": 10, "revlog": 0, "graves": 0}


def test_the_cards_of_a_note_share_a_position_and_the_next_note_gets_the_next(
    conn: sqlite3.Connection,
) -> None:
    first = make_note(conn, ["a", "b"], notetype="Basic (and reversed card)")
    second = make_note(conn, ["c", "d"])
    positions = [get_card(conn, card_id).due for card_id in [*first.card_ids, *second.card_ids]]
    assert positions == [1, 1, 2]


def test_ids_made_in_one_millisecond_are_consecutive(conn: sqlite3.Connection) -> None:
    notes = [make_note(conn, [str(n), ""]) for n in range(5)]
    assert [note.note_id for note in notes] == [NOW_MS + n for n in range(5)]


def test_an_id_is_not_taken_from_rows_in_the_future(conn: sqlite3.Connection) -> None:
    future = make_note(conn, ["from a wrong clock", ""], now_ms=NOW_MS + 10**11)
    first, second = make_note(conn, ["a", ""]), make_note(conn, ["b", ""])
    assert [first.note_id, second.note_id] == [NOW_MS, NOW_MS + 1]
    assert future.note_id > second.note_id


def test_a_duplicate_is_the_same_first_field_in_the_same_notetype(conn: sqlite3.Connection) -> None:
    first = make_note(conn, ["<b>casa</b>", "house"])
    again = make_note(conn, ["casa", "home"])
    other = make_note(conn, ["casa", "house"], notetype="Basic (and reversed card)")
    assert again.duplicate_of == first.note_id
    assert other.duplicate_of is None
    basic = notetype_by_name(conn, "Basic")
    assert find_duplicate(conn, basic["id"], "Casa") is None


def test_changing_a_note_adds_the_cards_it_now_needs_and_removes_none(
    conn: sqlite3.Connection, tmp_path: Path
) -> None:
    deck = make_deck(conn, "D")
    added = make_note(
        conn, ["um", "dois", ""], notetype="Basic (optional reversed card)", deck_id=deck
    )
    note = get_note(conn, added.note_id)
    new = change_note(conn, note, fields=["um", "dois", "y"], tags=["t"], now_ms=NOW_MS + 5000)
    assert len(new) == 1
    made = get_card(conn, new[0])
    assert (made.did, made.due, made.ord) == (deck, 1, 1)
    note = get_note(conn, added.note_id)
    assert change_note(conn, note, fields=["um", "dois", ""], tags=[], now_ms=NOW_MS) == []
    assert conn.execute("SELECT count(*) FROM cards").fetchone() == (2,)
    changed = get_note(conn, added.note_id)
    assert (changed.fields, changed.tags) == (["um", "dois", ""], [])
    assert_clean(save(conn, tmp_path / "changed.anki2"))


def test_an_empty_first_field_and_a_cloze_without_deletion_are_refused(
    conn: sqlite3.Connection,
) -> None:
    basic, cloze = notetype_by_name(conn, "basic"), notetype_by_name(conn, "Cloze")
    for fields, notetype, field in (
        (["", "back"], basic, "fields.Front"),
        ([" <br> ", "back"], basic, "fields.Front"),
        (["no deletion", ""], cloze, "fields.Text"),
    ):
        with pytest.raises(BadInputError) as caught:
            check_fields(fields, notetype)
        assert field in caught.value.fields
        # What was like that before is not held against another change.
        assert check_fields(fields, notetype, before=fields) == fields


def test_sizes_are_limited_in_bytes() -> None:
    check_size(["a" * 100, ""], [], LIMITS)
    with pytest.raises(TooLargeError, match="100 bytes"):
        check_size(["é" * 51, ""], [], LIMITS)
    with pytest.raises(TooLargeError, match="150 bytes"):
        check_size(["a" * 80, "b" * 80], [], LIMITS)
    with pytest.raises(TooLargeError, match="150 bytes"):
        check_size(["a" * 80, ""], ["tag" * 25], LIMITS)


@given(st.lists(st.text(st.characters(codec="utf-8"), max_size=12), max_size=6))
def test_tags_survive_being_stored(tags: list[str]) -> None:
    try:
        check_tags(tags)
    except BadInputError:
        return
    with closing(new_connection()) as conn:
        spelled = register_tags(conn, tags)
        text = join_tags(spelled)
        assert set(split_tags(text)) == set(spelled)
        assert join_tags(split_tags(text)) == text
        assert register_tags(conn, split_tags(text)) == split_tags(text)
        assert set(read_document(conn, "tags")) == set(spelled)


@pytest.mark.parametrize("tag", ["", "two words", "two\u3000words", "tab\t", "x" * 201])
def test_what_is_no_tag_is_refused(tag: str) -> None:
    with pytest.raises(BadInputError):
        check_tags([tag])


def test_tags_that_anki_takes_are_taken(conn: sqlite3.Connection, tmp_path: Path) -> None:
    tags = [
        "\u0645\u06cc\u200c\u062e\u0648\u0627\u0647\u0645",
        "a\u00a0b",
        "Foo",
        "b::",
        "::c",
        "d::::e",
    ]
    make_note(conn, ["1", ""], tags=tags)
    make_note(conn, ["2", ""], tags=["foo", "Foo::Bar", "foo::baz"])
    make_note(conn, ["3", ""], tags=["Leech"])
    fourth = make_note(conn, ["4", ""])
    add_tag(conn, fourth.note_id, "leech", NOW_MS)
    assert get_note(conn, fourth.note_id).tags == ["Leech"]
    assert_clean(save(conn, tmp_path / "tags.anki2"))


def test_a_tag_is_added_once_in_any_case_and_known_to_the_collection(
    conn: sqlite3.Connection,
) -> None:
    note = make_note(conn, ["a", "b"], tags=["Leech"])
    add_tag(conn, note.note_id, "leech", NOW_MS)
    add_tag(conn, note.note_id, "new", NOW_MS)
    assert get_note(conn, note.note_id).tags == ["Leech", "new"]
    assert set(read_document(conn, "tags")) == {"Leech", "new"}


FIELD = st.text(st.characters(codec="utf-8"), max_size=30) | st.sampled_from(
    ["&nbsp;x", "<div>a</div>", "1", "1.50", "007", "[sound:a.mp3]", "a\u0301", "&lt;b&gt;", "\t"]
)


@settings(max_examples=5, suppress_health_check=[HealthCheck.too_slow], deadline=None)
@given(st.lists(st.tuples(FIELD, FIELD), min_size=20, max_size=60), st.integers())
def test_whatever_people_type_anki_rewrites_nothing(
    tmp_path_factory: pytest.TempPathFactory, rows: list[tuple[str, str]], seed: int
) -> None:
    conn = new_connection()
    basic = notetype_by_name(conn, "Basic")
    for front, back in rows:
        try:
            fields = check_fields([front, back], basic)
        except BadInputError:
            continue
        make_note(conn, fields, tags=random.Random(seed).sample(["a", "B", "ção", "x::y"], 2))
    assert_clean(save(conn, tmp_path_factory.mktemp("anki") / "typed.anki2"))
    conn.close()


def test_a_template_that_asks_for_tags_makes_its_card_when_the_note_gets_one(
    conn: sqlite3.Connection,
) -> None:
    models = read_document(conn, "models")
    basic = notetype_by_name(conn, "Basic")
    tagged = new_template(1, "Tagged", "{{#Tags}}{{Front}}{{/Tags}}", "{{Back}}")
    models[str(basic["id"])]["tmpls"].append(tagged)
    write_document(conn, "models", models)
    added = make_note(conn, ["a", "b"])
    assert len(added.card_ids) == 1
    note = get_note(conn, added.note_id)
    assert len(change_note(conn, note, fields=note.fields, tags=["x"], now_ms=NOW_MS)) == 1
    assert len(make_note(conn, ["c", "d"], tags=["x"]).card_ids) == 2


def test_of_several_duplicates_the_oldest_is_named(conn: sqlite3.Connection) -> None:
    first = make_note(conn, ["casa", "1"])
    make_note(conn, ["casa", "2"])
    assert make_note(conn, ["casa", "3"]).duplicate_of == first.note_id


def test_a_checksum_alone_makes_no_duplicate(conn: sqlite3.Connection) -> None:
    make_note(conn, ["another", ""])
    conn.execute("UPDATE notes SET csum = ?", (field_checksum("casa"),))
    assert make_note(conn, ["casa", ""]).duplicate_of is None


def test_the_sort_field_is_the_one_that_the_notetype_names(conn: sqlite3.Connection) -> None:
    models = read_document(conn, "models")
    basic = notetype_by_name(conn, "Basic")
    models[str(basic["id"])]["sortf"] = 1
    write_document(conn, "models", models)
    make_note(conn, ["first", "<b>second</b>"])
    assert conn.execute("SELECT sfld, csum FROM notes").fetchone() == (
        "second",
        field_checksum("first"),
    )


def test_a_new_sibling_goes_where_all_the_others_are_else_to_the_default_deck(
    conn: sqlite3.Connection,
) -> None:
    deck, other = make_deck(conn, "A"), make_deck(conn, "B")
    make_note(conn, ["somewhere else", ""])
    added = make_note(conn, ["{{c1::a}} {{c2::b}}", ""], notetype="Cloze", deck_id=deck)
    set_columns(conn, added.card_ids[0], type=2, queue=2, due=77, ivl=3, factor=2500)
    note = get_note(conn, added.note_id)
    fields = ["{{c1::a}} {{c2::b}} {{c3::c}}", ""]
    (third,) = change_note(conn, note, fields=fields, tags=[], now_ms=NOW_MS)
    assert (get_card(conn, third).did, get_card(conn, third).due) == (deck, 2)
    set_columns(conn, third, did=other)
    fields = ["{{c1::a}} {{c2::b}} {{c3::c}} {{c4::d}}", ""]
    (fourth,) = change_note(conn, note, fields=fields, tags=[], now_ms=NOW_MS)
    assert get_card(conn, fourth).did == 1


def test_a_template_with_a_deck_of_its_own_sends_its_cards_there_unless_it_is_filtered(
    conn: sqlite3.Connection,
) -> None:
    deck, target = make_deck(conn, "A"), make_deck(conn, "B")
    models, decks = read_document(conn, "models"), read_document(conn, "decks")
    basic = notetype_by_name(conn, "Basic")
    models[str(basic["id"])]["tmpls"][0]["did"] = target
    write_document(conn, "models", models)
    added = make_note(conn, ["a", ""], deck_id=deck)
    assert get_card(conn, added.card_ids[0]).did == target
    decks[str(target)]["dyn"] = 1
    write_document(conn, "decks", decks)
    added = make_note(conn, ["b", ""], deck_id=deck)
    assert get_card(conn, added.card_ids[0]).did == deck
