"""One registration's two databases: the same engine keeps both, and neither gets in the way."""

from pathlib import Path

import pytest

from chalicelib.errors import NotFoundError
from chalicelib.storage import Owner
from chalicelib.storage.keys import MEDIA
from tests.storage.by_hand import tally_file
from tests.storage.conftest import OpenStorage, Stores
from tests.storage.memory import MemoryBaseStore
from tests.storage.tally import add, build, large, names
from tests.storage.texts import incompressible

COLLECTION = Owner("ada", "g1")
INDEX = COLLECTION.in_space(MEDIA)
BOTH = (COLLECTION, INDEX)


def test_each_space_is_created_changed_folded_inspected_and_deleted_by_itself(
    any_stores: Stores, open_storage: OpenStorage
) -> None:
    storage = open_storage(any_stores)
    for owner in BOTH:
        assert not storage.exists(owner)
        assert storage.create(owner, build)
    assert storage.everybody() == [COLLECTION, INDEX]
    for number in range(3):
        storage.transact(COLLECTION, add(f"note {number}"))
    storage.transact(INDEX, add(incompressible(300_000)))
    assert storage.fold(COLLECTION) == 3
    found = {owner: storage.inspect(owner) for owner in BOTH}
    assert [found[owner].head for owner in BOTH] == [3, 1]
    assert all(not inspection.problems for inspection in found.values())
    assert found[INDEX].spilled
    assert not set(found[INDEX].spilled) & set(found[COLLECTION].spilled)
    assert storage.everybody() == [COLLECTION, INDEX]

    storage.delete(COLLECTION)
    container = open_storage(any_stores)
    assert sum(container.read(INDEX, names).values()) == 1
    with pytest.raises(NotFoundError):
        container.read(COLLECTION, names)
    container.delete(INDEX)
    assert container.everybody() == []
    for folder in ("user_dbs/", "media_dbs/", "media_segments/", "segments/"):
        assert any_stores.base.keys(folder) == []
    assert [any_stores.log.entries(owner.ring) for owner in BOTH] == [[], []]
    assert any_stores.log.marks() == []


def test_the_sweep_folds_both(any_stores: Stores, open_storage: OpenStorage) -> None:
    storage = open_storage(any_stores)
    for owner in BOTH:
        storage.create(owner, build)
        storage.transact(owner, add(owner.space or "collection"))
    assert open_storage(any_stores).sweep() == []
    assert [storage.inspect(owner).base_seq for owner in BOTH] == [1, 1]
    assert storage.read(INDEX, names) == {"media": 1}


def test_tidying_one_space_leaves_what_the_other_has_spilled(
    stores: Stores, open_storage: OpenStorage
) -> None:
    storage = open_storage(stores)
    for owner in BOTH:
        storage.create(owner, build)
    storage.on_fold_due(lambda _: None)
    for owner in BOTH:
        for number in range(2):
            storage.transact(owner, large(f"{number}", 200_000))
    kept = stores.base.keys(INDEX.spill_prefix)
    for _ in range(2):
        storage.transact(COLLECTION, add("small"))
        storage.fold(COLLECTION)
    assert stores.base.keys(COLLECTION.spill_prefix) == []
    assert stores.base.keys(INDEX.spill_prefix) == kept
    assert kept


def test_what_a_late_container_commits_to_a_deleted_index_goes_with_the_next_sweep(
    stores: Stores, base: MemoryBaseStore, open_storage: OpenStorage
) -> None:
    def nobody(_: str) -> str:
        raise NotFoundError

    now = 1_700_000_000_000
    storage, late = open_storage(stores), open_storage(stores, now_ms=lambda: now)
    storage.create(INDEX, build)
    late.read(INDEX, names)
    storage.delete(INDEX)
    late.transact(INDEX, add("late"))
    assert stores.log.marks()
    open_storage(stores, now_ms=lambda: now + 10**8, generation_of=nobody).sweep()
    assert stores.log.marks() == []
    assert stores.log.entries(INDEX.ring) == []
    assert base.objects == {}


def test_a_foreign_file_in_the_place_of_the_index_is_adopted_there(
    stores: Stores, base: MemoryBaseStore, open_storage: OpenStorage, tmp_path: Path
) -> None:
    storage = open_storage(stores, generation_of=lambda _: "g1")
    for owner in BOTH:
        storage.create(owner, build)
        storage.transact(owner, add("ours"))
        storage.fold(owner)
        storage.transact(owner, add("unfolded"))
    base.place(INDEX.base_key, tally_file(tmp_path / "index.db", "theirs"))
    container = open_storage(stores, generation_of=lambda _: "g1")
    assert container.read(INDEX, names) == {"theirs": 1}
    assert container.read(COLLECTION, names) == {"ours": 1, "unfolded": 1}
    assert base.keys(INDEX.conflict_prefix) == [INDEX.conflict_key(2)]
    assert base.keys(COLLECTION.conflict_prefix) == []
