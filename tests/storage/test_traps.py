"""What first versions of such a storage got wrong, each of it once lost or corrupted data."""

import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from threading import Barrier

import pytest

from chalicelib.errors import JavumboError, StorageUnavailableError
from chalicelib.storage import CollectionStorage, LockedS3SQLiteConnection
from tests.storage.conftest import OpenStorage, Stores
from tests.storage.memory import Fault, plan_of
from tests.storage.tally import add, build, names
from tests.storage.texts import incompressible
from tests.storage.threads import run_together
from tests.storage.watch import Place, Watch, acting_at


def files(directory: Path) -> list[Path]:
    return [path for path in directory.rglob("*") if path.is_file()]


def test_a_write_from_a_warm_replica_is_as_conditional_as_one_from_a_fresh_one(
    any_stores: Stores, open_storage: OpenStorage
) -> None:
    """A rival commits between the run of the change and its commit."""
    rival, watch = open_storage(any_stores), Watch(any_stores)
    storage = open_storage(watch.stores)
    storage.create("ada", build)
    for turn in range(3):
        watch.plan = acting_at(
            Place("append", 0),
            lambda: rival.transact("ada", add(f"rival {turn}")),  # noqa: B023
        )
        storage.transact("ada", add(f"mine {turn}"))
    assert storage.read("ada", names) == {
        f"{who} {turn}": 1 for who in ("rival", "mine") for turn in range(3)
    }


def test_a_change_whose_commit_failed_is_neither_read_nor_made_durable_later(
    stores: Stores, open_storage: OpenStorage
) -> None:
    storage, watch = open_storage(stores), Watch(stores)
    storage.create("ada", build)
    failing = open_storage(watch.stores)
    failing.read("ada", names)
    watch.plan = plan_of("append", Fault.OUTAGE)
    with pytest.raises(StorageUnavailableError):
        failing.transact("ada", add("failed"))
    assert failing.read("ada", names) == {}
    failing.transact("ada", add("next"))
    assert storage.read("ada", names) == failing.read("ada", names) == {"next": 1}


def test_a_change_that_another_overtook_leaves_nothing_in_the_replica(
    stores: Stores, storage: CollectionStorage, open_storage: OpenStorage
) -> None:
    """Also where it made the file shorter or longer."""
    watch = Watch(stores)
    loser = open_storage(watch.stores, retries=0)
    for n in range(20):
        storage.transact("ada", add(incompressible(5000, n)))
    shorter: Callable[[sqlite3.Connection], object] = lambda conn: [  # noqa: E731
        conn.execute("DROP TABLE one").rowcount,
        conn.execute("CREATE TABLE one (name)").rowcount,
    ]
    longer = add(incompressible(100_000))
    for change in (shorter, longer):
        loser.read("ada", names)
        watch.plan = acting_at(Place("append", 0), lambda: storage.transact("ada", add("rival")))
        with pytest.raises(JavumboError):
            loser.transact("ada", change)
        watch.calls.clear()
        assert loser.image("ada") == storage.image("ada")
        assert "download" not in watch.calls


def test_two_first_requests_of_a_new_user_make_one_collection(
    any_stores: Stores, open_storage: OpenStorage
) -> None:
    together = Barrier(6, timeout=30)
    made: list[bool] = []

    def register(name: str) -> None:
        storage = open_storage(any_stores)

        def build_slowly(conn: sqlite3.Connection) -> None:
            build(conn)
            together.wait()

        made.append(storage.create("ada", build_slowly))
        storage.transact("ada", add(name))

    run_together([lambda n=n: register(str(n)) for n in range(6)])  # type: ignore[misc]
    assert made.count(True) == 1
    assert open_storage(any_stores).read("ada", names) == {str(n): 1 for n in range(6)}


@pytest.fixture
def hot_journal(storage: CollectionStorage, tmp_path: Path) -> bytes:
    """A journal that undoes the change from the present state to an earlier one, as a process
    killed during its commit leaves it."""
    path = tmp_path / "killed.anki2"
    path.write_bytes(storage.image("ada"))
    with closing(sqlite3.connect(path, isolation_level=None)) as conn:
        conn.execute("PRAGMA cache_size = 1")
        conn.execute("BEGIN IMMEDIATE")
        conn.executemany("INSERT INTO one VALUES (?)", ((str(n) * 50,) for n in range(2000)))
        journal = path.with_name(path.name + "-journal").read_bytes()
    path.unlink()
    assert len(journal) > 512
    return journal


@pytest.fixture
def hot_wal(storage: CollectionStorage, tmp_path: Path) -> bytes:
    """A WAL with a committed change, as a process killed after its commit leaves it."""
    path = tmp_path / "killed.anki2"
    path.write_bytes(storage.image("ada"))
    with closing(sqlite3.connect(path, isolation_level=None)) as conn:
        conn.execute("PRAGMA journal_mode = WAL")
        conn.execute("INSERT INTO one VALUES ('from a WAL')")
        wal = path.with_name(path.name + "-wal").read_bytes()
    path.unlink()
    assert len(wal) > 4096
    return wal


def test_a_journal_or_a_wal_left_beside_a_replica_is_not_played_into_it(
    storage: CollectionStorage, hot_journal: bytes, hot_wal: bytes, tmp_path: Path
) -> None:
    expected = {}
    for left in (hot_journal, hot_wal):
        for name in ("one", "two"):
            storage.transact("ada", add(name * len(left)))
            expected[name * len(left)] = 1
            (replica,) = files(tmp_path / "cache")
            for suffix in ("-journal", "-wal"):
                replica.with_name(replica.name + suffix).write_bytes(left)
            assert storage.read("ada", names) == expected
            storage.transact("ada", names)
            for suffix in ("-journal", "-wal", "-shm"):
                replica.with_name(replica.name + suffix).unlink(missing_ok=True)


def test_a_change_is_run_and_made_once_though_its_answer_was_lost(
    stores: Stores, storage: CollectionStorage, open_storage: OpenStorage
) -> None:
    runs: list[str] = []

    def fn(conn: sqlite3.Connection) -> None:
        runs.append("run")
        add("mine")(conn)

    open_storage(Watch(stores, plan_of("append", Fault.LOST_ANSWER)).stores).transact("ada", fn)
    assert runs == ["run"]
    assert storage.read("ada", names) == {"mine": 1}


def test_a_reader_keeps_its_state_while_others_in_its_process_commit(
    storage: CollectionStorage,
) -> None:
    """Nothing is written into a file that somebody has open."""

    def fn(conn: sqlite3.Connection) -> list[object]:
        before = names(conn)
        for n in range(20):
            storage.transact("ada", add(incompressible(3000, n)))
        return [before, names(conn)]

    assert storage.read("ada", fn) == [{}, {}]
    assert len(storage.read("ada", names)) == 20


@pytest.mark.parametrize("containers", [1, 3])
def test_many_threads_of_one_user_lose_nothing(
    any_stores: Stores, open_storage: OpenStorage, containers: int
) -> None:
    """They change, read, fold and connect, in one process or in some."""
    import time

    storages = [open_storage(any_stores, sleep=time.sleep) for _ in range(containers)]
    storages[0].create("ada", build)
    expected = {f"{thread}.{n}": 1 for thread in range(6) for n in range(6)}
    failed: list[BaseException] = []

    def work(thread: int) -> None:
        storage = storages[thread % containers]
        try:
            for n in range(6):
                storage.transact("ada", add(f"{thread}.{n}"))
                assert storage.read("ada", names)[f"{thread}.{n}"] == 1
            storage.fold("ada")
            with LockedS3SQLiteConnection("ada", storage) as conn:
                assert names(conn)[f"{thread}.5"] == 1
        except BaseException as error:
            failed.append(error)

    run_together([lambda n=n: work(n) for n in range(6)])  # type: ignore[misc]
    assert failed == []
    for storage in [*storages, open_storage(any_stores)]:
        assert storage.read("ada", names) == expected
