"""A file at rest: whole, in rollback mode, and without what depends on its writer."""

import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chalicelib.errors import StorageUnavailableError
from chalicelib.storage.image import normal_page, set_wal_mode, settle, stamp
from chalicelib.storage.transaction import check_integrity
from tests.storage.changes import CHANGES, PAGE_SIZES, make_file

WRITER_S = [slice(18, 20), slice(24, 28), slice(92, 100)]


@pytest.fixture
def path(tmp_path: Path) -> Path:
    path = tmp_path / "collection.anki2"
    make_file(path, 4096)
    return path


def edited(path: Path, edit: Callable[[bytearray], object]) -> bytes:
    data = bytearray(path.read_bytes())
    edit(data)
    path.write_bytes(data)
    return bytes(data)


def counts(path: Path) -> list[tuple[int]]:
    """What a plain SQLite finds in the file."""
    with closing(sqlite3.connect(f"{path.as_uri()}?mode=ro", uri=True)) as conn:
        assert conn.execute("PRAGMA integrity_check").fetchone() == ("ok",)
        return [
            conn.execute(f"SELECT count(*) FROM {table}").fetchone() for table in ("note", "card")
        ]


def in_wal_mode(path: Path) -> None:
    with closing(sqlite3.connect(path)) as conn:
        assert conn.execute("PRAGMA journal_mode = WAL").fetchone() == ("wal",)
        conn.execute("DELETE FROM note WHERE id > 1000")
        conn.commit()


def changed_by_sqlite(path: Path) -> None:
    with closing(sqlite3.connect(path)) as conn:
        conn.execute("DELETE FROM note WHERE id > 1000")
        conn.commit()


@pytest.mark.parametrize("page_size", PAGE_SIZES)
@pytest.mark.parametrize("change", [in_wal_mode, changed_by_sqlite])
def test_whoever_changed_a_file_its_bytes_at_rest_are_the_same(
    tmp_path: Path, page_size: int, change: Callable[[Path], None]
) -> None:
    path, other = tmp_path / "a.anki2", tmp_path / "b.anki2"
    for each in (path, other):
        make_file(each, page_size)
    change(path)
    for _ in range(3):
        with closing(sqlite3.connect(other)) as conn:
            conn.execute("UPDATE card SET flags = flags + 1")
            conn.execute("UPDATE card SET flags = flags - 1")
            conn.commit()
    changed_by_sqlite(other)
    assert path.read_bytes() != other.read_bytes()
    assert settle(path) == settle(other) == page_size
    assert path.read_bytes() == other.read_bytes()
    assert counts(path) == [(1000,), (1200,)]


def test_a_file_at_rest_stays_as_it_is(path: Path) -> None:
    before = path.read_bytes()
    assert settle(path) == 4096
    assert path.read_bytes() == before
    assert before[18:20] == b"\1\1"
    assert before[24:28] == before[92:96] == before[96:100] == bytes(4)


def test_only_the_first_page_has_parts_that_its_writer_sets(path: Path) -> None:
    page = bytes(range(256)) * 16
    assert normal_page(2, page) == page
    normal = normal_page(1, page)
    differing = {n for n in range(4096) if normal[n] != page[n]}
    assert differing == {n for part in WRITER_S for n in range(part.start, part.stop)}


def foreign_counter(data: bytearray) -> None:
    """Written by a SQLite older than 3.7, which knows of no page count."""
    data[24:28], data[28:32] = b"\0\0\0\7", b"\0\0\0\1"


def no_page_count(data: bytearray) -> None:
    data[28:32] = bytes(4)


def pages_beyond_the_end(data: bytearray) -> None:
    data.extend(b"left over" + bytes(2 * 4096 - 9))


def wal_mode(data: bytearray) -> None:
    data[18:20] = b"\2\2"


@pytest.mark.parametrize("oddity", [foreign_counter, no_page_count, pages_beyond_the_end, wal_mode])
def test_what_sqlite_makes_of_an_odd_header_is_made_of_it(
    path: Path, oddity: Callable[[bytearray], None]
) -> None:
    before = path.read_bytes()
    edited(path, oddity)
    settle(path)
    assert path.read_bytes() == before
    check_integrity(path)


def torn(data: bytearray) -> None:
    del data[-1:]


def cut(data: bytearray) -> None:
    del data[-4096:]


def torn_and_uncounted(data: bytearray) -> None:
    foreign_counter(data)
    data.append(0)


def of_a_size_that_is_no_power_of_two(data: bytearray) -> None:
    data[16:18], data[28:32] = (768).to_bytes(2, "big"), (7).to_bytes(4, "big")
    del data[7 * 768 :]


def not_a_database(data: bytearray) -> None:
    data[:16] = b"SQLite format 4\0"


def emptied(data: bytearray) -> None:
    data.clear()


def only_a_header(data: bytearray) -> None:
    del data[100:]


def less_than_a_header(data: bytearray) -> None:
    del data[99:]


def page_size_of(size: int) -> Callable[[bytearray], None]:
    def spoil(data: bytearray) -> None:
        data[16:18] = size.to_bytes(2, "big")

    spoil.__name__ = f"page_size_of_{size}"
    return spoil


@pytest.mark.parametrize(
    "spoil",
    [
        torn,
        torn_and_uncounted,
        cut,
        of_a_size_that_is_no_power_of_two,
        not_a_database,
        emptied,
        only_a_header,
        less_than_a_header,
        *map(page_size_of, (0, 2, 256, 1000, 4095, 4097, 65535)),
    ],
)
def test_what_is_not_a_whole_file_is_refused_and_left_alone(
    path: Path, spoil: Callable[[bytearray], None]
) -> None:
    before = edited(path, spoil)
    with pytest.raises(StorageUnavailableError):
        settle(path)
    assert path.read_bytes() == before


@given(data=st.binary(max_size=300), magic=st.booleans())
def test_no_bytes_at_all_are_taken_for_a_file_or_break_it(
    tmp_path_factory: pytest.TempPathFactory, data: bytes, magic: bool
) -> None:
    path = tmp_path_factory.getbasetemp() / "any.anki2"
    path.write_bytes(b"SQLite format 3\0" * magic + data)
    with pytest.raises(StorageUnavailableError):
        settle(path)


def test_the_largest_page_size_is_stored_as_one(tmp_path: Path) -> None:
    path = tmp_path / "collection.anki2"
    make_file(path, 65536)
    assert path.read_bytes()[16:18] == b"\0\1"
    assert settle(path) == 65536


@pytest.mark.parametrize("seq", [0, 1, 2**31, 2**32 - 1, 2**32 + 5])
def test_a_stamp_gives_each_state_bytes_of_its_own_and_settling_removes_it(
    path: Path, seq: int
) -> None:
    before = path.read_bytes()
    stamp(path, seq)
    stamped = path.read_bytes()
    assert stamped[24:28] == stamped[92:96] == (seq % 2**32).to_bytes(4, "big")
    assert counts(path) == [(1200,), (1200,)]
    settle(path)
    assert path.read_bytes() == before


def test_a_stamped_file_can_be_changed_by_any_sqlite(path: Path) -> None:
    stamp(path, 41)
    changed_by_sqlite(path)
    assert path.read_bytes()[24:28] == (42).to_bytes(4, "big")
    assert counts(path) == [(1000,), (1200,)]


def test_wal_mode_is_what_sqlite_calls_so(path: Path) -> None:
    before = path.read_bytes()
    set_wal_mode(path, on=True)
    with closing(sqlite3.connect(path)) as conn:
        assert conn.execute("PRAGMA journal_mode").fetchone() == ("wal",)
    set_wal_mode(path, on=False)
    assert path.read_bytes() == before


def test_a_file_of_free_pages_only_comes_to_rest(path: Path) -> None:
    with closing(sqlite3.connect(path)) as conn:
        CHANGES["drop everything"](conn)
        conn.commit()
    size = path.stat().st_size
    assert settle(path) == 4096
    assert path.stat().st_size == size
