"""Rules of the study queue that hold for any collection."""

import sqlite3
from contextlib import closing
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from chalicelib.collection.cards import get_card
from chalicelib.collection.col import read_document, write_document
from chalicelib.collection.day import timing_at
from chalicelib.collection.study.answering import Answer, answer_card
from chalicelib.collection.study.context import StudyContext
from chalicelib.collection.study.deck_counts import counts_of_decks
from chalicelib.collection.study.limits import remaining_today
from chalicelib.collection.study.orders import fnv_hash, mixed
from chalicelib.collection.study.queue import queue_counts, study_queue
from chalicelib.collection.study.queue_options import Mix
from chalicelib.errors import NotFoundError
from chalicelib.scheduler.answers import Rating
from tests.collection.undoing import record, take_back
from tests.support.collections import (
    DAY_MS,
    NOW_MS,
    make_card,
    make_deck,
    make_note,
    new_connection,
    set_columns,
)
from tests.support.scenarios import CARD_COLUMNS, build

TREE = {"10": "P", "11": "P::a", "12": "P::a::x", "13": "P::b"}
CREATED_S = 1_700_000_000
NOW_S = CREATED_S + 100 * 86_400


@st.composite
def scenarios(draw: st.DrawFn) -> dict[str, Any]:
    limits = st.integers(0, 6)
    groups = {
        key: {"new": {"perDay": draw(limits)}, "rev": {"perDay": draw(limits)}} for key in TREE
    }
    kinds = st.sampled_from(((0, 0, 5), (2, 2, 50), (1, 3, 50), (2, 2, 500)))
    placed = draw(st.lists(st.tuples(st.sampled_from(list(TREE)), kinds), max_size=40))
    cards = []
    for number, (deck_id, (kind, queue, due)) in enumerate(placed, 1):
        row = {"id": number, "nid": number, "did": int(deck_id), "ivl": 3, "data": {}}
        row |= {"type": kind, "queue": queue, "due": due}
        cards.append([row.get(name, 0) for name in CARD_COLUMNS])
    switches = ("newCardsIgnoreReviewLimit", "applyAllParentLimits")
    return {
        "created": CREATED_S,
        "now": NOW_S,
        "minutes_west": 0,
        "conf": {name: draw(st.booleans()) for name in switches} | {"lastUnburied": 100},
        "decks": {key: {"name": name, "conf": int(key)} for key, name in TREE.items()},
        "groups": groups,
        "cards": cards,
    }


@settings(max_examples=60, deadline=None)
@given(scenarios())
def test_a_queue_is_as_full_as_the_limits_allow_and_counted_without_building_it(
    scenario: dict[str, Any],
) -> None:
    with closing(sqlite3.connect(":memory:", isolation_level=None)) as conn:
        build(conn, scenario)
        context, timing = StudyContext(conn), timing_at(conn, NOW_S * 1000)
        for deck_id in map(int, TREE):
            queue = study_queue(conn, deck_id, timing)
            assert queue.counts == queue_counts(conn, deck_id, timing)
            check_limits(context, scenario, deck_id, queue.card_ids)
        if not scenario["conf"]["applyAllParentLimits"]:
            tree = counts_of_decks(conn, timing)
            assert all(tree[d] == queue_counts(conn, d, timing) for d in map(int, TREE))


def check_limits(
    context: StudyContext, scenario: dict[str, Any], deck_id: int, served: list[int]
) -> None:
    """No deck shows more than it may, and one that shows less has no more to show."""
    assert len(set(served)) == len(served)
    rows = [dict(zip(CARD_COLUMNS, row, strict=True)) for row in scenario["cards"]]
    exhausted = set()
    for deck in context.decks.within(deck_id):
        left = remaining_today(context, deck, 100)
        below = {each["id"] for each in context.decks.within(deck["id"])}
        shown = [row for row in rows if row["id"] in served and row["did"] in below]
        reviews = sum(row["queue"] != 0 for row in shown)
        assert reviews <= left.review
        assert len(shown) - reviews <= left.new
        if left.new_within_review:
            assert len(shown) <= left.review or reviews == left.review
        if reviews == left.review:
            exhausted |= below
    due = [row for row in rows if row["queue"] and row["due"] <= 100]
    selected = {deck["id"] for deck in context.decks.within(deck_id)}
    free = selected - exhausted if not scenario["conf"]["applyAllParentLimits"] else set()
    assert all(row["id"] in served for row in due if row["did"] in free)


@given(st.integers(0, 40), st.integers(0, 40), st.data(), st.sampled_from((Mix.MIXED, Mix.AFTER)))
def test_what_is_left_of_a_mixture_is_mixed_as_before(
    ones: int, twos: int, data: st.DataObject, mix: Mix
) -> None:
    one, two = [("one", n) for n in range(ones)], [("two", n) for n in range(twos)]
    whole = mixed(one, two, mix)
    assert [item for item in whole if item in one] == one
    assert [item for item in whole if item in two] == two
    done = data.draw(st.integers(0, len(whole)))
    shown = sum(kind == "one" for kind, _ in whole[:done])
    left = mixed(one[shown:], two[done - shown :], mix, (shown, done - shown))
    assert left == whole[done:]


@given(st.lists(st.integers(-(2**63), 2**64 - 1), max_size=3))
def test_the_hash_is_fnv_1a_over_eight_bytes_a_number(numbers: list[int]) -> None:
    value = 0xCBF29CE484222325
    for byte in b"".join((number % 2**64).to_bytes(8, "little") for number in numbers):
        value = (value ^ byte) * 0x100000001B3 % 2**64
    assert fnv_hash(*numbers) == value


def options(conn: sqlite3.Connection, **changes: Any) -> None:
    groups = read_document(conn, "dconf")
    for name, change in changes.items():
        block = groups["1"].get(name)
        groups["1"][name] = block | change if isinstance(block, dict) else change
    write_document(conn, "dconf", groups)


def test_new_cards_stay_mixed_in_during_a_sitting_and_are_mixed_anew_after_a_break(
    conn: sqlite3.Connection,
) -> None:
    for n in range(12):
        card = make_card(conn, f"review {n}")
        set_columns(conn, card.id, type=2, queue=2, due=0, ivl=5, factor=2500)
    for n in range(4):
        make_card(conn, f"new {n}")
    assert kinds(conn, NOW_MS) == "RRNRRRNRRNRRRNRR"
    for seconds in (10, 20):
        answer_top(conn, NOW_MS + seconds * 1000)
    assert kinds(conn, NOW_MS + 20_000) == "NRRRNRRNRRRNRR"
    assert kinds(conn, NOW_MS + 3_600_000) == "RRNRRNRRNRRNRR"


def kinds(conn: sqlite3.Connection, now_ms: int) -> str:
    queue = study_queue(conn, 1, timing_at(conn, now_ms))
    cards = [get_card(conn, card_id) for card_id in queue.card_ids]
    return "".join({0: "N", 2: "R"}.get(card.queue, "") for card in cards)


def answer_top(conn: sqlite3.Connection, now_ms: int, rating: int = 4) -> int:
    card_id = study_queue(conn, 1, timing_at(conn, now_ms)).card_ids[0]
    answer_card(conn, Answer(card_id, Rating(rating), 8000, now_ms, None), now_ms)
    return card_id


def test_a_failed_card_does_not_come_straight_back_while_another_can_be_shown(
    conn: sqlite3.Connection,
) -> None:
    first, second = (make_card(conn, front).id for front in ("first", "second"))
    assert [answer_top(conn, NOW_MS, 3), answer_top(conn, NOW_MS + 5000, 1)] == [first, second]
    later = timing_at(conn, NOW_MS + 6000)
    assert get_card(conn, second).due < get_card(conn, first).due
    assert study_queue(conn, 1, later).card_ids == [first, second]


def siblings(conn: sqlite3.Connection, front: str) -> list[int]:
    return make_note(conn, [front, "b"], notetype="Basic (and reversed card)").card_ids


@pytest.mark.parametrize("buries", [True, False])
def test_an_answer_buries_siblings_until_the_next_day_if_the_options_say_so(
    conn: sqlite3.Connection, buries: bool
) -> None:
    options(conn, new={"bury": buries})
    first, second = siblings(conn, "a")
    assert (second in study_queue(conn, 1, timing_at(conn, NOW_MS)).card_ids) is not buries
    answer_card(conn, Answer(first, Rating.EASY, 1, NOW_MS, None), NOW_MS)
    buried = get_card(conn, second)
    assert (buried.queue, buried.mod) == ((-2, NOW_MS // 1000) if buries else (0, buried.mod))
    tomorrow = timing_at(conn, NOW_MS + DAY_MS)
    assert second in study_queue(conn, 1, tomorrow).card_ids


def test_a_review_stays_in_the_queue_when_its_new_sibling_was_answered_before_it(
    conn: sqlite3.Connection,
) -> None:
    """It was gathered before the new card; only one gathered after it would be left out."""
    options(conn, rev={"bury": True}, newMix=int(Mix.BEFORE))
    new, review = siblings(conn, "a")
    set_columns(conn, review, type=2, queue=2, due=0, ivl=5, factor=2500)
    assert study_queue(conn, 1, timing_at(conn, NOW_MS)).card_ids == [new, review]
    answer_card(conn, Answer(new, Rating.GOOD, 1, NOW_MS, None), NOW_MS)
    assert study_queue(conn, 1, timing_at(conn, NOW_MS + 1000)).card_ids == [review, new]
    an_hour_later = timing_at(conn, NOW_MS + 3_600_000)
    assert study_queue(conn, 1, an_hour_later).card_ids == [new]


def test_an_answer_drops_what_fsrs_had_computed_elsewhere(conn: sqlite3.Connection) -> None:
    card = make_card(conn, "a")
    set_columns(conn, card.id, data='{"s":3.5,"d":5.0,"dr":0.9,"cd":"{}"}')
    after = answer_card(conn, Answer(card.id, Rating.GOOD, 1, NOW_MS, None), NOW_MS)
    assert after.custom_data() == {"cd": "{}", "pos": 1, "lrt": NOW_MS // 1000}


def test_an_answer_of_yesterday_buries_nothing_today(conn: sqlite3.Connection) -> None:
    options(conn, new={"bury": True})
    first, second = siblings(conn, "a")
    now_ms = NOW_MS + DAY_MS
    answer_card(conn, Answer(first, Rating.GOOD, 1, NOW_MS, None), now_ms)
    assert get_card(conn, second).queue == 0


def test_undoing_an_answer_unburies_the_siblings(conn: sqlite3.Connection) -> None:
    options(conn, new={"bury": True})
    first, second = siblings(conn, "a")
    before = study_queue(conn, 1, timing_at(conn, NOW_MS))
    answer = Answer(first, Rating.GOOD, 1, NOW_MS, None)
    inverse = record(conn, lambda: answer_card(conn, answer, NOW_MS))
    assert get_card(conn, second).queue == -2
    take_back(conn, inverse, NOW_MS + 1000)
    assert get_card(conn, second).queue == 0
    assert study_queue(conn, 1, timing_at(conn, NOW_MS + 1000)) == before


def test_a_card_on_its_steps_stays_in_the_filtered_deck_and_counts_there(
    conn: sqlite3.Connection,
) -> None:
    home, away = make_deck(conn, "Home"), make_deck(conn, "Away", NOW_MS + 1)
    decks = read_document(conn, "decks")
    decks[str(away)] |= {"dyn": 1}
    write_document(conn, "decks", decks)
    card = make_card(conn, "lent", home)
    set_columns(conn, card.id, did=away, odid=home, odue=card.due, due=-100_000)
    answered = answer_card(conn, Answer(card.id, Rating.GOOD, 1, NOW_MS, None), NOW_MS)
    assert (answered.did, answered.odid, answered.odue) == (away, home, answered.due)
    decks = read_document(conn, "decks")
    assert (decks[str(away)]["newToday"], decks[str(home)]["newToday"]) == ([0, 1], [0, 0])
    answered = answer_card(conn, Answer(card.id, Rating.EASY, 1, NOW_MS, None), NOW_MS)
    assert (answered.did, answered.odid, answered.odue) == (home, 0, 0)


def test_odd_values_of_a_hostile_file_do_not_stop_studying(conn: sqlite3.Connection) -> None:
    card = make_card(conn, "odd")
    set_columns(conn, card.id, due="x", mod="y", nid="z", ord="w")
    decks, conf = read_document(conn, "decks"), read_document(conn, "conf")
    odd = {"newToday": "x", "revToday": [1], "newLimit": "many", "newLimitToday": {"today": 0}}
    decks["1"] |= odd
    write_document(conn, "decks", decks)
    write_document(conn, "conf", conf | {"collapseTime": "long", "lastUnburied": "never"})
    for order in range(13):
        options(conn, reviewOrder=order, newGatherPriority=order % 6, new={"bury": order % 2 == 0})
        timing = timing_at(conn, NOW_MS)
        assert study_queue(conn, 1, timing).card_ids == [card.id]
        assert queue_counts(conn, 1, timing).new == 1


def test_counts_of_an_unknown_deck_are_refused() -> None:
    with closing(new_connection()) as conn, pytest.raises(NotFoundError):
        queue_counts(conn, 4711, timing_at(conn, NOW_MS))
