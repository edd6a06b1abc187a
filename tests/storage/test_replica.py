"""A replica is at exactly one state, the same bytes everywhere, or has to be opened anew."""

import random
import sqlite3
from collections.abc import Callable
from contextlib import closing
from itertools import count
from pathlib import Path

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from chalicelib.errors import StorageUnavailableError
from chalicelib.storage.image import settle, stamp
from chalicelib.storage.keys import Owner
from chalicelib.storage.pages import Packing, PageChange
from chalicelib.storage.ports import LogEntry
from chalicelib.storage.replica import ReopenError, Replica
from chalicelib.storage.segments import (
    Segment,
    decode_changes,
    decode_segment,
    encode_changes,
    encode_segment,
)
from chalicelib.storage.spills import SpillStore
from chalicelib.storage.transaction import check_integrity, reading
from chalicelib.storage.writing import About, Request, Writer, unpacked_answer
from tests.storage.changes import CHANGES, PAGE_SIZES, Change, make_file
from tests.storage.memory import MemoryBaseStore
from tests.storage.memory_log import MemoryCommitLog

ADA = Owner("ada")
SLOTS = 8
NOTHING_SPECIAL = About()


class Service:
    """One log: a replica that commits, and others that follow it."""

    def __init__(self, directory: Path, page_size: int = 4096, *, auto_vacuum: bool = False):
        self.base = MemoryBaseStore()
        self.log = MemoryCommitLog(SLOTS)
        self.spills = SpillStore(self.base)
        self._directory = directory
        self._page_size = page_size
        self._auto_vacuum = auto_vacuum
        self.writer = self.replica()

    def replica(self) -> Replica:
        """Another one at state 0."""
        return Replica(ADA, self.file(), 0, SLOTS)

    def file(self) -> Path:
        """A file of state 0."""
        path = self.fresh_path()
        make_file(path, self._page_size, auto_vacuum=self._auto_vacuum)
        return path

    def fresh_path(self) -> Path:
        return next(p for n in count() if not (p := self._directory / f"{n}.anki2").exists())

    def commit(
        self, change: Change, about: About = NOTHING_SPECIAL, replica: Replica | None = None
    ) -> LogEntry:
        """The entry by which a replica, the writer at first, committed the change."""
        replica = replica or self.writer
        with replica.draft(None) as draft:
            change(draft.conn)
        assert draft.pages
        assert self.committer.write(replica, draft.pages, about) is None
        return self.entry(replica.seq)

    @property
    def committer(self) -> Writer:
        return Writer(self.log, self.spills, lambda _: None)

    def entry(self, seq: int) -> LogEntry:
        return next(entry for entry in self.log.entries(ADA.ring) if entry.seq == seq)


@pytest.fixture
def service(tmp_path: Path) -> Service:
    return Service(tmp_path)


def content(replica: Replica) -> bytes:
    return replica.path.read_bytes()


def alone(path: Path, change: Change) -> None:
    """The change as SQLite makes it in a file of its own."""
    with closing(sqlite3.connect(path, isolation_level=None)) as conn:
        conn.execute("PRAGMA synchronous = OFF")
        conn.execute("BEGIN")
        change(conn)
        conn.execute("COMMIT")


def rows(path: Path) -> list[str]:
    check_integrity(path)
    with closing(sqlite3.connect(f"{path.as_uri()}?immutable=1", uri=True)) as conn:
        return list(conn.iterdump())


def due(replica: Replica) -> int:
    with reading(replica.path) as conn:
        found: int = conn.execute("SELECT due FROM card WHERE id = 7").fetchone()[0]
    return found


def set_due(value: int) -> Change:
    return lambda conn: conn.execute("UPDATE card SET due = ? WHERE id = 7", (value,))


def set_flags(value: int) -> Change:
    return lambda conn: conn.execute("UPDATE card SET flags = ? WHERE id = 7", (value,))


@pytest.mark.parametrize("page_size", PAGE_SIZES)
@pytest.mark.parametrize("change", CHANGES.values(), ids=CHANGES)
def test_a_commit_is_the_same_bytes_everywhere_and_what_sqlite_would_have_made(
    tmp_path: Path, change: Change, page_size: int
) -> None:
    service = Service(tmp_path, page_size, auto_vacuum=page_size in {1024, 8192})
    follower, ordinary = service.replica(), service.file()
    entry = service.commit(change)
    follower.apply(entry, service.spills)
    assert content(follower) == content(service.writer)
    check_integrity(follower.path)
    alone(ordinary, change)
    settle(ordinary)
    # What is left in free pages depends on what was written early, and is no content.
    if content(follower) != ordinary.read_bytes():
        assert rows(follower.path) == rows(ordinary)


def test_files_that_can_shrink_do(tmp_path: Path) -> None:
    service = Service(tmp_path, auto_vacuum=True)
    before = len(content(service.writer))
    service.commit(CHANGES["delete everything"])
    assert len(content(service.writer)) < before / 10


small = st.integers(1, 40)
ids = st.integers(1, 1300)
plain_statements = st.one_of(
    st.builds("UPDATE note SET text = text || 'x' WHERE id % {} = 0".format, small),
    st.builds("UPDATE card SET due = due + {} WHERE id BETWEEN {} AND {}".format, small, ids, ids),
    st.builds("DELETE FROM note WHERE id BETWEEN {} AND {}".format, ids, ids),
    st.builds("DELETE FROM card WHERE id % {} = 1".format, small),
    st.builds(
        "INSERT INTO note (text) SELECT text || '{}' FROM note WHERE id % {} = 0".format,
        small,
        small,
    ),
    st.builds(
        "INSERT OR REPLACE INTO media VALUES ({}, zeroblob({}))".format,
        st.integers(1, 4),
        st.integers(0, 300_000),
    ),
    st.builds("UPDATE col SET conf = substr(conf, {})".format, st.integers(1, 3000)),
    st.builds("CREATE INDEX IF NOT EXISTS ix_{} ON note (text, id)".format, st.integers(1, 2)),
    st.builds("DROP INDEX IF EXISTS ix_{}".format, st.integers(1, 2)),
    st.builds("CREATE TABLE IF NOT EXISTS t{} AS SELECT * FROM card".format, st.integers(1, 2)),
    st.builds("DROP TABLE IF EXISTS t{}".format, st.integers(1, 2)),
    st.builds("UPDATE OR IGNORE grave SET type = {}".format, small),
)
taken_back = st.lists(plain_statements, max_size=3).map(
    lambda inner: ["SAVEPOINT s", *inner, "ROLLBACK TO s", "RELEASE s"]
)
statements = st.lists(plain_statements.map(lambda one: [one]) | taken_back, min_size=1, max_size=4)


def run(parts: list[list[str]]) -> Change:
    def change(conn: sqlite3.Connection) -> None:
        for part in parts:
            for statement in part:
                conn.execute(statement)

    return change


@settings(max_examples=30)
@given(
    st.sampled_from([(512, False), (4096, False), (1024, True), (65536, False)]),
    st.lists(st.tuples(statements, st.booleans()), min_size=1, max_size=SLOTS - 1),
)
def test_after_any_commits_and_refusals_all_replicas_are_what_sqlite_would_have_made(
    tmp_path_factory: pytest.TempPathFactory,
    file: tuple[int, bool],
    drafts: list[tuple[list[list[str]], bool]],
) -> None:
    service = Service(tmp_path_factory.mktemp("any"), file[0], auto_vacuum=file[1])
    follower, late, ordinary = service.replica(), service.replica(), service.file()
    for parts, is_refused in drafts:
        with service.writer.draft(None) as draft:
            run(parts)(draft.conn)
        if is_refused or draft.pages is None:
            continue
        assert service.committer.write(service.writer, draft.pages, NOTHING_SPECIAL) is None
        follower.apply(service.entry(service.writer.seq), service.spills)
        assert content(follower) == content(service.writer)
        alone(ordinary, run(parts))
    for entry in service.log.entries(ADA.ring):
        late.apply(entry, service.spills)
    assert content(late) == content(service.writer)
    assert rows(late.path) == rows(ordinary)


def test_a_refused_draft_leaves_nothing_and_the_occupant_is_learnt(service: Service) -> None:
    other = service.replica()
    won = service.commit(set_due(1))
    with other.draft(None) as draft:
        CHANGES["insert with growth"](draft.conn)
    assert draft.pages
    before = content(other)
    occupant = service.committer.write(other, draft.pages, NOTHING_SPECIAL)
    assert (occupant, content(other), other.seq) == (won, before, 0)
    assert occupant
    other.apply(occupant, service.spills)
    assert content(other) == content(service.writer)
    assert (other.seq, other.tx) == (1, won.tx)


def test_a_draft_that_changes_no_byte_has_no_pages(service: Service) -> None:
    """SQLite writes the page all the same."""
    with service.writer.draft(None) as draft:
        set_flags(1)(draft.conn)
        set_flags(0)(draft.conn)
    assert draft.pages is None


def edited_entry(entry: LogEntry, **fields: object) -> LogEntry:
    segment = msgspec.structs.replace(decode_segment(entry.segment), **fields)
    return LogEntry(entry.seq, entry.tx, encode_segment(segment))


UNFIT: dict[str, Callable[[LogEntry], LogEntry]] = {
    "a later commit": lambda entry: LogEntry(2, entry.tx, entry.segment),
    "the commit at hand": lambda entry: LogEntry(0, entry.tx, entry.segment),
    "another checksum": lambda entry: edited_entry(entry, checksum=1),
    "another page size": lambda entry: edited_entry(entry, page_size=1024),
    "another page count": lambda entry: edited_entry(entry, page_count=9999),
    "pages that do not inflate": lambda entry: edited_entry(
        entry, parts={"pages": encode_changes([PageChange(1, Packing.OWN, b"\xff")])}
    ),
    "no pages": lambda entry: edited_entry(entry, parts={}),
    "pages that are gone": lambda entry: edited_entry(entry, parts={}, spilled={"pages": "gone"}),
    "an adoption": lambda entry: edited_entry(entry, kind="adopt"),
}


@pytest.mark.parametrize("edit", UNFIT.values(), ids=UNFIT)
def test_an_entry_that_does_not_fit_is_not_applied(
    service: Service, edit: Callable[[LogEntry], LogEntry]
) -> None:
    follower = service.replica()
    entry = service.commit(set_due(1))
    before = content(follower)
    with pytest.raises(ReopenError):
        follower.apply(edit(entry), service.spills)
    assert (content(follower), follower.seq) == (before, 0)
    follower.apply(entry, service.spills)
    assert content(follower) == content(service.writer)


def test_a_replica_that_differs_where_the_change_is_notices(service: Service) -> None:
    follower, before = service.replica(), content(service.writer)
    entry = service.commit(CHANGES["update all rows"])
    changes = decode_changes(decode_segment(entry.segment).parts["pages"])
    assert len(changes) > 5
    for change in changes:
        page = slice(max(100, (change.number - 1) * 4096), change.number * 4096)
        differing = bytearray(before)
        differing[page] = bytes(byte ^ 0x55 for byte in before[page])
        follower.path.write_bytes(differing)
        with pytest.raises(ReopenError):
            follower.apply(entry, service.spills)
        assert content(follower) == differing


@pytest.mark.parametrize(
    "segment",
    [b"", b"\xc1", encode_segment(Segment(kind="pages", version=99))],
    ids=["nothing", "garbage", "newer"],
)
def test_an_entry_that_cannot_be_read_changes_nothing(service: Service, segment: bytes) -> None:
    before = content(service.writer)
    with pytest.raises(StorageUnavailableError):
        service.writer.apply(LogEntry(1, "tx", segment), service.spills)
    assert (content(service.writer), service.writer.seq) == (before, 0)


def test_spilled_pages_that_cannot_be_read_change_nothing(service: Service) -> None:
    service.base.place("damaged", b"\xc1")
    segment = Segment(kind="pages", page_size=4096, spilled={"pages": "damaged"})
    before = content(service.writer)
    with pytest.raises(StorageUnavailableError):
        service.writer.apply(LogEntry(1, "tx", encode_segment(segment)), service.spills)
    assert (content(service.writer), service.writer.seq) == (before, 0)


def test_what_is_too_large_for_the_log_is_found_beside_it(service: Service) -> None:
    follower = service.replica()
    noise = random.Random(0).randbytes(400_000)
    entry = service.commit(lambda c: c.execute("INSERT INTO media VALUES (9, ?)", (noise,)))
    (key,) = service.base.objects
    assert key.startswith(f"segments/ada/-/1-{entry.tx}.")
    assert len(entry.segment) < 500
    follower.apply(entry, service.spills)
    assert content(follower) == content(service.writer)


@pytest.mark.parametrize("page_size", [512, 4096, 65536])
def test_a_whole_image_takes_the_place_of_a_state(
    tmp_path: Path, service: Service, page_size: int
) -> None:
    image = tmp_path / "image"
    make_file(image, page_size)
    alone(image, set_due(5))
    settle(image)
    at_rest = image.read_bytes()
    follower, before = service.replica(), content(service.writer)
    assert service.committer.replace(service.writer, image, NOTHING_SPECIAL) is None
    assert (content(service.writer), service.writer.seq) == (before, 0)
    follower.apply(service.entry(1), service.spills)
    assert content(follower) == at_rest
    assert (follower.page_size, follower.seq) == (page_size, 1)
    service.commit(set_due(6), replica=follower)
    assert due(follower) == 6
    kept = decode_segment(service.entry(1).segment).spilled["before"]
    copy = service.fresh_path()
    copy.write_bytes(service.base.objects[kept].data)
    settle(copy)
    assert copy.read_bytes() == before


def test_a_replacement_whose_image_is_gone_is_not_applied(tmp_path: Path, service: Service) -> None:
    follower, image = service.replica(), service.file()
    assert service.committer.replace(service.writer, image, NOTHING_SPECIAL) is None
    service.base.objects.clear()
    with pytest.raises(ReopenError):
        follower.apply(service.entry(1), service.spills)
    assert follower.seq == 0


def test_a_replacement_that_came_second_changes_nothing(service: Service) -> None:
    other, image = service.replica(), service.file()
    won = service.commit(set_due(1))
    before = content(other)
    assert service.committer.replace(other, image, NOTHING_SPECIAL) == won
    assert (content(other), other.seq) == (before, 0)
    assert not list(image.parent.glob("*-before"))


def request(n: int) -> About:
    return About(Request(f"key{n}", bytes([n])), b'{"n":%d}' % n, operation="answer", undo=b"old")


def test_the_answers_of_the_last_lap_are_known_by_their_requests(service: Service) -> None:
    follower, sizes = service.replica(), []
    for n in range(1, SLOTS + 4):
        entry = service.commit(set_due(n), request(n))
        sizes.append(len(entry.segment))
        follower.apply(entry, service.spills)
    for replica in (service.writer, follower):
        known = [n for n in range(SLOTS + 4) if replica.outcome(f"key{n}")]
        assert known == list(range(4, SLOTS + 4))
        assert replica.unfolded_bytes == sum(sizes[-SLOTS:])
        outcome = replica.outcome("key9")
        assert outcome
        assert (outcome.seq, outcome.digest) == (9, b"\x09")
        assert list(outcome.answered.parts) == ["answer"]
        assert unpacked_answer(outcome.answered.parts["answer"]) == b'{"n":9}'


def test_what_entries_before_the_state_tell_is_known_too(service: Service) -> None:
    entry = service.commit(set_due(1), request(1))
    opened = Replica(ADA, service.writer.path, 1, SLOTS)
    opened.remember(entry, decode_segment(entry.segment))
    assert opened.outcome("key1") == service.writer.outcome("key1")
    assert (opened.seq, opened.unfolded_bytes) == (1, 0)


def test_bytes_are_unfolded_until_a_segment_tells_of_their_fold(service: Service) -> None:
    follower = service.replica()
    sizes = []
    for n in range(1, 6):
        entry = service.commit(set_due(n))
        sizes.append(len(entry.segment))
        follower.apply(entry, service.spills)
    assert service.writer.unfolded_bytes == follower.unfolded_bytes == sum(sizes)
    service.writer.base_seq = 4
    entry = service.commit(set_due(9))
    follower.apply(entry, service.spills)
    assert follower.base_seq == 4
    assert follower.unfolded_bytes == sizes[4] + len(entry.segment)
    stale = edited_entry(service.commit(set_due(10)), base_seq=2)
    follower.apply(stale, service.spills)
    assert follower.base_seq == 4


def test_each_state_is_copied_with_bytes_of_its_own_and_opened_again_from_them(
    service: Service,
) -> None:
    """Two states of the same content have to be two versions of the base file."""
    states, at_rest = [], []
    for value in (1, 0, 1):
        service.commit(set_flags(value))
        at_rest.append(content(service.writer))
        copy = service.fresh_path()
        service.writer.copy_to(copy)
        states.append(copy.read_bytes())
        check_integrity(copy)
        opened = Replica(ADA, copy, service.writer.seq, SLOTS)
        assert content(opened) == content(service.writer)
    assert at_rest[0] == at_rest[2] != at_rest[1]
    assert len(set(states)) == 3


def test_a_clone_goes_its_own_way_from_the_same_state(service: Service) -> None:
    service.commit(set_due(1), request(1))
    clone = service.writer.clone(service.fresh_path())
    assert content(clone) == content(service.writer)
    assert (clone.seq, clone.tx) == (service.writer.seq, service.writer.tx)
    before = content(service.writer)
    service.commit(set_due(2), request(2), replica=clone)
    assert (content(service.writer), service.writer.seq) == (before, 1)
    assert clone.outcome("key1") == service.writer.outcome("key1")
    assert service.writer.outcome("key2") is None
    service.writer.apply(service.entry(2), service.spills)
    assert content(service.writer) == content(clone)


def test_a_replica_of_what_is_no_file_is_not_made(tmp_path: Path) -> None:
    path = tmp_path / "torn"
    make_file(path, 4096)
    path.write_bytes(path.read_bytes()[:-1])
    with pytest.raises(StorageUnavailableError):
        Replica(ADA, path, 0, SLOTS)


def test_a_base_file_in_any_writers_hand_gives_the_same_replica(service: Service) -> None:
    """Stamped by a fold, or marked by a SQLite that had it in WAL mode."""
    stamped, in_wal_mode = service.file(), service.file()
    stamp(stamped, 77)
    with closing(sqlite3.connect(in_wal_mode)) as conn:
        conn.execute("PRAGMA journal_mode = WAL")
    for path in (stamped, in_wal_mode):
        assert path.read_bytes() != content(service.writer)
        assert content(Replica(ADA, path, 0, SLOTS)) == content(service.writer)
