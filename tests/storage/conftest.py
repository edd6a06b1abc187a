from collections.abc import Callable, Iterator
from pathlib import Path
from uuid import uuid4

import pytest

from chalicelib.storage import CollectionStorage
from chalicelib.storage.directory import DirectoryBaseStore
from chalicelib.storage.ports import BaseStore
from chalicelib.storage.s3 import S3BaseStore
from tests.emulators.moto_server import s3_client, serialised_moto
from tests.storage.memory import MemoryBaseStore
from tests.storage.tally import build

OpenStorage = Callable[..., CollectionStorage]


@pytest.fixture(scope="session")
def s3_endpoint() -> Iterator[str]:
    with serialised_moto() as url:
        yield url


@pytest.fixture
def bucket(s3_endpoint: str) -> str:
    """A new bucket in the emulator."""
    name = f"bucket-{uuid4()}"
    s3_client(s3_endpoint).create_bucket(Bucket=name)
    return name


@pytest.fixture(params=["memory", "directory", "s3"])
def any_base(request: pytest.FixtureRequest, tmp_path: Path) -> BaseStore:
    match request.param:
        case "memory":
            return MemoryBaseStore()
        case "directory":
            return DirectoryBaseStore(tmp_path / "data")
    bucket = request.getfixturevalue("bucket")
    return S3BaseStore(bucket, s3_client(request.getfixturevalue("s3_endpoint")))


@pytest.fixture
def base() -> MemoryBaseStore:
    return MemoryBaseStore()


@pytest.fixture
def open_storage(tmp_path: Path) -> OpenStorage:
    """Makes storages that do not wait; each has its own copies, as a process of its own has."""

    def open_(base: BaseStore, **options: object) -> CollectionStorage:
        settings = {"sleep": lambda _: None} | options
        return CollectionStorage(base, tmp_path / "cache", **settings)  # type: ignore[arg-type]

    return open_


@pytest.fixture
def storage(base: MemoryBaseStore, open_storage: OpenStorage) -> CollectionStorage:
    """A storage in memory with an empty tally of the user `ada`."""
    storage = open_storage(base)
    storage.create("ada", build)
    base.calls.clear()
    return storage
