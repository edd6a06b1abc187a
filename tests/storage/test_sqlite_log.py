"""What is SQLite's own: processes, connections, and a disk that fails."""

import multiprocessing
import os
import signal
import sqlite3
import subprocess
import sys
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, closing
from multiprocessing.connection import Connection
from pathlib import Path
from threading import Barrier

import pytest

from chalicelib.errors import ConfigurationError, StorageUnavailableError
from chalicelib.storage.ports import AmbiguousOutcomeError, LogEntry, Mark
from chalicelib.storage.sqlite_log import SQLiteCommitLog
from tests.support.full_disk import no_file_larger_than

RING = "ada#g1"
PROCESSES = 4
COMMITS = 30

spawn = multiprocessing.get_context("spawn")


def entry(seq: int, tx: str = "tx", segment: bytes = b"segment") -> LogEntry:
    return LogEntry(seq, tx, segment)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "commits.db"


@pytest.fixture
def log(path: Path) -> Iterator[SQLiteCommitLog]:
    with closing(SQLiteCommitLog(path)) as log:
        yield log


CALLS: list[Callable[[SQLiteCommitLog], object]] = [
    lambda log: log.append(RING, entry(9)),
    lambda log: log.following(RING, 0),
    lambda log: log.entries(RING),
    lambda log: log.delete(RING),
    lambda log: log.mark(Mark(RING, 1)),
    lambda log: log.marks(),
    lambda log: log.unmark(Mark(RING, 1)),
]
READS = [CALLS[1], CALLS[2], CALLS[5]]
WRITES = [call for call in CALLS if call not in READS]


def assert_outage(calls: list[Callable[[SQLiteCommitLog], object]], log: SQLiteCommitLog) -> None:
    for call in calls:
        with pytest.raises(StorageUnavailableError):
            call(log)


def remove(path: Path) -> None:
    for suffix in ("", "-wal", "-shm"):
        Path(f"{path}{suffix}").unlink()


def test_the_files_are_readable_by_their_owner_alone(tmp_path: Path) -> None:
    folder = tmp_path / "not yet" / "there"
    with closing(SQLiteCommitLog(folder / "commits.db")) as log:
        log.append(RING, entry(1))
        files = {file.name: file.stat().st_mode & 0o777 for file in folder.iterdir()}
    assert files == {"commits.db": 0o600, "commits.db-wal": 0o600, "commits.db-shm": 0o600}


def test_what_was_appended_is_there_when_the_log_is_opened_again(path: Path) -> None:
    for seq in (1, 2, 3):
        with closing(SQLiteCommitLog(path)) as log:
            assert log.append(RING, entry(seq)) is None
            log.mark(Mark(RING, seq))
    with closing(SQLiteCommitLog(path)) as log:
        assert log.entries(RING) == [entry(1), entry(2), entry(3)]
        assert log.marks() == [Mark(RING, 3)]


def test_many_that_start_at_once_have_one_log(tmp_path: Path) -> None:
    start = Barrier(8)
    for round_ in range(10):
        path = tmp_path / str(round_) / "commits.db"

        def open_and_append(seq: int, path: Path = path) -> SQLiteCommitLog:
            start.wait(60)
            log = SQLiteCommitLog(path)
            log.append(RING, entry(seq))
            return log

        with ThreadPoolExecutor(8) as pool, ExitStack() as stack:
            for log in pool.map(open_and_append, range(1, 9)):
                stack.callback(log.close)
            assert log.entries(RING) == [entry(seq) for seq in range(1, 9)]


def append_to_the_head(path: Path, worker: int, results: Connection) -> None:
    """Append as fast as possible until the ring has its commits; tells which are its own."""
    own = []
    with closing(SQLiteCommitLog(path, slots=8, busy_timeout_s=60)) as log:
        seq = 1
        while seq <= COMMITS:
            occupant = log.append(RING, entry(seq, f"worker {worker}"))
            if occupant is None:
                own.append(seq)
            seq = (occupant.seq if occupant else seq) + 1
    results.send(own)


def test_of_processes_that_race_for_every_slot_exactly_one_wins_each(path: Path) -> None:
    readers, workers = [], []
    for number in range(PROCESSES):
        reader, writer = spawn.Pipe(duplex=False)
        worker = spawn.Process(target=append_to_the_head, args=(path, number, writer))
        worker.start()
        writer.close()
        readers.append(reader)
        workers.append(worker)
    won = [reader.recv() for reader in readers]
    for worker, reader in zip(workers, readers, strict=True):
        worker.join()
        reader.close()
    assert sorted(seq for own in won for seq in own) == list(range(1, COMMITS + 1))
    with closing(SQLiteCommitLog(path, slots=8)) as log:
        for held in log.entries(RING):
            assert held.seq in won[int(held.tx.split()[1])]


def append_for_ever(path: Path, acknowledge: Connection) -> None:
    log, seq = SQLiteCommitLog(path), 0
    while True:
        seq += 1
        log.append(RING, entry(seq))
        acknowledge.send(seq)


def test_a_killed_process_takes_no_acknowledged_commit_with_it_and_leaves_no_lock(
    path: Path,
) -> None:
    reader, writer = spawn.Pipe(duplex=False)
    victim = spawn.Process(target=append_for_ever, args=(path, writer))
    victim.start()
    writer.close()
    acknowledged = [reader.recv() for _ in range(20)]
    assert victim.pid
    os.kill(victim.pid, signal.SIGKILL)
    victim.join()
    while reader.poll():
        try:
            acknowledged.append(reader.recv())
        except EOFError:
            break
    reader.close()
    with closing(SQLiteCommitLog(path, busy_timeout_s=0)) as log:
        held = [found.seq for found in log.entries(RING)]
        assert held[: len(acknowledged)] == acknowledged
        assert len(held) <= len(acknowledged) + 1
        assert log.append(RING, entry(held[-1] + 1)) is None


def test_a_log_that_somebody_else_writes_to_can_be_read_but_not_changed(path: Path) -> None:
    with (
        closing(SQLiteCommitLog(path, busy_timeout_s=0)) as log,
        closing(sqlite3.connect(path, isolation_level=None)) as other,
    ):
        log.append(RING, entry(1))
        other.execute("BEGIN IMMEDIATE")
        assert_outage(WRITES, log)
        for read in READS:
            read(log)
        other.execute("ROLLBACK")
        assert log.entries(RING) == [entry(1)]
        assert log.append(RING, entry(2)) is None


def test_a_writer_waits_for_the_other_one(path: Path, log: SQLiteCommitLog) -> None:
    with closing(sqlite3.connect(path, isolation_level=None, check_same_thread=False)) as other:
        other.execute("BEGIN IMMEDIATE")
        with ThreadPoolExecutor(1) as pool:
            waiting = pool.submit(log.append, RING, entry(1))
            assert log.entries(RING) == []
            other.execute("ROLLBACK")
            assert waiting.result() is None
    assert log.entries(RING) == [entry(1)]


def test_a_refused_append_leaves_no_lock(path: Path, log: SQLiteCommitLog) -> None:
    log.append(RING, entry(1, "winner"))
    assert log.append(RING, entry(1, "loser")) == entry(1, "winner")
    with closing(SQLiteCommitLog(path, busy_timeout_s=0)) as other:
        assert other.append(RING, entry(2)) is None


def test_an_interrupted_append_leaves_no_lock_and_nothing_half_done(
    path: Path, log: SQLiteCommitLog
) -> None:
    used: list[sqlite3.Connection] = []

    def interrupted() -> None:
        with log._connections.lent() as conn:
            used.append(conn)
            conn.execute("BEGIN IMMEDIATE")
            conn.execute("INSERT INTO commits VALUES (?, 1, 1, 'tx', x'00')", (RING,))
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        interrupted()
    with closing(SQLiteCommitLog(path, busy_timeout_s=0)) as other:
        assert other.append(RING, entry(1)) is None
    assert log.entries(RING) == [entry(1)]


def test_a_log_that_may_not_grow_refuses_before_it_writes_and_recovers(
    path: Path, log: SQLiteCommitLog
) -> None:
    """The limit belongs to the connection: one that failed is not used again."""
    log.append(RING, entry(1))
    with log._connections.lent() as conn:
        conn.execute("PRAGMA max_page_count = 1")
    with pytest.raises(StorageUnavailableError):
        log.append(RING, entry(2, segment=bytes(100_000)))
    with closing(SQLiteCommitLog(path, busy_timeout_s=0)) as other:
        assert other.entries(RING) == [entry(1)]
        assert other.append(RING, entry(2)) is None
    assert log.append(RING, entry(3, segment=bytes(100_000))) is None


def test_a_disk_that_fails_while_committing_leaves_the_outcome_open(
    path: Path, log: SQLiteCommitLog
) -> None:
    log.append(RING, entry(1))
    sent = entry(2, segment=bytes(50_000))
    room = path.with_name("commits.db-wal").stat().st_size
    with no_file_larger_than(room), pytest.raises(AmbiguousOutcomeError):
        log.append(RING, sent)
    assert log.append(RING, sent) in {None, sent}
    assert log.entries(RING) == [entry(1), sent]


def test_a_log_that_vanishes_is_an_outage_and_not_an_empty_log(
    path: Path, log: SQLiteCommitLog
) -> None:
    log.append(RING, entry(1))
    remove(path)
    assert_outage(CALLS, log)
    assert not path.exists()


def test_nothing_is_committed_to_a_file_that_is_no_longer_the_log(
    path: Path, log: SQLiteCommitLog
) -> None:
    log.append(RING, entry(1))
    remove(path)
    with closing(SQLiteCommitLog(path)) as other:
        assert log.append(RING, entry(2)) is None
        assert other.entries(RING) == [entry(2)]


def test_a_file_that_is_damaged_later_is_an_outage(path: Path) -> None:
    with closing(SQLiteCommitLog(path)) as log:
        log.append(RING, entry(1))
        log.close()
        path.write_bytes(b"not a database " * 1000)
        assert_outage(CALLS, log)
        path.write_bytes(b"")
        assert_outage(CALLS, log)


@pytest.mark.parametrize("content", [b"", b"not a database " * 1000])
def test_a_file_that_is_no_log_stops_the_start_and_stays_as_it_is(
    path: Path, content: bytes
) -> None:
    path.write_bytes(content)
    with pytest.raises(ConfigurationError):
        SQLiteCommitLog(path)
    assert path.read_bytes() == content


def test_a_folder_that_cannot_be_made_stops_the_start(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(ConfigurationError):
        SQLiteCommitLog(tmp_path / "file" / "commits.db")


def test_a_start_that_fails_leaves_nothing_behind(tmp_path: Path) -> None:
    with no_file_larger_than(100), pytest.raises(ConfigurationError):
        SQLiteCommitLog(tmp_path / "commits.db")
    assert list(tmp_path.iterdir()) == []


def test_a_full_disk_stops_no_start_where_there_is_a_log(path: Path, log: SQLiteCommitLog) -> None:
    log.append(RING, entry(1))
    with no_file_larger_than(100), closing(SQLiteCommitLog(path)) as other:
        assert other.entries(RING) == [entry(1)]


def test_a_commit_is_on_the_disk_before_it_is_acknowledged(log: SQLiteCommitLog) -> None:
    """Source: SQLite's PRAGMA synchronous: in WAL mode only FULL (2) syncs at each commit."""
    with log._connections.lent() as conn:
        assert conn.execute("PRAGMA journal_mode").fetchone() == ("wal",)
        assert conn.execute("PRAGMA synchronous").fetchone() == (2,)


def test_connections_stay_open_until_the_log_is_closed(path: Path) -> None:
    """SQLite removes the write-ahead log when the last connection is closed."""
    wal = path.with_name("commits.db-wal")
    with closing(SQLiteCommitLog(path)) as log:
        log.append(RING, entry(1))
        assert wal.exists()
        log.close()
        assert not wal.exists()
        assert log.entries(RING) == [entry(1)]
        assert wal.exists()
    assert not wal.exists()


FORK = """
import os, sys
from pathlib import Path
from chalicelib.storage.ports import LogEntry
from chalicelib.storage.sqlite_log import SQLiteCommitLog

log = SQLiteCommitLog(Path(sys.argv[1]))
log.append("ada#", LogEntry(1, "parent", b"1"))
with log._connections.lent() as of_parent:
    pass
child = os.fork()
with log._connections.lent() as own:
    assert (own is of_parent) == bool(child)
if not child:
    assert log.append("ada#", LogEntry(2, "child", b"2")) is None
    log.close()
    sys.exit(0)
assert os.waitpid(child, 0)[1] == 0
assert log.append("ada#", LogEntry(3, "parent", b"3")) is None
log.close()
"""


def test_a_forked_child_leaves_the_connections_of_its_parent_alone(path: Path) -> None:
    subprocess.run([sys.executable, "-c", FORK, str(path)], check=True)
    with closing(SQLiteCommitLog(path)) as log:
        assert [(found.seq, found.tx) for found in log.entries("ada#")] == [
            (1, "parent"),
            (2, "child"),
            (3, "parent"),
        ]
    with closing(sqlite3.connect(path)) as conn:
        assert conn.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
