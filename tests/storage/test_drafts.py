"""Drafts over a kept connection are those of a new one, and it is kept only where that is so."""

import gc
import os
import sqlite3
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from chalicelib.storage import drafts as drafts_module
from chalicelib.storage.drafts import Draft, Drafts, drafting
from chalicelib.storage.pages import PageFile, Pages
from chalicelib.storage.transaction import check_integrity, reading
from tests.storage.changes import CHANGES, Change, make_file
from tests.storage.test_transaction import (
    ESCAPES,
    HELD,
    HIDDEN,
    size_of_unnamed_file,
)

FATES = ["written", "refused", "failed", "behind", "spoiled"]
SMALL = CHANGES["update one row"]


@pytest.fixture
def path(tmp_path: Path) -> Path:
    path = tmp_path / "collection.anki2"
    make_file(path, 4096)
    return path


class Twins:
    """One file whose drafts share a connection, one whose drafts have one each."""

    def __init__(self, directory: Path, page_size: int, auto_vacuum: bool) -> None:
        self.page_size = page_size
        self.kept, self.plain = directory / "kept", directory / "plain"
        for path in (self.kept, self.plain):
            make_file(path, page_size, auto_vacuum=auto_vacuum)
        self.drafts = Drafts(self.kept, page_size)

    def step(self, change: Change, fate: str) -> None:
        if fate == "behind":
            self.put(drafted(drafting(self.plain, self.page_size), change))
            return
        if fate == "failed":
            with suppress(ZeroDivisionError), self.drafts.draft() as draft:
                attempted(change)(draft.conn)
                raise ZeroDivisionError
            return
        pages = drafted(self.drafts.draft(), change)
        assert pages == drafted(drafting(self.plain, self.page_size), change)
        if fate == "written":
            self.put(pages)
        if fate == "spoiled":
            self.spoil()

    def put(self, pages: Pages | None) -> None:
        if pages is None:
            return
        with self.drafts.written(pages):
            PageFile(self.kept, self.page_size).write(pages)
        PageFile(self.plain, self.page_size).write(pages)

    def spoil(self) -> None:
        """Somebody puts another file there, which happens to be the same as it was."""
        other = self.kept.with_name("other")
        other.write_bytes(self.kept.read_bytes())
        other.replace(self.kept)


def attempted(change: Change) -> Change:
    """The change as far as there is what it needs."""

    def attempt(conn: sqlite3.Connection) -> None:
        with suppress(sqlite3.OperationalError, sqlite3.IntegrityError):
            change(conn)

    return attempt


def drafted(drafting: Any, change: Change) -> Pages | None:
    with drafting as draft:
        attempted(change)(draft.conn)
    pages: Pages | None = draft.pages
    return pages


def put(drafts: Drafts, path: Path, draft: Draft) -> None:
    assert draft.pages
    with drafts.written(draft.pages):
        PageFile(path, 4096).write(draft.pages)


def commit(drafts: Drafts, path: Path, change: Change) -> None:
    with drafts.draft() as draft:
        change(draft.conn)
    if draft.pages:
        put(drafts, path, draft)


@contextmanager
def opened(path: Path, *, keep: bool = True) -> Iterator[Drafts]:
    drafts = Drafts(path, 4096, keep=keep)
    yield drafts
    drafts.close()


steps = st.lists(st.tuples(st.sampled_from(sorted(CHANGES)), st.sampled_from(FATES)), max_size=12)


@settings(max_examples=60)
@given(steps=steps, page_size=st.sampled_from([512, 4096, 65536]), auto_vacuum=st.booleans())
def test_drafts_that_share_a_connection_are_those_of_new_ones(
    tmp_path_factory: pytest.TempPathFactory,
    steps: list[tuple[str, str]],
    page_size: int,
    auto_vacuum: bool,
) -> None:
    twins = Twins(tmp_path_factory.mktemp("twins"), page_size, auto_vacuum)
    for change, fate in steps:
        twins.step(CHANGES[change], fate)
    twins.drafts.close()
    assert twins.kept.read_bytes() == twins.plain.read_bytes()
    check_integrity(twins.kept)


def test_a_connection_that_is_kept_serves_the_drafts_of_all_threads(path: Path) -> None:
    def add_one(conn: sqlite3.Connection) -> None:
        conn.execute("UPDATE card SET flags = flags + 1 WHERE id = 7")

    with opened(path) as drafts:
        for _ in range(5):
            with ThreadPoolExecutor(1) as thread:
                thread.submit(commit, drafts, path, add_one).result()
            assert drafts.is_open
        with drafts.draft() as draft:
            found = draft.conn.execute("SELECT flags FROM card WHERE id = 7").fetchone()
    assert found == (5,)


@pytest.mark.parametrize("change", CHANGES.values(), ids=CHANGES)
def test_a_prepared_statement_sees_what_others_have_written_meanwhile(
    path: Path, change: Change
) -> None:
    def look(conn: sqlite3.Connection) -> list[Any]:
        tables = conn.execute("SELECT name, sql FROM sqlite_master").fetchall()
        names = sorted({name for name, sql in tables if sql and sql.startswith("CREATE TABLE")})
        return [tables, *(conn.execute(f"SELECT * FROM {name}").fetchall() for name in names)]

    with opened(path) as drafts:
        with drafts.draft() as draft:
            look(draft.conn)
        with drafting(path, 4096) as draft:
            change(draft.conn)
        put(drafts, path, draft)
        with drafts.draft() as draft:
            found = look(draft.conn)
        with drafting(path, 4096) as draft:
            assert look(draft.conn) == found


def leave_table(conn: sqlite3.Connection) -> None:
    conn.execute("CREATE TEMP TABLE scratch (a)")


def drop_trigger(conn: sqlite3.Connection) -> None:
    conn.execute("DROP TRIGGER temp.noting")


def save(conn: sqlite3.Connection) -> None:
    conn.execute("SAVEPOINT s")


def name_columns(conn: sqlite3.Connection) -> None:
    conn.row_factory = sqlite3.Row


def give_bytes(conn: sqlite3.Connection) -> None:
    conn.text_factory = bytes


class Noting:
    """A recorder that leaves a trigger, a function and a table."""

    def begin(self, conn: sqlite3.Connection) -> None:
        conn.create_function("noting", 0, lambda: 1)
        conn.execute("CREATE TEMP TABLE IF NOT EXISTS noted (a)")
        conn.execute(
            "CREATE TEMP TRIGGER IF NOT EXISTS noting AFTER UPDATE ON main.card"
            " BEGIN INSERT INTO noted VALUES (noting()); END"
        )

    def end(self, conn: sqlite3.Connection) -> bytes:
        return b"noted"


class OtherNoting(Noting):
    """Another kind of recorder."""


LASTING: dict[str, Change] = {
    "temporary table": leave_table,
    "trigger of the recorder dropped": drop_trigger,
    "savepoint": save,
    "row factory": name_columns,
    "text factory": give_bytes,
}


@pytest.mark.parametrize("lasting", LASTING.values(), ids=LASTING)
def test_what_would_last_is_gone_in_the_next_draft(path: Path, lasting: Change) -> None:
    with opened(path) as drafts:
        for _ in range(2):
            with drafts.draft(Noting()) as draft:
                lasting(draft.conn)
            assert not drafts.is_open
        with drafts.draft(Noting()) as draft:
            SMALL(draft.conn)
            left = draft.conn.execute("SELECT name FROM temp.sqlite_master").fetchall()
            assert left == [("noted",), ("noting",)]


def test_the_things_of_a_recorder_are_there_for_its_kind_only(path: Path) -> None:
    def things(draft: Draft) -> list[Any]:
        return draft.conn.execute("SELECT name FROM temp.sqlite_master").fetchall()

    with opened(path) as drafts:
        for recorder in (Noting(), Noting(), OtherNoting()):
            with drafts.draft(recorder) as draft:
                SMALL(draft.conn)
                assert len(things(draft)) == 2
            assert drafts.is_open
            if draft.pages:
                put(drafts, path, draft)
        with drafts.draft() as draft:
            assert things(draft) == []
            with pytest.raises(sqlite3.OperationalError, match="no such function"):
                draft.conn.execute("SELECT noting()")


@pytest.mark.parametrize("held", (HELD | HIDDEN).values(), ids=HELD | HIDDEN)
def test_a_connection_that_somebody_has_in_hand_is_not_kept(
    path: Path, held: Callable[[sqlite3.Connection], Any]
) -> None:
    with opened(path) as drafts:
        with drafts.draft() as draft:
            holding = [held(draft.conn)]
        assert not drafts.is_open
        with drafts.draft() as draft:
            conn = draft.conn
        assert not drafts.is_open
        with pytest.raises(sqlite3.ProgrammingError):
            conn.execute("SELECT 1")
    del holding


@pytest.mark.parametrize("escape", ESCAPES.values(), ids=ESCAPES)
def test_no_draft_can_escape_however_many_came_before_it(path: Path, escape: Change) -> None:
    def count_and_escape(conn: sqlite3.Connection) -> None:
        conn.execute("UPDATE card SET flags = flags + 1 WHERE id = 7")
        with pytest.raises(sqlite3.DatabaseError):
            escape(conn)

    with opened(path) as drafts:
        for number in range(1, 4):
            expected = path.read_bytes()
            with drafts.draft() as draft:
                count_and_escape(draft.conn)
            assert path.read_bytes() == expected
            put(drafts, path, draft)
            with reading(path) as conn:
                found = conn.execute("SELECT flags FROM card WHERE id = 7").fetchone()
            assert found == (number,)


@pytest.mark.parametrize("statement", ["BEGIN", "BEGIN IMMEDIATE", "SAVEPOINT s"])
def test_a_statement_prepared_once_does_not_begin_another_transaction(
    path: Path, statement: str
) -> None:
    """After one that was ended, what it begins would be committed alone."""
    with opened(path) as drafts:
        commit(drafts, path, SMALL)
        with drafts.draft() as draft, suppress(sqlite3.Error):
            draft.conn.execute(statement)
        with pytest.raises(sqlite3.ProgrammingError, match="ended"), drafts.draft() as draft:
            _end_and_go_on(draft.conn, statement)
        assert not drafts.is_open


def _end_and_go_on(conn: sqlite3.Connection, statement: str) -> None:
    with pytest.raises(sqlite3.IntegrityError):
        conn.execute("INSERT OR ROLLBACK INTO media (id) VALUES (1)")
    with pytest.raises(sqlite3.DatabaseError):
        conn.execute(statement)


def test_a_change_is_found_where_an_earlier_one_left_more_than_it_kept(path: Path) -> None:
    """The log of a statement that failed goes on after the frames that were committed."""

    def fail_late(conn: sqlite3.Connection) -> None:
        conn.execute("UPDATE card SET flags = 1")
        with pytest.raises(sqlite3.IntegrityError):
            conn.execute(
                "INSERT INTO media (id, data) WITH RECURSIVE n(i) AS"
                " (SELECT 3 UNION ALL SELECT i + 1 FROM n WHERE i < 100)"
                " SELECT iif(i < 100, i, 1), zeroblob(40000) FROM n"
            )

    with opened(path) as drafts:
        commit(drafts, path, fail_late)
        assert size_of_unnamed_file() > 2_000_000
        assert drafts.is_open
        with drafts.draft() as draft:
            pass
        assert draft.pages is None
        del draft
        with drafts.draft() as draft:
            SMALL(draft.conn)
        with reading(path) as conn:
            before = conn.execute("SELECT due FROM card WHERE id = 7").fetchone()
        assert before == (7,)
        put(drafts, path, draft)
    with reading(path) as conn:
        assert conn.execute("SELECT due FROM card WHERE id = 7").fetchone() == (5000,)
    check_integrity(path)


@pytest.mark.parametrize("end", ["close", "forget"])
def test_a_connection_that_ends_writes_nothing(path: Path, end: str) -> None:
    drafts = Drafts(path, 4096)
    commit(drafts, path, SMALL)
    with drafts.draft() as draft:
        CHANGES["delete everything"](draft.conn)
    expected = path.read_bytes()
    assert drafts.is_open
    assert list(path.parent.iterdir()) == [path]
    if end == "close":
        drafts.close()
    del drafts, draft
    gc.collect()
    assert path.read_bytes() == expected
    assert list(path.parent.iterdir()) == [path]


def test_a_long_log_is_not_kept(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(drafts_module, "_MAX_WAL_BYTES", 100_000)
    largest = 0
    with opened(path) as drafts:
        for _ in range(50):
            commit(drafts, path, lambda conn: conn.execute("UPDATE card SET flags = flags + 1"))
            largest = max(largest, size_of_unnamed_file())
    assert 0 < largest < 400_000


def test_a_file_that_somebody_writes_to_is_read_anew(path: Path) -> None:
    with opened(path) as drafts:
        commit(drafts, path, SMALL)
        stolen = path.with_name("stolen")
        stolen.write_bytes(path.read_bytes())
        with drafting(stolen, 4096) as draft:
            draft.conn.execute("UPDATE card SET due = 6000 WHERE id = 7")
        assert draft.pages
        PageFile(path, 4096).write(draft.pages)
        os.utime(path, ns=(1, 1))
        with drafts.draft() as draft:
            found = draft.conn.execute("SELECT due FROM card WHERE id = 7").fetchone()
    assert found == (6000,)


def test_nothing_is_kept_where_that_is_not_wanted(path: Path) -> None:
    with opened(path, keep=False) as drafts:
        commit(drafts, path, SMALL)
        assert not drafts.is_open
