"""A search that cannot be understood is refused, and told where and why."""

import sqlite3

import pytest

from chalicelib.collection.day import timing_at
from chalicelib.collection.search import search_cards
from chalicelib.collection.search.problems import MAX_LENGTH, MAX_NESTING
from chalicelib.errors import BadInputError
from chalicelib.scheduler.timing import Timing
from tests.support.collections import NOW_MS, make_card


@pytest.fixture
def timing(conn: sqlite3.Connection) -> Timing:
    return timing_at(conn, NOW_MS)


@pytest.mark.parametrize(
    ("text", "position", "piece", "reason"),
    [
        ('a "b', 3, '"b', "never closed"),
        ('a ""', 3, '""', "nothing between the double quotes"),
        ('deck:"a', 6, '"a', "never closed"),
        ("a (b", 3, "(b", "never closed"),
        ("a) b", 2, ") b", "not opened"),
        ("x ()", 3, "()", "nothing between the brackets"),
        ("a or", 3, "or", "between two terms"),
        ("or a", 1, "or", "between two terms"),
        ("a AND or b", 7, "or", "between two terms"),
        ("(a and) b", 4, "and", "between two terms"),
        ("a -or", 4, "or", "between two terms"),
        ("  :a", 3, ":a", "no key before the colon"),
        (r"ab\%c", 3, r"\%", "escape"),
        ("ab\\", 3, "\\", "escape"),
        (r"a\ b", 2, r"\ ", "escape"),
        ("is:foo", 4, "foo", "takes one of new,"),
        ("x is:Due", 6, "Due", "takes one of new,"),
        ("flag:8", 6, "8", "0 to 7"),
        ("added:-1", 7, "-1", "days"),
        ("rated:1:5", 9, "5", "answer button"),
        ("resched:x", 9, "x", "days"),
        ("prop:foo>1", 6, "foo>1", "takes one of ivl"),
        ("prop:ivl~1", 6, "ivl~1", "needs one of <"),
        ("prop:ivl>x", 10, "x", "0 or more"),
        ("prop:due>0.5", 10, "0.5", "whole number"),
        ("prop:ease>1,3", 11, "1,3", "takes a number"),
        ("prop:rated=1", 12, "1", "0 is today"),
        ("prop:rated=-1:9", 15, "9", "answer button"),
        ("prop:cdn:x=a", 12, "a", "takes a number"),
        ("nid:1,", 5, "1,", "commas"),
        ("mid:x", 5, "x", "id of a notetype"),
        ("dupe:1", 6, "1", "comma and a text"),
        ('"re:a(b"', 5, "a(b", "character 2: a group is opened"),
        ("front:re:*", 10, "*", "nothing here to repeat"),
        ("tag:re:[a", 8, "[a", "never closed"),
    ],
)
def test_a_refusal_points_at_the_place(
    conn: sqlite3.Connection, timing: Timing, text: str, position: int, piece: str, reason: str
) -> None:
    with pytest.raises(BadInputError) as caught:
        search_cards(conn, text, timing)
    assert f"at character {position}: «{piece}»" in caught.value.message
    assert reason in caught.value.message
    assert reason in caught.value.fields["q"]


def test_searches_have_a_longest_length(conn: sqlite3.Connection, timing: Timing) -> None:
    assert search_cards(conn, "a" * MAX_LENGTH, timing).card_ids() == []
    with pytest.raises(BadInputError):
        search_cards(conn, "a" * (MAX_LENGTH + 1), timing)


@pytest.mark.parametrize(
    ("opening", "closing"),
    [
        ("(", ")"),
        ("-(", ")"),
        ("(a or (b c) -", ")"),
        ("(a b or c ", ")"),
        ("-(a (b or c) or ", ")"),
    ],
)
def test_brackets_nest_to_a_limit_and_are_then_refused(
    conn: sqlite3.Connection, timing: Timing, opening: str, closing: str
) -> None:
    make_card(conn, "x")
    deep, deeper = (opening * n + "(x)" + closing * n for n in (MAX_NESTING - 1, MAX_NESTING))
    search_cards(conn, deep, timing).card_ids()
    with pytest.raises(BadInputError, match="brackets in brackets"):
        search_cards(conn, deeper, timing)
