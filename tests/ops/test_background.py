"""What becomes due in a request is done by another function, once and to the end."""

from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import pytest

from chalicelib.errors import BadInputError, StorageUnavailableError
from chalicelib.ops.background import do_asked, fold_event, hand_over, import_step_event
from chalicelib.ops.invoking import Event
from chalicelib.services import Services
from chalicelib.storage import Owner
from chalicelib.storage.keys import MEDIA
from chalicelib.transfers.imports import QUICK_BYTES
from tests.ops.invokers import MemoryInvoker
from tests.storage.memory import Fault, FaultyBaseStore, MemoryBaseStore
from tests.storage.tally import large
from tests.transfers.world import ADA, FILE, World

LARGE = QUICK_BYTES + 1
# A step may take two thirds of this.
LEFT_MS = 2250


class Stage:
    """A world whose folds and steps a function does, when its events are delivered."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.invoker = MemoryInvoker({"fold": self.fold})
        self.answers: list[dict[str, Any]] = []
        hand_over(world.storage, world.imports, self.invoker, "fold")

    def fold(self, event: Event) -> None:
        services = SimpleNamespace(storage=self.world.storage, imports=self.world.imports)
        send: Callable[[Event], None] = lambda event: self.invoker.send("fold", event)  # noqa: E731
        self.answers.append(do_asked(event, cast(Services, services), LEFT_MS, send))

    def begin_import(self) -> str:
        upload_id = self.world.upload(size=LARGE)
        job = self.world.imports.start(ADA, upload_id, None, "merge")
        assert job.state == "waiting"
        return upload_id


@pytest.fixture
def stage(tmp_path: Path) -> Stage:
    return Stage(World(MemoryBaseStore(), tmp_path))


def commit_until_due(stage: Stage) -> int:
    for number in range(10):
        stage.world.storage.transact(ADA, large(str(number)))
        if stage.invoker.sent:
            return number + 1
    raise AssertionError("nobody was asked to fold")


def unfolded(stage: Stage) -> int:
    return stage.world.storage.inspect(ADA).unfolded


def test_a_commit_that_makes_a_fold_due_asks_for_it_and_does_not_fold(stage: Stage) -> None:
    commits = commit_until_due(stage)
    assert stage.invoker.sent == [("fold", fold_event(ADA))]
    assert unfolded(stage) == commits
    assert stage.invoker.deliver() == 1
    assert unfolded(stage) == 0
    assert stage.answers == [{"folded": commits}]


def test_a_function_that_cannot_be_asked_harms_no_commit(stage: Stage) -> None:
    stage.invoker.functions = {}
    for number in range(6):
        stage.world.storage.transact(ADA, large(str(number)))
    assert unfolded(stage) == 6


def test_the_right_one_of_a_persons_databases_is_folded(stage: Stage) -> None:
    event = fold_event(ADA.in_space(MEDIA))
    assert event == {"fold": {"username": "ada", "generation": "gen1", "space": "media"}}
    stage.fold(event)
    assert stage.answers == [{"gone": True}]  # Ada has no list of media


def test_an_import_goes_on_from_event_to_event_to_its_end(stage: Stage) -> None:
    import_id = stage.begin_import()
    assert stage.invoker.sent == [("fold", import_step_event(ADA, import_id))]
    waits = iter([1000, 1000, 0, 0, 1000])
    stage.world._during = lambda place: stage.world.wait(next(waits)) if place == "batch" else None
    assert stage.invoker.deliver() == 2
    assert stage.answers == [{"state": "waiting"}, {"state": "done"}]
    assert stage.world.imported() == {FILE.decode(): 1}


def test_an_event_that_comes_twice_imports_once(stage: Stage) -> None:
    import_id = stage.begin_import()
    stage.invoker.sent *= 2
    stage.invoker.deliver()
    assert stage.world.imports.get(ADA, import_id).state == "done"
    assert stage.world.imported() == {FILE.decode(): 1}


def test_a_lost_event_is_made_good_by_who_resumes(stage: Stage) -> None:
    import_id = stage.begin_import()
    stage.invoker.sent.clear()
    stage.world.imports.resume()
    assert stage.invoker.deliver() == 1
    assert stage.world.imports.get(ADA, import_id).state == "done"


def test_what_is_gone_is_no_failure(stage: Stage) -> None:
    stage.fold(fold_event(Owner("grace", "gen1")))
    stage.fold(import_step_event(ADA, "1795339333780-69632-anki2-b05ef1236eb7f860523c0d3c"))
    assert stage.answers == [{"gone": True}] * 2


@pytest.mark.parametrize("event", [{}, {"fold": {}}, {"import_step": "ada"}, {"sweep": {}}])
def test_another_event_is_refused(stage: Stage, event: Any) -> None:
    with pytest.raises(BadInputError):
        stage.fold(event)


def test_an_outage_is_raised_so_that_lambda_tries_again(tmp_path: Path) -> None:
    faults: set[str] = set()
    base = FaultyBaseStore(MemoryBaseStore(), lambda call: Fault.OUTAGE if call in faults else None)
    stage = Stage(World(base, tmp_path))
    commit_until_due(stage)
    faults.add("put")
    with pytest.raises(StorageUnavailableError):
        stage.invoker.deliver()
