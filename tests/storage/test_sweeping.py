"""The sweep: nothing stays unfolded for ever, and nobody in trouble stands in others' way."""

import random
from pathlib import Path

import pytest

from chalicelib.errors import NotFoundError, StorageUnavailableError
from chalicelib.storage import CollectionStorage, LockedS3SQLiteConnection, Owner
from chalicelib.storage.ports import Mark, ObjectHead
from tests.storage.by_hand import tally_file
from tests.storage.conftest import OpenStorage, Stores
from tests.storage.folds import base_seq
from tests.storage.memory import Crash, Fault, MemoryBaseStore
from tests.storage.memory_log import MemoryCommitLog
from tests.storage.tally import add, build, names
from tests.storage.texts import incompressible
from tests.storage.watch import Watch, failing_at, places

MINUTE = 60_000


class Clock:
    """Milliseconds, which pass when a test says so."""

    def __init__(self) -> None:
        self.now = 1_700_000_000_000

    def __call__(self) -> int:
        return self.now

    def pass_minutes(self, minutes: float) -> None:
        self.now += round(minutes * MINUTE)


@pytest.fixture
def clock() -> Clock:
    return Clock()


def test_a_sweep_folds_everybody_who_has_something_to_fold_and_nobody_else(
    any_stores: Stores, open_storage: OpenStorage
) -> None:
    storage = open_storage(any_stores)
    for username in ("ada", "bob", "cyd", "idle"):
        storage.create(username, build)
    for count, username in enumerate(("ada", "bob", "cyd"), start=1):
        for _ in range(count):
            storage.transact(username, add("one"))
    watch = Watch(any_stores)
    assert open_storage(watch.stores).sweep() == []
    assert watch.calls.count("put") == 3
    found = [base_seq(any_stores.base, username) for username in ("ada", "bob", "cyd", "idle")]
    assert found == [1, 2, 3, 0]


def test_the_changes_of_half_an_hour_are_marked_once(
    stores: Stores, open_storage: OpenStorage, clock: Clock
) -> None:
    watch = Watch(stores)
    storage = open_storage(watch.stores, now_ms=clock)
    storage.create("ada", build)
    storage.read("ada", names)
    for _ in range(3):
        for expected in (["mark", "append"], ["append"], ["append"]):
            assert watch.since(lambda: storage.transact("ada", add("one"))) == expected
            clock.pass_minutes(10)


@pytest.mark.parametrize("kind", ["transact", "connection", "replace"])
def test_a_mark_comes_before_the_commit_of_any_kind(
    stores: Stores, open_storage: OpenStorage, kind: str, tmp_path: Path
) -> None:
    watch = Watch(stores)
    storage = open_storage(watch.stores)
    storage.on_fold_due(lambda _: None)
    storage.create("ada", build)
    watch.plan = lambda method: Fault.OUTAGE if method == "mark" else None
    with pytest.raises(StorageUnavailableError):
        change(storage, kind, tmp_path / "file.anki2")
    assert "append" not in watch.calls
    watch.plan = lambda _: None
    change(storage, kind, tmp_path / "file.anki2")
    assert watch.calls.index("mark") < watch.calls.index("append")


def change(storage: CollectionStorage, kind: str, path: Path) -> None:
    if kind == "transact":
        storage.transact("ada", add("one"))
    elif kind == "connection":
        with LockedS3SQLiteConnection("ada", storage) as conn:
            add("one")(conn)
    else:
        tally_file(path, "one")
        storage.replace("ada", path)


def test_a_mark_stays_until_nobody_can_commit_under_it_any_more(
    stores: Stores, open_storage: OpenStorage, clock: Clock, log: MemoryCommitLog
) -> None:
    storage, sweeper = (open_storage(stores, now_ms=clock) for _ in range(2))
    storage.create("ada", build)
    storage.transact("ada", add("first"))
    for minutes in (0, 29, 30):
        clock.pass_minutes(minutes)
        assert sweeper.sweep() == []
        assert log.marks() == [Mark("ada#", 1_700_000_000_000)]
    clock.pass_minutes(1)
    assert sweeper.sweep() == []
    assert log.marks() == []
    storage.transact("ada", add("second"))
    assert log.marks() == [Mark("ada#", clock.now)]


def test_a_mark_that_is_renewed_while_it_is_swept_stays(
    stores: Stores, open_storage: OpenStorage, clock: Clock, log: MemoryCommitLog
) -> None:
    storage = open_storage(stores, now_ms=clock)
    storage.create("ada", build)
    storage.transact("ada", add("first"))
    clock.pass_minutes(61)
    watch = Watch(stores)

    def renew(method: str) -> None:
        if method == "unmark":
            storage.transact("ada", add("second"))

    watch.plan = renew
    assert open_storage(watch.stores, now_ms=clock).sweep() == []
    assert log.marks() == [Mark("ada#", clock.now)]
    assert open_storage(stores, now_ms=clock).sweep() == []
    assert base_seq(stores.base) == 2


@pytest.mark.parametrize("seed", range(3))
def test_whatever_is_unfolded_is_marked(
    stores: Stores, open_storage: OpenStorage, clock: Clock, log: MemoryCommitLog, seed: int
) -> None:
    """Containers whose clocks differ by minutes commit, sweep, fold and start again at random."""
    dice = random.Random(seed)

    def container() -> CollectionStorage:
        skew = dice.randrange(-10, 10) * MINUTE
        return open_storage(stores, now_ms=lambda: clock() + skew)

    containers = [container() for _ in range(3)]
    containers[0].create("ada", build)
    for _ in range(300):
        clock.pass_minutes(dice.choice([0, 1, 5, 20, 45]))
        number = dice.randrange(3)
        match dice.choice(["change", "sweep", "fold", "start again"]):
            case "change":
                containers[number].transact("ada", add("x"))
            case "sweep":
                containers[number].sweep()
            case "fold":
                containers[number].fold("ada")
            case _:
                containers[number] = container()
        entries = log.entries("ada#")
        if entries and entries[-1].seq > base_seq(stores.base):
            assert log.marks()
    clock.pass_minutes(90)
    assert containers[0].sweep() == []
    assert base_seq(stores.base) == log.entries("ada#")[-1].seq
    assert log.marks() == []


class TroubledBase(MemoryBaseStore):
    """Does not give some objects out."""

    def __init__(self) -> None:
        super().__init__()
        self.troubled: set[str] = set()

    def download(self, key: str, path: Path, *, version: str | None = None) -> ObjectHead | None:
        if key in self.troubled:
            raise StorageUnavailableError
        return super().download(key, path, version=version)


def test_those_for_whom_it_fails_are_told_and_the_others_are_folded(
    log: MemoryCommitLog, open_storage: OpenStorage
) -> None:
    base = TroubledBase()
    stores = Stores(base, log)
    storage = open_storage(stores)
    users = ["ada", "bob", "cyd", "dan"]
    for username in users:
        storage.create(username, build)
        storage.transact(username, add("one"))
    base.troubled.add(Owner("ada").base_key)
    base.delete(Owner("cyd").base_key)
    sweeper = open_storage(stores)
    assert sorted(owner.username for owner in sweeper.sweep()) == ["ada", "cyd"]
    assert [base_seq(base, username) for username in ("bob", "dan")] == [1, 1]
    assert len(log.marks()) == 4
    base.troubled.clear()
    assert [owner.username for owner in sweeper.sweep()] == ["cyd"]
    assert base_seq(base) == 1


def test_a_mark_that_is_no_rings_stands_in_nobodys_way(
    stores: Stores, storage: CollectionStorage, log: MemoryCommitLog
) -> None:
    """A row that somebody else wrote into the table."""
    log.mark(Mark("Not a ring", 1))
    storage.transact("ada", add("one"))
    storage.sweep()
    assert base_seq(stores.base) == 1
    assert storage.everybody() == [Owner("ada")]


@pytest.mark.parametrize("name", ["Ada (copy).anki2", "ada.anki2.bak", "notes.txt", "ghost.anki2"])
def test_a_file_of_nobody_among_the_collections_stands_in_nobodys_way(
    stores: Stores, open_storage: OpenStorage, base: MemoryBaseStore, name: str, tmp_path: Path
) -> None:
    def generation_of(username: str) -> str:
        if username != "ada":
            raise NotFoundError
        return ""

    storage = open_storage(stores, generation_of=generation_of)
    storage.create("ada", build)
    base.place(f"user_dbs/{name}", tally_file(tmp_path / "file.anki2"))
    assert storage.everybody() == [Owner("ada")]


def test_a_collection_that_cannot_be_read_is_told_and_stays_marked(
    base: MemoryBaseStore,
    stores: Stores,
    storage: CollectionStorage,
    open_storage: OpenStorage,
    clock: Clock,
) -> None:
    storage.transact("ada", add("one"))
    key = Owner("ada").base_key
    damaged = base.objects[key].data[:5000]
    base.place(key, damaged, base.objects[key].metadata)
    clock.now = 10**15
    sweeper = open_storage(stores, now_ms=clock)
    for _ in range(2):
        assert sweeper.sweep() == [Owner("ada")]
    assert base.objects[key].data == damaged


def nobody(username: str) -> str:
    raise NotFoundError


def test_what_a_late_container_commits_to_a_deleted_collection_goes_with_the_next_sweep(
    base: MemoryBaseStore, log: MemoryCommitLog, stores: Stores, open_storage: OpenStorage
) -> None:
    owner, clock = Owner("ada", "g1"), Clock()
    storage, late = open_storage(stores), open_storage(stores, now_ms=clock)
    storage.create(owner, build)
    late.transact(owner, add("one"))
    storage.delete(owner)
    clock.pass_minutes(30)
    late.transact(owner, add(incompressible(400_000)))
    assert log.rings
    clock.pass_minutes(61)
    assert open_storage(stores, now_ms=clock, generation_of=nobody).sweep() == []
    assert log.rings == {}
    assert log.marks() == []
    assert base.objects == {}


@pytest.mark.parametrize("fault", [Fault.CRASH_BEFORE, Fault.CRASH_AFTER])
def test_a_sweep_that_dies_anywhere_is_made_up_for_by_the_next(
    stores: Stores, open_storage: OpenStorage, clock: Clock, log: MemoryCommitLog, fault: Fault
) -> None:
    storage = open_storage(stores, now_ms=clock)
    for username in ("ada", "bob"):
        storage.create(username, build)

    def work() -> None:
        for username in ("ada", "bob"):
            storage.transact(username, add("one"))
        clock.pass_minutes(61)

    work()
    clean = Watch(stores)
    open_storage(clean.stores, now_ms=clock).sweep()
    for count, place in enumerate(places(clean.calls), start=2):
        work()
        with pytest.raises(Crash):
            open_storage(Watch(stores, failing_at(place, fault)).stores, now_ms=clock).sweep()
        assert open_storage(stores, now_ms=clock).sweep() == []
        assert [base_seq(stores.base, username) for username in ("ada", "bob")] == [count] * 2
        assert log.marks() == []
        assert storage.read("ada", names) == {"one": count}


def test_a_sweep_beside_changes_loses_none(
    stores: Stores, storage: CollectionStorage, open_storage: OpenStorage
) -> None:
    """Each of its calls is preceded by a change elsewhere."""
    watch = Watch(stores)
    sweeper = open_storage(watch.stores)
    storage.transact("ada", add("x"))
    changes = 1

    def change_meanwhile(method: str) -> None:
        nonlocal changes
        storage.transact("ada", add("x"))
        changes += 1

    watch.plan = change_meanwhile
    assert sweeper.sweep() == []
    watch.plan = lambda _: None
    for container in (storage, sweeper, open_storage(stores)):
        assert container.read("ada", names) == {"x": changes}


def test_everybody_is_told_by_their_files_and_their_marks(
    stores: Stores, open_storage: OpenStorage, tmp_path: Path, base: MemoryBaseStore
) -> None:
    storage = open_storage(stores, generation_of=lambda username: f"of{username}")
    storage.create(Owner("ada", "g1"), build)
    storage.create("bob", build)
    base.place("user_dbs/cyd.anki2", tally_file(tmp_path / "legacy.anki2"))
    storage.transact(Owner("ada", "g1"), lambda conn: conn.execute("DROP TABLE two") and 1)
    assert storage.everybody() == [Owner("ada", "g1"), Owner("bob", "ofbob"), Owner("cyd", "ofcyd")]
