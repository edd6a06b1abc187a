"""Several processes on one user's collection, and one that is killed in the middle."""

import multiprocessing
import os
import random
import signal
import time
from collections.abc import Callable
from multiprocessing.connection import Connection
from pathlib import Path

import pytest

from chalicelib.storage import CollectionStorage
from chalicelib.storage.directory import DirectoryBaseStore
from chalicelib.storage.ports import BaseStore
from chalicelib.storage.s3 import S3BaseStore
from tests.emulators.moto_server import s3_client
from tests.storage.tally import add, build, names

PROCESSES = 4
INCREMENTS = 6
KILLS = 6

OpenBase = Callable[..., BaseStore]
spawn = multiprocessing.get_context("spawn")


def open_directory(root: Path) -> BaseStore:
    return DirectoryBaseStore(root)


def open_bucket(endpoint: str, bucket: str) -> BaseStore:
    return S3BaseStore(bucket, s3_client(endpoint))


@pytest.fixture(params=["directory", "s3"])
def shared(request: pytest.FixtureRequest, tmp_path: Path) -> tuple[OpenBase, tuple[object, ...]]:
    """How each process opens the store that they share."""
    if request.param == "directory":
        return open_directory, (tmp_path / "data",)
    return open_bucket, (
        request.getfixturevalue("s3_endpoint"),
        request.getfixturevalue("bucket"),
    )


def increment(open_base: OpenBase, where: tuple[object, ...], cache: Path, worker: int) -> None:
    storage = CollectionStorage(open_base(*where), cache, retries=200)
    for n in range(INCREMENTS):
        name = f"{worker}.{n}"
        storage.transact("ada", add(name))
        assert storage.read("ada", names)[name] == 1


def test_no_increment_of_simultaneous_processes_is_lost_or_made_twice(
    shared: tuple[OpenBase, tuple[object, ...]], tmp_path: Path
) -> None:
    open_base, where = shared
    storage = CollectionStorage(open_base(*where), tmp_path / "cache")
    storage.create("ada", build)
    workers = [
        spawn.Process(target=increment, args=(open_base, where, tmp_path / "cache", worker))
        for worker in range(PROCESSES)
    ]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    assert [worker.exitcode for worker in workers] == [0] * PROCESSES
    expected = {f"{worker}.{n}": 1 for worker in range(PROCESSES) for n in range(INCREMENTS)}
    assert storage.read("ada", names) == expected


def add_for_ever(root: Path, cache: Path, worker: int, acknowledge: Connection) -> None:
    storage = CollectionStorage(DirectoryBaseStore(root), cache, retries=200)
    n = 0
    while True:
        acknowledge.send(storage.transact("ada", add(f"{os.getpid()}.{worker}.{n}")))
        n += 1


def received(acknowledged: Connection) -> list[str]:
    """All that was acknowledged, up to the end of a killed process."""
    got: list[str] = []
    try:
        while True:
            got.append(acknowledged.recv())
    except (EOFError, OSError):
        return got


def test_a_killed_process_takes_no_acknowledged_change_with_it_and_leaves_no_lock(
    tmp_path: Path,
) -> None:
    dice = random.Random(7)
    root, cache = tmp_path / "data", tmp_path / "cache"
    storage = CollectionStorage(DirectoryBaseStore(root), cache)
    storage.create("ada", build)
    acknowledged: set[str] = set()
    for kill in range(KILLS):
        reader, writer = spawn.Pipe(duplex=False)
        victim = spawn.Process(target=add_for_ever, args=(root, cache, kill, writer))
        victim.start()
        writer.close()
        acknowledged.add(reader.recv())
        time.sleep(dice.random() * 0.05)
        assert victim.pid
        os.kill(victim.pid, signal.SIGKILL)
        acknowledged.update(received(reader))
        victim.join()
        reader.close()
        found = storage.read("ada", names)
        assert acknowledged <= set(found)
        assert len(set(found) - acknowledged) <= kill + 1, "at most one in flight for each kill"
        assert set(found.values()) == {1}
        acknowledged.add(storage.transact("ada", add(f"after {kill}")))
    assert len(list(cache.iterdir())) <= 2, "what the killed ones left is removed"
