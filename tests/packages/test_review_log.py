"""Reviews of an upload: which are taken as they are, and what they tell of the cards."""

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import astuple

from chalicelib.errors import TooLargeError
from chalicelib.packages.report import ImportLog
from chalicelib.packages.review_log import AddedReviews
from chalicelib.packages.source_rows import (
    CARD_COLUMNS,
    SourceCard,
    are_sound_reviews,
    review_from,
)
from chalicelib.packages.target import DAY_MS, Target
from tests.packages.sources import collection_file, opened
from tests.support.collections import NOW_MS, new_connection

INSERT = "INSERT OR IGNORE INTO revlog VALUES (?, ?, 0, ?, ?, ?, ?, ?, ?)"
# By hand: the last rating that no reset came after.
LAST = """
    SELECT cid, (SELECT max(id) / 1000 FROM revlog AS rated WHERE cid = card.cid AND ease > 0
        AND (type != 3 OR factor != 0) AND NOT EXISTS (SELECT 1 FROM revlog WHERE cid = card.cid
            AND type = 4 AND ease = 0 AND factor = 0 AND id >= rated.id))
    FROM revlog AS card GROUP BY cid"""
NUMBERS = [0] * (len(CARD_COLUMNS.split(", ")) - 2)
CARDS = [msgspec.convert([card_id, *NUMBERS, "{}"], SourceCard) for card_id in range(5)]

cells = st.sampled_from([0, 1, 2, 3, 4, 5, -1, 2.0, 2.5, "1", b"1", None, 2**31, 2**62])
review_ids = st.integers(1, 40) | st.sampled_from([-3, 0, NOW_MS + 2 * DAY_MS])
review_rows = st.tuples(
    review_ids.map(lambda number: number * 1000 if 0 < number <= 40 else number),
    st.integers(0, 6),
    st.integers(0, 2),
    st.just(3),
    st.just(2),
    st.sampled_from([0, 2500]),
    st.just(9),
    st.sampled_from([1, 3, 4]),
)


@pytest.fixture(scope="module")
def conn() -> Iterator[sqlite3.Connection]:
    with closing(new_connection()) as connection:
        connection.isolation_level = None
        yield connection


@given(st.lists(st.tuples(*[cells] * 8), max_size=3))
def test_rows_that_pass_as_they_are_need_no_mending(rows: list[tuple[Any, ...]]) -> None:
    if are_sound_reviews(rows):
        mended = [review_from(row) for row in rows]
        assert [astuple(review) for review in mended if review] == rows


@given(
    st.lists(review_rows.filter(lambda row: row[0] > 0), max_size=8),
    st.lists(review_rows, max_size=20),
)
def test_the_added_reviews_tell_what_the_whole_log_tells(
    conn: sqlite3.Connection, there: list[tuple[int, ...]], coming: list[tuple[int, ...]]
) -> None:
    """Also where others of the same cards or ids were there, and where a clock was wrong."""
    rows = sorted({row[0]: row for row in coming}.values())
    conn.execute("BEGIN")
    try:
        conn.executemany(INSERT, there)
        (before,) = conn.execute("SELECT count(*) FROM revlog").fetchone()
        reviews = AddedReviews(Target(conn, NOW_MS), CARDS)
        reviews.add([rows[start : start + 4] for start in range(0, len(rows), 4)])
        assert conn.execute("SELECT count(*) FROM revlog").fetchone() == (before + reviews.count,)
        assert conn.execute("SELECT 1 FROM revlog WHERE id <= 0").fetchone() is None
        ids = {card.id for card in CARDS}
        told = {card_id: last for card_id, last in conn.execute(LAST) if card_id in ids}
        assert reviews.last_of(CARDS) == told
    finally:
        conn.execute("ROLLBACK")


def test_a_review_that_holds_a_book_is_refused_before_many_are_read() -> None:
    def fill(conn: sqlite3.Connection) -> None:
        conn.execute("INSERT INTO revlog VALUES (1, 1, 0, 1, 1, 1, 1, 1, ?)", ("x" * 20_000,))

    with opened(collection_file(fill)) as source, pytest.raises(TooLargeError):
        list(source.reviews(ImportLog()))
