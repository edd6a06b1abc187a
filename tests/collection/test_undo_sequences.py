"""Whatever was done: taking it back leads to where it began, and doing it again back to its end."""

import json
import random
import sqlite3
import time
from collections.abc import Callable, Sequence
from contextlib import closing, suppress
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from chalicelib.collection.actions.moving import move_cards
from chalicelib.collection.col import dump as as_json
from chalicelib.collection.col import read_document, touch
from chalicelib.collection.day import set_local_offset, timing_at, unbury_on_new_day
from chalicelib.collection.deck_options.groups import change_options
from chalicelib.collection.decks import change_deck, delete_deck
from chalicelib.collection.graves import delete_cards
from chalicelib.collection.notes import change_note, get_note
from chalicelib.collection.study.answering import Answer, answer_card
from chalicelib.collection.undo.documents import Now, document_change, reverted_document
from chalicelib.errors import JavumboError
from chalicelib.packages import ImportOptions, import_package
from chalicelib.scheduler.answers import Rating
from tests.collection.undoing import content, graves, living, record, undo
from tests.packages.sources import collection_file, opened
from tests.support.anki import assert_clean
from tests.support.collections import (
    DAY_MS,
    NOW_MS,
    make_card,
    make_deck,
    make_note,
    new_connection,
    save,
)

NOTETYPES = ("Basic", "Basic (and reversed card)", "Cloze")
TEXTS = ("{{c1::one}}", "{{c1::one}} {{c2::two}}", "{{c3::three}} é")
TAGS = ((), ("verb",), ("verb", "a::b"))
DECKS = ("A", "A::B", "A::B::C", "D")
# Long after every collection that the tests work on was made.
IMPORTED_MS = NOW_MS - 90 * DAY_MS


def imported(conn: sqlite3.Connection) -> None:
    deck = make_deck(conn, "A::Imported", IMPORTED_MS)
    for n in range(3):
        note = make_note(conn, [f"i{n}", "b"], deck_id=deck, tags=["in"], now_ms=IMPORTED_MS)
        answer_card(conn, Answer(note.card_ids[0], Rating.EASY, 900, IMPORTED_MS, None), NOW_MS)


PACKAGE = collection_file(imported)


def one_of(conn: sqlite3.Connection, query: str, number: int) -> Any:
    rows = conn.execute(query).fetchall()
    return rows[number % len(rows)][0] if rows else 0


def a_card(conn: sqlite3.Connection, number: int) -> int:
    return int(one_of(conn, "SELECT id FROM cards ORDER BY id", number))


def a_deck(conn: sqlite3.Connection, number: int) -> int:
    ids = sorted(int(key) for key in read_document(conn, "decks"))
    return ids[number % len(ids)]


def add(conn: sqlite3.Connection, n: int, now_ms: int) -> None:
    make_note(
        conn,
        [TEXTS[n % 3], "back"],
        deck_id=a_deck(conn, n),
        notetype=NOTETYPES[n % 3],
        tags=TAGS[n // 3 % 3],
        now_ms=now_ms,
    )


def edit(conn: sqlite3.Connection, n: int, now_ms: int) -> None:
    note = get_note(conn, int(one_of(conn, "SELECT id FROM notes ORDER BY id", n)))
    fields = [TEXTS[(n + 1) % 3], *note.fields[1:]]
    change_note(conn, note, fields=fields, tags=TAGS[n % 3], now_ms=now_ms)


def answer(conn: sqlite3.Connection, n: int, now_ms: int) -> None:
    given = Answer(a_card(conn, n // 4), Rating(n % 4 + 1), 2000 + n, now_ms, None)
    answer_card(conn, given, now_ms)


def remove(conn: sqlite3.Connection, n: int, now_ms: int) -> None:
    note = one_of(conn, "SELECT id FROM notes ORDER BY id", n)
    rows = conn.execute("SELECT id FROM cards WHERE nid = ?", (note,)).fetchall()
    delete_cards(conn, [card for (card,) in rows])
    touch(conn, now_ms)


def move(conn: sqlite3.Connection, n: int, now_ms: int) -> None:
    move_cards(conn, [a_card(conn, n)], a_deck(conn, n), now_ms)


def rename(conn: sqlite3.Connection, n: int, now_ms: int) -> None:
    name = f"{DECKS[n % 4]}{n % 3}"
    change_deck(conn, a_deck(conn, n), now_ms=now_ms, max_decks=99, name=name)


def hold_back(conn: sqlite3.Connection, n: int, now_ms: int) -> None:
    """Suspend cards or, where `n` is odd, bury them until the next day."""
    sql = "UPDATE cards SET queue = ?, mod = ?, usn = 0 WHERE id % 2 = ? AND queue IN (0, 2)"
    conn.execute(sql, (-1 - n % 2, now_ms // 1000, n // 2 % 2))
    touch(conn, now_ms)


def merge(conn: sqlite3.Connection, _: int, now_ms: int) -> None:
    with opened(PACKAGE) as source:
        import_package(conn, source, ImportOptions(), now_ms=now_ms, media={})


Operation = Callable[[sqlite3.Connection, int, int], object]
OPERATIONS: dict[str, Operation] = {
    "add": add,
    "edit": edit,
    "answer": answer,
    "remove": remove,
    "move": move,
    "rename": rename,
    "hold back": hold_back,
    "import": merge,
    "add deck": lambda conn, n, now_ms: make_deck(conn, DECKS[n % 4], now_ms),
    "delete deck": lambda conn, n, now_ms: delete_deck(conn, a_deck(conn, n), now_ms),
    "travel": lambda conn, n, now_ms: set_local_offset(conn, n % 5 * 60, now_ms),
    "options": lambda conn, n, now_ms: change_options(
        conn, a_deck(conn, n), {"new": {"perDay": n}}, now_ms
    ),
}
STEPS = st.lists(st.tuples(st.sampled_from(sorted(OPERATIONS)), st.integers(0, 60)), max_size=12)


def begun() -> closing[sqlite3.Connection]:
    """A collection with two decks and six cards, in the middle of its life."""
    conn = new_connection(now_ms=NOW_MS - 100 * DAY_MS)
    deck = make_deck(conn, "A::B")
    for n in range(6):
        make_card(conn, f"card {n}", deck if n % 2 else 1)
    return closing(conn)


def done(conn: sqlite3.Connection, name: str, n: int, now_ms: int) -> bytes:
    """The inverse of an operation; empty where the collection refused it."""
    with suppress(JavumboError):
        return record(conn, lambda: OPERATIONS[name](conn, n, now_ms))
    return b""


@settings(max_examples=60, deadline=None)
@given(STEPS)
def test_all_operations_can_be_undone_and_done_again(steps: list[tuple[str, int]]) -> None:
    with begun() as conn:
        states, inverses, seen, now_ms = [content(conn)], list[bytes](), living(conn), NOW_MS
        for name, n in steps:
            now_ms += n * 3_600_000
            inverse = done(conn, name, n, now_ms)
            seen |= living(conn)
            if not inverse:
                assert content(conn) == states[-1]
                continue
            states.append(content(conn))
            inverses.append(inverse)
        for _ in range(3):
            redos = []
            for inverse, before in zip(reversed(inverses), reversed(states[:-1]), strict=True):
                now_ms += 1000
                redos.append(undo(conn, inverse, now_ms))
                assert content(conn) == before
                assert_graves_fit(conn, seen)
            inverses, states = redos, states[::-1]


def assert_graves_fit(conn: sqlite3.Connection, seen: set[tuple[int, int]]) -> None:
    """What is gone has one grave. An import brings back what has one, as it does in Anki."""
    found, alive = graves(conn), living(conn)
    assert set(found) - alive == seen - alive
    assert {oid for oid, _ in set(found) & alive} <= set(range(IMPORTED_MS, IMPORTED_MS + 9))


@pytest.mark.parametrize("seed", range(3))
def test_anki_finds_nothing_wrong_after_undoing_and_redoing_at_random(
    seed: int, tmp_path: Path
) -> None:
    rng = random.Random(seed)
    with begun() as conn:
        undos, redos, now_ms, taken_back = list[bytes](), list[bytes](), NOW_MS, 0
        for _ in range(150):
            now_ms += rng.randint(1000, DAY_MS // 4)
            kind = rng.random()
            if kind < 0.3 and undos:
                redos.append(undo(conn, undos.pop(), now_ms))
                taken_back += 1
            elif kind < 0.45 and redos:
                undos.append(undo(conn, redos.pop(), now_ms))
            elif inverse := done(conn, rng.choice(sorted(OPERATIONS)), rng.randint(0, 60), now_ms):
                undos.append(inverse)
                redos.clear()
        assert taken_back > 20
        unbury_on_new_day(conn, timing_at(conn, time.time_ns() // 1_000_000))  # as opening does
        assert_clean(save(conn, tmp_path / "undone.anki2"))


# Statements of every kind that can change a row, also those that no operation uses yet.
VALUES = ("'text'", "x'00ff'", "7", "2.5", "-1", "'42'", "'é' || char(0, 31)", "1e300")
STATEMENTS = (
    "UPDATE cards SET due = {value}, data = {value} WHERE id % 3 = {n} % 3",
    "UPDATE notes SET sfld = {value}, data = {value}, tags = {value} WHERE id % 2 = {n} % 2",
    "UPDATE OR REPLACE revlog SET id = id + {n} % 3",
    "UPDATE OR IGNORE revlog SET id = id - 1, time = {value}",
    "UPDATE OR ABORT revlog SET time = {value} WHERE id % 2",
    "UPDATE cards SET id = id + 1000",
    "DELETE FROM revlog",
    "DELETE FROM revlog WHERE id % 2 = {n} % 2",
    "INSERT OR REPLACE INTO revlog VALUES ({n}, {value}, 0, 3, 1, 1, 1, 1, 1)",
    "INSERT OR IGNORE INTO revlog VALUES ({n}, 1, 0, {value}, 1, 1, 1, 1, 1)",
    "INSERT INTO revlog SELECT id + 50, cid, 0, ease, 1, 1, factor, time, type FROM revlog",
    "INSERT INTO revlog VALUES ({n}, 1,0,3,1,1,1,1,1) ON CONFLICT (id) DO UPDATE SET time = {n}",
    "REPLACE INTO notes SELECT id, guid || 'x', mid, 1, 0, tags, flds, sfld, 5, 0, '' FROM notes",
    "UPDATE col SET conf = json_set(conf, '$.added', {n}), crt = crt + {n}",
    "UPDATE col SET conf = json_remove(conf, '$.curDeck', '$.nextPos'), scm = scm + 1",
    "UPDATE col SET tags = json_set(tags, '$.t{n}', 0)",
    "UPDATE col SET dconf = json_set(dconf, '$.\"1\".new.perDay', {n})",
    "SAVEPOINT s",
    "ROLLBACK TO s",
)


@settings(max_examples=150, deadline=None)
@given(
    st.lists(
        st.tuples(st.sampled_from(STATEMENTS), st.sampled_from(VALUES), st.integers(0, 6)),
        max_size=8,
    )
)
def test_whatever_way_rows_are_changed_they_come_back_as_they_were(
    statements: Sequence[tuple[str, str, int]],
) -> None:
    def run() -> None:
        conn.execute("SAVEPOINT s")
        for sql, value, n in statements:
            conn.execute(sql.format(value=value, n=n))

    with begun() as conn:
        for n in range(4):
            card = a_card(conn, n)
            answer_card(conn, Answer(card, Rating.GOOD, 900, NOW_MS + n, None), NOW_MS)
        conn.execute("UPDATE notes SET data = x'ff00', sfld = 1.5 WHERE id % 2")
        before = content(conn)
        with suppress(sqlite3.IntegrityError):
            inverse = record(conn, run)
            after = content(conn)
            assert bool(inverse) == (after != before)
            if inverse:
                redo = undo(conn, inverse)
                assert content(conn) == before
                undo(conn, redo)
                assert content(conn) == after


JSON_KEYS = st.sampled_from(("1", "2", "newToday", "timeToday", "a", "é", "mod"))
JSON_LEAVES = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(-3, 3),
    st.integers(-(1 << 70), 1 << 70),
    st.floats(allow_nan=False, allow_infinity=False),
    st.text(st.characters(exclude_categories=["Cs"]), max_size=3),
    st.lists(st.integers(0, 3), min_size=2, max_size=2),
)
JSON = st.recursive(JSON_LEAVES, lambda inner: st.dictionaries(JSON_KEYS, inner), max_leaves=9)


@settings(max_examples=300, deadline=None)
@given(JSON, JSON, st.sampled_from(("conf", "decks", "dconf", "models")))
def test_any_document_comes_back(old: Any, new: Any, name: str) -> None:
    before, after = as_json(old).encode(), as_json(new).encode()
    change = document_change(name, before, after)
    back = reverted_document(name, after, change, Now(5, 6, ())) if change else after
    assert comparable(name, back) == comparable(name, before)


def comparable(name: str, text: bytes) -> Any:
    """The document less the stamps of its entries, as text."""
    value = json.loads(text)
    if isinstance(value, dict) and name != "conf":
        value = {
            key: {k: v for k, v in entry.items() if k not in ("mod", "usn")}
            if isinstance(entry, dict)
            else entry
            for key, entry in value.items()
        }
    return json.dumps(value, sort_keys=True)
