"""What a server does beside the requests, with real threads and real files."""

import threading
import time
from pathlib import Path

import pytest

from chalicelib.errors import StorageUnavailableError
from chalicelib.storage import CollectionStorage, Owner, StorageOptions
from chalicelib.storage.directory import DirectoryBaseStore
from chalicelib.storage.sqlite_log import SQLiteCommitLog
from chalicelib.transfers.imports import STEP_MS
from javumbo.maintenance import ImportWorker, Maintenance
from tests.storage.memory import MemoryBaseStore
from tests.storage.tally import add, build, names
from tests.transfers.world import ADA as UPLOADER
from tests.transfers.world import FILE, MAX_BYTES, World

ADA, GRACE = Owner("ada"), Owner("grace")
PATIENCE_S = 30


@pytest.fixture
def storage(tmp_path: Path) -> CollectionStorage:
    storage = open_storage(tmp_path)
    for owner in (ADA, GRACE):
        storage.create(owner, build)
    return storage


def open_storage(tmp_path: Path) -> CollectionStorage:
    base = DirectoryBaseStore(tmp_path / "data")
    log = SQLiteCommitLog(tmp_path / "data" / "commits.db")
    return CollectionStorage(base, log, StorageOptions(cache_dir=tmp_path / "cache"))


def unfolded(storage: CollectionStorage, owner: Owner) -> int:
    return storage.inspect(owner).unfolded


def wait_until_folded(storage: CollectionStorage, owner: Owner) -> None:
    deadline = time.monotonic() + PATIENCE_S
    while unfolded(storage, owner):
        assert time.monotonic() < deadline, "never folded"
        time.sleep(0.01)


def test_a_fold_that_is_asked_for_happens_in_another_thread(storage: CollectionStorage) -> None:
    Maintenance(storage).start()
    storage.transact(ADA, add("one"))
    storage.fold_soon(ADA)
    wait_until_folded(storage, ADA)
    assert storage.read(ADA, names) == {"one": 1}


def test_what_an_earlier_process_left_unfolded_is_folded_at_the_start(
    storage: CollectionStorage, tmp_path: Path
) -> None:
    for owner in (ADA, GRACE):
        storage.transact(owner, add("one"))
    other = open_storage(tmp_path)
    Maintenance(other).start()
    for owner in (ADA, GRACE):
        wait_until_folded(other, owner)


def test_the_sweep_comes_again(storage: CollectionStorage) -> None:
    Maintenance(storage, sweep_every_s=0.05).start()
    for n in range(3):
        storage.transact(GRACE, add(str(n)))
        wait_until_folded(storage, GRACE)


def test_a_failing_fold_does_not_end_the_thread(
    storage: CollectionStorage, caplog: pytest.LogCaptureFixture
) -> None:
    failed = threading.Event()

    class Failing(CollectionStorage):
        def fold(self, owner: Owner | str) -> int:
            if owner == ADA:
                failed.set()
                raise StorageUnavailableError
            return super().fold(owner)

    storage.__class__ = Failing
    Maintenance(storage).start()
    storage.transact(GRACE, add("one"))
    storage.fold_soon(ADA)
    assert failed.wait(PATIENCE_S)
    storage.fold_soon(GRACE)
    wait_until_folded(storage, GRACE)
    assert "storage maintenance failed" in caplog.text


def test_chores_are_done_before_each_sweep_and_may_fail(storage: CollectionStorage) -> None:
    done: list[int] = []

    def chore() -> None:
        done.append(unfolded(storage, ADA))
        raise StorageUnavailableError

    storage.transact(ADA, add("one"))
    Maintenance(storage, [chore]).start()
    wait_until_folded(storage, ADA)
    assert done == [1]


def wait_until_imported(world: World, import_id: str) -> None:
    deadline = time.monotonic() + PATIENCE_S
    while world.imports.get(UPLOADER, import_id).state != "done":
        assert time.monotonic() < deadline, "never imported"
        time.sleep(0.01)


def test_an_import_goes_on_in_another_thread_step_by_step(tmp_path: Path) -> None:
    world = World(MemoryBaseStore(), tmp_path)
    threads = set()
    # What is there from an earlier step takes no time.
    times_ms = iter([STEP_MS - 1, STEP_MS - 1, 0, STEP_MS - 1])

    def during(place: str) -> None:
        threads.add(threading.current_thread().name)
        world.wait(next(times_ms, 0) if place == "batch" else 0)

    world._during = during
    ImportWorker(world.imports).start()
    upload_id = world.upload(size=MAX_BYTES)
    assert world.imports.start(UPLOADER, upload_id, None, "merge").state != "failed"
    wait_until_imported(world, upload_id)
    assert threads == {"imports"}
    assert world.imported() == {FILE.decode(): 1}


def test_an_import_that_an_earlier_process_left_is_gone_on_with(tmp_path: Path) -> None:
    world = World(MemoryBaseStore(), tmp_path)
    world.imports.on_step_due(lambda *_: None)
    upload_id = world.upload(size=MAX_BYTES)
    world.imports.start(UPLOADER, upload_id, None, "merge")
    ImportWorker(world.imports).start()
    wait_until_imported(world, upload_id)
