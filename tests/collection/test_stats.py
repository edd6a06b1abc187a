"""What Anki does not show, and what no file may do to the statistics."""

import json
import random
import sqlite3
from contextlib import closing
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from chalicelib.collection.col import read_document, write_document
from chalicelib.collection.stats.graphs import Graphs, graphs
from chalicelib.collection.stats.reviews import streak_of
from chalicelib.errors import NotFoundError
from tests.collection.stats_collections import studied
from tests.support.collections import DAY_MS, NOW_MS, make_card, make_deck, set_columns

HOUR_MS = 3_600_000
# 04:00 UTC on the day of NOW_MS, when its day began.
TODAY_MS = NOW_MS - 6 * HOUR_MS


def ask(conn: sqlite3.Connection, days: int = 30, now_ms: int = NOW_MS, **more: Any) -> Graphs:
    return graphs(conn, now_ms=now_ms, days=days, **more)


def answered(conn: sqlite3.Connection, at_ms: int, **columns: Any) -> None:
    row = {"cid": 1, "usn": 0, "ease": 3, "ivl": 1, "lastIvl": 5, "factor": 2500}
    row |= {"id": at_ms, "time": 1000, "type": 1} | columns
    names, marks = ", ".join(row), ", ".join("?" * len(row))
    conn.execute(f"INSERT INTO revlog ({names}) VALUES ({marks})", list(row.values()))


def size_of(found: Graphs) -> int:
    return len(msgspec.json.encode(found))


@given(st.sets(st.integers(-40, 0)))
def test_a_streak_is_an_unbroken_run_of_days(days: set[int]) -> None:
    def run_ending(day: int) -> int:
        return 1 + run_ending(day - 1) if day in days else 0

    found = streak_of(days)
    assert found.longest == max(map(run_ending, days), default=0)
    assert found.current == (run_ending(0) or run_ending(-1))


def test_a_streak_lasts_until_a_whole_day_has_passed_without_an_answer(
    conn: sqlite3.Connection,
) -> None:
    for day in (1, 2, 3, 10, 11, 12, 13, 14):
        answered(conn, TODAY_MS + HOUR_MS - day * DAY_MS)
    assert (ask(conn).streak.current, ask(conn).streak.longest) == (3, 5)
    assert ask(conn, now_ms=NOW_MS + DAY_MS).streak.current == 0
    answered(conn, NOW_MS - 1)
    assert ask(conn).streak.current == 4


def test_a_changed_schedule_is_no_answer_and_saves_no_streak(conn: sqlite3.Connection) -> None:
    answered(conn, NOW_MS - 1, type=4, ease=0)
    answered(conn, NOW_MS - 2, type=5, ease=0)
    found = ask(conn)
    assert found.streak.current == 0
    assert found.calendar == []
    assert found.today.answer_count == 0


def test_days_turn_at_the_persons_rollover_and_offset(conn: sqlite3.Connection) -> None:
    night_ms = NOW_MS + 15 * HOUR_MS  # 01:00 UTC on the next day
    answered(conn, night_ms)
    assert ask(conn, now_ms=night_ms).calendar == [(0, 1)]
    assert ask(conn, now_ms=night_ms + 4 * HOUR_MS).calendar == [(-1, 1)]
    assert ask(conn, now_ms=night_ms).hours["period"][1] == [1, 1]
    conf = read_document(conn, "conf")
    write_document(conn, "conf", conf | {"localOffset": -180, "rollover": 2})  # Moscow, 02:00
    found = ask(conn, now_ms=night_ms)
    assert found.today.answer_count == 1
    assert found.hours["period"][4] == [1, 1]
    assert found.rollover_hour == 2
    assert found.next_day_at == night_ms + 22 * HOUR_MS
    assert ask(conn, now_ms=night_ms - 3 * HOUR_MS).next_day_at == night_ms - 2 * HOUR_MS


@pytest.mark.parametrize("seed", range(100, 106))
@pytest.mark.parametrize("days", [0, 1, 30, 200])
def test_the_retention_of_the_period_is_that_of_its_answers(seed: int, days: int) -> None:
    made = studied(seed)
    with closing(made.conn) as conn:
        found = ask(conn, days, made.now_s * 1000)
        end_s = found.next_day_at // 1000
        start_s = end_s - (days + 1) * 86_400 if days else 0
        passed = failed = 0
        rows = conn.execute("SELECT id / 1000, ease, lastIvl, factor, type FROM revlog").fetchall()
        for at_s, ease, last_interval, factor, kind in rows:
            waited_days = kind == 1 or last_interval >= 1 or last_interval <= -86_400
            if start_s <= at_s < end_s and ease and waited_days and (kind, factor) != (3, 0):
                passed, failed = passed + (ease > 1), failed + (ease == 1)
        period = found.retention["period"].all
    assert passed > 0
    assert (period.passed, period.failed) == (passed, failed)


@pytest.mark.parametrize("seed", range(100, 104))
def test_the_calendar_has_a_year_at_least_and_all_kinds_of_answers(seed: int) -> None:
    made = studied(seed)
    with closing(made.conn) as conn:
        everything = ask(conn, 0, made.now_s * 1000)
        totals = [(day, sum(kinds)) for day, *kinds in everything.reviews.count]
        assert everything.calendar == totals
        month = ask(conn, 31, made.now_s * 1000)
        assert month.calendar == [(day, number) for day, number in totals if day >= -365]
        assert month.streak == everything.streak


def test_a_deck_counts_with_its_subdecks_and_what_a_filtered_deck_borrowed(
    conn: sqlite3.Connection,
) -> None:
    parent, child, other = (make_deck(conn, name) for name in ("A", "A::B", "C"))
    cards = [make_card(conn, f"{deck}", deck).id for deck in (parent, child, other)]
    set_columns(conn, cards[0], did=other, odid=parent, odue=1)
    for number, card_id in enumerate([*cards, 99]):
        answered(conn, NOW_MS - 1 - number, cid=card_id)
    counts = {deck: ask(conn, deck_id=deck) for deck in (parent, child, other, None)}
    assert [found.today.answer_count for found in counts.values()] == [2, 1, 2, 4]
    states = [found.card_counts.including_inactive.new for found in counts.values()]
    assert states == [2, 1, 2, 3]


def test_an_unknown_deck_has_no_statistics(conn: sqlite3.Connection) -> None:
    with pytest.raises(NotFoundError):
        ask(conn, deck_id=12345)


def test_the_backlog_is_apart_from_what_is_due_later(conn: sqlite3.Connection) -> None:
    today = 0
    for number, day in enumerate((-3, -1, 0, 2)):
        card = make_card(conn, str(number))
        set_columns(conn, card.id, type=2, queue=2, due=today + day, ivl=2, factor=2500)
    due = ask(conn).future_due
    assert due.due == [(-3, 1), (-1, 1), (0, 1), (2, 1)]
    assert (due.have_backlog, due.backlog, due.daily_load) == (True, 2, 2)


@pytest.mark.parametrize(("interval", "load"), [(12, 0), (29, 1)])
def test_the_daily_load_is_summed_in_single_precision(
    conn: sqlite3.Connection, interval: int, load: int
) -> None:
    """As many cards as their interval has days: Anki itself says 0 of 12 cards, and 1 of 29."""
    for number in range(interval):
        card = make_card(conn, str(number))
        set_columns(conn, card.id, type=2, queue=2, due=1, ivl=interval, factor=2500)
    assert ask(conn).future_due.daily_load == load


def test_what_is_too_far_away_is_counted_at_the_farthest_day(conn: sqlite3.Connection) -> None:
    for number in (40_000, 900_000_000, 2**62):
        card = make_card(conn, str(number))
        set_columns(conn, card.id, type=2, queue=2, due=-number, ivl=number, factor=number)
        card = make_card(conn, f"{number} later")
        set_columns(conn, card.id, type=2, queue=2, due=number, ivl=1, factor=number)
    found = ask(conn)
    assert found.intervals == [(1, 3), (36_500, 3)]
    assert found.future_due.due[0] == (-36_500, 3)
    assert len(found.future_due.due) <= 4
    assert len(found.eases.eases) <= 2


def test_statistics_write_nothing(conn: sqlite3.Connection) -> None:
    answered(conn, NOW_MS - 1)
    conn.execute("PRAGMA query_only = ON")
    before = conn.total_changes
    ask(conn, 0, NOW_MS + 3 * DAY_MS)
    assert conn.total_changes == before


def test_ten_years_of_answers_stay_below_a_megabyte(conn: sqlite3.Connection) -> None:
    rng = random.Random(1)
    for day in range(3650):
        for kind in range(10):
            at_ms = TODAY_MS - day * DAY_MS + rng.randrange(DAY_MS // 10) * 10 + kind
            last = rng.choice((5, 30))
            answered(conn, at_ms, type=kind % 4, lastIvl=last, time=60_000)
    make_card(conn, "card")
    conn.execute(
        """WITH RECURSIVE n(n) AS (VALUES (1) UNION ALL SELECT n + 1 FROM n WHERE n < 5000)
        INSERT INTO cards SELECT id - n * 70000000, nid, did, n, 0, 0, 2, 2, n, n, 1300 + n,
            1, 0, 0, 0, 0, 0, '' FROM cards, n"""
    )
    found = ask(conn, 0, NOW_MS)
    assert len(found.reviews.count) >= 3650
    assert size_of(found) < 1_000_000


ODD: tuple[Any, ...] = ("text", b"\x00\xff", 1.5, -1, -(2**63), 2**63 - 1, 1e300, "12", 7, "")


def test_no_value_in_a_column_breaks_the_statistics(conn: sqlite3.Connection) -> None:
    rng = random.Random(2)
    columns = ("type", "queue", "due", "ivl", "factor", "odue", "odid", "reps", "data")
    for number in range(200):
        card = make_card(conn, str(number))
        odd = {name: rng.choice((*ODD, 1, 2, 3)) for name in columns}
        set_raw(conn, "cards", card.id, odd)
    for number in range(2000):
        answered(conn, NOW_MS - number * 50_000_000)
        names = ("cid", "ease", "lastIvl", "factor", "time", "type")
        odd = {name: rng.choice((*ODD, 1, 2, 3)) for name in names}
        set_raw(conn, "revlog", NOW_MS - number * 50_000_000, odd)
    for days, deck_id in ((0, None), (30, None), (0, 1)):
        found = ask(conn, days, deck_id=deck_id)
        assert size_of(found) < 1_000_000
        json.loads(msgspec.json.encode(found))
        assert all(isinstance(number, int) for row in found.reviews.count for number in row)
        assert all(isinstance(number, int) for row in found.reviews.time_ms for number in row)
        assert all(isinstance(number, int) for row in found.future_due.due for number in row)
    counts = ask(conn).card_counts
    assert sum(msgspec.to_builtins(counts.including_inactive).values()) == 200
    assert sum(msgspec.to_builtins(counts.excluding_inactive).values()) == 200


def set_raw(conn: sqlite3.Connection, table: str, row_id: int, values: dict[str, Any]) -> None:
    assignments = ", ".join(f"{name} = ?" for name in values)
    conn.execute(f"UPDATE {table} SET {assignments} WHERE id = ?", [*values.values(), row_id])


@pytest.mark.parametrize(
    "at_ms", [-(2**63), -1, NOW_MS + 3 * DAY_MS, 32_503_680_000_000, 2**63 - 1]
)
def test_what_no_clock_could_have_written_is_left_out(conn: sqlite3.Connection, at_ms: int) -> None:
    answered(conn, at_ms)
    for days in (0, 30, 36_500):
        found = ask(conn, days)
        assert (found.calendar, found.reviews.count) == ([], [])
        assert found.today.answer_count == found.streak.longest == 0
        assert found.retention["all_time"].all.passed == 0
        assert found.hours["all_time"] == [[0, 0]] * 24


def test_odd_ids_of_cards_make_no_long_answers(conn: sqlite3.Connection) -> None:
    card, before_1970 = make_card(conn, "card"), make_card(conn, "of no time")
    conn.execute("UPDATE cards SET id = -(1 << 40) WHERE id = ?", (before_1970.id,))
    for new_id, days in ((-(2**63), 1), (2**63 - 1, 1), (NOW_MS + 30 * DAY_MS, 1)):
        conn.execute("UPDATE cards SET id = ? WHERE id = ?", (new_id, card.id))
        assert len(ask(conn).added) == days
        conn.execute("UPDATE cards SET id = ? WHERE id = ?", (card.id, new_id))
    assert [number for _, number in ask(conn).added] == [1, 1]


@pytest.mark.parametrize("offset", [None, "60", True, 1440, -(10**9), 1.5])
def test_an_impossible_offset_counts_as_none(conn: sqlite3.Connection, offset: Any) -> None:
    answered(conn, NOW_MS - 1)
    expected = ask(conn)
    write_document(conn, "conf", read_document(conn, "conf") | {"localOffset": offset})
    assert ask(conn) == expected


def test_an_empty_collection_has_statistics_too(conn: sqlite3.Connection) -> None:
    found = ask(conn, 0)
    assert found.streak.current == found.streak.longest == 0
    assert found.eases.average == 0
    assert found.intervals == found.added == found.future_due.due == []
