"""Libraries over every kind of store."""

from collections.abc import Callable, Iterator
from itertools import count
from pathlib import Path

import pytest

from chalicelib.media import MediaLibrary, MediaLimits, MediaOptions
from chalicelib.storage import CollectionStorage, Owner
from chalicelib.storage.ports import BaseStore
from tests.storage.base_fixtures import any_base, bucket, s3_endpoint
from tests.storage.conftest import OpenStorage, Stores, any_stores, open_storage
from tests.storage.log_fixtures import dynalite_endpoint
from tests.storage.memory import MemoryBaseStore
from tests.storage.memory_log import MemoryCommitLog
from tests.storage.tally import build

__all__ = ["any_base", "any_stores", "bucket", "dynalite_endpoint", "open_storage", "s3_endpoint"]

ADA = Owner("ada", "g1")
HOUR_MS = 3600 * 1000


class Clock:
    def __init__(self) -> None:
        self.now_ms = 1_700_000_000_000

    def __call__(self) -> int:
        return self.now_ms


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def stores() -> Stores:
    return Stores(MemoryBaseStore(), MemoryCommitLog())


@pytest.fixture
def blobs() -> MemoryBaseStore:
    return MemoryBaseStore()


@pytest.fixture
def storage(stores: Stores, open_storage: OpenStorage) -> CollectionStorage:
    """In memory, with a collection of ada's."""
    storage = open_storage(stores)
    storage.create(ADA, build)
    return storage


OpenLibrary = Callable[..., MediaLibrary]


@pytest.fixture
def open_library(
    storage: CollectionStorage, blobs: MemoryBaseStore, clock: Clock, tmp_path: Path
) -> Iterator[OpenLibrary]:
    """Makes libraries, ada's unless told otherwise; no file is left in their work directory."""
    numbers = count(1)

    def open_(
        owner: Owner = ADA,
        *,
        storage: CollectionStorage = storage,
        base: BaseStore = blobs,
        max_file_bytes: int = 1000,
        quota_bytes: int = 10_000,
    ) -> MediaLibrary:
        limits = MediaLimits(max_file_bytes, quota_bytes)
        options = MediaOptions(limits, clock, lambda _: next(numbers), tmp_path / "work")
        return MediaLibrary(storage, base, owner, options)

    yield open_
    work = tmp_path / "work"
    assert not work.exists() or not list(work.iterdir())


@pytest.fixture
def library(open_library: OpenLibrary) -> MediaLibrary:
    return open_library()
