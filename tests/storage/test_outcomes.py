"""A write whose answer was lost: found out, never guessed, never made twice."""

from collections.abc import Callable

import pytest

from chalicelib.errors import ConflictError, NotFoundError, StorageUnavailableError
from chalicelib.storage import CollectionStorage
from tests.storage.conftest import OpenStorage
from tests.storage.memory import Fault, FaultyBaseStore, MemoryBaseStore, plan_of
from tests.storage.tally import add, build, names

KEY = "user_dbs/ada.anki2"


class Doubtful:
    """A storage whose first writes get no answer; `meanwhile` happens while it waits."""

    def __init__(
        self, base: MemoryBaseStore, open_storage: OpenStorage, *faults: Fault | None
    ) -> None:
        self.runs = 0
        self.meanwhile: Callable[[], object] = lambda: None
        self.faulty = FaultyBaseStore(base, plan_of("put", *faults))
        self.storage = open_storage(self.faulty, retries=0, sleep=lambda _: self._wait())

    def _wait(self) -> None:
        meanwhile, self.meanwhile = self.meanwhile, lambda: None
        meanwhile()

    def add(self, name: str) -> str:
        return self.storage.transact("ada", add(name))


def test_a_write_that_took_effect_is_a_success_and_is_made_once(
    base: MemoryBaseStore, storage: CollectionStorage, open_storage: OpenStorage
) -> None:
    doubtful = Doubtful(base, open_storage, Fault.LOST_ANSWER)
    assert doubtful.add("mine") == "mine"
    assert storage.read("ada", names) == {"mine": 1}
    assert base.calls.count("put") == 1
    base.calls.clear()
    assert doubtful.storage.read("ada", names) == {"mine": 1}
    assert base.calls == ["get_if_changed"]


def test_a_write_that_never_arrived_is_sent_again(
    base: MemoryBaseStore, storage: CollectionStorage, open_storage: OpenStorage
) -> None:
    assert Doubtful(base, open_storage, Fault.LOST_REQUEST, Fault.LOST_REQUEST).add("mine")
    assert storage.read("ada", names) == {"mine": 1}


def test_a_write_that_arrives_after_it_was_sent_again_changes_nothing_more(
    base: MemoryBaseStore, storage: CollectionStorage, open_storage: OpenStorage
) -> None:
    doubtful = Doubtful(base, open_storage, Fault.LATE)
    doubtful.add("mine")
    doubtful.add("next")
    doubtful.faulty.land()
    assert storage.read("ada", names) == {"mine": 1, "next": 1}


def test_a_write_that_arrives_while_it_is_looked_for_is_a_success(
    base: MemoryBaseStore, storage: CollectionStorage, open_storage: OpenStorage
) -> None:
    doubtful = Doubtful(base, open_storage, Fault.LATE, Fault.LATE)
    doubtful.meanwhile = doubtful.faulty.land
    doubtful.add("mine")
    doubtful.faulty.land()
    assert storage.read("ada", names) == {"mine": 1}


@pytest.mark.parametrize("later", [1, 2, 31])
def test_a_write_under_later_ones_of_others_is_still_known_as_ours(
    base: MemoryBaseStore, storage: CollectionStorage, open_storage: OpenStorage, later: int
) -> None:
    doubtful = Doubtful(base, open_storage, Fault.LOST_ANSWER)
    doubtful.meanwhile = lambda: [storage.transact("ada", add(str(n))) for n in range(later)]
    assert doubtful.add("mine") == "mine"
    assert storage.read("ada", names) == {"mine": 1} | {str(n): 1 for n in range(later)}
    assert doubtful.storage.read("ada", names) == storage.read("ada", names)


def test_a_write_that_others_were_certainly_faster_than_is_a_conflict(
    base: MemoryBaseStore, storage: CollectionStorage, open_storage: OpenStorage
) -> None:
    doubtful = Doubtful(base, open_storage, Fault.LATE)
    doubtful.meanwhile = lambda: storage.transact("ada", add("rival"))
    with pytest.raises(ConflictError):
        doubtful.add("mine")
    doubtful.faulty.land()
    assert storage.read("ada", names) == {"rival": 1}


def test_a_write_refused_when_sent_again_because_it_had_arrived_is_a_success(
    base: MemoryBaseStore, storage: CollectionStorage, open_storage: OpenStorage
) -> None:
    """The look finds nothing yet, the write lands, and its own repetition is refused."""
    doubtful = Doubtful(base, open_storage, Fault.LATE)
    head = base.head

    def head_then_land(key: str) -> object:
        found = head(key)
        doubtful.faulty.land()
        return found

    base.head = head_then_land  # type: ignore[method-assign, assignment]
    assert doubtful.add("mine") == "mine"
    assert storage.read("ada", names) == {"mine": 1}


@pytest.mark.parametrize("fault", [Fault.LOST_ANSWER, Fault.LOST_REQUEST])
def test_an_outcome_that_was_forgotten_is_said_to_be_unknown(
    base: MemoryBaseStore, storage: CollectionStorage, open_storage: OpenStorage, fault: Fault
) -> None:
    """More transactions of others than a lineage names have happened meanwhile."""
    doubtful = Doubtful(base, open_storage, fault)
    doubtful.meanwhile = lambda: [storage.transact("ada", add(str(n))) for n in range(40)]
    with pytest.raises(StorageUnavailableError):
        doubtful.add("mine")
    assert storage.read("ada", names)["mine"] == (fault is Fault.LOST_ANSWER)
    assert doubtful.storage.read("ada", names) == storage.read("ada", names)


def test_an_outcome_hidden_by_a_file_put_there_by_hand_is_said_to_be_unknown(
    base: MemoryBaseStore, storage: CollectionStorage, open_storage: OpenStorage
) -> None:
    by_hand = storage.image("ada")
    storage.transact("ada", add("one"))
    doubtful = Doubtful(base, open_storage, Fault.LOST_ANSWER)
    doubtful.meanwhile = lambda: base.place(KEY, by_hand)
    with pytest.raises(StorageUnavailableError):
        doubtful.add("mine")
    assert storage.read("ada", names) == {}


def test_a_first_write_over_a_file_put_there_by_hand_is_found_out_as_well(
    base: MemoryBaseStore, storage: CollectionStorage, open_storage: OpenStorage
) -> None:
    base.place(KEY, storage.image("ada"))
    lost = Doubtful(base, open_storage, Fault.LATE)
    lost.meanwhile = lambda: open_storage(base).transact("ada", add("rival"))
    with pytest.raises(ConflictError):
        lost.add("mine")
    assert Doubtful(base, open_storage, Fault.LOST_ANSWER).add("again") == "again"
    assert storage.read("ada", names) == {"rival": 1, "again": 1}


def test_a_write_into_a_collection_deleted_meanwhile_finds_nothing(
    base: MemoryBaseStore, storage: CollectionStorage, open_storage: OpenStorage
) -> None:
    doubtful = Doubtful(base, open_storage, Fault.LATE)
    doubtful.meanwhile = lambda: storage.delete("ada")
    storage_without_retries = doubtful.storage
    with pytest.raises(ConflictError):
        storage_without_retries.transact("ada", add("mine"))
    with pytest.raises(NotFoundError):
        storage_without_retries.read("ada", names)
    doubtful.faulty.land()
    assert base.objects == {}


def test_silence_ends_in_an_outage_and_not_in_endless_sending(
    base: MemoryBaseStore, storage: CollectionStorage, open_storage: OpenStorage
) -> None:
    sent: list[int] = []

    def silent(method: str) -> Fault | None:
        sent.append(method == "put")
        return Fault.LATE if method == "put" else None

    faulty = FaultyBaseStore(base, silent)
    with pytest.raises(StorageUnavailableError):
        open_storage(faulty).transact("ada", add("mine"))
    assert 2 <= sum(sent) <= 10
    assert storage.read("ada", names) == {}
    faulty.land()
    assert storage.read("ada", names) == {"mine": 1}


def test_an_outage_while_looking_leaves_the_outcome_open_and_no_wrong_state(
    base: MemoryBaseStore, storage: CollectionStorage, open_storage: OpenStorage
) -> None:
    faults = {"put": Fault.LOST_ANSWER, "head": Fault.OUTAGE}
    troubled = open_storage(FaultyBaseStore(base, lambda method: faults.pop(method, None)))
    with pytest.raises(StorageUnavailableError):
        troubled.transact("ada", add("mine"))
    assert troubled.read("ada", names) == storage.read("ada", names) == {"mine": 1}


@pytest.mark.parametrize("fault", [Fault.LOST_ANSWER, Fault.LOST_REQUEST, Fault.LATE])
def test_a_new_collection_whose_answer_was_lost_is_ours(
    base: MemoryBaseStore, open_storage: OpenStorage, fault: Fault
) -> None:
    doubtful = Doubtful(base, open_storage, fault)
    assert doubtful.storage.create("ada", build)
    doubtful.faulty.land()
    assert doubtful.storage.read("ada", names) == {}


def test_a_new_collection_whose_request_was_lost_to_another_is_not_ours(
    base: MemoryBaseStore, open_storage: OpenStorage
) -> None:
    doubtful = Doubtful(base, open_storage, Fault.LATE)
    other = open_storage(base)
    doubtful.meanwhile = lambda: other.create("ada", build)
    assert not doubtful.storage.create("ada", build)
