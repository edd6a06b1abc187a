"""What a change does to pages: told as little as possible, applied exactly or not at all."""

import os
import random
import sqlite3
import zlib
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

import msgspec
import pytest
from backports import zstd
from hypothesis import given
from hypothesis import strategies as st

from chalicelib.storage.drafts import drafting
from chalicelib.storage.image import normal_page, settle
from chalicelib.storage.pages import DivergedError, Packing, PageChange, PageFile, Pages
from chalicelib.storage.segments import encode_changes
from tests.storage.changes import CHANGES, PAGE_SIZES, Change, make_file

MANY = 256
WRONG = ("nothing", "torn", "garbage", "too short")


@dataclass
class Files:
    """Two files of the same content: where a change is made, and where it is learnt."""

    writer: Path
    reader: Path
    page_size: int

    @property
    def source(self) -> PageFile:
        return PageFile(self.writer, self.page_size)

    @property
    def target(self) -> PageFile:
        return PageFile(self.reader, self.page_size)

    def hold(self, content: bytes) -> None:
        for path in (self.writer, self.reader):
            path.write_bytes(content)


@pytest.fixture(scope="module")
def directory(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("pages")


def files(directory: Path, page_size: int = 512) -> Files:
    return Files(directory / "writer", directory / "reader", page_size)


def random_page(seed: int, page_size: int) -> bytes:
    return random.Random(seed).randbytes(page_size)


@st.composite
def page_contents(draw: st.DrawFn, page_size: int, old: bytes) -> bytes:
    """Anything: the same, a small change, another page, something new, nothing but zeros."""
    match draw(st.sampled_from(["same", "edited", "moved", "other", "fresh", "zeros"])):
        case "same":
            return old
        case "edited":
            page = bytearray(old)
            for position in draw(st.lists(st.integers(0, page_size - 1), max_size=5)):
                page[position] ^= 1 + draw(st.integers(0, 254))
            return bytes(page)
        case "moved":
            by = draw(st.integers(0, page_size))
            return old[by:] + old[:by]
        case "other":
            return random_page(draw(st.integers(0, 5)), page_size)
        case "fresh":
            return random_page(draw(st.integers(6, 1000)), page_size)
    return bytes(page_size)


@st.composite
def cases(draw: st.DrawFn) -> tuple[int, bytes, Pages]:
    """A page size, a file, and pages for it: some beyond its end, others left out or cut off."""
    page_size = draw(st.sampled_from(PAGE_SIZES))
    old = [random_page(seed, page_size) for seed in range(draw(st.integers(1, 6)))]
    count = draw(st.integers(1, 9))
    numbers = draw(st.sets(st.integers(1, count)))
    contents = {
        number: draw(page_contents(page_size, (old + [bytes(page_size)] * 9)[number - 1]))
        for number in numbers
    }
    return page_size, b"".join(old), Pages(contents, count)


def expected(page_size: int, old: bytes, pages: Pages) -> bytes:
    new = bytearray(old)
    new.extend(bytes(max(0, pages.page_count * page_size - len(new))))
    for number, content in pages.contents.items():
        new[(number - 1) * page_size : number * page_size] = content
    return bytes(new[: pages.page_count * page_size])


@given(cases())
def test_a_change_that_is_told_and_written_makes_the_same_file(
    directory: Path, case: tuple[int, bytes, Pages]
) -> None:
    page_size, old, pages = case
    both = files(directory, page_size)
    both.hold(old)
    told = both.target.decoded(both.source.encoded(pages), pages.page_count)
    assert told == pages
    assert told.checksum == pages.checksum
    both.target.write(told)
    assert both.reader.read_bytes() == expected(page_size, old, pages)
    assert both.writer.read_bytes() == old


@given(cases())
def test_only_pages_that_differ_are_a_change(
    directory: Path, case: tuple[int, bytes, Pages]
) -> None:
    page_size, old, pages = case
    both = files(directory, page_size)
    both.hold(old)
    new = expected(page_size, old, pages)
    changed = both.source.changed(pages)
    assert (changed is None) == (new == old)
    if changed is None:
        return
    assert changed.page_count == pages.page_count
    for number, content in changed.contents.items():
        start = (number - 1) * page_size
        assert new[start : start + page_size] == content != old[start : start + page_size]
    both.target.write(changed)
    assert both.reader.read_bytes() == new


def test_pages_beyond_the_end_are_no_change(directory: Path) -> None:
    both = files(directory)
    both.hold(bytes(1024))
    assert both.source.changed(Pages({3: b"x" * 512, 9: b"y" * 512}, 2)) is None
    shorter = both.source.changed(Pages({2: b"x" * 512}, 1))
    assert shorter == Pages({}, 1)


@given(cases(), st.data())
def test_pages_of_another_file_are_never_taken_for_the_right_ones(
    directory: Path, case: tuple[int, bytes, Pages], data: st.DataObject
) -> None:
    page_size, old, pages = case
    both = files(directory, page_size)
    both.hold(old)
    changes = both.source.encoded(pages)
    other = bytearray(old)
    for position in data.draw(st.lists(st.integers(0, len(old) - 1), min_size=1, max_size=3)):
        other[position] ^= 0xFF
    both.reader.write_bytes(data.draw(st.sampled_from([bytes(other), b"", old[page_size:]])))
    try:
        told = both.target.decoded(changes, pages.page_count)
    except DivergedError:
        return
    assert (told == pages) == (told.checksum == pages.checksum)


@given(cases(), st.data())
def test_damaged_changes_are_told_by_an_error_or_by_the_checksum(
    directory: Path, case: tuple[int, bytes, Pages], data: st.DataObject
) -> None:
    page_size, old, pages = case
    both = files(directory, page_size)
    both.hold(old)
    damaged = []
    for change in both.source.encoded(pages):
        packed = bytearray(change.packed)
        for position in data.draw(st.lists(st.integers(0, len(packed) - 1), max_size=2)):
            packed[position] ^= data.draw(st.integers(0, 255))
        damaged.append(PageChange(change.number, change.packing, bytes(packed)))
    try:
        told = both.target.decoded(damaged, pages.page_count)
    except DivergedError:
        return
    assert (told == pages) == (told.checksum == pages.checksum)


@given(st.data())
def test_a_damaged_frame_is_told_by_an_error_or_by_the_checksum(
    directory: Path, data: st.DataObject
) -> None:
    both = files(directory)
    both.hold(b"")
    contents = {number: random_page(number % 7, 512) for number in range(1, MANY + 2)}
    pages = Pages(contents, MANY + 1)
    changes = both.source.encoded(pages)
    index = data.draw(st.integers(0, MANY))
    packed = bytearray(changes[index].packed)
    packed[data.draw(st.integers(0, len(packed) - 1))] ^= data.draw(st.integers(1, 255))
    changes[index] = msgspec.structs.replace(changes[index], packed=bytes(packed))
    try:
        told = both.target.decoded(changes, pages.page_count)
    except DivergedError:
        return
    assert (told == pages) == (told.checksum == pages.checksum)


@pytest.mark.parametrize(
    ("packing", "packed"),
    [
        (Packing.OWN, b""),
        (Packing.OWN, b"\x00"),
        (Packing.OWN, b"\xff\xff"),
        (Packing.OWN, zlib.compress(bytes(100), wbits=-15)),
        (Packing.FRAME, b""),
        (Packing.FRAME, zstd.compress(bytes(512))[:5]),
        (Packing.FRAME, b"\xff" * 512),
        (Packing.FRAME, zstd.compress(bytes(100))),
    ],
    ids=[f"{kind} {what}" for kind in ("own", "frame") for what in WRONG],
)
def test_what_does_not_make_a_page_is_refused(
    directory: Path, packing: Packing, packed: bytes
) -> None:
    both = files(directory)
    both.hold(bytes(1024))
    with pytest.raises(DivergedError):
        both.target.decoded([PageChange(1, packing, packed)], 2)


@pytest.mark.parametrize(
    "bomb",
    [
        PageChange(1, Packing.OWN, zlib.compress(bytes(10**7), wbits=-15)),
        PageChange(1, Packing.FRAME, zstd.compress(bytes(10**7))),
    ],
    ids=["own", "frame"],
)
def test_a_page_that_would_be_larger_than_any_is_not_made(
    directory: Path, bomb: PageChange
) -> None:
    both = files(directory)
    both.hold(bytes(512))
    assert both.target.decoded([bomb], 1).contents == {1: bytes(512)}


def test_a_frame_that_has_ended_gives_no_further_page(directory: Path) -> None:
    both = files(directory)
    both.hold(bytes(1024))
    ended = PageChange(1, Packing.FRAME, zstd.compress(bytes(512)))
    with pytest.raises(DivergedError):
        both.target.decoded([ended, PageChange(2, Packing.FRAME, ended.packed)], 2)


def test_the_checksum_is_of_every_page_in_order_and_of_the_count() -> None:
    pages = Pages({2: b"b" * 512, 1: b"a" * 512}, 2)
    others = [
        Pages({1: b"b" * 512, 2: b"a" * 512}, 2),
        Pages({1: b"a" * 512, 2: b"b" * 512}, 3),
        Pages({1: b"a" * 512}, 2),
        Pages({}, 2),
    ]
    assert Pages({1: b"a" * 512, 2: b"b" * 512}, 2).checksum == pages.checksum
    assert len({pages.checksum, *(other.checksum for other in others)}) == 5
    # Stored in logs: it never changes.
    assert Pages({1: b"a" * 512}, 7).checksum == zlib.crc32(b"\0\0\0\7" + b"a" * 512)


@pytest.mark.parametrize("count", [1, MANY, MANY + 1])
def test_few_pages_are_told_as_differences_and_many_in_full(directory: Path, count: int) -> None:
    both = files(directory)
    old = [random_page(seed, 512) for seed in range(count)]
    both.hold(b"".join(old))
    pages = Pages({n + 1: b"edited" + page[6:] for n, page in enumerate(old)}, count)
    changes = both.source.encoded(pages)
    assert [change.number for change in changes] == sorted(pages.contents)
    expected = Packing.OWN if count <= MANY else Packing.FRAME
    assert {change.packing for change in changes} == {expected}
    assert both.target.decoded(changes, count) == pages
    if count <= MANY:
        assert max(len(change.packed) for change in changes) < 40


def test_content_that_has_moved_to_another_page_costs_little(directory: Path) -> None:
    """A new page at the end has no old content, but that of a page which was split to make it."""
    both = files(directory, 4096)
    old = [random_page(seed, 4096) for seed in range(4)]
    both.hold(b"".join(old))
    pages = Pages({1: old[1], 2: old[3], 4: bytes(4096), 5: old[0]}, 5)
    changes = both.source.encoded(pages)
    assert max(len(change.packed) for change in changes) < 100
    assert both.target.decoded(changes, 5) == pages


@pytest.fixture(scope="module")
def large(directory: Path) -> Path:
    """A file of 10 MB with the tables that an answer touches."""
    path = directory / "large.anki2"
    with closing(sqlite3.connect(path)) as conn:
        conn.executescript(
            """
            PRAGMA synchronous = OFF;
            BEGIN;
            CREATE TABLE notes (id INTEGER PRIMARY KEY, flds TEXT);
            CREATE TABLE cards (id INTEGER PRIMARY KEY, nid INT, did INT, mod INT, usn INT,
                type INT, queue INT, due INT, ivl INT, factor INT, reps INT, lapses INT);
            CREATE TABLE revlog (id INTEGER PRIMARY KEY, cid INT, usn INT, ease INT, ivl INT,
                lastIvl INT, factor INT, time INT, type INT);
            CREATE TABLE col (id INTEGER PRIMARY KEY, mod INT, models TEXT);
            CREATE INDEX ix_cards_sched ON cards (did, queue, due);
            CREATE INDEX ix_cards_usn ON cards (usn);
            CREATE INDEX ix_revlog_cid ON revlog (cid);
            CREATE INDEX ix_revlog_usn ON revlog (usn);
            WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 24000)
                INSERT INTO notes SELECT i, hex(i * 7919) || printf('%0240d', i * i) FROM n;
            INSERT INTO cards SELECT id + 1500000000000, id, id % 7, id * 31, 3, 2, 2, id % 365,
                id % 90, 2500, 5, 0 FROM notes;
            INSERT INTO revlog SELECT id + 10, id, 3, 3, 9, 4, 2500, id % 9999, 1 FROM cards;
            INSERT INTO col VALUES (1, 5, printf('%012000d', 5));
            COMMIT;
            """
        )
    settle(path)
    return path


def test_an_answer_costs_a_tenth_of_its_compressed_pages(large: Path) -> None:
    """So that a commit is one write unit of DynamoDB, whatever the size of the collection."""
    assert large.stat().st_size > 9_000_000
    with drafting(large, 4096) as draft:
        draft.conn.execute(
            "UPDATE cards SET mod = 1767000000, usn = -1, due = due + 9, ivl = 9, reps = 6"
            " WHERE nid = 12345"
        )
        draft.conn.execute(
            "INSERT INTO revlog VALUES (1767000000123, 1500000012345, -1, 3, 9, 4, 2500, 4321, 1)"
        )
        draft.conn.execute("UPDATE col SET mod = 1767000000123")
    file = PageFile(large, 4096)
    pages = file.changed(draft.pages) if draft.pages else None
    assert pages
    size = len(encode_changes(file.encoded(pages)))
    assert size < 1000
    assert size * 8 < sum(len(zlib.compress(content)) for content in pages.contents.values())


def change_in_wal_mode(path: Path, change: Change) -> None:
    """Have SQLite itself copy the change from its WAL into the file."""
    with closing(sqlite3.connect(path, isolation_level=None)) as conn:
        conn.execute("PRAGMA journal_mode = WAL")
        conn.execute("PRAGMA synchronous = OFF")
        conn.execute("BEGIN IMMEDIATE")
        change(conn)
        conn.execute("COMMIT")
    settle(path)


@pytest.mark.parametrize("page_size", PAGE_SIZES)
@pytest.mark.parametrize("change", CHANGES.values(), ids=CHANGES)
def test_a_draft_gives_the_pages_that_sqlite_would_copy_into_the_file(
    tmp_path: Path, page_size: int, change: Change
) -> None:
    """Even where SQLite has it written early, in several places, or taken back."""
    ours, theirs = tmp_path / "ours", tmp_path / "theirs"
    for path in (ours, theirs):
        make_file(path, page_size, auto_vacuum=page_size in {512, 65536})
    change_in_wal_mode(theirs, change)
    with drafting(ours, page_size) as draft:
        change(draft.conn)
    assert draft.pages
    PageFile(ours, page_size).write(draft.pages)
    assert ours.read_bytes() == theirs.read_bytes()


def test_the_first_page_is_told_as_it_is_at_rest(tmp_path: Path) -> None:
    path = tmp_path / "collection.anki2"
    make_file(path, 4096)
    with drafting(path, 4096) as draft:
        CHANGES["create a table and an index"](draft.conn)
    assert draft.pages
    first = draft.pages.contents[1]
    assert first == normal_page(1, first)
    assert first[18:20] == b"\1\1"


def test_a_file_stays_private_and_in_its_place_when_written(tmp_path: Path) -> None:
    path = tmp_path / "collection.anki2"
    make_file(path, 512)
    path.chmod(0o600)
    before = path.stat()
    PageFile(path, 512).write(Pages({2: b"x" * 512}, 2))
    after = path.stat()
    assert (after.st_ino, after.st_mode, after.st_size) == (before.st_ino, before.st_mode, 1024)
    assert os.listdir(tmp_path) == ["collection.anki2"]
