"""The commit point: what is left and what is said when its one write goes wrong."""

import sqlite3
from collections.abc import Callable

import pytest

from chalicelib.errors import ConflictError, NotFoundError, StorageUnavailableError
from chalicelib.storage import CollectionStorage, Request
from chalicelib.storage.ports import LogEntry
from tests.storage.conftest import OpenStorage, Stores
from tests.storage.memory import Crash, Fault, MemoryBaseStore, plan_of
from tests.storage.memory_log import MemoryCommitLog
from tests.storage.tally import add, build, names
from tests.storage.watch import Plan, Watch, failing_at, places

SILENT = [Fault.LOST_REQUEST, Fault.LOST_ANSWER, Fault.LATE]
REQUEST = Request("key", b"digest")


class RecordingLog(MemoryCommitLog):
    """Remembers every entry that reached it, taken or not."""

    def __init__(self) -> None:
        super().__init__()
        self.sent: list[LogEntry] = []

    def append(self, ring: str, entry: LogEntry) -> LogEntry | None:
        self.sent.append(entry)
        return super().append(ring, entry)


class Doubtful:
    """A warm storage whose next writes go wrong; `meanwhile` happens once while it waits."""

    def __init__(
        self, stores: Stores, open_storage: OpenStorage, plan: Plan, retries: int = 0
    ) -> None:
        self.runs = 0
        self.meanwhile: Callable[[], object] = lambda: None
        self.watch = Watch(stores)
        self.storage = open_storage(
            self.watch.stores, retries=retries, sleep=lambda _: self._wait()
        )
        self.storage.transact("ada", add("before"))
        self.watch.plan = plan

    def add(self, name: str, request: Request | None = None) -> str:
        def fn(conn: sqlite3.Connection) -> str:
            self.runs += 1
            return add(name)(conn)

        return self.storage.transact("ada", fn, request)

    def _wait(self) -> None:
        meanwhile, self.meanwhile = self.meanwhile, lambda: None
        meanwhile()


@pytest.mark.parametrize("fault", SILENT)
def test_a_commit_without_an_answer_is_found_out_and_made_once(
    any_stores: Stores, open_storage: OpenStorage, fault: Fault
) -> None:
    storage = open_storage(any_stores)
    storage.create("ada", build)
    doubtful = Doubtful(any_stores, open_storage, plan_of("append", fault, fault))
    assert doubtful.add("mine") == "mine"
    assert doubtful.runs == 1
    doubtful.watch.land()
    assert doubtful.storage.read("ada", names) == {"before": 1, "mine": 1}
    assert storage.read("ada", names) == {"before": 1, "mine": 1}


def test_while_the_outcome_is_open_the_very_same_entry_is_sent_and_nothing_is_run_again(
    base: MemoryBaseStore, open_storage: OpenStorage
) -> None:
    log = RecordingLog()
    stores = Stores(base, log)
    open_storage(stores).create("ada", build)
    doubtful = Doubtful(
        stores, open_storage, plan_of("append", Fault.LOST_ANSWER, Fault.LOST_ANSWER, Fault.LATE)
    )
    log.sent.clear()
    doubtful.add("mine")
    doubtful.watch.land()
    assert doubtful.runs == 1
    assert len(log.sent) == 4
    assert len(set(log.sent)) == 1
    assert doubtful.watch.since(lambda: doubtful.storage.read("ada", names)) == ["following"]


def test_each_transaction_sends_an_entry_of_its_own(
    base: MemoryBaseStore, open_storage: OpenStorage
) -> None:
    log = RecordingLog()
    storage = open_storage(Stores(base, log))
    storage.create("ada", build)
    for _ in range(3):
        storage.transact("ada", add("same"))
    assert [entry.seq for entry in log.sent] == [1, 2, 3]
    assert len({entry.tx for entry in log.sent}) == 3


def test_a_commit_under_later_ones_of_others_is_still_known_as_ours(
    stores: Stores, storage: CollectionStorage, open_storage: OpenStorage
) -> None:
    doubtful = Doubtful(stores, open_storage, plan_of("append", Fault.LOST_ANSWER))
    doubtful.meanwhile = lambda: [storage.transact("ada", add(str(n))) for n in range(20)]
    assert doubtful.add("mine") == "mine"
    assert doubtful.runs == 1
    expected = {"before": 1, "mine": 1} | {str(n): 1 for n in range(20)}
    assert doubtful.storage.read("ada", names) == storage.read("ada", names) == expected


@pytest.mark.parametrize("fault", [Fault.LOST_REQUEST, Fault.LATE])
def test_a_commit_that_others_were_certainly_faster_than_is_a_conflict(
    stores: Stores, storage: CollectionStorage, open_storage: OpenStorage, fault: Fault
) -> None:
    doubtful = Doubtful(stores, open_storage, plan_of("append", fault))
    doubtful.meanwhile = lambda: storage.transact("ada", add("rival"))
    with pytest.raises(ConflictError):
        doubtful.add("mine")
    doubtful.watch.land()
    assert storage.read("ada", names) == {"before": 1, "rival": 1}
    assert doubtful.storage.read("ada", names) == {"before": 1, "rival": 1}


def test_a_commit_that_lands_late_beside_those_of_others_changes_nothing(
    stores: Stores, open_storage: OpenStorage
) -> None:
    storage = open_storage(stores)
    storage.create("ada", build)
    doubtful = Doubtful(stores, open_storage, plan_of("append", Fault.LATE))
    assert doubtful.add("mine") == "mine"
    storage.transact("ada", add("next"))
    doubtful.watch.land()
    assert storage.read("ada", names) == {"before": 1, "mine": 1, "next": 1}


@pytest.mark.parametrize("fault", [Fault.LOST_REQUEST, Fault.LOST_ANSWER])
def test_an_outcome_that_was_overwritten_is_said_to_be_unknown(
    base: MemoryBaseStore, open_storage: OpenStorage, fault: Fault
) -> None:
    """The ring was lapped before the entry could be sent again."""
    stores = Stores(base, MemoryCommitLog(slots=4))
    storage = open_storage(stores)
    storage.create("ada", build)
    doubtful = Doubtful(stores, open_storage, plan_of("append", fault))
    doubtful.meanwhile = lambda: [storage.transact("ada", add(str(n))) for n in range(9)]
    with pytest.raises(StorageUnavailableError, match="same Idempotency-Key"):
        doubtful.add("mine")
    assert doubtful.runs == 1
    expected = storage.read("ada", names)
    assert expected["mine"] == (fault is Fault.LOST_ANSWER)
    assert doubtful.storage.read("ada", names) == expected


@pytest.mark.parametrize("fault", SILENT)
def test_silence_ends_in_an_outage_and_not_in_endless_sending(
    stores: Stores, open_storage: OpenStorage, fault: Fault
) -> None:
    storage = open_storage(stores)
    storage.create("ada", build)
    doubtful = Doubtful(stores, open_storage, plan_of("append", *[fault] * 100), retries=1)
    before = len(doubtful.watch.calls)
    with pytest.raises(StorageUnavailableError):
        doubtful.add("mine", REQUEST)
    assert doubtful.watch.calls[before:] == ["append"] * 5
    assert doubtful.runs == 1
    happened = {"before": 1} | ({"mine": 1} if fault is Fault.LOST_ANSWER else {})
    assert doubtful.storage.read("ada", names) == storage.read("ada", names) == happened
    doubtful.watch.land()
    doubtful.watch.plan = lambda _: None
    assert doubtful.add("mine", REQUEST) == "mine"
    assert storage.read("ada", names) == {"before": 1, "mine": 1}


def test_after_an_unknown_outcome_nothing_of_it_is_at_hand(
    stores: Stores, storage: CollectionStorage, open_storage: OpenStorage
) -> None:
    """Neither is it read, nor does the next change make it durable."""
    doubtful = Doubtful(stores, open_storage, plan_of("append", *[Fault.LOST_REQUEST] * 5))
    with pytest.raises(StorageUnavailableError):
        doubtful.add("lost")
    calls = doubtful.watch.since(lambda: doubtful.storage.transact("ada", add("next")))
    assert "download" in calls
    assert doubtful.storage.read("ada", names) == {"before": 1, "next": 1}
    assert storage.read("ada", names) == {"before": 1, "next": 1}


@pytest.mark.parametrize("landing", range(3))
def test_a_commit_that_lands_anywhere_in_its_repetition_by_key_is_made_once(
    stores: Stores, storage: CollectionStorage, open_storage: OpenStorage, landing: int
) -> None:
    """It was sent, not answered and given up; the client repeats the request elsewhere."""
    doubtful = Doubtful(stores, open_storage, plan_of("append", *[Fault.LATE] * 5))
    with pytest.raises(StorageUnavailableError):
        doubtful.add("mine", REQUEST)
    watch = Watch(stores)

    def land(method: str) -> None:
        if method == ["download", "entries", "append"][landing]:
            doubtful.watch.land()

    watch.plan = land
    again = open_storage(watch.stores)
    assert again.transact("ada", add("mine"), REQUEST) == "mine"
    doubtful.watch.land()
    assert storage.read("ada", names) == {"before": 1, "mine": 1}


@pytest.mark.parametrize("fault", [Fault.CRASH_BEFORE, Fault.CRASH_AFTER])
def test_a_process_that_dies_anywhere_in_a_change_leaves_all_of_it_or_nothing(
    stores: Stores, open_storage: OpenStorage, fault: Fault
) -> None:
    """And the request repeated with its key in another process is made once."""
    storage = open_storage(stores)
    storage.create("ada", build)
    clean = Watch(stores)
    open_storage(clean.stores).transact("ada", add("first"), Request("first", b""))
    acknowledged = {"first": 1}
    for n, place in enumerate(places(clean.calls)):
        name, request = f"change {n}", Request(f"key {n}", b"")
        plan = failing_at(place, fault)
        with pytest.raises(Crash):
            open_storage(Watch(stores, plan).stores).transact("ada", add(name), request)
        assert plan.reached
        left = open_storage(stores).read("ada", names)
        happened = place.method == "append" and fault is Fault.CRASH_AFTER
        assert left == acknowledged | ({name: 1} if happened else {})
        acknowledged[name] = 1
        assert open_storage(stores).transact("ada", add(name), request) == name
        assert storage.read("ada", names) == acknowledged


def test_a_thread_that_is_stopped_inside_leaves_no_trace(
    stores: Stores, storage: CollectionStorage
) -> None:
    def interrupted(conn: sqlite3.Connection) -> None:
        add("half")(conn)
        raise KeyboardInterrupt

    for use in (storage.transact, storage.read):
        with pytest.raises(KeyboardInterrupt):
            use("ada", interrupted if use == storage.transact else interrupt)
    assert storage.read("ada", names) == {}
    storage.transact("ada", add("next"))
    assert storage.read("ada", names) == {"next": 1}


def interrupt(conn: sqlite3.Connection) -> None:
    raise KeyboardInterrupt


@pytest.mark.parametrize("fault", SILENT)
def test_a_new_collection_whose_answer_was_lost_is_ours(
    stores: Stores, open_storage: OpenStorage, fault: Fault
) -> None:
    watch = Watch(stores, plan_of("put", fault))
    storage = open_storage(watch.stores)
    assert storage.create("ada", build)
    watch.land()
    assert storage.read("ada", names) == {}
    assert not open_storage(stores).create("ada", build)


def test_a_new_collection_whose_request_was_lost_to_another_is_not_ours(
    stores: Stores, open_storage: OpenStorage
) -> None:
    watch = Watch(stores, plan_of("put", Fault.LATE))
    other = open_storage(stores)
    storage = open_storage(watch.stores, sleep=lambda _: other.create("ada", build) and None)
    assert not storage.create("ada", build)


@pytest.mark.parametrize("fault", [Fault.CRASH_BEFORE, Fault.CRASH_AFTER])
def test_a_process_that_dies_while_it_makes_a_collection_can_be_followed_by_another(
    stores: Stores, open_storage: OpenStorage, fault: Fault
) -> None:
    clean = Watch(stores)
    open_storage(clean.stores).create("bob", build)
    for n, place in enumerate(places(clean.calls)):
        name = f"user{n}"
        with pytest.raises(Crash):
            open_storage(Watch(stores, failing_at(place, fault)).stores).create(name, build)
        open_storage(stores).create(name, build)
        assert open_storage(stores).read(name, names) == {}


@pytest.mark.parametrize("fault", [Fault.CRASH_BEFORE, Fault.CRASH_AFTER, Fault.OUTAGE])
def test_a_deletion_that_breaks_off_anywhere_can_be_repeated(
    stores: Stores, open_storage: OpenStorage, fault: Fault
) -> None:
    """Meanwhile nobody gets half a collection, and none is made in its place by the way."""
    clean = Watch(stores)
    storage = open_storage(clean.stores)
    storage.create("ada", build)
    storage.transact("ada", add("one"))
    for place in places(clean.since(lambda: storage.delete("ada"))):
        owner = f"ada-{place.method}-{place.nth}"
        storage.create(owner, build)
        storage.transact(owner, add("one"))
        with pytest.raises((Crash, StorageUnavailableError)):
            open_storage(Watch(stores, failing_at(place, fault)).stores).delete(owner)
        try:
            assert open_storage(stores).read(owner, names) == {"one": 1}
        except (NotFoundError, StorageUnavailableError):
            assert stores.base.head(f"user_dbs/{owner}.anki2") is None
        open_storage(stores).delete(owner)
        assert open_storage(stores).create(owner, build)
        assert open_storage(stores).read(owner, names) == {}
