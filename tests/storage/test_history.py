"""Undo and redo over the commit log: whichever container made the change, and whichever asks."""

from collections import Counter
from pathlib import Path

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule

from chalicelib.errors import NothingToUndoError
from chalicelib.storage import CollectionStorage, Request, StorageOptions
from chalicelib.storage.history import MAX_STEPS
from tests.storage.by_hand import KEY, put_by_hand, tally_file
from tests.storage.conftest import OpenStorage, Stores
from tests.storage.memory import MemoryBaseStore
from tests.storage.memory_log import MemoryCommitLog
from tests.storage.reversions import do, offered, step
from tests.storage.tally import add, build, names
from tests.storage.texts import incompressible
from tests.storage.threads import run_together


def test_what_one_container_did_another_one_takes_back_and_a_third_does_again(
    any_stores: Stores, open_storage: OpenStorage
) -> None:
    here, elsewhere = open_storage(any_stores), open_storage(any_stores)
    here.create("ada", build)
    elsewhere.read("ada", names)
    do(here, "a")
    do(here, "b")
    assert offered(elsewhere) == (["b", "a"], [])
    assert step(elsewhere, "undo") == "b"
    assert here.read("ada", names) == {"a": 1}
    assert offered(here) == (["a"], ["b"])
    assert step(open_storage(any_stores), "redo") == "b"
    assert here.read("ada", names) == {"a": 1, "b": 1}
    assert offered(here) == (["b", "a"], [])


def test_nothing_to_undo_or_redo_is_an_error_and_no_commit(
    storage: CollectionStorage, log: MemoryCommitLog
) -> None:
    for way in ("undo", "redo"):
        with pytest.raises(NothingToUndoError):
            step(storage, way)
    assert log.entries("ada#") == []


def test_a_step_sent_again_with_its_key_is_taken_once(
    stores: Stores, storage: CollectionStorage, open_storage: OpenStorage
) -> None:
    do(storage, "a")
    do(storage, "b")
    assert step(storage, "undo", key="k") == "b"
    for container in (storage, open_storage(stores)):
        assert step(container, "undo", key="k") == "b"
    assert storage.read("ada", names) == {"a": 1}
    assert step(storage, "undo", key="k2") == "a"
    assert step(storage, "undo", key="k2") == "a"


def test_a_change_after_an_undo_leaves_nothing_to_redo(storage: CollectionStorage) -> None:
    do(storage, "a")
    step(storage, "undo")
    do(storage, "b")
    assert offered(storage) == (["b"], [])
    with pytest.raises(NothingToUndoError):
        step(storage, "redo")


def test_the_last_operations_are_offered_and_all_of_them_can_be_taken_back(
    storage: CollectionStorage,
) -> None:
    for n in range(MAX_STEPS + 10):
        do(storage, f"{n:02}")
    assert offered(storage)[0] == [f"{n:02}" for n in range(MAX_STEPS + 9, 9, -1)]
    for n in range(MAX_STEPS + 9, 9, -1):
        assert step(storage, "undo") == f"{n:02}"
    assert len(offered(storage)[1]) == MAX_STEPS
    for n in range(10, MAX_STEPS + 10):
        assert step(storage, "redo") == f"{n:02}"


def test_an_inverse_too_large_for_the_log_is_found_where_it_lies(
    stores: Stores, storage: CollectionStorage, open_storage: OpenStorage
) -> None:
    large = incompressible(150_000)
    do(storage, large)
    do(storage, "b")
    step(storage, "undo")
    storage.fold("ada")
    assert step(storage, "redo") == "b"
    assert step(open_storage(stores), "undo") == "b"
    assert step(storage, "undo") == large
    assert storage.read("ada", names) == {}


def test_a_replacement_is_taken_back_and_done_again(
    any_stores: Stores, open_storage: OpenStorage, tmp_path: Path
) -> None:
    storage, elsewhere = open_storage(any_stores), open_storage(any_stores)
    storage.create("ada", build)
    do(storage, "before")
    tally_file(tmp_path / "new.anki2", "new")
    storage.replace("ada", tmp_path / "new.anki2", operation="Import")
    assert offered(elsewhere) == (["Import", "before"], [])
    for key in ("k", "k"):
        assert step(elsewhere, "undo", key=key) == "Import"
    for container in (storage, elsewhere, open_storage(any_stores)):
        assert container.read("ada", names) == {"before": 1}
    assert step(storage, "redo") == "Import"
    assert elsewhere.read("ada", names) == {"new": 1}
    assert step(storage, "undo") == "Import"
    assert step(storage, "undo") == "before"
    assert elsewhere.read("ada", names) == {}


def test_a_file_put_there_by_hand_has_no_history(
    stores: Stores, storage: CollectionStorage, tmp_path: Path
) -> None:
    do(storage, "a")
    step(storage, "undo")
    do(storage, "b")
    storage.fold("ada")
    foreign = tally_file(tmp_path / "foreign.anki2", "foreign")
    put_by_hand(stores.base, KEY, foreign)
    fresh = CollectionStorage(stores.base, stores.log, StorageOptions(cache_dir=tmp_path / "c"))
    assert fresh.read("ada", names) == {"foreign": 1}
    assert offered(fresh) == ([], [])
    with pytest.raises(NothingToUndoError):
        step(fresh, "undo")


def test_steps_and_changes_at_once_lose_nothing(
    any_stores: Stores, open_storage: OpenStorage
) -> None:
    """Each undo takes back the last change of its moment, so what is left is what was not."""
    containers = [open_storage(any_stores, retries=200) for _ in range(4)]
    containers[0].create("ada", build)
    for n in range(8):
        do(containers[0], f"old {n}")
    undone: list[str] = []
    run_together(
        [
            *(lambda c=c, n=n: do(c, f"new {n}") for n, c in enumerate(containers)),
            *(lambda c=c: undone.append(step(c, "undo")) for c in containers),
        ]
    )
    everything = Counter([*(f"old {n}" for n in range(8)), *(f"new {n}" for n in range(4))])
    assert len(undone) == 4
    assert containers[0].read("ada", names) == everything - Counter(undone)


class HistoryMachine(RuleBasedStateMachine):
    """Random steps through two containers beside two plain stacks of states."""

    def __init__(self) -> None:
        super().__init__()
        base, log = MemoryBaseStore(), MemoryCommitLog(slots=16)
        options = StorageOptions(sleep=lambda _: None)
        self.containers = [CollectionStorage(base, log, options) for _ in range(2)]
        self.containers[0].create("ada", build)
        self.now: Counter[str] = Counter()
        self.done: list[tuple[str, Counter[str]]] = []
        self.undone: list[tuple[str, Counter[str]]] = []
        self.commits: list[str] = []
        self.made = 0

    @rule(number=st.integers(0, 1))
    def change(self, number: int) -> None:
        self.made += 1
        name = f"change {self.made}"
        do(self.containers[number], name)
        self.done.append((name, self.now.copy()))
        self.undone.clear()
        self.now[name] += 1
        self.commits.append("do")

    @rule(number=st.integers(0, 1), key=st.sampled_from([None, "key"]))
    def undo(self, number: int, key: str | None) -> None:
        self._step(number, "undo", self.done, self.undone, key)

    @rule(number=st.integers(0, 1))
    def redo(self, number: int) -> None:
        self._step(number, "redo", self.undone, self.done, None)

    @rule(number=st.integers(0, 1))
    def fold(self, number: int) -> None:
        self.containers[number].fold("ada")

    def _step(
        self,
        number: int,
        way: str,
        source: list[tuple[str, Counter[str]]],
        target: list[tuple[str, Counter[str]]],
        key: str | None,
    ) -> None:
        assert way in ("undo", "redo")
        container = self.containers[number]
        unique = f"{key} {len(self.commits)}" if key else None
        if not self._offered(container, way):
            with pytest.raises(NothingToUndoError):
                step(container, way, unique)  # type: ignore[arg-type]
            return
        operation, before = source.pop()
        assert step(container, way, unique) == operation  # type: ignore[arg-type]
        target.append((operation, self.now))
        self.now = before
        self.commits.append(way)
        if unique:
            assert step(self.containers[1 - number], way, unique) == operation  # type: ignore[arg-type]

    def _offered(self, container: CollectionStorage, way: str) -> bool:
        undo, redo = offered(container)
        return bool(undo if way == "undo" else redo)

    @invariant()
    def both_see_the_model(self) -> None:
        for container in self.containers:
            assert +container.read("ada", names) == +self.now
            undo, redo = offered(container)
            # The ring may have forgotten older ones; what it offers are the newest.
            assert undo == [name for name, _ in self.done[::-1]][: len(undo)]
            assert redo == [name for name, _ in self.undone[::-1]][: len(redo)]
            if len(self.commits) <= 16:
                assert len(undo) == len(self.done)
                assert len(redo) == len(self.undone)


TestHistoryMachine = HistoryMachine.TestCase
TestHistoryMachine.settings = settings(max_examples=40, stateful_step_count=40, deadline=None)


def test_a_request_of_another_kind_does_not_reach_the_history(storage: CollectionStorage) -> None:
    do(storage, "a")
    storage.transact("ada", add("unnamed"), Request("k", b"d"))
    assert offered(storage) == (["a"], [])
