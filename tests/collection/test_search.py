"""Searches end in time, and tolerate any text and any file."""

import json
import sqlite3
from collections.abc import Iterator

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from chalicelib.collection.col import read_document, write_document
from chalicelib.collection.day import timing_at
from chalicelib.collection.search import search_cards
from chalicelib.collection.search.allowance import Allowance
from chalicelib.collection.search.problems import MAX_LENGTH
from chalicelib.errors import BadInputError
from chalicelib.scheduler.timing import Timing
from tests.collection.search_grammar import broken_search, random_search
from tests.support.collections import (
    DAY_MS,
    NOW_MS,
    make_card,
    make_deck,
    make_note,
    new_connection,
    set_columns,
)


@pytest.fixture
def timing(conn: sqlite3.Connection) -> Timing:
    return timing_at(conn, NOW_MS)


@pytest.fixture(scope="module")
def shared() -> Iterator[sqlite3.Connection]:
    """A collection for tests that do not change it."""
    connection = new_connection()
    make_note(connection, ["casa <b>água</b>", "house"], tags=["noun", "a::b"])
    make_note(connection, ["{{c1::Lisboa::city}} x", ""], notetype="Cloze")
    yield connection
    connection.close()


def test_as_many_words_as_fit_are_searched_for(conn: sqlite3.Connection, timing: Timing) -> None:
    card = make_card(conn, "a")
    assert search_cards(conn, "a " * (MAX_LENGTH // 2), timing).card_ids() == [card.id]


@given(st.text(max_size=80))
@settings(max_examples=300, deadline=None)
def test_any_text_is_answered_or_refused(shared: sqlite3.Connection, text: str) -> None:
    answered_or_refused(shared, text)


SIGNS = [
    '"', "(", ")", "-", "\\", ":", "*", "_", "re:", "nc:", "w:", "tag:", "prop:", "is:due", "deck:",
    "ivl", ">=", "1", "[", "]", "{2,3}", "|", "+", "?", "^", "$", "\\b", "(?i)", "\\p{L}", " ",
    " or ", " and ",
]  # fmt: skip
PIECES = st.lists(
    st.one_of(
        st.sampled_from(SIGNS),
        st.text(max_size=3),
        st.randoms(use_true_random=False).map(random_search),
        st.randoms(use_true_random=False).map(broken_search),
    ),
    max_size=8,
)


@given(PIECES)
@settings(max_examples=300, deadline=None)
def test_any_heap_of_pieces_is_answered_or_refused(
    shared: sqlite3.Connection, pieces: list[str]
) -> None:
    answered_or_refused(shared, "".join(pieces))


@given(st.text(st.sampled_from("ab(|)[]^-&~\\*+?{}1,:$.pdwxPQ<>#i "), max_size=20))
@settings(max_examples=300, deadline=None)
def test_any_regular_expression_is_answered_or_refused(
    shared: sqlite3.Connection, pattern: str
) -> None:
    escaped = pattern.replace('"', r"\"")
    answered_or_refused(shared, f'"re:{escaped}"')


def answered_or_refused(conn: sqlite3.Connection, text: str) -> None:
    try:
        search = search_cards(conn, text, timing_at(conn, NOW_MS))
        found = {*search.card_ids()}
        search.note_ids()
    except BadInputError as error:
        refusal = error
    else:
        assert found <= {row[0] for row in conn.execute("SELECT id FROM cards")}
        return
    assert refusal.fields.keys() == {"q"}


@pytest.mark.parametrize(
    "text", ["a*b", "re:a.*b", "w:a", "nc:a", "tag:x", "is:due", "prop:cds:a=1", "a b or c"]
)
def test_a_search_ends_with_its_time(conn: sqlite3.Connection, timing: Timing, text: str) -> None:
    for n in range(60):
        make_note(conn, [f"a{n} b", "c"], tags=["x"])
    clock = Clock()
    search = search_cards(conn, text, timing, allowance=Allowance(clock))
    for n in range(2000):
        make_card_row(conn, n)
    clock.step_s = 0.4
    with pytest.raises(BadInputError, match="takes too long"):
        search.card_ids()
    assert conn.execute("SELECT count(*) FROM cards").fetchone() == (2060,)


class Clock:
    """Goes on by a step each time that it is looked at."""

    def __init__(self) -> None:
        self.now_s = self.step_s = 0.0

    def __call__(self) -> float:
        self.now_s += self.step_s
        return self.now_s


def make_card_row(conn: sqlite3.Connection, number: int) -> None:
    conn.execute(
        "INSERT INTO cards SELECT id + 100000 + ?, nid, did, ord, mod, usn, type, queue, due, ivl,"
        ' factor, reps, lapses, left, odue, odid, flags, \'{"cd":"{}"}\' FROM cards LIMIT 1',
        (number,),
    )


def test_one_long_note_does_not_keep_a_search_from_ending(
    conn: sqlite3.Connection, timing: Timing
) -> None:
    make_note(conn, ["".join(map(chr, range(0x4E00, 0x8E00))), "b"])
    clock = Clock()
    search = search_cards(conn, "re:[^b]{3}x|y", timing, allowance=Allowance(clock))
    clock.step_s = 0.1
    with pytest.raises(BadInputError, match="takes too long"):
        search.card_ids()


def test_reading_a_search_ends_with_its_time_too(conn: sqlite3.Connection, timing: Timing) -> None:
    clock = Clock()
    clock.step_s = 1
    with pytest.raises(BadInputError, match="takes too long"):
        search_cards(conn, "a b", timing, allowance=Allowance(clock))


def test_every_look_has_a_time_of_its_own(conn: sqlite3.Connection, timing: Timing) -> None:
    make_card(conn, "a")
    for n in range(500):
        make_card_row(conn, n)
    clock = Clock()
    search = search_cards(conn, "a", timing, allowance=Allowance(clock))
    for _ in range(3):
        clock.now_s += 100
        assert len(search.card_ids()) == 501


@pytest.mark.parametrize(
    "pattern",
    [
        "(a+)+$",
        "(a|a)*b",
        "(a*)*b",
        "(.*)*(.*)*x",
        r"(\w+\s?)*!",
        "(a?){60}a{60}b",
        "(a|b)*a.{12}c",
    ],
)
def test_no_pattern_makes_a_text_expensive(
    conn: sqlite3.Connection, timing: Timing, pattern: str
) -> None:
    """Backtracking would take years for these; the time a search has is far below a second."""
    make_note(conn, ["a" * 20_000 + "\n", "b"])
    search_cards(conn, f'"re:{pattern}"', timing).card_ids()


def test_a_day_begins_at_the_owners_rollover(conn: sqlite3.Connection) -> None:
    card = make_card(conn, "a")
    conf = read_document(conn, "conf")
    write_document(conn, "conf", conf | {"rollover": 4, "localOffset": 180, "creationOffset": 180})
    # 06:59 UTC is 03:59 at three hours west of it: still the day before.
    conn.execute("INSERT INTO revlog VALUES (?, ?, 0, 3, 1, 1, 2500, 1, 1)", (NOW_MS, card.id))
    before_rollover = NOW_MS // DAY_MS * DAY_MS + DAY_MS + (7 * 60 - 1) * 60_000
    for now_ms, found in ((before_rollover, [card.id]), (before_rollover + 60_000, [])):
        assert search_cards(conn, "rated:1", timing_at(conn, now_ms)).card_ids() == found


def test_nothing_is_buried_any_more_on_a_new_day(conn: sqlite3.Connection, timing: Timing) -> None:
    card = set_columns(conn, make_card(conn, "a").id, type=2, queue=-2, due=timing.today)
    conf = read_document(conn, "conf")
    for unburied, buried, due in ((timing.today, 1, 0), (timing.today - 1, 0, 1)):
        write_document(conn, "conf", conf | {"lastUnburied": unburied})
        assert search_cards(conn, "is:buried", timing).card_ids() == [card.id] * buried
        assert search_cards(conn, "is:due", timing).card_ids() == [card.id] * due


def test_decks_can_be_named_beside_the_search(conn: sqlite3.Connection, timing: Timing) -> None:
    deck, other = make_deck(conn, "A"), make_deck(conn, "B")
    mine, _, lent = (make_card(conn, "x", where) for where in (deck, other, deck))
    set_columns(conn, lent.id, did=other, odid=deck)
    for text in ("x", "x or y", ""):
        found = search_cards(conn, text, timing, within_decks=[deck]).card_ids()
        assert sorted(found) == [mine.id, lent.id]
    assert search_cards(conn, "x", timing, within_decks=[]).card_ids() == []


def test_notes_are_found_once(conn: sqlite3.Connection, timing: Timing) -> None:
    note = make_note(conn, ["a", "b"], notetype="Basic (and reversed card)")
    for text in ("a", "a is:new", "is:new", f"nid:{note.note_id}", ""):
        assert search_cards(conn, text, timing).note_ids() == [note.note_id]


def test_a_notetype_whose_fields_are_all_excluded_matches_no_words(
    conn: sqlite3.Connection, timing: Timing
) -> None:
    make_note(conn, ["word", "b"])
    cloze = make_note(conn, ["{{c1::word}}", ""], notetype="Cloze")
    models = read_document(conn, "models")
    for notetype in models.values():
        if notetype["name"] == "Basic":
            for field in notetype["flds"]:
                field["excludeFromSearch"] = True
    write_document(conn, "models", models)
    for text in ("word", "w:word", "re:word", "nc:word"):
        assert search_cards(conn, text, timing).card_ids() == cloze.card_ids
    assert len(search_cards(conn, "front:word", timing).card_ids()) == 1


def test_text_is_compared_as_it_is_stored(conn: sqlite3.Connection, timing: Timing) -> None:
    composed, decomposed = make_card(conn, "\u00e9"), make_card(conn, "x")
    conn.execute("UPDATE notes SET flds = ? WHERE id = ?", ("e\u0301\x1fb", decomposed.nid))
    conf = read_document(conn, "conf")
    for normalizes, found in ((True, composed), (False, decomposed)):
        write_document(conn, "conf", conf | {"normalizeNoteText": normalizes})
        for text in ("e\u0301", "front:e\u0301", "re:^e\u0301"):
            assert search_cards(conn, text, timing).card_ids() == [found.id]


def test_half_a_character_is_found_nowhere(conn: sqlite3.Connection, timing: Timing) -> None:
    make_card(conn, "ab")
    for text in ("a\ud800b", "re:\udfff", "deck:\ud800", "dupe:1,\ud800"):
        assert search_cards(conn, text, timing).card_ids() == []


ODD_VALUES = ("", "x", None, -1, 2**63 - 1, 1.5, b"\xff", "9" * 400)


@pytest.mark.parametrize(
    "text",
    [
        "prop:due>1", "prop:ease>2", "is:due", "flag:1", "prop:s>1", "prop:r>0", "has-cd:a", "w:a",
        "nc:a", "sc:a",
        "prop:cdn:a>1", "tag:a", "tag:re:a", "tag:nc:a", "re:a", "a", "front:a", "*:a", "edited:1",
        "prop:d>1",
    ],
)  # fmt: skip
def test_odd_values_in_the_file_are_tolerated(
    conn: sqlite3.Connection, timing: Timing, text: str
) -> None:
    for number, value in enumerate(ODD_VALUES):
        card = make_card(conn, f"a{number}")
        given = "" if value is None else value
        columns = ("due", "factor", "flags", "data", "ivl", "odue", "queue", "type")
        marks = ", ".join(f"{column} = ?" for column in columns)
        conn.execute(f"UPDATE cards SET {marks} WHERE id = ?", [given] * len(columns) + [card.id])
        conn.execute(
            "UPDATE notes SET flds = ?, sfld = ?, tags = ?, mod = ? WHERE id = ?",
            (given, given, given, given, card.nid),
        )
    search_cards(conn, text, timing).card_ids()


@pytest.mark.parametrize("document", ["models", "decks", "dconf", "conf"])
def test_damaged_documents_are_tolerated(
    conn: sqlite3.Connection, timing: Timing, document: str
) -> None:
    make_card(conn, "a")
    damaged = {"1": {}, "x": {"name": 1}, "2": [], "3": {"name": "n", "flds": 1, "tmpls": [2]}}
    conn.execute(f"UPDATE col SET {document} = ?", (json.dumps(damaged),))
    for text in (
        "deck:n",
        "deck:current",
        "note:n",
        "card:n",
        "front:n",
        "preset:n",
        "a",
        "sc:n",
        "is:due",
    ):
        search_cards(conn, text, timing).card_ids()


def test_a_search_leaves_nothing_behind(conn: sqlite3.Connection, timing: Timing) -> None:
    make_card(conn, "a")
    search_cards(conn, "w:a nc:a tag:re:x", timing).card_ids()
    with pytest.raises(sqlite3.OperationalError):
        conn.execute("SELECT search_matches(0, 'a')")
    assert conn.execute("SELECT count(*) FROM cards, notes, col").fetchone() == (1,)
