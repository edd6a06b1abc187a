"""What first versions of such a storage got wrong, each of it once lost or corrupted data."""

import sqlite3
from pathlib import Path
from threading import Barrier, Event, Thread

import pytest

from chalicelib.errors import StorageUnavailableError
from chalicelib.storage import CollectionStorage
from tests.storage.conftest import OpenStorage
from tests.storage.memory import Fault, FaultyBaseStore, MemoryBaseStore, plan_of
from tests.storage.tally import add, build, names


def files(directory: Path) -> list[Path]:
    return [path for path in directory.rglob("*") if path.is_file()]


def test_a_write_from_a_warm_copy_is_as_conditional_as_one_from_a_fresh_download(
    base: MemoryBaseStore, storage: CollectionStorage, open_storage: OpenStorage
) -> None:
    """A rival commits between the warm copy's validation and its upload."""
    rival = open_storage(base)
    for turn in range(3):
        rivals = iter([f"rival {turn}"])

        def fn(conn: sqlite3.Connection) -> None:
            for name in rivals:  # noqa: B023
                rival.transact("ada", add(name))
            add(f"mine {turn}")(conn)  # noqa: B023

        storage.transact("ada", fn)
    assert storage.read("ada", names) == {
        f"{who} {turn}": 1 for who in ("rival", "mine") for turn in range(3)
    }


def test_a_request_that_only_reads_writes_nothing_even_when_it_is_behind(
    base: MemoryBaseStore, storage: CollectionStorage, open_storage: OpenStorage
) -> None:
    storage.read("ada", names)
    open_storage(base).transact("ada", add("elsewhere"))
    base.calls.clear()
    storage.read("ada", names)
    storage.image("ada")
    assert base.calls == ["get_if_changed", "get_if_changed"]


def test_a_request_after_a_write_downloads_nothing(
    base: MemoryBaseStore, storage: CollectionStorage
) -> None:
    for name in "abc":
        storage.transact("ada", add(name))
    storage.read("ada", names)
    assert "get" not in base.calls
    assert base.calls == ["get_if_changed", "put"] * 3 + ["get_if_changed"]


def test_a_change_whose_upload_failed_is_neither_read_nor_made_durable_later(
    base: MemoryBaseStore, storage: CollectionStorage, open_storage: OpenStorage
) -> None:
    failing = open_storage(FaultyBaseStore(base, plan_of("put", Fault.OUTAGE)))
    failing.read("ada", names)
    with pytest.raises(StorageUnavailableError):
        failing.transact("ada", add("failed"))
    assert failing.read("ada", names) == {}
    failing.transact("ada", add("next"))
    assert storage.read("ada", names) == failing.read("ada", names) == {"next": 1}


def test_two_first_requests_of_a_new_user_make_one_collection(
    base: MemoryBaseStore, open_storage: OpenStorage
) -> None:
    together = Barrier(6, timeout=30)
    made: list[bool] = []

    def register(name: str) -> None:
        storage = open_storage(base)

        def build_slowly(conn: sqlite3.Connection) -> None:
            build(conn)
            together.wait()

        made.append(storage.create("ada", build_slowly))
        storage.transact("ada", add(name))

    threads = [Thread(target=register, args=(str(n),)) for n in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert made.count(True) == 1
    assert open_storage(base).read("ada", names) == {str(n): 1 for n in range(6)}


@pytest.fixture
def hot_journal(storage: CollectionStorage, tmp_path: Path) -> bytes:
    """A journal that undoes the change from the present state to an earlier one, as a process
    killed during its commit leaves it."""
    path = tmp_path / "killed.anki2"
    path.write_bytes(storage.image("ada"))
    conn = sqlite3.connect(path, isolation_level=None)
    conn.execute("PRAGMA cache_size = 1")
    conn.execute("BEGIN IMMEDIATE")
    conn.executemany("INSERT INTO one VALUES (?)", ((str(n) * 50,) for n in range(2000)))
    journal = path.with_name(path.name + "-journal").read_bytes()
    conn.close()
    path.unlink()
    assert len(journal) > 512
    return journal


def test_a_journal_left_beside_a_copy_is_not_played_into_it(
    storage: CollectionStorage, hot_journal: bytes, tmp_path: Path
) -> None:
    storage.transact("ada", add("one"))
    for copy in files(tmp_path / "cache"):
        copy.with_name(copy.name + "-journal").write_bytes(hot_journal)
        copy.with_name(copy.name + "-wal").write_bytes(hot_journal)
    assert storage.read("ada", names) == {"one": 1}
    storage.transact("ada", add("two"))
    assert storage.read("ada", names) == {"one": 1, "two": 1}


def test_a_lost_answer_is_not_reported_as_a_conflict_and_not_made_twice(
    base: MemoryBaseStore, storage: CollectionStorage, open_storage: OpenStorage
) -> None:
    runs: list[str] = []

    def fn(conn: sqlite3.Connection) -> None:
        runs.append("run")
        add("mine")(conn)

    open_storage(FaultyBaseStore(base, plan_of("put", Fault.LOST_ANSWER))).transact("ada", fn)
    assert runs == ["run"]
    assert storage.read("ada", names) == {"mine": 1}


def test_a_reader_keeps_its_state_while_a_thread_beside_it_commits(
    base: MemoryBaseStore, storage: CollectionStorage
) -> None:
    """Nothing is written into a file that somebody has open, and nobody waits for anybody."""
    inside, committed = Event(), Event()
    seen = []

    def fn(conn: sqlite3.Connection) -> None:
        seen.append(names(conn))
        inside.set()
        assert committed.wait(30)
        seen.append(names(conn))

    reader = Thread(target=storage.read, args=("ada", fn))
    reader.start()
    assert inside.wait(30)
    storage.transact("ada", add("meanwhile"))
    committed.set()
    reader.join()
    assert seen == [{}, {}]
    assert storage.read("ada", names) == {"meanwhile": 1}


def test_many_threads_of_one_user_lose_nothing(
    base: MemoryBaseStore, open_storage: OpenStorage
) -> None:
    import time

    storage = open_storage(base, sleep=time.sleep)
    storage.create("ada", build)
    expected = {f"{thread}.{n}": 1 for thread in range(4) for n in range(6)}

    def work(thread: int) -> None:
        for n in range(6):
            storage.transact("ada", add(f"{thread}.{n}"))
            assert storage.read("ada", names)[f"{thread}.{n}"] == 1

    threads = [Thread(target=work, args=(thread,)) for thread in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert open_storage(base).read("ada", names) == expected


def test_nothing_of_a_failed_or_finished_request_is_left_on_the_disk(
    storage: CollectionStorage, tmp_path: Path
) -> None:
    def fail(conn: sqlite3.Connection) -> None:
        add("failed")(conn)
        raise ZeroDivisionError

    for _ in range(3):
        storage.transact("ada", add("done"))
        with pytest.raises(ZeroDivisionError):
            storage.transact("ada", fail)
        storage.read("ada", names)
    (copy,) = files(tmp_path / "cache")
    assert copy.suffix == ".anki2"
