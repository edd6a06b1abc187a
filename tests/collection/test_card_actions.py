import json
import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from chalicelib.collection.actions.card_actions import (
    Buried,
    bury,
    delete,
    flag,
    suspend,
    unbury_deck,
)
from chalicelib.collection.actions.draws import drawn_between
from chalicelib.collection.actions.forgetting import Forgetting, forget
from chalicelib.collection.actions.moving import move_cards
from chalicelib.collection.actions.note_tags import add_tags, remove_tags
from chalicelib.collection.actions.repositioning import MAX_POSITION, NewOrder, reposition
from chalicelib.collection.actions.set_due import DueDays, parse_due_days, set_due_date
from chalicelib.collection.card_data import read_card_data, write_card_data
from chalicelib.collection.cards import get_card
from chalicelib.collection.day import timing_at
from chalicelib.collection.deck_options.groups import change_options
from chalicelib.collection.schema import column_names
from chalicelib.errors import BadInputError, JavumboError, NotFoundError, TooLargeError
from tests.collection.undoing import answering, content, dump, record, undo
from tests.golden_cards import golden_cases
from tests.oracle_cards.ours import Ours
from tests.oracle_cards.states import collection_of, state_of
from tests.support.anki import assert_clean
from tests.support.collections import (
    DAY_MS,
    NOW_MS,
    make_card,
    make_deck,
    make_note,
    new_connection,
    save,
    set_columns,
)

LATER_MS = NOW_MS + 60_000
SEED = 20_240_115
USN = 7
TARGET = NOW_MS + 5

Action = Callable[[sqlite3.Connection, list[int]], int]

ACTIONS: dict[str, Action] = {
    "suspend": lambda conn, ids: suspend(conn, ids, LATER_MS),
    "bury": lambda conn, ids: bury(conn, ids, LATER_MS),
    "flag": lambda conn, ids: flag(conn, ids, 3, LATER_MS),
    "move": lambda conn, ids: move_cards(conn, ids, TARGET, LATER_MS),
    "reset": lambda conn, ids: forget(conn, ids, Forgetting(), LATER_MS),
    "set due": lambda conn, ids: set_due_date(conn, ids, DueDays(2, 9, False), SEED, LATER_MS),
    "reposition": lambda conn, ids: reposition(
        conn, ids, NewOrder(1, 1, randomize=True, shift_existing=True), SEED, LATER_MS
    ),
    "add tags": lambda conn, ids: add_tags(
        conn, ids, ["fresh", "old::x"], max_note_bytes=9000, now_ms=LATER_MS
    ),
    "remove tags": lambda conn, ids: remove_tags(conn, ids, ["old"], LATER_MS),
    "delete": lambda conn, ids: delete(conn, ids, LATER_MS),
}


def new_cards(conn: sqlite3.Connection, count: int, deck_id: int = 1) -> list[int]:
    return [make_card(conn, f"card {n}", deck_id).id for n in range(count)]


def studied(conn: sqlite3.Connection) -> list[int]:
    """Cards of every kind, as studying makes them, with a tag each; and a deck to move them to."""
    make_deck(conn, "Target", TARGET)
    ids = []
    for n, ratings in enumerate([(), (1,), (3,), (4,), (4,), (3, 3), ()]):
        note = make_note(conn, [f"front {n}", "b"], tags=["old"], now_ms=NOW_MS + n)
        ids += note.card_ids
        for rating in ratings:
            answering(conn, note.card_ids[0], rating, NOW_MS)()
    return ids


# Undo, sync numbers, refusals: for all operations


@pytest.mark.parametrize("part", range(6))
def test_every_operation_can_be_undone_and_done_again(part: int) -> None:
    for case in golden_cases()[part::12]:
        if case.error or case.may_be_refused:
            continue
        with closing(collection_of(case.before)) as conn:
            before = content(conn)
            inverse = record(conn, lambda: Ours(conn, case.now_ms).run(*case.operation))  # noqa: B023
            after = content(conn)
            if not inverse:
                assert after == before
                continue
            redo = undo(conn, inverse, case.now_ms + 1000)
            assert content(conn) == before, case.operation
            undo(conn, redo, case.now_ms + 2000)
            assert content(conn) == after, case.operation


def test_every_changed_row_carries_the_usn_of_the_collection() -> None:
    for case in golden_cases()[::5]:
        if case.error or case.may_be_refused:
            continue
        with closing(collection_of(case.before)) as conn:
            conn.execute("UPDATE col SET usn = ?", (USN,))
            Ours(conn, case.now_ms).run(*case.operation)
            assert changed_usns(case.before, state_of(conn)) <= {USN}, case.operation


def changed_usns(before: dict[str, Any], after: dict[str, Any]) -> set[int]:
    """The `usn` of the rows that changed; a new day unburies cards without a trace."""
    found = set()
    for table in ("notes", "cards", "revlog", "graves"):
        names = column_names(table)
        known = {json.dumps(row) for row in before[table]}
        mod_before = {row[0]: dict(zip(names, row, strict=True)) for row in before[table]}
        for row in after[table]:
            now = dict(zip(names, row, strict=True))
            then = mod_before.get(row[0], {})
            unburied = table == "cards" and now | {"queue": 0} == then | {"queue": 0}
            if json.dumps(row) not in known and not unburied:
                found.add(now["usn"])
    return found


@pytest.mark.parametrize("action", ACTIONS)
def test_an_unknown_card_among_the_others_changes_nothing(
    conn: sqlite3.Connection, action: str
) -> None:
    ids = studied(conn)
    before = dump(conn)
    with pytest.raises(NotFoundError):
        record(conn, lambda: ACTIONS[action](conn, [*ids, 77]))
    assert dump(conn) == before


@pytest.mark.parametrize("action", ACTIONS)
def test_a_card_named_twice_counts_once(conn: sqlite3.Connection, action: str) -> None:
    first, *_ = new_cards(conn, 3)
    make_deck(conn, "Target", TARGET)
    add_tags(conn, [first], ["old"], max_note_bytes=900, now_ms=NOW_MS)
    assert ACTIONS[action](conn, [first, first, first]) == 1


@pytest.mark.parametrize("action", ["suspend", "bury", "flag", "add tags", "remove tags"])
def test_what_is_so_already_does_not_change_again(conn: sqlite3.Connection, action: str) -> None:
    ids = studied(conn)
    ACTIONS[action](conn, ids)
    before = dump(conn)
    assert ACTIONS[action](conn, ids) == 0
    assert dump(conn) == before


def test_real_anki_finds_nothing_wrong_afterwards(conn: sqlite3.Connection, tmp_path: Path) -> None:
    ids = studied(conn)
    for action in ("suspend", "flag", "move", "set due", "add tags", "reposition", "bury"):
        ACTIONS[action](conn, ids[1:])
    # Not before: even Anki itself finds fault with cards that were reset and then made due.
    forget(conn, ids[2:4], Forgetting(), LATER_MS)
    delete(conn, ids[4:5], LATER_MS)
    remove_tags(conn, ids[5:], ["old"], LATER_MS)
    # Otherwise the day on which Anki looks would unbury them.
    conn.execute("UPDATE cards SET queue = -1 WHERE queue = -3")
    assert_clean(save(conn, tmp_path / "after.anki2"))


ODD = st.one_of(
    st.integers(-(2**63), 2**63 - 1),
    st.text(max_size=4),
    st.floats(allow_nan=False),
    st.binary(max_size=3),
)
ODD_COLUMNS = [name for name in column_names("cards") if name not in ("id", "usn", "mod")]


@given(data=st.data(), action=st.sampled_from(sorted(ACTIONS)))
@settings(max_examples=120, deadline=None)
def test_odd_values_in_a_file_do_no_harm(data: st.DataObject, action: str) -> None:
    with closing(new_connection()) as conn:
        ids = studied(conn)[:3]
        name = data.draw(st.sampled_from(ODD_COLUMNS))
        conn.execute(f"UPDATE cards SET {name} = ? WHERE id = ?", (data.draw(ODD), ids[1]))
        conf = data.draw(st.sampled_from(["{}", '{"nextPos":"x"}', '{"nextPos":-3}']))
        conn.execute("UPDATE col SET conf = ?", (conf,))
        try:
            ACTIONS[action](conn, ids)
        except JavumboError:
            return


# Single rules that no row of a golden file shows


def test_a_card_buried_yesterday_can_be_buried_again_today(conn: sqlite3.Connection) -> None:
    card, *_ = new_cards(conn, 1)
    assert bury(conn, [card], NOW_MS) == 1
    assert bury(conn, [card], NOW_MS) == 0
    assert bury(conn, [card], NOW_MS + DAY_MS) == 1
    assert get_card(conn, card).queue == -3


def test_unburying_a_deck_is_choosy(conn: sqlite3.Connection) -> None:
    parent, child, other = (make_deck(conn, name) for name in ("A", "A::B", "C"))
    cards = [new_cards(conn, 1, deck)[0] for deck in (parent, child, other)]
    for card, queue in zip(cards, (-2, -3, -3), strict=True):
        set_columns(conn, card, queue=queue)
    timing = timing_at(conn, NOW_MS)
    conn.execute("UPDATE col SET conf = json_set(conf, '$.lastUnburied', ?)", (timing.today,))
    assert unbury_deck(conn, parent, Buried.USER, NOW_MS) == 1
    assert [get_card(conn, card).queue for card in cards] == [-2, 0, -3]
    assert unbury_deck(conn, parent, Buried.SIBLINGS, NOW_MS) == 1
    assert unbury_deck(conn, parent, Buried.ALL, NOW_MS) == 0
    with pytest.raises(NotFoundError):
        unbury_deck(conn, 77, Buried.ALL, NOW_MS)


def test_cards_become_due_on_each_of_the_days_by_chance(conn: sqlite3.Connection) -> None:
    ids = new_cards(conn, 120)
    days = DueDays(3, 7, reset=False)

    def draw(seed: int) -> list[int]:
        set_due_date(conn, ids, days, seed, NOW_MS)
        return [get_card(conn, card).due - timing_at(conn, NOW_MS).today for card in ids]

    first = draw(1)
    assert set(first) == {3, 4, 5, 6, 7}
    assert draw(1) == first != draw(2)
    assert [get_card(conn, card).ivl for card in ids] == first  # kept from the first time


@given(low=st.integers(0, 99), more=st.integers(0, 99), seed=st.integers(0), about=st.integers(0))
def test_a_drawn_number_is_within_its_bounds(low: int, more: int, seed: int, about: int) -> None:
    assert low <= drawn_between(low, low + more, seed, about) <= low + more


@pytest.mark.parametrize(
    ("text", "days"),
    [("0", (0, 0, False)), ("3-7", (3, 7, False)), ("7-3!", (3, 7, True)), ("9!", (9, 9, True))],
)
def test_days_are_read_as_anki_reads_them(text: str, days: tuple[int, int, bool]) -> None:
    assert parse_due_days(text) == DueDays(*days)


@pytest.mark.parametrize(
    "text",
    ["", "x", "-3", "3-", "3!!", " 3", "3 - 7", "\u0663", "3\n", "36501", "0-36501", "9" * 99],
)
def test_other_days_are_refused(text: str) -> None:
    with pytest.raises(BadInputError) as caught:
        parse_due_days(text)
    assert set(caught.value.fields) == {"days"}


def test_shuffled_notes_stand_in_another_order_with_their_cards_together(
    conn: sqlite3.Connection,
) -> None:
    kind = "Basic (and reversed card)"
    notes = [make_note(conn, [f"front {n}", "b"], notetype=kind) for n in range(30)]
    ids = [card for note in notes for card in note.card_ids]

    def shuffle(seed: int) -> list[int]:
        assert reposition(conn, ids, NewOrder(5, 2, randomize=True), seed, NOW_MS) == 60
        return [get_card(conn, card).due for card in ids]

    first = shuffle(1)
    assert sorted(first[::2]) == list(range(5, 65, 2))
    assert first[::2] == first[1::2]
    assert first[::2] != sorted(first[::2])
    assert shuffle(1) == first != shuffle(2)


def test_another_order_in_the_options_shuffles_the_decks_or_sorts_them(
    conn: sqlite3.Connection,
) -> None:
    decks = [make_deck(conn, name) for name in ("A", "B")]
    ids = {deck: new_cards(conn, 30, deck) for deck in decks}

    def positions(deck: int) -> list[int]:
        return [get_card(conn, card).due for card in ids[deck]]

    change_options(conn, decks[0], {"new": {"order": 0}}, NOW_MS)
    for deck in decks:
        assert sorted(positions(deck)) == list(range(1, 31)) != positions(deck)
    change_options(conn, decks[1], {"new": {"order": 1}}, NOW_MS)
    assert [positions(deck) for deck in decks] == [list(range(1, 31))] * 2


def test_a_card_that_only_stands_among_the_new_ones_is_moved_as_well(
    conn: sqlite3.Connection,
) -> None:
    first, second = new_cards(conn, 2)
    set_columns(conn, first, type=2)
    set_columns(conn, second, type=2, queue=2)
    assert reposition(conn, [first, second], NewOrder(7, 1), SEED, NOW_MS) == 1
    assert [get_card(conn, card).due for card in (first, second)] == [7, 2]


def test_a_position_stays_where_anki_takes_it_for_one(conn: sqlite3.Connection) -> None:
    ids = new_cards(conn, 3)
    reposition(conn, ids, NewOrder(MAX_POSITION - 2, 1), SEED, NOW_MS)
    with pytest.raises(BadInputError):
        reposition(conn, ids, NewOrder(MAX_POSITION - 1, 1), SEED, NOW_MS)
    with pytest.raises(BadInputError):
        reposition(conn, ids[:1], NewOrder(1, 3, shift_existing=True), SEED, NOW_MS)


def test_of_two_spellings_of_a_tag_in_a_note_the_first_stays(conn: sqlite3.Connection) -> None:
    card, *_ = new_cards(conn, 1)
    conn.execute("UPDATE notes SET tags = ' Foo b FOO '")
    add_tags(conn, [card], ["a", "fOO"], max_note_bytes=90, now_ms=NOW_MS)
    assert conn.execute("SELECT tags FROM notes").fetchone() == (" a b Foo ",)


def test_tags_that_would_make_a_note_too_large_change_nothing(conn: sqlite3.Connection) -> None:
    card, *_ = new_cards(conn, 1)
    tag = "x" * 50
    add_tags(conn, [card], [tag], max_note_bytes=90, now_ms=NOW_MS)
    before = dump(conn)
    with pytest.raises(TooLargeError):
        record(conn, lambda: add_tags(conn, [card], ["y" * 50], max_note_bytes=90, now_ms=NOW_MS))
    assert dump(conn) == before


def test_each_card_gets_an_entry_of_its_own_in_the_review_log(conn: sqlite3.Connection) -> None:
    ids = new_cards(conn, 50)
    conn.execute("INSERT INTO revlog VALUES (?, 1, 0, 3, 1, 1, 2500, 9, 1)", (NOW_MS + 3,))
    set_due_date(conn, ids, DueDays(1, 1, False), SEED, NOW_MS)
    forget(conn, ids, Forgetting(), NOW_MS)
    rows = conn.execute("SELECT id, cid FROM revlog WHERE type = 4 ORDER BY id").fetchall()
    assert [card for _, card in rows] == ids + ids
    assert rows[-1][0] == NOW_MS + 100


CARD_DATA = st.dictionaries(
    st.sampled_from(["pos", "s", "d", "dr", "decay", "lrt", "cd", "unknown"]),
    st.one_of(st.none(), st.booleans(), st.integers(), st.floats(), st.text(max_size=5)),
)


@given(st.one_of(st.text(), CARD_DATA.map(json.dumps), st.integers(), st.none()))
def test_card_data_that_was_written_is_read_back_as_it_was(stored: object) -> None:
    text = write_card_data(read_card_data(stored))
    assert write_card_data(read_card_data(text)) == text
