import json
import sqlite3
from pathlib import Path

import pytest

from chalicelib.collection.cards import Card, get_card
from chalicelib.collection.col import read_document, write_document
from chalicelib.collection.day import timing_at
from chalicelib.collection.deck_options.groups import OptionGroups, change_options
from chalicelib.collection.notes import get_note
from chalicelib.collection.study.answering import Answer, answer_card, answer_token, button_labels
from chalicelib.collection.study.queue import study_queue
from chalicelib.errors import BadInputError, NotFoundError, StaleCardError
from chalicelib.scheduler.answers import Rating
from tests.support.anki import assert_clean
from tests.support.collections import (
    DAY_MS,
    NOW_MS,
    make_card,
    make_deck,
    save,
    set_columns,
)


def answer(
    conn: sqlite3.Connection,
    card: Card,
    rating: int,
    *,
    at_ms: int = NOW_MS,
    taken_ms: int = 4000,
    token: str | None = None,
) -> Card:
    return answer_card(conn, Answer(card.id, Rating(rating), taken_ms, at_ms, token), at_ms)


def test_weeks_of_study_leave_a_collection_that_anki_finds_clean(
    conn: sqlite3.Connection, tmp_path: Path
) -> None:
    deck = make_deck(conn, "Languages::Portuguese")
    for n in range(30):
        make_card(conn, f"word {n}", deck)
    change_options(conn, deck, {"lapse": {"leechFails": 2, "leechAction": 0}}, NOW_MS)
    answers, now_ms = 0, NOW_MS
    for day in range(25):
        now_ms = NOW_MS + day * DAY_MS
        for _ in range(40):
            queue = study_queue(conn, deck, timing_at(conn, now_ms)).card_ids
            if not queue:
                break
            card = get_card(conn, queue[0])
            answer(conn, card, (card.id + card.reps) % 4 + 1, at_ms=now_ms)
            answers += 1
            now_ms += 7000
    assert answers > 200
    report = assert_clean(save(conn, tmp_path / "studied.anki2"))
    assert report["counts"]["revlog"] == answers
    tags = {tag for (tags,) in conn.execute("SELECT tags FROM notes") for tag in tags.split()}
    assert tags == {"leech"}


def test_an_answer_is_logged_with_the_time_taken_up_to_the_limit(
    conn: sqlite3.Connection,
) -> None:
    card = make_card(conn, "a")
    answer(conn, card, 3, taken_ms=3_600_000)
    row = conn.execute("SELECT id, cid, usn, ease, ivl, lastIvl, factor, time, type FROM revlog")
    assert row.fetchone() == (NOW_MS, card.id, 0, 3, -600, 0, 0, 60_000, 0)


def test_the_card_remembers_its_last_review_and_where_it_stood(conn: sqlite3.Connection) -> None:
    make_card(conn, "first")
    card = make_card(conn, "second")
    set_columns(conn, card.id, data='{"cd":"{\\"k\\":1}"}')
    after = answer(conn, card, 4)
    assert json.loads(after.data) == {"cd": '{"k":1}', "pos": 2, "lrt": NOW_MS // 1000}


def test_two_answers_in_one_millisecond_get_ids_of_their_own(conn: sqlite3.Connection) -> None:
    first, second = make_card(conn, "a"), make_card(conn, "b")
    answer(conn, first, 3)
    answer(conn, second, 3)
    assert conn.execute("SELECT id FROM revlog ORDER BY id").fetchall() == [
        (NOW_MS,),
        (NOW_MS + 1,),
    ]


def test_day_counters_of_the_deck_and_all_its_parents_are_kept(
    conn: sqlite3.Connection,
) -> None:
    deck = make_deck(conn, "A::B::C")
    sibling = make_deck(conn, "A::X")
    new = make_card(conn, "new", deck)
    due = set_columns(
        conn, make_card(conn, "due", deck).id, type=2, queue=2, due=0, ivl=3, factor=2500
    )
    late = set_columns(
        conn, make_card(conn, "day learning", deck).id, type=1, queue=3, due=0, left=1
    )
    answer(conn, new, 3)
    answer(conn, get_card(conn, new.id), 3)  # now a learning card: counts for nothing
    answer(conn, due, 3)
    answer(conn, late, 3)
    by_name = {d["name"]: d for d in read_document(conn, "decks").values()}
    for name in ("A", "A::B", "A::B::C"):
        counters = by_name[name]
        assert counters["newToday"] == [0, 1]
        assert counters["revToday"] == [0, 2]
        assert counters["lrnToday"] == [0, 0]
        assert counters["timeToday"] == [0, 16_000]
    assert by_name["A::X"]["timeToday"] == [0, 0]
    assert sibling


def test_counters_of_an_earlier_day_start_again(conn: sqlite3.Connection) -> None:
    deck = make_deck(conn, "D")
    answer(conn, make_card(conn, "a", deck), 3)
    answer(conn, make_card(conn, "b", deck), 3, at_ms=NOW_MS + 3 * DAY_MS)
    counters = read_document(conn, "decks")[str(deck)]
    assert counters["newToday"] == [3, 1]
    assert counters["timeToday"] == [3, 4000]


def test_a_token_lets_one_answer_through(conn: sqlite3.Connection) -> None:
    card = make_card(conn, "a")
    token = answer_token(card)
    answer(conn, card, 3, token=token)
    with pytest.raises(StaleCardError):
        answer(conn, card, 3, token=token)
    assert conn.execute("SELECT count(*) FROM revlog").fetchone() == (1,)
    assert answer_token(get_card(conn, card.id)) != token


def test_a_token_survives_the_unburying_of_a_new_day(conn: sqlite3.Connection) -> None:
    card = set_columns(conn, make_card(conn, "a").id, queue=-2)
    answer(conn, make_card(conn, "b"), 3, at_ms=NOW_MS + DAY_MS)
    assert get_card(conn, card.id).queue == 0
    answer(conn, card, 3, token=answer_token(card), at_ms=NOW_MS + DAY_MS)


def test_an_answer_older_than_the_last_one_is_refused(conn: sqlite3.Connection) -> None:
    card = make_card(conn, "a")
    answer(conn, card, 3)
    earlier = Answer(card.id, Rating.GOOD, 0, NOW_MS - 60_000, None)
    with pytest.raises(StaleCardError):
        answer_card(conn, earlier, NOW_MS)


def test_a_late_answer_is_scheduled_and_logged_as_of_its_own_moment(
    conn: sqlite3.Connection,
) -> None:
    card = make_card(conn, "a")
    now_ms, given_ms = NOW_MS + 5 * DAY_MS, NOW_MS + 3 * DAY_MS
    answer(conn, make_card(conn, "today"), 3, at_ms=now_ms)
    late = Answer(card.id, Rating.EASY, 4000, given_ms, answer_token(card))
    after = answer_card(conn, late, now_ms)
    assert after.due == 3 + after.ivl
    assert after.mod == now_ms // 1000
    assert after.custom_data()["lrt"] == given_ms // 1000
    assert conn.execute("SELECT id FROM revlog WHERE cid = ?", (card.id,)).fetchall() == [
        (given_ms,)
    ]
    # The counters already stand at a later day.
    assert read_document(conn, "decks")["1"]["newToday"] == [5, 1]


def test_a_last_review_in_the_future_says_nothing(conn: sqlite3.Connection) -> None:
    data = '{"lrt":9999999999}'
    card = set_columns(conn, make_card(conn, "a").id, data=data, due=-7)
    after = answer(conn, card, 3)
    assert after.custom_data() == {"lrt": NOW_MS // 1000, "pos": 0}


def test_unknown_and_suspended_cards_are_not_answered(conn: sqlite3.Connection) -> None:
    card = set_columns(conn, make_card(conn, "a").id, queue=-1)
    with pytest.raises(BadInputError):
        answer(conn, card, 3)
    with pytest.raises(NotFoundError):
        answer_card(conn, Answer(1, Rating.GOOD, 0, NOW_MS, None), NOW_MS)


def test_a_card_lent_to_a_filtered_deck_comes_home_when_answered(
    conn: sqlite3.Connection,
) -> None:
    home, away = make_deck(conn, "Home"), make_deck(conn, "Away")
    card = set_columns(
        conn,
        make_card(conn, "a", home).id,
        type=2,
        queue=2,
        due=-100_000,
        odue=-2,
        ivl=10,
        factor=2500,
        did=away,
        odid=home,
    )
    after = answer(conn, card, 3)
    assert (after.did, after.odid, after.odue) == (home, 0, 0)


def test_the_leech_tag_is_set_by_the_lapse_that_makes_it_one(conn: sqlite3.Connection) -> None:
    change_options(conn, 1, {"lapse": {"leechFails": 3, "leechAction": 0}}, NOW_MS)
    card = set_columns(
        conn, make_card(conn, "a").id, type=2, queue=2, due=0, ivl=9, factor=2500, lapses=2
    )
    after = answer(conn, card, 1)
    assert after.is_suspended
    assert get_note(conn, card.nid).tags == ["leech"]


def test_the_buttons_tell_what_answering_does(conn: sqlite3.Connection) -> None:
    card = make_card(conn, "a")
    group = OptionGroups(conn).by_id["1"]
    labels = button_labels(card, group, timing_at(conn, NOW_MS), 1200)
    assert labels == {
        Rating.AGAIN: "<1m",
        Rating.HARD: "<6m",
        Rating.GOOD: "<10m",
        Rating.EASY: labels[Rating.EASY],
    }
    after = answer(conn, card, 4)
    assert labels[Rating.EASY] == f"{after.ivl}d"


@pytest.mark.parametrize("column", ["type", "due", "ivl", "factor", "reps", "left"])
def test_a_token_names_the_whole_schedule(conn: sqlite3.Connection, column: str) -> None:
    card = make_card(conn, "a")
    assert answer_token(set_columns(conn, card.id, **{column: 3})) != answer_token(card)


def test_a_card_that_was_buried_yesterday_counts_as_what_it_is(conn: sqlite3.Connection) -> None:
    card = set_columns(conn, make_card(conn, "a").id, queue=-3)
    answer(conn, card, 3, at_ms=NOW_MS + DAY_MS)
    assert read_document(conn, "decks")["1"]["newToday"] == [1, 1]


@pytest.mark.parametrize("queue", [-2, -3])
def test_a_card_buried_after_it_was_shown_counts_as_what_it_is(
    conn: sqlite3.Connection, queue: int
) -> None:
    today = timing_at(conn, NOW_MS).today
    write_document(conn, "conf", read_document(conn, "conf") | {"lastUnburied": today})
    card = make_card(conn, "a")
    token = answer_token(card)
    set_columns(conn, card.id, queue=queue)
    answer(conn, card, 3, token=token)
    assert read_document(conn, "decks")["1"]["newToday"] == [today, 1]
