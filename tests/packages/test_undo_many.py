"""An import of thousands of rows: taken back, made again, and never taken back over a change."""

import random
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing

import pytest

from chalicelib.collection.notetypes.lookup import notetype_by_name
from chalicelib.collection.schema import column_names
from chalicelib.collection.undo.recording import apply_inverse
from chalicelib.errors import CannotUndoError
from chalicelib.packages import ImportOptions, import_package
from chalicelib.packages.text import TextLimits, TextOptions, import_text
from tests.collection.undoing import content, dump, record, take_back, undo
from tests.packages.sources import LIMITS, collection_file, opened
from tests.support.collections import DAY_MS, NOW_MS, make_deck, make_note, new_connection

NOTES, REVIEWS = 2_000, 6_000
TEXT_LIMITS = TextLimits(
    field_bytes=LIMITS.field_bytes,
    note_bytes=LIMITS.note_bytes,
    decks=LIMITS.decks,
    deck_name_length=LIMITS.deck_name_length,
)
STUDIED = "INSERT INTO revlog VALUES (?, ?, 0, ?, ?, 1, 2500, ?, 1)"


def fill(conn: sqlite3.Connection) -> None:
    rng, started = random.Random(3), NOW_MS - 100 * DAY_MS
    deck, mid = make_deck(conn, "Many"), notetype_by_name(conn, "Basic")["id"]
    for number in range(NOTES):
        flds = f"front {number}\x1fback {rng.random()}"
        conn.execute(
            "INSERT INTO notes VALUES (?, ?, ?, 1, 0, ' tag ', ?, '', 0, 0, '')",
            (started + number * 1000, f"guid{number}", mid, flds),
        )
        conn.execute(
            "INSERT INTO cards VALUES (?, ?, ?, 0, 1, 0, 2, 2, ?, 9, 2500, 3, 0, 0, 0, 0, 0, '')",
            (started + number * 1000 + 1, started + number * 1000, deck, number % 99),
        )
    for number in range(REVIEWS):
        card_id = started + number % NOTES * 1000 + 1
        row = (started + DAY_MS + number * 999, card_id, 1 + number % 4, number % 50, number)
        conn.execute(STUDIED, row)


@pytest.fixture(scope="module")
def package() -> bytes:
    return collection_file(fill)


def text_file() -> bytes:
    return "".join(f"front {n}\tback {n}\n" for n in range(NOTES)).encode()


@pytest.fixture
def conn() -> Iterator[sqlite3.Connection]:
    with closing(new_connection()) as connection:
        connection.isolation_level = None
        make_note(connection, ["here", "before"])
        yield connection


def importing_package(conn: sqlite3.Connection, package: bytes) -> None:
    with opened(package) as source:
        import_package(conn, source, ImportOptions(), now_ms=NOW_MS, media={})


def importing_text(conn: sqlite3.Connection) -> None:
    options = TextOptions()
    import_text(conn, text_file(), options, limits=TEXT_LIMITS, now_ms=NOW_MS, guid_seed=1)


@pytest.mark.parametrize("kind", ["package", "text"])
def test_many_notes_are_taken_back_and_brought_again(
    conn: sqlite3.Connection, package: bytes, kind: str
) -> None:
    before = content(conn)
    change: Callable[[], object] = (
        (lambda: importing_package(conn, package))
        if kind == "package"
        else (lambda: importing_text(conn))
    )
    inverse = record(conn, change)
    after = content(conn)
    assert len(after["notes"]) == NOTES + 1
    assert len(after["cards"]) == NOTES + 1
    assert len(after["revlog"]) == (REVIEWS if kind == "package" else 0)
    applied, redo = take_back(conn, inverse)
    assert (len(applied.removed_notes), len(applied.removed_cards)) == (NOTES, NOTES)
    assert content(conn) == before
    again = undo(conn, redo)
    assert content(conn) == after
    undo(conn, again)
    assert content(conn) == before


def changes(table: str) -> Iterator[str]:
    """Of each column of one imported row, and of its being there."""
    for column in column_names(table):
        if column not in ("id", "mod", "usn"):
            yield f"UPDATE {table} SET {column} = {column} || 1 WHERE id = :id"
    yield f"DELETE FROM {table} WHERE id = :id"
    yield f"UPDATE {table} SET id = 5 WHERE id = :id"


def test_no_change_of_an_imported_row_is_lost_by_taking_the_import_back(
    conn: sqlite3.Connection, package: bytes
) -> None:
    mine = {"notes": 1, "cards": 1, "revlog": 0}
    inverse = record(conn, lambda: importing_package(conn, package))
    found = dump(conn)
    rng = random.Random(4)
    for table, count in mine.items():
        ids = conn.execute(f"SELECT id FROM {table} ORDER BY id").fetchall()
        imported = [row_id for (row_id,) in ids if row_id < NOW_MS - DAY_MS]
        assert len(imported) == len(ids) - count
        for sql in changes(table):
            conn.execute("BEGIN")
            assert conn.execute(sql, {"id": rng.choice(imported)}).rowcount == 1
            with pytest.raises(CannotUndoError):
                apply_inverse(conn, inverse, NOW_MS)
            conn.execute("ROLLBACK")
    assert dump(conn) == found
    undo(conn, inverse)
    assert conn.execute("SELECT count(*) FROM notes").fetchone() == (1,)
