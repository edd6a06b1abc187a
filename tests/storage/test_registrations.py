"""A deleted name is registered again: what is left of the old one reaches nothing of the new."""

import pytest

from chalicelib.errors import NotFoundError, StorageUnavailableError
from chalicelib.storage import Owner
from tests.storage.conftest import OpenStorage, Stores
from tests.storage.memory import Fault, FaultyBaseStore, MemoryBaseStore, plan_of
from tests.storage.memory_log import MemoryCommitLog
from tests.storage.tally import add, build, large, names


def test_a_late_fold_of_a_deleted_registration_leaves_the_next_one_alone(
    stores: Stores, base: MemoryBaseStore, open_storage: OpenStorage
) -> None:
    """Both began with the same bytes."""
    first, second = Owner("ada", "first"), Owner("ada", "second")
    storage = open_storage(stores)
    storage.create(first, build)
    storage.transact(first, add("old"))
    faulty = FaultyBaseStore(base, plan_of("put", *[Fault.LATE] * 4))
    with pytest.raises(StorageUnavailableError):
        open_storage(Stores(faulty, stores.log)).fold(first)
    storage.delete(first)
    storage.create(second, build)
    storage.transact(second, add("new"))
    faulty.land()
    assert open_storage(stores).read(second, names) == {"new": 1}


@pytest.mark.parametrize("commits", [0, 3, 20])
def test_a_frozen_container_never_reaches_the_next_one(
    base: MemoryBaseStore, open_storage: OpenStorage, commits: int
) -> None:
    """A deleted name is registered again, and a container for the old one thaws."""
    stores = Stores(base, MemoryCommitLog(slots=8))
    first, second = Owner("ada", "first"), Owner("ada", "second")
    storage, frozen = open_storage(stores), open_storage(stores)
    storage.create(first, build)
    for number in range(commits):
        storage.transact(first, large(f"old {number}", 120_000))
    frozen.read(first, names)
    storage.delete(first)
    storage.create(second, build)
    for number in range(3):
        storage.transact(second, large(f"new {number}", 120_000))
    for use in (add("thawed"), large("thawed", 120_000)):
        try:
            frozen.transact(first, use)
        except NotFoundError:
            continue
    with pytest.raises(NotFoundError):
        frozen.fold(first)
    assert storage.sweep() == []
    expected = {f"new {number}": 1 for number in range(3)}
    assert open_storage(stores).read(second, names) == storage.read(second, names) == expected
    assert first.ring not in {mark.ring for mark in stores.log.marks()}
    assert stores.log.entries(first.ring) == []
    assert base.keys(first.spill_prefix) == []
