"""A draft never changes its file, and nobody can end or leave a transaction from inside."""

import os
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager, suppress
from pathlib import Path
from typing import Any

import pytest

from chalicelib.errors import StorageUnavailableError
from chalicelib.storage.drafts import drafting
from chalicelib.storage.image import settle
from chalicelib.storage.pages import Pages
from chalicelib.storage.transaction import check_integrity, making, reading
from tests.storage.changes import CHANGES, PAGE_SIZES, Change, make_file
from tests.storage.tally import add, build, names

AUTOCOMMIT = hasattr(sqlite3.Connection, "autocommit")  # since Python 3.12

ESCAPES: dict[str, Change] = {
    "commit": lambda conn: conn.commit(),
    "rollback": lambda conn: conn.rollback(),
    "with": lambda conn: conn.__exit__(None, None, None),
    "executescript": lambda conn: conn.executescript("INSERT INTO one VALUES ('script')"),
    "isolation_level": lambda conn: setattr(conn, "isolation_level", None),
    "COMMIT": lambda conn: conn.execute("COMMIT"),
    "COMMIT by a cursor": lambda conn: conn.cursor().execute("COMMIT"),
    "END": lambda conn: conn.execute("END"),
    "ROLLBACK": lambda conn: conn.execute("ROLLBACK"),
    "ATTACH": lambda conn: conn.execute("ATTACH ':memory:' AS other"),
    "DETACH": lambda conn: conn.execute("DETACH main"),
    "VACUUM": lambda conn: conn.execute("VACUUM"),
    "journal": lambda conn: conn.execute("PRAGMA journal_mode = DELETE"),
    "checkpoint": lambda conn: conn.execute("PRAGMA wal_checkpoint(TRUNCATE)"),
    "user_version": lambda conn: conn.execute("PRAGMA user_version = 7"),
    "pragma function": lambda conn: conn.execute("SELECT * FROM pragma_table_info('one')"),
    "deserialize": lambda conn: conn.deserialize(conn.serialize(name="temp")),
} | ({"autocommit": lambda conn: setattr(conn, "autocommit", True)} if AUTOCOMMIT else {})

# What a caller may still have in hand when its transaction is over.
HELD: dict[str, Callable[[sqlite3.Connection], Any]] = {
    "execute": lambda conn: _begun(conn.execute("SELECT * FROM note")),
    "cursor": lambda conn: _begun(conn.cursor().execute("SELECT * FROM note")),
    "cursor of its own kind": lambda conn: _begun(
        conn.cursor(_Cursor).execute("SELECT * FROM note")
    ),
    "returning": lambda conn: _begun(
        conn.execute("INSERT INTO note (text) SELECT text FROM note RETURNING id")
    ),
    "returning by a cursor": lambda conn: _begun(
        conn.cursor().execute("INSERT INTO note (text) SELECT text FROM note RETURNING id")
    ),
    "blob": lambda conn: conn.blobopen("media", "data", 1, readonly=True),
}
# These are out of the connection's sight.
HIDDEN: dict[str, Callable[[sqlite3.Connection], Any]] = {
    "cursor made by hand": lambda conn: _begun(sqlite3.Cursor(conn).execute("SELECT * FROM note")),
    "two made by hand": lambda conn: [
        _begun(sqlite3.Cursor(conn).execute(f"SELECT * FROM {table}")) for table in ("note", "card")
    ],
}

WRITES = [
    "INSERT INTO one VALUES ('x')",
    "DELETE FROM one",
    "CREATE TABLE three (a)",
    "CREATE TEMP TABLE three (a)",
    "DROP TABLE one",
    "PRAGMA query_only = OFF",
    "PRAGMA user_version = 7",
    "COMMIT",
    "ATTACH ':memory:' AS other",
    "VACUUM",
    "ANALYZE",
]


class _Cursor(sqlite3.Cursor):
    pass


class _Stop(BaseException):
    """The thread is stopped wherever it is."""


def _begun(cursor: sqlite3.Cursor) -> sqlite3.Cursor:
    next(cursor)
    return cursor


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """A file of many tables, at rest."""
    path = tmp_path / "collection.anki2"
    make_file(path, 4096)
    return path


@pytest.fixture
def tally(tmp_path: Path) -> Path:
    """An empty tally, at rest."""
    path = tmp_path / "collection.anki2"
    made(path, end_normally)
    settle(path)
    return path


def made(path: Path, change: Change) -> None:
    """Make a tally, and have the change in the same transaction."""
    with making(path) as conn:
        build(conn)
        change(conn)


def drafted(path: Path, change: Change, page_size: int = 4096) -> Pages | None:
    with drafting(path, page_size) as draft:
        change(draft.conn)
    return draft.pages


def with_pages(path: Path, pages: Pages | None, page_size: int = 4096) -> Path:
    """A copy of the file with the pages in it, made without the code that makes them."""
    data = bytearray(path.read_bytes())
    if pages:
        data.extend(bytes(max(0, pages.page_count * page_size - len(data))))
        for number, content in pages.contents.items():
            data[(number - 1) * page_size : number * page_size] = content
        del data[pages.page_count * page_size :]
    copy = path.with_suffix(".copy")
    copy.write_bytes(data)
    return copy


def size_of_unnamed_file() -> int:
    """The size in bytes of the largest file that is open here and has no name, as a WAL is."""
    sizes = [0]
    for descriptor in os.listdir("/dev/fd"):
        with suppress(OSError):
            found = os.fstat(int(descriptor))
            sizes.append(found.st_size if found.st_nlink == 0 else 0)
    return max(sizes)


def names_in(path: Path) -> dict[str, int]:
    with reading(path) as conn:
        return dict(names(conn))


@contextmanager
def unchanged(path: Path) -> Iterator[None]:
    """The file is the same afterwards, and nothing new lies beside it."""
    before, beside = path.read_bytes(), set(path.parent.iterdir())
    yield
    assert path.read_bytes() == before
    assert set(path.parent.iterdir()) == beside


def end_normally(conn: sqlite3.Connection) -> None:
    pass


def fail(conn: sqlite3.Connection) -> None:
    raise ZeroDivisionError


def stop(conn: sqlite3.Connection) -> None:
    raise _Stop


def end_inside(conn: sqlite3.Connection) -> None:
    conn.execute("CREATE TABLE own (a UNIQUE)")
    conn.execute("INSERT OR ROLLBACK INTO own VALUES (1), (1)")


def close(conn: sqlite3.Connection) -> None:
    conn.close()


ENDINGS: dict[str, Change] = {
    "normal": end_normally,
    "exception": fail,
    "stop": stop,
    "ended from inside": end_inside,
    "closed from inside": close,
}


@pytest.mark.parametrize("ending", ENDINGS.values(), ids=ENDINGS)
@pytest.mark.parametrize("page_size", PAGE_SIZES)
@pytest.mark.parametrize("change", CHANGES.values(), ids=CHANGES)
def test_a_draft_leaves_its_file_as_it_is_however_it_ends(
    tmp_path: Path, change: Change, page_size: int, ending: Change
) -> None:
    path = tmp_path / "collection.anki2"
    make_file(path, page_size, auto_vacuum=page_size in {1024, 65536})
    with unchanged(path), suppress(ZeroDivisionError, _Stop, sqlite3.Error):
        with drafting(path, page_size) as draft:
            change(draft.conn)
            ending(draft.conn)
        assert draft.pages
        assert ending is end_normally


@pytest.mark.parametrize("held", (HELD | HIDDEN).values(), ids=HELD | HIDDEN)
@pytest.mark.parametrize("ending", [end_normally, fail, stop])
@pytest.mark.parametrize("moment", ["at once", "before writing", "after writing", "at the end"])
def test_what_is_held_after_a_draft_never_writes_into_the_file_or_into_the_next_draft(
    path: Path,
    held: Callable[[sqlite3.Connection], Any],
    ending: Change,
    moment: str,
) -> None:
    expected = drafted(path, CHANGES["update all rows"])
    holding: list[Any] = []

    def pass_moment(now: str) -> None:
        if now == moment:
            holding.clear()

    with unchanged(path):
        with suppress(ZeroDivisionError, _Stop), drafting(path, 4096) as draft:
            CHANGES["insert with growth"](draft.conn)
            holding.append(held(draft.conn))
            ending(draft.conn)
        del draft
        pass_moment("at once")
        with drafting(path, 4096) as draft:
            pass_moment("before writing")
            CHANGES["update all rows"](draft.conn)
            pass_moment("after writing")
        pass_moment("at the end")
    assert draft.pages == expected


@pytest.mark.parametrize("held", HIDDEN.values(), ids=HIDDEN)
@pytest.mark.parametrize("moment", ["before writing", "after writing"])
def test_what_is_held_after_a_draft_without_changes_does_not_disturb_the_next_one(
    path: Path, held: Callable[[sqlite3.Connection], Any], moment: str
) -> None:
    """Closing, it has nothing to write, and would remove the log of the next one by its name."""
    expected = drafted(path, CHANGES["update all rows"])
    with unchanged(path):
        with drafting(path, 4096) as draft:
            holding = [held(draft.conn)]
        del draft
        with drafting(path, 4096) as draft:
            if moment == "before writing":
                holding.clear()
            CHANGES["update all rows"](draft.conn)
            holding.clear()
    assert draft.pages == expected


@pytest.mark.parametrize("open_cursor", HELD.values(), ids=HELD)
def test_what_is_held_does_not_keep_a_draft_from_ending(
    path: Path, open_cursor: Callable[[sqlite3.Connection], Any]
) -> None:
    held: list[Any] = []

    def change(conn: sqlite3.Connection) -> None:
        conn.execute("CREATE TABLE done (a)")
        held.append(open_cursor(conn))

    copy = with_pages(path, drafted(path, change))
    with reading(copy) as conn:
        assert conn.execute("SELECT count(*) FROM done").fetchone() == (0,)
    with pytest.raises(sqlite3.ProgrammingError):
        held[0].read() if isinstance(held[0], sqlite3.Blob) else next(held[0])


@pytest.mark.parametrize("hold", HELD.values(), ids=HELD)
def test_what_is_held_keeps_no_file_open(
    path: Path, hold: Callable[[sqlite3.Connection], Any]
) -> None:
    before = len(os.listdir("/dev/fd"))
    with drafting(path, 4096) as draft:
        held = [hold(draft.conn)]
    with reading(path) as conn:
        held.append(_begun(conn.cursor().execute("SELECT * FROM note")))
    assert len(os.listdir("/dev/fd")) == before
    assert len(held) == 2


def test_a_row_by_row_insert_is_in_the_draft_up_to_where_it_was_read(path: Path) -> None:
    """What RETURNING gives is read after all rows are written."""
    pages = drafted(path, HELD["returning"])
    with reading(with_pages(path, pages)) as conn:
        assert conn.execute("SELECT count(*) FROM note").fetchone() == (2400,)


@pytest.mark.parametrize("page_size", PAGE_SIZES)
def test_a_change_survives_a_larger_one_that_was_taken_back_before_it(
    tmp_path: Path, page_size: int
) -> None:
    """SQLite 3.40 leaves salts and checksums out of the frames that it commits then."""
    path = tmp_path / "collection.anki2"
    make_file(path, page_size)

    def change(conn: sqlite3.Connection) -> int:
        CHANGES["larger than the page cache, taken back"](conn)
        return size_of_unnamed_file()

    with drafting(path, page_size) as draft:
        written_early = change(draft.conn)
    assert written_early > 2_000_000
    with reading(with_pages(path, draft.pages, page_size)) as conn:
        assert conn.execute("SELECT due FROM card WHERE id = 7").fetchone() == (5,)
        assert conn.execute("SELECT count(*) FROM media").fetchone() == (2,)


@pytest.mark.parametrize("changing", [True, False])
def test_pages_are_there_exactly_when_something_was_written(path: Path, changing: bool) -> None:
    def change(conn: sqlite3.Connection) -> None:
        conn.execute("UPDATE card SET flags = flags WHERE id = 7")
        conn.execute("DELETE FROM card WHERE id = ?", (7 if changing else -7,))

    assert (drafted(path, change) is not None) == changing


@pytest.mark.parametrize("escape", ESCAPES.values(), ids=ESCAPES)
def test_a_refused_escape_that_is_caught_harms_nothing(tally: Path, escape: Change) -> None:
    def change(conn: sqlite3.Connection) -> None:
        add("before")(conn)
        with pytest.raises(sqlite3.DatabaseError):
            escape(conn)
        add("after")(conn)

    with unchanged(tally):
        pages = drafted(tally, change)
    assert names_in(with_pages(tally, pages)) == {"before": 1, "after": 1}


@pytest.mark.parametrize("escape", ESCAPES.values(), ids=ESCAPES)
def test_a_building_function_cannot_escape_either(tmp_path: Path, escape: Change) -> None:
    with pytest.raises(sqlite3.DatabaseError):
        made(tmp_path / "new.anki2", escape)


@pytest.mark.parametrize("how", [end_inside, close])
def test_a_transaction_that_was_ended_after_all_gives_no_pages(tally: Path, how: Change) -> None:
    def change(conn: sqlite3.Connection) -> None:
        add("first")(conn)
        with suppress(sqlite3.IntegrityError):
            how(conn)
        with suppress(sqlite3.ProgrammingError):
            add("on its own")(conn)

    with unchanged(tally), pytest.raises(sqlite3.ProgrammingError):
        drafted(tally, change)


def test_a_file_whose_making_was_ended_after_all_is_not_taken_for_made(tmp_path: Path) -> None:
    def change(conn: sqlite3.Connection) -> None:
        with suppress(sqlite3.IntegrityError):
            end_inside(conn)

    with pytest.raises(sqlite3.ProgrammingError):
        made(tmp_path / "new.anki2", change)


def test_savepoints_work_inside_a_transaction(tally: Path) -> None:
    def change(conn: sqlite3.Connection) -> None:
        add("kept")(conn)
        conn.execute("SAVEPOINT s")
        add("undone")(conn)
        conn.execute("ROLLBACK TO s")
        conn.execute("RELEASE s")

    assert names_in(with_pages(tally, drafted(tally, change))) == {"kept": 1}


def test_temporary_tables_do_not_outlive_their_draft(tally: Path) -> None:
    for _ in range(2):
        assert not drafted(tally, lambda conn: conn.execute("CREATE TEMP TABLE scratch (a)"))


class _Noting:
    """Records the names that a draft adds to the tally, by a TEMP trigger."""

    def begin(self, conn: sqlite3.Connection) -> None:
        conn.execute("CREATE TEMP TABLE noted (name TEXT)")
        conn.execute(
            "CREATE TEMP TRIGGER note AFTER INSERT ON main.one"
            " BEGIN INSERT INTO noted VALUES (new.name); END"
        )

    def end(self, conn: sqlite3.Connection) -> bytes:
        found = conn.execute("SELECT name FROM noted").fetchall()
        self.left = _begun(conn.execute("INSERT INTO noted VALUES (1), (2), (3) RETURNING name"))
        return b",".join(name.encode() for (name,) in found)


def test_a_recorder_sees_the_whole_change_and_adds_nothing_to_it(tally: Path) -> None:
    plain = drafted(tally, add("one"))
    with drafting(tally, 4096, _Noting()) as draft:
        add("one")(draft.conn)
    assert draft.noted == b"one"
    assert draft.pages == plain


def test_a_recorder_that_fails_ends_the_draft(tally: Path) -> None:
    class Failing(_Noting):
        def end(self, conn: sqlite3.Connection) -> bytes:
            raise ZeroDivisionError

    with (
        unchanged(tally),
        pytest.raises(ZeroDivisionError),
        drafting(tally, 4096, Failing()) as draft,
    ):
        add("one")(draft.conn)


def _corrupt(path: Path) -> None:
    data = bytearray(path.read_bytes())
    data[4096:] = b"\xff" * (len(data) - 4096)
    path.write_bytes(data)


@pytest.mark.parametrize("spoil", [_corrupt, Path.unlink], ids=["corrupt", "gone"])
@pytest.mark.parametrize("use", [drafting, lambda path, _: reading(path)], ids=["draft", "read"])
def test_a_broken_file_is_told_from_a_failing_statement(
    path: Path, spoil: Callable[[Path], None], use: Callable[[Path, int], Any]
) -> None:
    def run(sql: str) -> None:
        with use(path, 4096) as given:
            getattr(given, "conn", given).execute(sql).fetchall()

    with pytest.raises(sqlite3.OperationalError, match="no such table"):
        run("SELECT * FROM missing")
    spoil(path)
    with pytest.raises(StorageUnavailableError):
        run("SELECT * FROM note")


def test_a_file_that_vanishes_during_a_draft_is_a_broken_one(path: Path) -> None:
    def change(conn: sqlite3.Connection) -> None:
        CHANGES["update all rows"](conn)
        path.unlink()

    with pytest.raises(StorageUnavailableError):
        drafted(path, change)


def test_a_sound_file_is_told_from_a_damaged_one(path: Path) -> None:
    check_integrity(path)
    _corrupt(path)
    with pytest.raises(StorageUnavailableError):
        check_integrity(path)


@pytest.mark.parametrize("statement", WRITES)
def test_a_reading_function_cannot_write(tally: Path, statement: str) -> None:
    with (
        unchanged(tally),
        pytest.raises(sqlite3.DatabaseError),
        reading(tally) as conn,
    ):
        conn.execute(statement).fetchall()


def test_a_reading_function_can_use_what_reads(tally: Path) -> None:
    with reading(tally) as conn:
        found = conn.execute(
            "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 3)"
            " SELECT sum(i), (SELECT count(*) FROM one), (SELECT value FROM json_each('[5]'))"
            " FROM n"
        ).fetchall()
    assert found == [(6, 0, 5)]


def test_a_made_file_is_plain_and_needs_no_journal_beside_it(tmp_path: Path) -> None:
    path = tmp_path / "new.anki2"

    def change(conn: sqlite3.Connection) -> None:
        conn.execute("CREATE TABLE wide (a)")
        conn.executemany("INSERT INTO wide VALUES (?)", ((b"x" * 4000,) for _ in range(1500)))
        assert list(tmp_path.iterdir()) == [path]

    made(path, change)
    assert list(tmp_path.iterdir()) == [path]
    with closing(sqlite3.connect(path)) as conn:
        found = [
            conn.execute(f"PRAGMA {name}").fetchone()[0]
            for name in ("page_size", "encoding", "journal_mode", "auto_vacuum", "user_version")
        ]
    assert found == [4096, "UTF-8", "delete", 0, 0]


def test_a_file_that_could_not_be_built_is_not_committed(tmp_path: Path) -> None:
    path = tmp_path / "new.anki2"
    with pytest.raises(ZeroDivisionError):
        made(path, fail)
    with closing(sqlite3.connect(path)) as conn:
        assert conn.execute("SELECT count(*) FROM sqlite_master").fetchone() == (0,)
