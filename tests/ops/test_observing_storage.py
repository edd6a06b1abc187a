"""What a storage does is counted where it touches the stores; the engine knows nothing of it."""

import sqlite3
from pathlib import Path

import pytest

from chalicelib.counting import Usage, counting
from chalicelib.errors import StorageUnavailableError
from chalicelib.storage import CollectionStorage, Owner, StorageOptions
from chalicelib.storage.counted import CountedBaseStore, CountedCommitLog
from chalicelib.storage.ports import AmbiguousOutcomeError, LogEntry, Mark
from tests.storage.memory import MemoryBaseStore
from tests.storage.memory_log import MemoryCommitLog

OWNER = Owner("ana", "g1")


class Containers:
    """Storages over the same stores; each has its own replicas."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self.base, self.log = MemoryBaseStore(), MemoryCommitLog()

    def one(self) -> CollectionStorage:
        options = StorageOptions(cache_dir=self._folder, sleep=lambda _: None)
        return CollectionStorage(CountedBaseStore(self.base), CountedCommitLog(self.log), options)


@pytest.fixture
def containers(tmp_path: Path) -> Containers:
    made = Containers(tmp_path)
    made.one().create(OWNER, build)
    return made


def build(conn: sqlite3.Connection) -> None:
    conn.execute("CREATE TABLE tally (n INTEGER)")
    conn.execute("INSERT INTO tally VALUES (0)")


def add(conn: sqlite3.Connection) -> None:
    conn.execute("UPDATE tally SET n = n + 1")


def tally(conn: sqlite3.Connection) -> int:
    [n] = conn.execute("SELECT n FROM tally").fetchone()
    return int(n)


def test_a_cold_read_is_the_base_file_and_the_log(containers: Containers) -> None:
    storage = containers.one()
    with counting() as cold:
        storage.read(OWNER, tally)
    with counting() as warm:
        storage.read(OWNER, tally)
    size = len(storage.image(OWNER))
    assert (cold.round_trips, cold.bytes_down) == (2, size)
    assert (warm.round_trips, warm.bytes_down) == (1, 0)


def test_a_warm_change_is_one_append(containers: Containers) -> None:
    storage = containers.one()
    storage.transact(OWNER, add)
    with counting() as usage:
        storage.transact(OWNER, add)
    assert (usage.round_trips, usage.conflicts, usage.folds) == (1, 0, 0)
    assert 0 < usage.bytes_up < 1000


def test_each_commit_that_another_writer_was_before_is_a_conflict(containers: Containers) -> None:
    first, second = containers.one(), containers.one()
    second.read(OWNER, tally)
    for _ in range(3):
        first.transact(OWNER, add)
    with counting() as usage:
        second.transact(OWNER, add)
    assert usage.conflicts >= 1
    assert second.read(OWNER, tally) == 4


def test_a_fold_is_a_base_file_that_takes_the_place_of_another(containers: Containers) -> None:
    storage = containers.one()
    storage.transact(OWNER, add)
    with counting() as usage:
        storage.fold(OWNER)
        storage.fold(OWNER)
    assert usage.folds == 1


def test_making_a_collection_is_no_fold(tmp_path: Path) -> None:
    storage = Containers(tmp_path).one()
    with counting() as usage:
        storage.create(OWNER, build)
    assert usage.folds == 0
    assert usage.bytes_up == len(storage.image(OWNER))


def test_ones_own_entry_that_is_there_already_is_no_conflict() -> None:
    log = CountedCommitLog(MemoryCommitLog())
    entry = LogEntry(1, "tx", b"segment")
    with counting() as usage:
        assert [log.append("ana#g1", entry) for _ in range(2)] == [None, entry]
        log.append("ana#g1", LogEntry(1, "another", b"segment"))
    assert (usage.round_trips, usage.conflicts) == (3, 1)


class Failing:
    """Both stores, out of order."""

    def __init__(self, error: Exception) -> None:
        self._error = error
        self.slots = 128

    def head(self, key: str) -> None:
        raise self._error

    def append(self, ring: str, entry: LogEntry) -> None:
        raise self._error

    def mark(self, mark: Mark) -> None:
        raise self._error


@pytest.mark.parametrize("error", [StorageUnavailableError(), AmbiguousOutcomeError()])
def test_a_store_that_fails_is_counted(error: Exception) -> None:
    failing = Failing(error)
    base, log = CountedBaseStore(failing), CountedCommitLog(failing)  # type: ignore[arg-type]
    with counting() as usage:
        for call in (
            lambda: base.head("user_dbs/ana.anki2"),
            lambda: log.append("ana#g1", LogEntry(1, "tx", b"")),
            lambda: log.mark(Mark("ana#g1", 0)),
        ):
            with pytest.raises(type(error)):
                call()
    assert (usage.round_trips, usage.failures) == (3, 3)


def test_the_counted_stores_do_what_the_stores_do(tmp_path: Path) -> None:
    base, path = CountedBaseStore(MemoryBaseStore()), tmp_path / "file"
    with counting() as usage:
        etag = base.put("folder/a", b"one", metadata={"a": "b"}, if_match=None)
        found = base.get("folder/a")
        assert found
        assert (found.data, found.etag, found.metadata) == (b"one", etag, {"a": "b"})
        path.write_bytes(b"three")
        base.put("folder/a", path, metadata={}, if_match=etag)
        [earlier] = base.earlier("folder/a")
        base.download("folder/a", path, version=earlier.version)
        assert path.read_bytes() == b"one"
        assert base.keys("folder/") == ["folder/a"]
        base.delete("folder/a")
        assert base.head("folder/a") is None
        assert base.get("folder/a") is None
    assert (usage.round_trips, usage.bytes_up, usage.bytes_down) == (9, 8, 6)
    assert usage.folds == 0


def test_nothing_is_counted_for_nobody() -> None:
    base = CountedBaseStore(MemoryBaseStore())
    base.keys("folder/")
    with counting() as usage:
        pass
    assert vars(usage) == vars(Usage())
