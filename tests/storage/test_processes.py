"""Several processes on one user's collection, and some that are killed in the middle."""

import logging
import multiprocessing
import os
import random
import signal
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from multiprocessing.connection import Connection
from pathlib import Path
from uuid import uuid4

import pytest

from chalicelib.storage import CollectionStorage, Owner, Request, StorageOptions
from chalicelib.storage.directory import DirectoryBaseStore
from chalicelib.storage.dynamodb_log import DynamoDBCommitLog
from chalicelib.storage.ports import BaseStore, CommitLog
from chalicelib.storage.s3 import S3BaseStore
from chalicelib.storage.sqlite_log import SQLiteCommitLog
from tests.emulators.moto_server import dynamodb_client, s3_client
from tests.emulators.tables import create_commits_table
from tests.storage.tally import add, build, names

CHANGES = 8

spawn = multiprocessing.get_context("spawn")


@dataclass(frozen=True)
class OneMachine:
    """A directory and a file of commits; of few slots, so that all have to fold as they go."""

    root: Path
    processes = 4
    kills = 5

    @contextmanager
    def opened(self) -> Iterator[tuple[BaseStore, CommitLog]]:
        with closing(SQLiteCommitLog(self.root / "commits.db", slots=16)) as log:
            yield DirectoryBaseStore(self.root / "data"), log


@dataclass(frozen=True)
class Aws:
    """A bucket and a table of the emulator."""

    endpoint: str
    bucket: str
    table: str
    processes = 2
    kills = 1

    @contextmanager
    def opened(self) -> Iterator[tuple[BaseStore, CommitLog]]:
        log = DynamoDBCommitLog(self.table, dynamodb_client(self.endpoint), slots=16)
        yield S3BaseStore(self.bucket, s3_client(self.endpoint)), log


Place = OneMachine | Aws


@contextmanager
def storage_at(place: Place, cache: Path) -> Iterator[CollectionStorage]:
    with place.opened() as (base, log):
        yield CollectionStorage(base, log, StorageOptions(cache_dir=cache, retries=200))


@pytest.fixture(params=["one machine", "aws"])
def place(request: pytest.FixtureRequest, tmp_path: Path) -> Place:
    """Where the processes share a collection."""
    if request.param == "one machine":
        return OneMachine(tmp_path)
    endpoint, table = request.getfixturevalue("s3_endpoint"), f"commits-{uuid4()}"
    create_commits_table(dynamodb_client(endpoint), table)
    return Aws(endpoint, request.getfixturevalue("bucket"), table)


def change(place: Place, cache: Path, worker: int) -> None:
    """Each change is asked for twice, as by a client that did not get the answer."""
    with storage_at(place, cache) as storage:
        for n in range(CHANGES):
            name = f"{worker}.{n}"
            for _ in range(2):
                assert storage.transact("ada", add(name), Request(name, b"")) == name
            assert storage.read("ada", names)[name] == 1
        storage.fold("ada")


def test_no_change_of_simultaneous_processes_is_lost_or_made_twice(
    place: Place, tmp_path: Path
) -> None:
    cache = tmp_path / "cache"
    with storage_at(place, cache) as storage:
        storage.create("ada", build)
        workers = [
            spawn.Process(target=change, args=(place, cache, worker))
            for worker in range(place.processes)
        ]
        for worker in workers:
            worker.start()
        for worker in workers:
            worker.join()
        assert [worker.exitcode for worker in workers] == [0] * place.processes
        expected = {f"{worker}.{n}": 1 for worker in range(place.processes) for n in range(CHANGES)}
        assert storage.read("ada", names) == expected
        assert storage.inspect("ada").problems == []


def change_for_ever(place: Place, cache: Path, worker: int, acknowledge: Connection) -> None:
    logging.disable()
    with storage_at(place, cache) as storage:
        n = 0
        while True:
            acknowledge.send(storage.transact("ada", add(f"{worker}.{n}")))
            n += 1
            time.sleep(0.005)


def received(acknowledged: Connection) -> list[str]:
    """All that was acknowledged, up to the end of a killed process."""
    got: list[str] = []
    try:
        while True:
            got.append(acknowledged.recv())
    except (EOFError, OSError):
        return got


def test_killed_processes_take_no_acknowledged_change_with_them_and_leave_no_lock(
    place: Place, tmp_path: Path
) -> None:
    """One is killed while another goes on; what they leave on the disk goes too."""
    dice, cache = random.Random(7), tmp_path / "cache"
    with storage_at(place, cache) as storage:
        storage.create("ada", build)
        acknowledged: set[str] = set()
        survivor = start(place, cache, 0)
        acknowledged.add(survivor.pipe.recv())
        for kill in range(1, place.kills + 1):
            victim = start(place, cache, kill)
            acknowledged.add(victim.pipe.recv())
            time.sleep(dice.random() * 0.05)
            acknowledged.update(victim.killed())
            acknowledged.add(storage.transact("ada", add(f"after {kill}")))
        acknowledged.update(survivor.killed())
        found = storage.read("ada", names)
        assert acknowledged <= set(found)
        assert len(set(found) - acknowledged) <= place.kills + 1, (
            "at most one in flight for each kill"
        )
        assert set(found.values()) == {1}
        assert storage.sweep() == []
        assert storage.inspect("ada").problems == []
    with storage_at(place, cache) as storage:
        storage.read(Owner("ada"), names)
        assert len(list(cache.iterdir())) <= 2, "what the killed ones left is removed"


@dataclass
class Started:
    process: multiprocessing.process.BaseProcess
    pipe: Connection

    def killed(self) -> list[str]:
        """Kill it; what it had acknowledged and nobody had received."""
        assert self.process.pid
        os.kill(self.process.pid, signal.SIGKILL)
        left = received(self.pipe)
        self.process.join()
        self.process.close()
        self.pipe.close()
        return left


def start(place: Place, cache: Path, number: int) -> Started:
    reader, writer = spawn.Pipe(duplex=False)
    process = spawn.Process(target=change_for_ever, args=(place, cache, number, writer))
    process.start()
    writer.close()
    return Started(process, reader)
