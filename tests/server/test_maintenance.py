"""What a server does beside the requests, with real threads and real files."""

import threading
import time
from pathlib import Path

import pytest

from chalicelib.errors import StorageUnavailableError
from chalicelib.storage import CollectionStorage, Owner, StorageOptions
from chalicelib.storage.directory import DirectoryBaseStore
from chalicelib.storage.sqlite_log import SQLiteCommitLog
from javumbo.maintenance import Maintenance
from tests.storage.tally import add, build, names

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
