import sqlite3

import pytest

from chalicelib.collection.col import read_document, write_document
from chalicelib.collection.day import set_local_offset, timing_at, unbury_on_new_day
from chalicelib.collection.deck_options.groups import change_options
from chalicelib.collection.study.deck_counts import counts_of_decks
from chalicelib.collection.study.queue import Counts, study_queue
from chalicelib.errors import NotFoundError
from tests.support.collections import DAY_MS, NOW_MS, make_card, make_deck, set_columns

NOW_S = NOW_MS // 1000


def served(conn: sqlite3.Connection, deck_id: int, now_ms: int = NOW_MS) -> list[int]:
    return study_queue(conn, deck_id, timing_at(conn, now_ms)).card_ids


def counted(conn: sqlite3.Connection, deck_id: int, now_ms: int = NOW_MS) -> Counts:
    return study_queue(conn, deck_id, timing_at(conn, now_ms)).counts


def review(conn: sqlite3.Connection, name: str, deck_id: int, due: int = 0) -> int:
    return set_columns(
        conn, make_card(conn, name, deck_id).id, type=2, queue=2, due=due, ivl=5, factor=2500
    ).id


def learning(conn: sqlite3.Connection, name: str, deck_id: int, due_s: int) -> int:
    card = make_card(conn, name, deck_id)
    return set_columns(conn, card.id, type=1, queue=1, due=due_s, left=1).id


def limit(conn: sqlite3.Connection, deck_id: int, *, new: int, review: int) -> None:
    """Give a deck an option group of its own with these limits."""
    groups, decks = read_document(conn, "dconf"), read_document(conn, "decks")
    groups[str(deck_id)] = groups["1"] | {"id": deck_id, "name": f"for {deck_id}"}
    decks[str(deck_id)]["conf"] = deck_id
    write_document(conn, "dconf", groups)
    write_document(conn, "decks", decks)
    change_options(conn, deck_id, {"new": {"perDay": new}, "rev": {"perDay": review}}, NOW_MS)


def test_learning_comes_first_then_reviews_then_new_then_what_is_due_soon(
    conn: sqlite3.Connection,
) -> None:
    deck = make_deck(conn, "D")
    new = make_card(conn, "new", deck).id
    soon = learning(conn, "soon", deck, NOW_S + 600)
    rev = review(conn, "review", deck)
    due = learning(conn, "due", deck, NOW_S - 5)
    learning(conn, "far", deck, NOW_S + 3600)
    assert served(conn, deck) == [due, rev, new, soon]
    assert counted(conn, deck) == Counts(new=1, learn=2, review=1)


def test_cards_of_tomorrow_and_suspended_or_buried_ones_are_not_served(
    conn: sqlite3.Connection,
) -> None:
    deck = make_deck(conn, "D")
    review(conn, "tomorrow", deck, due=1)
    for queue in (-1, -2, -3):
        set_columns(conn, make_card(conn, f"queue {queue}", deck).id, queue=queue)
    timing = timing_at(conn, NOW_MS)
    unbury_on_new_day(conn, timing)  # nothing: day 0 is the first
    assert served(conn, deck) == []


def test_a_deck_serves_its_subdecks_but_not_its_neighbours(conn: sqlite3.Connection) -> None:
    parent, child = make_deck(conn, "A"), make_deck(conn, "A::B")
    other = make_deck(conn, "AB")
    inside = make_card(conn, "inside", child).id
    make_card(conn, "outside", other)
    assert served(conn, parent) == [inside]
    with pytest.raises(NotFoundError):
        served(conn, 4711)


def test_limits_of_the_deck_and_its_parents_hold_but_only_within_the_selected_tree(
    conn: sqlite3.Connection,
) -> None:
    parent, child = make_deck(conn, "P"), make_deck(conn, "P::C")
    limit(conn, parent, new=5, review=200)
    limit(conn, child, new=20, review=200)
    for n in range(30):
        make_card(conn, f"card {n}", child)
    assert counted(conn, parent).new == 5
    assert counted(conn, child).new == 20


def test_new_cards_are_capped_by_what_is_left_of_the_review_limit(
    conn: sqlite3.Connection,
) -> None:
    deck = make_deck(conn, "D")
    limit(conn, deck, new=20, review=10)
    for n in range(8):
        review(conn, f"review {n}", deck)
    for n in range(20):
        make_card(conn, f"new {n}", deck)
    assert counted(conn, deck) == Counts(new=2, learn=0, review=8)
    assert counts_of_decks(conn, timing_at(conn, NOW_MS))[deck] == counted(conn, deck)
    for n in range(5):
        card = make_card(conn, f"learning of an earlier day {n}", deck)
        set_columns(conn, card.id, type=1, queue=3, due=0, left=1)
    assert counted(conn, deck) == Counts(new=0, learn=5, review=5)
    assert counts_of_decks(conn, timing_at(conn, NOW_MS))[deck] == counted(conn, deck)


def test_what_was_studied_today_uses_up_the_limits_until_the_next_day(
    conn: sqlite3.Connection,
) -> None:
    deck = make_deck(conn, "D")
    limit(conn, deck, new=6, review=100)
    for n in range(10):
        make_card(conn, f"card {n}", deck)
    decks = read_document(conn, "decks")
    decks[str(deck)]["newToday"] = [0, 4]
    write_document(conn, "decks", decks)
    assert counted(conn, deck).new == 2
    assert counted(conn, deck, NOW_MS + DAY_MS).new == 6


def test_limits_of_the_deck_itself_go_before_those_of_its_options(
    conn: sqlite3.Connection,
) -> None:
    deck = make_deck(conn, "D")
    for n in range(10):
        make_card(conn, f"card {n}", deck)
    decks = read_document(conn, "decks")
    decks[str(deck)]["newLimit"] = 3
    write_document(conn, "decks", decks)
    assert counted(conn, deck).new == 3
    decks[str(deck)]["newLimitToday"] = {"limit": 7, "today": 0}
    write_document(conn, "decks", decks)
    assert counted(conn, deck).new == 7
    assert counted(conn, deck, NOW_MS + DAY_MS).new == 3


def test_parents_in_the_deck_list_sum_what_their_subdecks_may_show(
    conn: sqlite3.Connection,
) -> None:
    parent, child = make_deck(conn, "P"), make_deck(conn, "P::C")
    limit(conn, parent, new=9, review=200)
    limit(conn, child, new=4, review=200)
    for n in range(30):
        make_card(conn, f"child {n}", child)
    for n in range(3):
        make_card(conn, f"parent {n}", parent)
    counts = counts_of_decks(conn, timing_at(conn, NOW_MS))
    assert (counts[child].new, counts[parent].new) == (4, 7)


def test_buried_cards_come_back_on_the_next_day_without_a_write(
    conn: sqlite3.Connection,
) -> None:
    deck = make_deck(conn, "D")
    buried = set_columns(conn, make_card(conn, "buried", deck).id, queue=-2).id
    sleeping = set_columns(
        conn, make_card(conn, "by hand", deck).id, type=2, queue=-3, due=0, ivl=3, factor=2500
    ).id
    suspended = set_columns(conn, make_card(conn, "suspended", deck).id, queue=-1).id
    assert served(conn, deck) == []
    assert served(conn, deck, NOW_MS + DAY_MS) == [sleeping, buried]
    assert suspended not in served(conn, deck, NOW_MS + DAY_MS)


def test_unburying_leaves_mod_and_usn_alone_and_happens_once_a_day(
    conn: sqlite3.Connection,
) -> None:
    card = make_card(conn, "buried")
    set_columns(conn, card.id, queue=-3, mod=5, usn=9)
    tomorrow = timing_at(conn, NOW_MS + DAY_MS)
    unbury_on_new_day(conn, tomorrow)
    assert conn.execute("SELECT queue, mod, usn FROM cards").fetchone() == (0, 5, 9)
    assert read_document(conn, "conf")["lastUnburied"] == tomorrow.today
    set_columns(conn, card.id, queue=-3)
    unbury_on_new_day(conn, tomorrow)
    assert conn.execute("SELECT queue FROM cards").fetchone() == (-3,)


def test_going_nowhere_is_no_change(conn: sqlite3.Connection) -> None:
    before = conn.execute("SELECT mod, conf FROM col").fetchone()
    set_local_offset(conn, 0, NOW_MS + DAY_MS)
    assert conn.execute("SELECT mod, conf FROM col").fetchone() == before
    set_local_offset(conn, 60, NOW_MS + DAY_MS)
    assert conn.execute("SELECT mod, conf FROM col").fetchone() != before


def test_learning_cards_of_tomorrow_wait_for_tomorrow(conn: sqlite3.Connection) -> None:
    deck = make_deck(conn, "D")
    timing = timing_at(conn, NOW_MS)
    learning(conn, "after the cutoff", deck, timing.next_cutoff_s + 1)
    queue = study_queue(conn, deck, timing)
    assert (queue.card_ids, queue.next_learning_due_s) == ([], None)
    before = learning(conn, "before the cutoff", deck, timing.next_cutoff_s - 1)
    assert study_queue(conn, deck, timing).next_learning_due_s == timing.next_cutoff_s - 1
    assert served(conn, deck, (timing.next_cutoff_s - 60) * 1000) == [before]


def test_a_filtered_deck_has_no_limits(conn: sqlite3.Connection) -> None:
    filtered = make_deck(conn, "Filtered")
    decks = read_document(conn, "decks")
    decks[str(filtered)]["dyn"] = 1
    write_document(conn, "decks", decks)
    for n in range(25):
        set_columns(conn, make_card(conn, f"card {n}").id, did=filtered, odid=1)
    assert counted(conn, filtered).new == 25


@pytest.mark.parametrize("odd", [True, "180", 1.5, None])
def test_an_offset_that_is_no_whole_number_counts_as_absent(
    conn: sqlite3.Connection, odd: object
) -> None:
    conf = read_document(conn, "conf")
    write_document(conn, "conf", conf | {"localOffset": odd, "rollover": odd})
    timing = timing_at(conn, NOW_MS)
    conf.pop("localOffset")
    write_document(conn, "conf", conf | {"rollover": 4})
    assert timing == timing_at(conn, NOW_MS)
