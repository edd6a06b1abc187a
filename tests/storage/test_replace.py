"""Putting a whole new file in a collection's place: one commit like any other."""

import sqlite3
from collections.abc import Callable
from pathlib import Path

import pytest

from chalicelib.errors import (
    ConflictError,
    IdempotencyKeyReusedError,
    StorageUnavailableError,
)
from chalicelib.storage import CollectionStorage, LockedS3SQLiteConnection, Owner, Request
from chalicelib.storage.segments import decode_segment
from tests.storage.by_hand import KEY, run_on, tally_file
from tests.storage.conftest import OpenStorage, Stores
from tests.storage.folds import never
from tests.storage.memory import Crash, Fault, MemoryBaseStore, plan_of
from tests.storage.memory_log import MemoryCommitLog
from tests.storage.tally import add, build, names
from tests.storage.texts import incompressible
from tests.storage.watch import Place, Watch, acting_at, failing_at, places

SPILLS = "segments/ada/-/"


@pytest.fixture
def image(tmp_path: Path) -> Path:
    """A file with the transaction `imported` in it."""
    path = tmp_path / "imported.anki2"
    tally_file(path, "imported")
    return path


def kept_before(stores: Stores) -> bytes:
    """The state before the last replacement, as it is kept with it."""
    segments = [decode_segment(entry.segment) for entry in stores.log.entries("ada#")]
    last = [segment for segment in segments if segment.kind == "replace"][-1]
    found = stores.base.get(last.spilled["before"])
    assert found
    return found.data


@pytest.mark.parametrize("fold", [True, False], ids=["folded at once", "not folded"])
def test_a_replacement_is_seen_everywhere_and_goes_on_from_there(
    any_stores: Stores, open_storage: OpenStorage, image: Path, fold: bool
) -> None:
    storage, follower, behind = (open_storage(any_stores) for _ in range(3))
    storage.create("ada", build)
    if not fold:
        storage.on_fold_due(never)
    behind.read("ada", names)
    storage.transact("ada", add("before"))
    follower.read("ada", names)
    storage.replace("ada", image)
    for container in (storage, follower, behind, open_storage(any_stores)):
        assert container.read("ada", names) == {"imported": 1}
    follower.transact("ada", add("after"))
    for container in (storage, behind, open_storage(any_stores)):
        assert container.read("ada", names) == {"imported": 1, "after": 1}
    assert storage.image("ada") == follower.image("ada") == open_storage(any_stores).image("ada")


IMAGES: dict[str, Callable[[Path], bytes]] = {
    "page size 1024": lambda path: tally_file(path, "imported", pragmas=("page_size = 1024",)),
    "page size 65536": lambda path: tally_file(path, "imported", pragmas=("page_size = 65536",)),
    "in WAL mode": lambda path: tally_file(path, "imported", pragmas=("journal_mode = WAL",)),
    "auto_vacuum": lambda path: tally_file(path, "imported", pragmas=("auto_vacuum = 1",)),
    "large": lambda path: tally_file(
        path, "imported", *map(incompressible, range(1000, 90_000, 2000))
    ),
}


def forget_after(conn: sqlite3.Connection) -> None:
    conn.execute("DELETE FROM one WHERE name = 'after'")
    conn.execute("DELETE FROM two WHERE name = 'after'")


@pytest.mark.parametrize("made", IMAGES.values(), ids=IMAGES)
def test_a_file_of_any_make_can_take_the_place(
    stores: Stores,
    storage: CollectionStorage,
    open_storage: OpenStorage,
    made: Callable[[Path], bytes],
    tmp_path: Path,
) -> None:
    storage.on_fold_due(never)
    warm = open_storage(stores)
    warm.transact("ada", add("before"))
    path = tmp_path / "file.anki2"
    made(path)
    expected = run_on(tmp_path / "copy.anki2", path.read_bytes(), names)
    storage.replace("ada", path)
    for container in (warm, storage, open_storage(stores)):
        assert container.read("ada", names) == expected
        container.transact("ada", add("after"))
        container.transact("ada", forget_after)
    storage.fold("ada")
    assert run_on(tmp_path / "copy.anki2", open_storage(stores).image("ada"), names) == expected
    assert storage.image("ada") == warm.image("ada") == open_storage(stores).image("ada")


def test_what_the_log_held_before_is_no_part_of_the_new_state(
    stores: Stores, open_storage: OpenStorage, image: Path
) -> None:
    """Neither unfolded commits nor those that a stale container still wants to make."""
    storage, stale = open_storage(stores), open_storage(stores)
    storage.create("ada", build)
    storage.on_fold_due(never)
    stale.read("ada", names)
    for n in range(5):
        storage.transact("ada", add(f"before {n}"))
    storage.replace("ada", image)
    runs = []

    def fn(conn: sqlite3.Connection) -> None:
        runs.append(names(conn))
        add("after")(conn)

    stale.transact("ada", fn)
    assert runs[-1] == {"imported": 1}
    assert open_storage(stores).read("ada", names) == {"imported": 1, "after": 1}


def test_a_replacement_is_one_small_commit(
    stores: Stores, open_storage: OpenStorage, image: Path, log: MemoryCommitLog
) -> None:
    watch = Watch(stores)
    storage = open_storage(watch.stores)
    storage.create("ada", build)
    storage.transact("ada", add("before"))
    storage.on_fold_due(never)
    watch.calls.clear()
    storage.replace("ada", image, operation="Import")
    assert watch.calls.count("append") == 1
    (_, entry) = log.entries("ada#")
    assert len(entry.segment) < 400
    assert decode_segment(entry.segment).operation == "Import"


def test_the_state_before_is_kept_while_the_log_holds_the_replacement(
    open_storage: OpenStorage, image: Path, tmp_path: Path
) -> None:
    stores = Stores(MemoryBaseStore(), MemoryCommitLog(slots=4))
    storage = open_storage(stores)
    storage.create("ada", build)
    storage.transact("ada", add("before"))
    before = storage.image("ada")
    storage.replace("ada", image)
    assert kept_before(stores) == before
    for _ in range(3):
        storage.transact("ada", add("after"))
        storage.fold("ada")
        assert kept_before(stores) == before
    for _ in range(2):
        storage.transact("ada", add("after"))
    storage.fold("ada")
    assert stores.base.keys(SPILLS) == []
    assert run_on(tmp_path / "copy", before, names) == {"before": 1}


def test_a_replacement_can_be_taken_back_by_another_one(
    stores: Stores, storage: CollectionStorage, open_storage: OpenStorage, image: Path
) -> None:
    storage.transact("ada", add("before"))
    storage.replace("ada", image)
    image.write_bytes(kept_before(stores))
    storage.replace("ada", image)
    assert open_storage(stores).read("ada", names) == {"before": 1}


def test_after_a_replacement_a_fold_is_asked_for(storage: CollectionStorage, image: Path) -> None:
    asked: list[Owner] = []
    storage.on_fold_due(asked.append)
    storage.replace("ada", image)
    assert asked == [Owner("ada")]


@pytest.mark.parametrize("method", ["following", "put", "append"])
def test_a_change_that_comes_in_between_is_before_the_replacement(
    stores: Stores, open_storage: OpenStorage, image: Path, method: str
) -> None:
    watch = Watch(stores)
    storage, rival = open_storage(watch.stores), open_storage(stores)
    storage.create("ada", build)
    storage.read("ada", names)
    watch.plan = acting_at(Place(method, 0), lambda: rival.transact("ada", add("rival")))
    storage.replace("ada", image)
    for container in (storage, rival, open_storage(stores)):
        assert container.read("ada", names) == {"imported": 1}


def test_a_change_under_way_during_a_replacement_is_made_on_the_new_state(
    stores: Stores, open_storage: OpenStorage, image: Path
) -> None:
    watch = Watch(stores)
    storage, rival = open_storage(watch.stores), open_storage(stores)
    storage.create("ada", build)
    storage.transact("ada", add("before"))
    watch.plan = acting_at(Place("append", 0), lambda: rival.replace("ada", image))
    storage.transact("ada", add("after"))
    for container in (storage, rival, open_storage(stores)):
        assert container.read("ada", names) == {"imported": 1, "after": 1}


def test_a_connection_open_during_a_replacement_conflicts(
    storage: CollectionStorage, image: Path
) -> None:
    connection = LockedS3SQLiteConnection("ada", storage)
    add("stale")(connection.__enter__())
    storage.replace("ada", image)
    with pytest.raises(ConflictError):
        connection.__exit__(None, None, None)
    assert storage.read("ada", names) == {"imported": 1}


def test_a_replacement_that_always_comes_second_is_a_conflict(
    stores: Stores, storage: CollectionStorage, open_storage: OpenStorage, image: Path
) -> None:
    watch = Watch(stores)
    slow = open_storage(watch.stores, retries=2)

    def overtake(method: str) -> None:
        if method == "append":
            storage.transact("ada", add("rival"))

    watch.plan = overtake
    with pytest.raises(ConflictError):
        slow.replace("ada", image)
    watch.plan = lambda _: None
    assert slow.read("ada", names) == {"rival": 3}


UNSOUND: dict[str, Callable[[bytes], bytes]] = {
    "empty": lambda data: b"",
    "text": lambda data: b"no database" * 1000,
    "cut off": lambda data: data[:-4096],
    "torn": lambda data: data[:4096] + bytes(range(256)) * 16 + data[8192:],
}


@pytest.mark.parametrize("spoil", UNSOUND.values(), ids=UNSOUND)
def test_a_file_that_is_not_sound_takes_nobodys_place(
    stores: Stores, open_storage: OpenStorage, image: Path, spoil: Callable[[bytes], bytes]
) -> None:
    watch = Watch(stores)
    storage = open_storage(watch.stores)
    storage.create("ada", build)
    watch.calls.clear()
    image.write_bytes(spoil(image.read_bytes()))
    with pytest.raises(StorageUnavailableError):
        storage.replace("ada", image)
    assert watch.calls == []
    assert storage.read("ada", names) == {}


def test_a_file_that_is_not_there_is_an_outage(storage: CollectionStorage, tmp_path: Path) -> None:
    with pytest.raises(StorageUnavailableError):
        storage.replace("ada", tmp_path / "nothing")
    assert storage.read("ada", names) == {}


@pytest.mark.parametrize("fault", [Fault.CRASH_BEFORE, Fault.CRASH_AFTER])
def test_a_process_that_dies_anywhere_in_a_replacement_leaves_all_of_it_or_nothing(
    stores: Stores,
    storage: CollectionStorage,
    open_storage: OpenStorage,
    fault: Fault,
    tmp_path: Path,
) -> None:
    def replace(in_: Stores, name: str) -> None:
        path = tmp_path / "file.anki2"
        tally_file(path, name)
        open_storage(in_).replace("ada", path)

    clean = Watch(stores)
    replace(clean.stores, "state 0")
    for n, place in enumerate(places(clean.calls), start=1):
        with pytest.raises(Crash):
            replace(Watch(stores, failing_at(place, fault)).stores, f"state {n}")
        found = open_storage(stores).read("ada", names)
        assert found in ({f"state {n - 1}": 1}, {f"state {n}": 1})
        assert storage.read("ada", names) == found
        replace(stores, f"state {n}")
        assert storage.read("ada", names) == {f"state {n}": 1}
        storage.transact("ada", names)
        assert storage.sweep() == []


@pytest.mark.parametrize("fault", [Fault.LOST_REQUEST, Fault.LOST_ANSWER, Fault.LATE])
@pytest.mark.parametrize("method", ["put", "append"])
def test_a_replacement_without_an_answer_is_found_out(
    stores: Stores, open_storage: OpenStorage, image: Path, method: str, fault: Fault
) -> None:
    watch = Watch(stores)
    storage = open_storage(watch.stores)
    storage.create("ada", build)
    storage.transact("ada", add("before"))
    watch.plan = plan_of(method, fault, fault)
    storage.replace("ada", image)
    watch.land()
    for container in (storage, open_storage(stores)):
        assert container.read("ada", names) == {"imported": 1}


@pytest.mark.parametrize("method", ["put", "append"])
def test_a_replacement_of_unknown_outcome_is_an_outage_and_nothing_of_it_is_at_hand(
    stores: Stores, open_storage: OpenStorage, image: Path, method: str
) -> None:
    watch = Watch(stores)
    storage = open_storage(watch.stores)
    storage.create("ada", build)
    storage.transact("ada", add("before"))
    watch.plan = lambda called: Fault.LOST_REQUEST if called == method else None
    with pytest.raises(StorageUnavailableError):
        storage.replace("ada", image)
    watch.plan = lambda _: None
    assert storage.read("ada", names) == {"before": 1}


def test_a_file_that_was_put_in_place_can_be_replaced(
    stores: Stores, open_storage: OpenStorage, image: Path, tmp_path: Path, base: MemoryBaseStore
) -> None:
    base.place(KEY, tally_file(tmp_path / "outside.anki2", "outside"))
    storage = open_storage(stores)
    storage.replace("ada", image)
    storage.fold("ada")
    assert base.objects[KEY].metadata["seq"]
    assert open_storage(stores).read("ada", names) == {"imported": 1}


def test_a_replacement_that_is_asked_for_again_gives_its_first_answer_and_changes_nothing(
    any_stores: Stores, open_storage: OpenStorage, image: Path
) -> None:
    storage, other = open_storage(any_stores), open_storage(any_stores)
    storage.create("ada", build)
    request = Request("key", b"digest")
    first = storage.replace("ada", image, request=request, answer={"notes": 1})
    assert first == {"notes": 1}
    storage.transact("ada", add("since"))
    for container in (storage, other):
        again = container.replace("ada", image, request=request, answer={"notes": 2})
        assert again == {"notes": 1}
        assert container.read("ada", names) == {"imported": 1, "since": 1}
    with pytest.raises(IdempotencyKeyReusedError):
        storage.replace("ada", image, request=Request("key", b"another"), answer={})
