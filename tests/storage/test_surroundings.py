"""What happens around the replicas: files that go, disks that are full, processes that fork."""

import gc
import os
import resource
import shutil
import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from threading import Event, Thread

import pytest

from chalicelib.errors import StorageUnavailableError
from chalicelib.storage import CollectionStorage, LockedS3SQLiteConnection
from chalicelib.storage.directory import DirectoryBaseStore
from chalicelib.storage.sqlite_log import SQLiteCommitLog
from tests.storage.conftest import OpenStorage, Stores
from tests.storage.memory import Fault, plan_of
from tests.storage.tally import add, build, names
from tests.storage.texts import incompressible
from tests.storage.threads import run_together
from tests.storage.watch import Place, Watch, acting_at
from tests.support.full_disk import no_file_larger_than


class Nothing:
    """A recorder that notes nothing."""

    def begin(self, conn: sqlite3.Connection) -> None:
        pass

    def end(self, conn: sqlite3.Connection) -> bytes:
        return b""


def files(directory: Path) -> list[Path]:
    return [path for path in directory.rglob("*") if path.is_file()]


def test_replicas_that_go_while_others_work_disturb_nobody(
    stores: Stores, open_storage: OpenStorage
) -> None:
    """There is room for none, and somebody cleans up all the time."""
    import time

    storage = open_storage(stores, sleep=time.sleep, cache_bytes=1)
    users, stop, failed = ["ada", "bob", "cyd"], Event(), list[BaseException]()
    for user in users:
        storage.create(user, build)

    def work(user: str, name: str) -> None:
        try:
            for n in range(15):
                storage.transact(user, add(f"{name} {n}"))
                assert storage.read(user, names)[f"{name} {n}"] == 1
        except BaseException as error:
            failed.append(error)

    def clean() -> None:
        while not stop.is_set():
            storage.clean_up()

    cleaner = Thread(target=clean)
    cleaner.start()
    run_together([lambda u=u, n=n: work(u, n) for u in users for n in "xy"])  # type: ignore[misc]
    stop.set()
    cleaner.join()
    assert failed == []
    for user in users:
        assert open_storage(stores).read(user, names) == {
            f"{name} {n}": 1 for name in "xy" for n in range(15)
        }


def test_nothing_of_a_failed_or_finished_request_is_left_on_the_disk(
    stores: Stores, open_storage: OpenStorage, tmp_path: Path
) -> None:
    watch = Watch(stores)
    storage = open_storage(watch.stores)
    storage.create("ada", build)

    def fail(conn: sqlite3.Connection) -> None:
        add("failed")(conn)
        raise ZeroDivisionError

    for _ in range(3):
        storage.transact("ada", add("done"))
        with pytest.raises(ZeroDivisionError):
            storage.transact("ada", fail)
        watch.plan = plan_of("append", Fault.OUTAGE)
        with pytest.raises(StorageUnavailableError):
            storage.transact("ada", add("refused"))
        storage.read("ada", names)
        storage.image("ada")
        storage.fold("ada")
        with LockedS3SQLiteConnection("ada", storage):
            storage.read("ada", lambda _: storage.read("ada", names))
        storage.inspect("ada")
    (replica,) = files(tmp_path / "cache")
    assert replica.suffix == ".anki2"


@pytest.mark.parametrize("method", ["download", "entries"])
def test_nothing_is_left_of_a_replica_that_could_not_be_opened(
    stores: Stores,
    storage: CollectionStorage,
    open_storage: OpenStorage,
    method: str,
    tmp_path: Path,
) -> None:
    cache = tmp_path / "another"
    watch = Watch(stores, plan_of(method, Fault.OUTAGE))
    cold = open_storage(watch.stores, cache_dir=cache)
    with pytest.raises(StorageUnavailableError):
        cold.read("ada", names)
    assert files(cache) == []
    assert cold.read("ada", names) == {}


def remove_directories(cache: Path) -> None:
    for directory in cache.iterdir():
        shutil.rmtree(directory)


def remove_replicas(cache: Path) -> None:
    for path in cache.rglob("*.anki2"):
        path.unlink()


def remove_wals(cache: Path) -> None:
    for path in cache.rglob("*-wal"):
        path.unlink()


REMOVALS = [remove_directories, remove_replicas, remove_wals]


@pytest.mark.parametrize("remove", REMOVALS)
def test_a_replica_that_somebody_removes_is_fetched_again(
    stores: Stores,
    storage: CollectionStorage,
    remove: Callable[[Path], None],
    tmp_path: Path,
) -> None:
    for name in ("one", "two"):
        storage.transact("ada", add(name))
        remove(tmp_path / "cache")
        assert storage.read("ada", names)[name] == 1
        remove(tmp_path / "cache")
    storage.transact("ada", add("three"))
    assert storage.read("ada", names) == {"one": 1, "two": 1, "three": 1}


@pytest.mark.parametrize("remove", REMOVALS)
def test_a_replica_that_somebody_removes_in_the_middle_acknowledges_nothing_that_is_not_there(
    stores: Stores,
    storage: CollectionStorage,
    open_storage: OpenStorage,
    remove: Callable[[Path], None],
    tmp_path: Path,
) -> None:
    acknowledged = {}

    def change(conn: sqlite3.Connection) -> None:
        add("unsure")(conn)
        remove(tmp_path / "cache")

    storage.transact("ada", add("before"))
    try:
        storage.transact("ada", change)
        acknowledged["unsure"] = 1
    except StorageUnavailableError:
        pass
    expected = {"before": 1} | acknowledged
    for container in (storage, open_storage(stores)):
        assert container.read("ada", names) == expected
    storage.transact("ada", add("after"))
    for container in (storage, open_storage(stores)):
        assert container.read("ada", names) == expected | {"after": 1}


@pytest.mark.parametrize("use", ["read", "transact"])
def test_a_replica_that_somebody_spoils_is_given_up_once_that_shows(
    stores: Stores,
    storage: CollectionStorage,
    open_storage: OpenStorage,
    use: str,
    tmp_path: Path,
) -> None:
    storage.transact("ada", add("one"))
    (replica,) = files(tmp_path / "cache")
    replica.write_bytes(replica.read_bytes()[:4096] + os.urandom(replica.stat().st_size - 4096))
    with pytest.raises(StorageUnavailableError):
        storage.read("ada", names) if use == "read" else storage.transact("ada", add("two"))
    for container in (storage, open_storage(stores)):
        assert container.read("ada", names) == {"one": 1}
    storage.transact("ada", add("three"))
    assert open_storage(stores).read("ada", names) == {"one": 1, "three": 1}


def uses_of(storage: CollectionStorage) -> dict[str, Callable[[], object]]:
    large = add(incompressible(60_000))
    return {
        "read": lambda: storage.read("ada", names),
        "transact": lambda: storage.transact("ada", large),
        "image": lambda: storage.image("ada"),
        "fold": lambda: storage.fold("ada"),
        "connect": lambda: connect(storage),
    }


def connect(storage: CollectionStorage) -> None:
    with LockedS3SQLiteConnection("ada", storage) as conn:
        names(conn)


@pytest.mark.parametrize("use", ["read", "transact", "image", "fold", "connect"])
@pytest.mark.parametrize("state", ["cold", "warm", "behind"])
@pytest.mark.parametrize("size", [1000, 20_000, 60_000])
def test_a_full_disk_is_an_outage_and_the_next_use_is_right_again(
    stores: Stores,
    storage: CollectionStorage,
    open_storage: OpenStorage,
    size: int,
    state: str,
    use: str,
) -> None:
    """Full at the start, in the middle of the change, of the catching up or of the copying."""
    storage.on_fold_due(lambda _: None)
    storage.transact("ada", add("before"))
    troubled = open_storage(stores)
    if state != "cold":
        troubled.read("ada", names)
    if state != "warm":
        storage.transact("ada", add(incompressible(50_000)))
    with no_file_larger_than(size):
        try:
            uses_of(troubled)[use]()
            done = use == "transact"
        except StorageUnavailableError:
            done = False
    expected = storage.read("ada", names)
    assert (incompressible(60_000) in expected) == done
    assert troubled.read("ada", names) == expected
    troubled.transact("ada", add("after"))
    assert storage.read("ada", names) == open_storage(stores).read("ada", names)
    assert storage.read("ada", names)["after"] == 1


def test_a_disk_that_is_full_just_after_the_commit_leaves_no_torn_replica(
    stores: Stores, storage: CollectionStorage, open_storage: OpenStorage
) -> None:
    """The commit stands, and is told as such."""
    watch = Watch(stores)
    troubled = open_storage(watch.stores)
    troubled.transact("ada", add("before"))
    former = resource.getrlimit(resource.RLIMIT_FSIZE)
    watch.plan = acting_at(
        Place("append", 0), lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (9000, former[1]))
    )
    try:
        troubled.transact("ada", add("committed"))
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, former)
    expected = {"before": 1, "committed": 1}
    for container in (troubled, storage, open_storage(stores)):
        assert container.read("ada", names) == expected
    troubled.transact("ada", add("after"))
    assert open_storage(stores).read("ada", names) == expected | {"after": 1}


def test_a_forked_child_and_its_parent_do_not_work_on_one_replica(
    open_storage: OpenStorage, tmp_path: Path
) -> None:
    """Each side commits in turn, and each sees all and loses nothing."""
    with closing(SQLiteCommitLog(tmp_path / "commits.db")) as log:
        stores = Stores(DirectoryBaseStore(tmp_path / "data"), log)
        storage = open_storage(stores)
        storage.create("ada", build)
        storage.transact("ada", add("before"))
        (replica,) = files(tmp_path / "cache")
        at_hand = replica.read_bytes()
        assert in_child(lambda: storage.transact("ada", add("child")))
        assert replica.read_bytes() == at_hand, "the child has left the parent's alone"
        storage.transact("ada", add("parent"))
        assert in_child(
            lambda: storage.read("ada", names) == {"before": 1, "child": 1, "parent": 1}
        )
        assert replica.exists()
        assert storage.read("ada", names) == {"before": 1, "child": 1, "parent": 1}


def in_child(work: Callable[[], object]) -> bool:
    """Whether the work is done, and gives something true, in a child that this process forks."""
    child = os.fork()
    if child == 0:
        done = False
        try:
            done = bool(work())
        finally:
            os._exit(0 if done else 1)
    return os.waitpid(child, 0)[1] == 0


def descriptors() -> int:
    """Those that other tests have left to the garbage collector do not count."""
    gc.collect()
    return len(os.listdir("/dev/fd"))


@pytest.mark.parametrize("between", ["read", "fold", "image", "transact"])
def test_the_connection_of_one_transaction_stays_for_the_next(
    storage: CollectionStorage, between: str
) -> None:
    uses: dict[str, Callable[[], object]] = {
        "read": lambda: storage.read("ada", names),
        "fold": lambda: storage.fold("ada"),
        "image": lambda: storage.image("ada"),
        "transact": lambda: storage.transact("ada", names, recorder=Nothing()),
    }
    before = descriptors()
    storage.transact("ada", add("one"), recorder=Nothing())
    kept = descriptors()
    uses[between]()
    assert descriptors() == kept > before


def test_the_connection_of_a_transaction_that_failed_does_not_stay(
    storage: CollectionStorage,
) -> None:
    before = descriptors()
    storage.transact("ada", add("one"), recorder=Nothing())
    with pytest.raises(sqlite3.OperationalError):
        storage.transact("ada", lambda conn: conn.execute("SELECT missing"), recorder=Nothing())
    assert descriptors() == before


@pytest.mark.parametrize("loser", ["ahead", "behind"])
def test_a_connection_never_serves_a_state_that_others_have_passed(
    stores: Stores, storage: CollectionStorage, open_storage: OpenStorage, loser: str
) -> None:
    """It had made the change that was refused, or knew nothing of theirs."""
    other = open_storage(stores)
    for number in range(6):
        storage.transact("ada", add(f"ours {number}"), recorder=Nothing())
        if loser == "behind":
            storage.read("ada", names)
        other.transact("ada", add(f"theirs {number}"), recorder=Nothing())
    expected = {f"{whose} {number}": 1 for whose in ("ours", "theirs") for number in range(6)}
    for container in (storage, other, open_storage(stores)):
        assert container.read("ada", names) == expected
        assert container.transact("ada", names) == expected
