from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

import pytest

from chalicelib.storage import CollectionStorage, StorageOptions
from chalicelib.storage.directory import DirectoryBaseStore
from chalicelib.storage.ports import BaseStore, CommitLog
from chalicelib.storage.s3 import S3BaseStore
from chalicelib.storage.sqlite_log import SQLiteCommitLog
from tests.emulators.moto_server import s3_client
from tests.storage.base_fixtures import any_base, bucket, s3_endpoint
from tests.storage.log_fixtures import any_log, dynalite_endpoint, in_dynamodb, make_log
from tests.storage.memory import MemoryBaseStore
from tests.storage.memory_log import MemoryCommitLog
from tests.storage.tally import build

__all__ = ["any_base", "any_log", "bucket", "dynalite_endpoint", "make_log", "s3_endpoint"]


@dataclass(frozen=True)
class Stores:
    """Where a storage keeps things: shared by all that stand for containers of one service."""

    base: BaseStore
    log: CommitLog


OpenStorage = Callable[..., CollectionStorage]


@pytest.fixture
def base() -> MemoryBaseStore:
    return MemoryBaseStore()


@pytest.fixture
def log() -> MemoryCommitLog:
    return MemoryCommitLog()


@pytest.fixture
def stores(base: MemoryBaseStore, log: MemoryCommitLog) -> Stores:
    """In memory."""
    return Stores(base, log)


@pytest.fixture(params=["memory", "one machine", "aws", "s3 and dynalite"])
def any_stores(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Stores]:
    """Every pair of stores that the engine works over, empty."""
    match request.param:
        case "memory":
            yield Stores(MemoryBaseStore(), MemoryCommitLog())
        case "one machine":
            with closing(SQLiteCommitLog(tmp_path / "commits.db")) as log:
                yield Stores(DirectoryBaseStore(tmp_path / "data"), log)
        case aws_or_dynalite:
            s3_endpoint = request.getfixturevalue("s3_endpoint")
            of_log = "s3_endpoint" if aws_or_dynalite == "aws" else "dynalite_endpoint"
            yield Stores(
                S3BaseStore(request.getfixturevalue("bucket"), s3_client(s3_endpoint)),
                in_dynamodb(request.getfixturevalue(of_log))(128),
            )


@pytest.fixture
def open_storage(tmp_path: Path) -> OpenStorage:
    """Makes storages that do not wait; each has its own replicas, as a container has."""

    def open_(stores: Stores, **options: object) -> CollectionStorage:
        settings = {"cache_dir": tmp_path / "cache", "sleep": lambda _: None} | options
        return CollectionStorage(stores.base, stores.log, StorageOptions(**settings))  # type: ignore[arg-type]

    return open_


@pytest.fixture
def storage(
    stores: Stores, base: MemoryBaseStore, log: MemoryCommitLog, open_storage: OpenStorage
) -> CollectionStorage:
    """A storage in memory with an empty tally of the user `ada`."""
    storage = open_storage(stores)
    storage.create("ada", build)
    base.calls.clear()
    log.calls.clear()
    return storage
