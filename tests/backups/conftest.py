from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from chalicelib.backups import Backups, BackupSweeper
from chalicelib.collection.create import create_collection
from chalicelib.storage import CollectionStorage, Owner, StorageOptions
from chalicelib.storage.ports import BaseStore
from tests.storage.base_fixtures import any_base, bucket, s3_endpoint
from tests.storage.memory import MemoryBaseStore
from tests.storage.memory_log import MemoryCommitLog
from tests.support.collections import NOW_MS, make_note

__all__ = ["any_base", "bucket", "s3_endpoint"]

ADA = Owner("ada", "gen1")
MOST = 40
MINUTE_MS = 60_000
HOUR_MS = 60 * MINUTE_MS
DAY_MS = 24 * HOUR_MS


@dataclass
class World:
    """A storage with backups, its clock, and a way to change a collection."""

    base: BaseStore
    tmp_path: Path
    log: MemoryCommitLog = field(default_factory=MemoryCommitLog)
    now_ms: int = NOW_MS
    most: int = MOST

    def __post_init__(self) -> None:
        options = StorageOptions(
            cache_dir=self.tmp_path / "cache", now_ms=self.time, sleep=lambda _: None
        )
        self.storage = CollectionStorage(self.base, self.log, options)
        self.backups = Backups(self.storage, self.base, most=self.most, now_ms=self.time)
        self.sweeper = BackupSweeper(
            self.backups, self.base, self.log, most=self.most, now_ms=self.time
        )

    def time(self) -> int:
        return self.now_ms

    def wait(self, ms: int) -> None:
        self.now_ms += ms

    def create(self, owner: Owner) -> None:
        self.storage.create(
            owner, lambda conn: create_collection(conn, now_ms=NOW_MS, minutes_west=0)
        )

    def add_note(self, front: str, owner: Owner = ADA) -> None:
        def add(conn: object) -> None:
            make_note(conn, [front, "back"], now_ms=self.now_ms)  # type: ignore[arg-type]

        self.storage.transact(owner, add, operation="Add note")

    def fronts(self, owner: Owner = ADA) -> list[str]:
        rows = self.storage.read(
            owner, lambda conn: conn.execute("SELECT sfld FROM notes ORDER BY id").fetchall()
        )
        return [front for (front,) in rows]

    def sweep(self) -> None:
        """As a server does hourly."""
        self.sweeper.sweep()
        self.sweeper.thin()
        self.storage.sweep()

    def kinds(self, owner: Owner = ADA) -> list[str]:
        return [backup_id.kind for backup_id in self.backups.ids(owner)]


MakeWorld = Callable[..., World]


@pytest.fixture
def make_world(tmp_path: Path) -> MakeWorld:
    """Makes worlds with an empty collection of Ada's, in memory unless another base is given."""

    def make(base: BaseStore | None = None, **options: int) -> World:
        world = World(base or MemoryBaseStore(), tmp_path, **options)  # type: ignore[arg-type]
        world.create(ADA)
        return world

    return make


@pytest.fixture
def world(make_world: MakeWorld) -> World:
    return make_world()


@pytest.fixture
def any_world(make_world: MakeWorld, any_base: BaseStore) -> World:
    return make_world(any_base)
