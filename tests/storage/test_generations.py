"""A name that was deleted and registered again: what a container of the old registration does."""

import sqlite3
from collections.abc import Callable
from pathlib import Path
from uuid import uuid4

import pytest

from chalicelib.errors import (
    ConflictError,
    JavumboError,
    NotFoundError,
    StorageUnavailableError,
)
from chalicelib.storage import CollectionStorage, Owner, Request
from chalicelib.storage.versions import BaseVersion
from tests.storage.by_hand import KEY, run_on, tally_file
from tests.storage.conftest import OpenStorage, Stores
from tests.storage.memory import Crash, Fault, MemoryBaseStore, plan_of
from tests.storage.memory_log import MemoryCommitLog
from tests.storage.tally import add, build, names
from tests.storage.texts import incompressible
from tests.storage.watch import Place, Watch, acting_at, places

OLD, NEW = Owner("ada", "g1"), Owner("ada", "g2")

Use = Callable[[CollectionStorage, Path], object]


def connect(storage: CollectionStorage, _: Path) -> object:
    with storage.attempt(OLD) as conn:
        add("stale")(conn)
        return names(conn)


def replace(storage: CollectionStorage, path: Path) -> None:
    path.write_bytes(tally_file(path, "stale"))
    storage.replace(OLD, path)


USES: dict[str, Use] = {
    "reads": lambda storage, _: storage.read(OLD, names),
    "changes": lambda storage, _: storage.transact(OLD, add("stale")),
    "changes much": lambda storage, _: storage.transact(OLD, add(incompressible(400_000))),
    "changes by request": lambda storage, _: storage.transact(
        OLD, add("stale"), Request("key", b"")
    ),
    "changes nothing": lambda storage, _: storage.transact(OLD, names),
    "connects": connect,
    "replaces": replace,
    "exports": lambda storage, path: run_on(path, storage.image(OLD), names),
    "folds": lambda storage, _: storage.fold(OLD),
    "sweeps": lambda storage, _: storage.sweep(),
    "deletes": lambda storage, _: storage.delete(OLD),
}


def build_anew(conn: sqlite3.Connection) -> None:
    """As two registrations are: never the same bytes."""
    build(conn)
    conn.execute("CREATE TABLE ids (id)")
    conn.execute("INSERT INTO ids VALUES (?)", (uuid4().hex,))


class World:
    """A container of the old registration, cold, warm, behind by a commit, or about to lap."""

    def __init__(self, open_storage: OpenStorage, state: str) -> None:
        self.stores = Stores(MemoryBaseStore(), MemoryCommitLog(slots=4))
        self.watch = Watch(self.stores)
        self.other = open_storage(self.stores)
        self.frozen = open_storage(self.watch.stores)
        self.other.on_fold_due(lambda _: None)
        self.other.create(OLD, build_anew)
        self.other.transact(OLD, add("old"))
        if state != "cold":
            self.frozen.transact(OLD, add("old"))
        if state == "behind":
            self.other.transact(OLD, add("old"))
        if state == "about to lap":
            self.frozen.transact(OLD, add("old"))
            self.frozen.transact(OLD, add("old"))
        self.watch.calls.clear()

    def register_again(self) -> None:
        self.other.delete(OLD)
        self.other.create(NEW, build_anew)
        self.other.transact(NEW, add("new"))

    def check(self) -> None:
        """The new registration has what it had, and can go on."""
        head = self.stores.base.head(KEY)
        assert head
        version = BaseVersion.of(head)
        assert version
        assert version.generation == NEW.generation
        assert self.other.read(NEW, names) == {"new": 1}
        self.other.transact(NEW, add("next"))
        self.other.fold(NEW)


@pytest.mark.parametrize("state", ["cold", "warm", "behind", "about to lap"])
@pytest.mark.parametrize("use", USES.values(), ids=USES)
def test_a_frozen_container_of_the_old_registration_reads_and_writes_nothing_of_the_new_one(
    open_storage: OpenStorage, use: Use, state: str, tmp_path: Path
) -> None:
    """It is frozen before any of its calls of the store, while the name is registered again."""
    clean = World(open_storage, state)
    use(clean.frozen, tmp_path / "file")
    assert clean.watch.calls
    for place in places(clean.watch.calls):
        world = World(open_storage, state)
        world.watch.plan = acting_at(place, world.register_again)
        try:
            found = use(world.frozen, tmp_path / "file")
        except (NotFoundError, ConflictError, StorageUnavailableError):
            found = None
        assert "new" not in str(found)
        world.check()
        assert world.other.read(NEW, names) == {"new": 1, "next": 1}


@pytest.mark.parametrize("use", USES.values(), ids=USES)
def test_a_container_of_the_old_registration_that_comes_late_finds_nothing(
    open_storage: OpenStorage, use: Use, tmp_path: Path
) -> None:
    for state in ("cold", "warm", "behind", "about to lap"):
        world = World(open_storage, state)
        world.register_again()
        try:
            found = use(world.frozen, tmp_path / "file")
        except JavumboError:
            found = None
        assert "new" not in str(found)
        world.check()


def test_whoever_looks_for_the_old_registration_finds_no_collection(
    any_stores: Stores, open_storage: OpenStorage
) -> None:
    storage, warm = open_storage(any_stores), open_storage(any_stores)
    storage.create(OLD, build_anew)
    warm.transact(OLD, add("old"))
    storage.delete(OLD)
    storage.create(NEW, build_anew)
    for container in (warm, storage, open_storage(any_stores)):
        with pytest.raises(NotFoundError):
            container.read(OLD, names)
    assert storage.read(NEW, names) == {}


def test_the_new_registration_is_not_reached_by_a_deletion_of_the_old_one(
    any_stores: Stores, open_storage: OpenStorage
) -> None:
    """One that was sent again, or whose process was frozen before it began."""
    storage = open_storage(any_stores)
    storage.create(OLD, build_anew)
    storage.delete(OLD)
    storage.create(NEW, build_anew)
    storage.transact(NEW, add("new"))
    storage.delete(OLD)
    for container in (storage, open_storage(any_stores)):
        assert container.read(NEW, names) == {"new": 1}


def test_a_creation_for_the_old_registration_that_comes_late_makes_nothing(
    open_storage: OpenStorage,
) -> None:
    for place in (Place("head", 0), Place("entries", 0), Place("put", 0)):
        stores = Stores(MemoryBaseStore(), MemoryCommitLog())
        storage, watch = open_storage(stores), Watch(stores)
        watch.plan = acting_at(place, lambda: storage.create(NEW, build_anew))  # noqa: B023
        assert not open_storage(watch.stores).create(OLD, build_anew)
        assert storage.read(NEW, names) == {}


def test_late_writes_of_the_old_registration_do_not_reach_the_new_one(
    any_stores: Stores, open_storage: OpenStorage
) -> None:
    """A commit, a spilled part and a fold that are under way while the name changes hands."""
    storage, watch = open_storage(any_stores), Watch(any_stores)
    frozen = open_storage(watch.stores)
    storage.create(OLD, build_anew)
    frozen.transact(OLD, add("old"))
    for plan in (plan_of("append", *[Fault.LATE] * 9), plan_of("put", *[Fault.LATE] * 9)):
        watch.plan = plan
        with pytest.raises(StorageUnavailableError):
            frozen.transact(OLD, add(incompressible(400_000)))
    with pytest.raises(StorageUnavailableError):
        frozen.fold(OLD)
    storage.delete(OLD)
    storage.create(NEW, build_anew)
    storage.transact(NEW, add("new"))
    watch.land()
    assert open_storage(any_stores).read(NEW, names) == storage.read(NEW, names) == {"new": 1}
    storage.transact(NEW, add("next"))
    storage.fold(NEW)
    assert open_storage(any_stores).read(NEW, names) == {"new": 1, "next": 1}


@pytest.mark.parametrize("folds", [0, 1, 3])
def test_bytes_that_are_alike_do_not_let_an_old_fold_through(
    open_storage: OpenStorage, stores: Stores, folds: int
) -> None:
    """Both registrations had the very same files, so that an etag alone would say nothing."""
    storage, watch = open_storage(stores), Watch(stores)
    frozen = open_storage(watch.stores)

    def live(owner: Owner) -> None:
        storage.create(owner, build)
        for n in range(folds):
            storage.transact(owner, add(str(n)))
            storage.fold(owner)

    def register_again() -> None:
        storage.delete(OLD)
        live(NEW)

    live(OLD)
    frozen.transact(OLD, add("old"))
    watch.plan = acting_at(Place("put", 0), register_again)
    with pytest.raises((NotFoundError, StorageUnavailableError)):
        frozen.fold(OLD)
    assert open_storage(stores).read(NEW, names) == {str(n): 1 for n in range(folds)}


def test_a_file_put_in_place_for_the_new_registration_is_nothing_to_the_old_one(
    base: MemoryBaseStore, stores: Stores, open_storage: OpenStorage, tmp_path: Path
) -> None:
    storage, warm, cold = (open_storage(stores, generation_of=lambda _: "g2") for _ in range(3))
    storage.create(OLD, build_anew)
    warm.transact(OLD, add("old"))
    storage.delete(OLD)
    storage.create(NEW, build_anew)
    base.place(KEY, tally_file(tmp_path / "file.anki2", "new"))
    for container in (warm, cold):
        with pytest.raises(NotFoundError):
            container.read(OLD, names)
    assert storage.read(NEW, names) == {"new": 1}


def test_a_sweep_removes_what_an_older_registration_left(
    base: MemoryBaseStore, log: MemoryCommitLog, stores: Stores, open_storage: OpenStorage
) -> None:
    """Its container froze before it wrote, and thawed after the name was registered again."""
    now = [0]
    storage, frozen = (open_storage(stores, now_ms=lambda: now[0]) for _ in range(2))
    storage.create(OLD, build_anew)
    frozen.transact(OLD, add("old"))
    storage.delete(OLD)
    storage.create(NEW, build_anew)
    storage.transact(NEW, add("new"))
    now[0] += 31 * 60 * 1000
    frozen.transact(OLD, add(incompressible(400_000)))
    assert log.rings.keys() == {OLD.ring, NEW.ring}
    assert storage.sweep() == []
    assert log.rings.keys() == {NEW.ring}
    assert log.marked_at_ms.keys() == {NEW.ring}
    assert list(base.objects) == [KEY]
    assert storage.read(NEW, names) == {"new": 1}


@pytest.mark.parametrize("fault", [Fault.CRASH_BEFORE, Fault.CRASH_AFTER])
def test_the_new_registration_works_however_far_the_old_ones_deletion_came(
    open_storage: OpenStorage, fault: Fault
) -> None:
    """As far as it took the collection: before that the name is not free."""
    for nth in range(3):
        stores = Stores(MemoryBaseStore(), MemoryCommitLog())
        storage, watch = open_storage(stores), Watch(stores)
        storage.create(OLD, build_anew)
        storage.transact(OLD, add(incompressible(400_000)))
        watch.plan = plan_of("delete", *[None] * nth, fault)
        with pytest.raises(Crash):
            open_storage(watch.stores).delete(OLD)
        if storage.exists(NEW):
            assert nth == 0
            continue
        assert storage.create(NEW, build_anew)
        assert storage.read(NEW, names) == {}
