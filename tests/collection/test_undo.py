import json
import sqlite3
from contextlib import closing
from typing import Any

import pytest

from chalicelib.collection.cards import get_card
from chalicelib.collection.col import read_document, write_document
from chalicelib.collection.day import set_local_offset
from chalicelib.collection.decks import change_deck, delete_deck
from chalicelib.collection.graves import delete_cards
from chalicelib.collection.undo.inverse import decode
from chalicelib.collection.undo.recording import UndoRecorder
from tests.collection.undoing import (
    LATER_MS,
    UNDONE_MS,
    USN,
    answering,
    content,
    copy_of,
    dump,
    graves,
    record,
    studied,
    take_back,
    undo,
)
from tests.support.collections import (
    DAY_MS,
    NOW_MS,
    make_card,
    make_deck,
    make_note,
    new_connection,
    set_columns,
)

MOST_BYTES_OF_AN_ANSWER = 150


@pytest.fixture
def deck(conn: sqlite3.Connection) -> int:
    conn.execute("UPDATE col SET usn = ?", (USN,))
    return make_deck(conn, "Languages::Portuguese::Verbs")


def deck_entry(conn: sqlite3.Connection, deck: int) -> dict[str, Any]:
    entry: dict[str, Any] = read_document(conn, "decks")[str(deck)]
    return entry


# What is recorded


def test_an_answer_is_recorded_in_a_fraction_of_a_segment(
    conn: sqlite3.Connection, deck: int
) -> None:
    inverse = record(conn, answering(conn, studied(conn, deck)))
    assert set(decode(inverse).tables) == {"cards", "revlog"}
    assert len(inverse) < MOST_BYTES_OF_AN_ANSWER


def test_large_documents_are_not_recorded_with_an_answer(
    conn: sqlite3.Connection, deck: int
) -> None:
    card = studied(conn, deck)
    decks = read_document(conn, "decks")
    for n in range(1000):
        decks[str(n + 2)] = decks["1"] | {"id": n + 2, "name": f"Deck {n}"}
    write_document(conn, "decks", decks)
    assert len(json.dumps(decks)) > 300_000
    assert len(record(conn, answering(conn, card))) < MOST_BYTES_OF_AN_ANSWER


NOTHING: dict[str, list[str]] = {
    "no statement": [],
    "only the time of change": ["UPDATE col SET mod = mod + 5"],
    "only stamps of a row": ["UPDATE cards SET mod = 1, usn = 2", "UPDATE revlog SET usn = 3"],
    "the same values": ["UPDATE cards SET due = due", "UPDATE col SET decks = decks"],
    "there and back": ["UPDATE cards SET due = due + 1", "UPDATE cards SET due = due - 1"],
    "replaced by itself": ["INSERT OR REPLACE INTO cards SELECT * FROM cards"],
    "added and deleted": [
        "INSERT INTO revlog VALUES (5, 1, 0, 3, 1, 1, 1, 1, 1)",
        "DELETE FROM revlog WHERE id = 5",
    ],
    "deleted and added": [
        "CREATE TEMP TABLE aside AS SELECT * FROM notes",
        "DELETE FROM notes",
        "INSERT INTO notes SELECT * FROM aside",
        "DROP TABLE aside",
    ],
    "added in a savepoint that is rolled back": [
        "SAVEPOINT s",
        "INSERT INTO revlog VALUES (5, 1, 0, 3, 1, 1, 1, 1, 1)",
        "UPDATE cards SET due = 99",
        "ROLLBACK TO s",
        "RELEASE s",
    ],
    "a document written in another way": [
        """UPDATE col SET decks = '  ' || replace(decks, '":', '" : ')"""
    ],
}


@pytest.mark.parametrize("statements", NOTHING.values(), ids=NOTHING.keys())
def test_what_changes_nothing_has_no_inverse(
    conn: sqlite3.Connection, deck: int, statements: list[str]
) -> None:
    studied(conn, deck)
    before = content(conn)
    assert record(conn, lambda: [conn.execute(sql) for sql in statements]) == b""
    assert content(conn) == before


def test_nothing_of_it_gets_into_the_file(conn: sqlite3.Connection, deck: int) -> None:
    card = studied(conn, deck)
    with copy_of(conn) as plain:
        answering(plain, card)()
        record(conn, answering(conn, card))
        assert dump(conn) == dump(plain)


def test_a_recorder_starts_afresh_on_another_connection() -> None:
    recorder = UndoRecorder()
    inverses = []
    for _ in range(2):
        with closing(new_connection()) as conn:
            conn.execute("BEGIN IMMEDIATE")
            recorder.begin(conn)
            make_note(conn, ["a", "b"])
            inverses.append(recorder.end(conn))
    assert inverses[0] == inverses[1] != b""


def test_a_recorder_starts_afresh_on_the_same_connection(conn: sqlite3.Connection) -> None:
    recorder = UndoRecorder()
    for n in range(2):
        recorder.begin(conn)
        note = make_note(conn, [f"a {n}", "b"])
        assert decode(recorder.end(conn)).tables["notes"].added_ids == [note.note_id]


# Taking back


def test_an_undone_answer_leaves_the_card_and_the_day_as_they_were(
    conn: sqlite3.Connection, deck: int
) -> None:
    card = studied(conn, deck)
    before = content(conn)
    inverse = record(conn, answering(conn, card))
    after = content(conn)
    applied, redo = take_back(conn, inverse)
    assert applied.cards == [card]
    assert content(conn) == before
    undo(conn, redo)
    assert content(conn) == after


def test_rows_and_decks_that_are_put_back_are_changed_now_for_other_devices(
    conn: sqlite3.Connection, deck: int
) -> None:
    card = studied(conn, deck)
    inverse = record(conn, answering(conn, card))
    conn.execute("UPDATE col SET usn = usn + 1")
    undo(conn, inverse)
    now = (UNDONE_MS // 1000, USN + 1)
    assert (get_card(conn, card).mod, get_card(conn, card).usn) == now
    for entry in read_document(conn, "decks").values():
        if entry["name"].startswith("Languages"):
            assert (entry["mod"], entry["usn"]) == now
    assert deck_entry(conn, 1)["usn"] == 0
    assert conn.execute("SELECT mod FROM col").fetchone() == (UNDONE_MS,)


def test_a_deleted_note_comes_back_from_its_grave_as_changed_now(
    conn: sqlite3.Connection, deck: int
) -> None:
    note = make_note(conn, ["a", "b"], deck_id=deck, notetype="Basic (and reversed card)")
    other = make_card(conn, "other", deck)
    delete_cards(conn, [other.id])
    old_graves = graves(conn)
    inverse = record(conn, lambda: delete_cards(conn, note.card_ids))
    applied, redo = take_back(conn, inverse)
    assert (applied.notes, applied.cards) == ([note.note_id], note.card_ids)
    assert graves(conn) == old_graves
    rows = conn.execute("SELECT mod, usn FROM notes UNION ALL SELECT mod, usn FROM cards")
    assert rows.fetchall() == [(UNDONE_MS // 1000, USN)] * 3
    undo(conn, redo)
    assert graves(conn) == sorted(
        [*old_graves, *((n, 0) for n in note.card_ids), (note.note_id, 1)], key=lambda g: g[::-1]
    )


def test_what_was_added_gets_a_grave_for_devices_that_have_seen_it(
    conn: sqlite3.Connection, deck: int
) -> None:
    notes: list[Any] = []
    inverse = record(conn, lambda: notes.append(make_note(conn, ["a", "b"], deck_id=deck)))
    applied, redo = take_back(conn, inverse)
    assert applied.removed_notes == [notes[0].note_id]
    assert applied.removed_cards == notes[0].card_ids
    assert conn.execute("SELECT usn, oid, type FROM graves ORDER BY type").fetchall() == [
        (USN, notes[0].card_ids[0], 0),
        (USN, notes[0].note_id, 1),
    ]
    undo(conn, redo)
    assert graves(conn) == []


def test_decks_have_graves_too(conn: sqlite3.Connection, deck: int) -> None:
    added: list[int] = []
    inverse = record(conn, lambda: added.append(make_deck(conn, "New", LATER_MS)))
    redo = undo(conn, inverse)
    assert graves(conn) == [(added[0], 2)]
    undo(conn, redo)
    assert graves(conn) == []
    undo(conn, record(conn, lambda: delete_deck(conn, deck, LATER_MS)))
    assert graves(conn) == []


def test_a_review_that_comes_back_is_sent_to_other_devices(
    conn: sqlite3.Connection, deck: int
) -> None:
    card = studied(conn, deck)
    redo = undo(conn, record(conn, answering(conn, card)))
    conn.execute("UPDATE col SET usn = 9")
    undo(conn, redo)
    row = conn.execute("SELECT usn FROM revlog WHERE cid = ?", (card,)).fetchone()
    assert row == (9,)


def test_the_time_of_the_collection_never_goes_back(conn: sqlite3.Connection, deck: int) -> None:
    inverse = record(conn, lambda: make_note(conn, ["a", "b"]))
    conn.execute("UPDATE col SET mod = ?", (UNDONE_MS + 5,))
    undo(conn, inverse)
    assert conn.execute("SELECT mod FROM col").fetchone() == (UNDONE_MS + 6,)


# What others changed since stays


def test_other_columns_of_the_same_card_stay_as_they_are_now(
    conn: sqlite3.Connection, deck: int
) -> None:
    card = studied(conn, deck)
    inverse = record(conn, answering(conn, card))
    after = set_columns(conn, card, flags=3, did=1, usn=99, mod=99)
    undo(conn, inverse)
    row = get_card(conn, card)
    assert (row.flags, row.did) == (3, 1)
    assert (row.due, row.ivl, row.reps) == (0, 12, 7)
    assert (after.ivl, after.reps) != (12, 7)


def test_other_members_of_the_documents_stay_as_they_are_now(
    conn: sqlite3.Connection, deck: int
) -> None:
    card, elsewhere = studied(conn, deck), make_deck(conn, "Elsewhere")
    other = make_card(conn, "other", elsewhere)
    inverse = record(conn, answering(conn, card))
    answering(conn, other.id)()
    set_local_offset(conn, -60, LATER_MS)
    change_deck(conn, deck, now_ms=LATER_MS, max_decks=9, description="what for")
    undo(conn, inverse)
    assert deck_entry(conn, elsewhere)["newToday"] == [0, 1]
    assert deck_entry(conn, deck)["desc"] == "what for"
    assert read_document(conn, "conf")["localOffset"] == -60


def test_later_answers_of_the_same_day_still_count(conn: sqlite3.Connection, deck: int) -> None:
    card, second = studied(conn, deck), make_card(conn, "second", deck)
    inverse = record(conn, answering(conn, card))
    answering(conn, second.id)()
    undo(conn, inverse)
    entry = deck_entry(conn, deck)
    assert (entry["newToday"], entry["revToday"]) == ([0, 2], [0, 0])
    assert entry["timeToday"] == [0, 8000]


def test_the_first_answer_of_a_day_leaves_the_later_ones_to_count(
    conn: sqlite3.Connection, deck: int
) -> None:
    card, second = studied(conn, deck), make_card(conn, "second", deck)
    inverse = record(conn, answering(conn, card, at_ms=NOW_MS + DAY_MS))
    answering(conn, second.id, at_ms=NOW_MS + DAY_MS + 9000)()
    undo(conn, inverse)
    entry = deck_entry(conn, deck)
    assert (entry["newToday"], entry["timeToday"]) == ([1, 1], [1, 4000])


def test_the_counters_of_another_day_are_not_reduced(conn: sqlite3.Connection, deck: int) -> None:
    card, second = studied(conn, deck), make_card(conn, "second", deck)
    inverse = record(conn, answering(conn, card))
    answering(conn, second.id, at_ms=NOW_MS + DAY_MS)()
    before = deck_entry(conn, deck)
    undo(conn, inverse)
    assert deck_entry(conn, deck) == before | {"mod": UNDONE_MS // 1000}


def test_the_next_position_is_kept_once_somebody_has_taken_it(
    conn: sqlite3.Connection, deck: int
) -> None:
    inverse = record(conn, lambda: make_note(conn, ["a", "b"]))
    make_note(conn, ["c", "d"])
    undo(conn, inverse)
    assert read_document(conn, "conf")["nextPos"] == 3


def test_a_tag_that_another_note_has_by_now_stays(conn: sqlite3.Connection, deck: int) -> None:
    inverse = record(conn, lambda: make_note(conn, ["a", "b"], tags=["shared", "own"]))
    make_note(conn, ["c", "d"], tags=["Shared"])
    undo(conn, inverse)
    assert list(read_document(conn, "tags")) == ["shared"]


def test_a_later_change_of_the_schema_time_stays(conn: sqlite3.Connection, deck: int) -> None:
    inverse = record(conn, lambda: conn.execute("UPDATE col SET scm = scm + 1, crt = crt + 2"))
    conn.execute("UPDATE col SET scm = 123")
    crt = conn.execute("SELECT crt - 2 FROM col").fetchone()[0]
    undo(conn, inverse)
    assert conn.execute("SELECT scm, crt FROM col").fetchone() == (123, crt)


def test_what_was_wrong_before_is_no_reason_to_refuse(conn: sqlite3.Connection, deck: int) -> None:
    """Old programs left decks without their parents, and without options."""
    decks = read_document(conn, "decks")
    del decks[str(deck - 1)]
    decks[str(deck)]["conf"] = 5
    write_document(conn, "decks", decks)
    before = content(conn)
    undo(conn, record(conn, lambda: delete_deck(conn, deck, LATER_MS)))
    assert content(conn) == before
