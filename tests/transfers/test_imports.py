"""Imports in steps: begun once, gone on with by anybody, over once."""

import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from chalicelib.errors import (
    BadInputError,
    JavumboError,
    NotFoundError,
    StorageUnavailableError,
    UnusableFileError,
)
from chalicelib.storage import Owner
from chalicelib.transfers import Job
from chalicelib.transfers.imports import QUICK_BYTES
from chalicelib.transfers.jobs import KEPT_MS
from chalicelib.transfers.steps import HOLD_MS, MAX_RUNS, is_held
from tests.storage.memory import Fault, FaultyBaseStore, MemoryBaseStore
from tests.transfers.conftest import MakeWorld
from tests.transfers.world import ADA, BATCHES, FILE, GRACE, World

LARGE, SMALL = QUICK_BYTES + 1, QUICK_BYTES
TEXT = FILE.decode()


class Later:
    """A trigger that only notes what is due."""

    def __init__(self, world: World) -> None:
        self.due: list[tuple[Owner, str]] = []
        world.imports.on_step_due(lambda owner, import_id: self.due.append((owner, import_id)))


def start(world: World, upload_id: str, owner: Owner = ADA) -> Job:
    return world.imports.start(owner, upload_id, None, "merge")


def test_a_small_file_is_imported_before_the_answer(any_world: World) -> None:
    later, upload_id = Later(any_world), any_world.upload(size=SMALL)
    job = start(any_world, upload_id)
    assert (job.state, job.result, later.due) == ("done", {"name": TEXT}, [])
    assert any_world.imported() == {TEXT: 1}


def test_a_large_file_is_imported_by_whom_the_trigger_reaches(any_world: World) -> None:
    later, upload_id = Later(any_world), any_world.upload(size=LARGE)
    assert start(any_world, upload_id).state == "waiting"
    assert later.due == [(ADA, upload_id)]
    assert any_world.imports.run(ADA, upload_id).state == "done"
    assert any_world.imported() == {TEXT: 1}


def test_without_a_trigger_all_is_done_at_once(any_world: World) -> None:
    assert start(any_world, any_world.upload(size=LARGE)).state == "done"


def test_nothing_but_the_record_is_left_of_an_import_that_is_over(any_world: World) -> None:
    upload_id = any_world.upload()
    start(any_world, upload_id)
    assert not any_world.has_upload(upload_id)
    assert any_world.base.keys("jobs_open/") == []
    assert len(any_world.base.keys("jobs/")) == 1


@pytest.mark.parametrize("size", [SMALL, LARGE])
def test_asked_again_it_is_the_same_import(any_world: World, size: int) -> None:
    upload_id = any_world.upload(size=size)
    assert start(any_world, upload_id) == start(any_world, upload_id)
    assert any_world.imported() == {TEXT: 1}


def test_of_two_that_begin_at_once_one_imports(make_world: MakeWorld) -> None:
    world = make_world()
    ready, outcomes = threading.Barrier(2), []
    upload_id = world.upload(size=SMALL)
    inside = threading.Event()
    first_in, other_is_done = threading.Lock(), threading.Event()

    def during(place: str) -> None:
        if place == "commit" and first_in.acquire(blocking=False):
            inside.set()
            assert other_is_done.wait(30)

    world._during = during

    def begin() -> None:
        ready.wait()
        job = start(world, upload_id)
        outcomes.append(job.state)
        other_is_done.set()

    threads = [threading.Thread(target=begin) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(outcomes) == ["done", "running"]
    assert world.imported() == {TEXT: 1}
    assert world.batches == dict.fromkeys(range(BATCHES), 1)


def test_an_import_under_other_options_is_refused(world: World) -> None:
    upload_id = world.upload()
    options = {"tags": ["a"], "is_html": None}
    job = world.imports.start(ADA, upload_id, None, "merge", options)
    assert job.options == world.imports.get(ADA, upload_id).options == options
    assert world.imports.start(ADA, upload_id, None, "merge", dict(options)) == job
    for other in (None, {}, options | {"tags": ["b"]}):
        with pytest.raises(BadInputError):
            world.imports.start(ADA, upload_id, None, "merge", other)


def test_an_import_has_one_id_however_it_is_written(world: World) -> None:
    upload_id = world.upload(size=LARGE)
    assert start(world, f"0{upload_id}").id == start(world, upload_id).id == upload_id
    assert world.imported() == {TEXT: 1}


def test_an_import_in_another_way_is_refused(world: World) -> None:
    upload_id = world.upload()
    start(world, upload_id)
    for file_format, mode in (("colpkg", "merge"), (None, "replace")):
        with pytest.raises(BadInputError):
            world.imports.start(ADA, upload_id, file_format, mode)  # type: ignore[arg-type]


@pytest.mark.parametrize("upload_id", ["", "x", "../x", "1-1-apkg-00", f"1-1-apkg-{0:024x}"])
def test_what_was_never_uploaded_cannot_be_imported(world: World, upload_id: str) -> None:
    with pytest.raises(NotFoundError):
        start(world, upload_id)
    with pytest.raises(NotFoundError):
        world.imports.get(ADA, upload_id)
    assert world.base.keys("jobs/") == world.base.keys("jobs_open/") == []


def test_a_stranger_sees_no_import(any_world: World) -> None:
    upload_id = any_world.upload()
    start(any_world, upload_id)
    for call in (any_world.imports.get, any_world.imports.run, any_world.imports.poll):
        with pytest.raises(NotFoundError):
            call(GRACE, upload_id)


def test_an_import_that_fails_says_why_and_changes_nothing(any_world: World) -> None:
    def refuse(place: str) -> None:
        raise UnusableFileError("Not this one.", fields={"a": "b"})

    any_world._during = refuse
    upload_id = any_world.upload()
    job = start(any_world, upload_id)
    assert job.state == "failed"
    assert job.failure
    assert (job.failure.code, job.failure.message) == ("unusable_file", "Not this one.")
    assert job.failure.fields == {"a": "b"}
    assert start(any_world, upload_id) == job
    assert not any_world.has_upload(upload_id)
    assert any_world.imported() == {}


def test_an_unexpected_error_is_shown_to_nobody(
    world: World, caplog: pytest.LogCaptureFixture
) -> None:
    def break_down(place: str) -> None:
        raise RuntimeError("secret")

    world._during = break_down
    job = start(world, world.upload())
    assert job.failure
    assert (job.failure.code, "secret" in job.failure.message) == ("internal_error", False)
    assert "secret" in caplog.text


def test_an_outage_is_tried_again_and_not_for_ever(world: World) -> None:
    later, outage = Later(world), [True]

    def fail(place: str) -> None:
        if outage[0] and place == "commit":
            raise StorageUnavailableError

    world._during = fail
    upload_id = world.upload(size=SMALL)
    assert start(world, upload_id).state == "waiting"
    outage[0] = False
    assert later.due == []
    world.imports.resume()
    assert later.due == [(ADA, upload_id)]
    assert world.imports.run(ADA, upload_id).state == "done"
    outage[0] = True
    upload_id = world.upload(size=SMALL)
    states = [start(world, upload_id).state]
    while states[-1] == "waiting":
        states.append(world.imports.run(ADA, upload_id).state)
    assert states == ["waiting"] * (MAX_RUNS - 1) + ["failed"]


def test_a_step_ends_when_its_time_is_over_and_the_next_goes_on(any_world: World) -> None:
    any_world._during = lambda place: any_world.wait(1000) if place == "batch" else None
    later, upload_id = Later(any_world), any_world.upload(size=LARGE)
    start(any_world, upload_id)
    job = any_world.imports.run(ADA, upload_id, budget_ms=1500)
    assert (job.state, job.progress.done, job.progress.total) == ("waiting", 2, BATCHES)
    assert any_world.imported() == {}
    assert any_world.imports.run(ADA, upload_id, budget_ms=60_000).state == "done"
    assert any_world.imported() == {TEXT: 1}
    assert later.due


def test_steps_that_get_nowhere_come_to_an_end(world: World) -> None:
    world._during = lambda _: world.wait(1000)
    Later(world)
    upload_id = world.upload(size=LARGE)
    start(world, upload_id)
    for _ in range(3 * MAX_RUNS):
        job = world.imports.run(ADA, upload_id, budget_ms=1)
    assert job.state == "failed"


def test_somebody_who_waits_sees_how_far_it_is(world: World) -> None:
    seen: list[tuple[str, int]] = []

    def look(place: str) -> None:
        world.wait(5000)
        job = world.imports.get(ADA, upload_id)
        seen.append((job.state, job.progress.done))

    world._during = look
    upload_id = world.upload(size=LARGE)
    assert start(world, upload_id).state == "done"
    assert seen == [("running", done) for done in (0, 0, 1, 2, 3, 3)]


def test_nobody_else_goes_on_while_one_is_at_it(world: World) -> None:
    runs: list[tuple[str, list[Any]]] = []

    def run_too(place: str) -> None:
        world.wait(HOLD_MS // 2)
        later.due.clear()
        world.imports.poll(ADA, upload_id)
        world.imports.resume()
        runs.append((world.imports.run(ADA, upload_id).state, later.due.copy()))

    later, upload_id = Later(world), world.upload(size=LARGE)
    world._during = run_too
    start(world, upload_id)
    world._during = run_too
    world.imports.run(ADA, upload_id)
    assert runs[:4] == [("running", [])] * 4


def test_who_works_long_without_a_word_keeps_hold_of_it(tmp_path: Path) -> None:
    """Else others would begin it again and again, and fail in the end what was imported."""
    world = World(MemoryBaseStore(), tmp_path, renewed_ms=10)
    seen: list[str] = []

    def work_long(place: str) -> None:
        if place != "commit":
            return
        for _ in range(2 * MAX_RUNS):
            world.wait(HOLD_MS)
            wait_until(lambda: is_held(world.imports.get(ADA, upload_id), world.now_ms))
            seen.append(world.imports.run(ADA, upload_id).state)

    later, upload_id = Later(world), world.upload(size=LARGE)
    start(world, upload_id)
    world._during = work_long
    assert world.imports.run(ADA, upload_id).state == "done"
    assert set(seen) == {"running"}
    assert (len(later.due), world.imported()) == (1, {TEXT: 1})


def test_an_outage_while_it_is_held_ends_nothing(tmp_path: Path) -> None:
    faulty: list[bool] = []
    base = FaultyBaseStore(MemoryBaseStore(), lambda _: Fault.OUTAGE if faulty else None)
    world = World(base, tmp_path, renewed_ms=10)

    def be_cut_off(place: str) -> None:
        if place == "end":
            return
        faulty.append(True)
        threading.Event().wait(0.1)
        faulty.clear()

    upload_id = world.upload()
    world._during = be_cut_off
    assert start(world, upload_id).state == "done"


def wait_until(done: Callable[[], bool]) -> None:
    for _ in range(1000):
        if done():
            return
        threading.Event().wait(0.01)
    raise AssertionError("it never came")


def test_a_dead_ones_import_is_gone_on_with_and_a_slow_one_does_no_harm(world: World) -> None:
    """The slow one was taken for dead: both finish, and it is imported once."""
    inner: list[Any] = []

    def pause(place: str) -> None:
        if place == "commit" and not inner:
            inner.append(None)
            world.wait(HOLD_MS)
            later.due.clear()
            world.imports.poll(ADA, upload_id)
            assert later.due == [(ADA, upload_id)]
            inner[0] = world.imports.run(ADA, upload_id)

    later, upload_id = Later(world), world.upload(size=LARGE)
    start(world, upload_id)
    world._during = pause
    outer = world.imports.run(ADA, upload_id)
    assert inner == [outer]
    assert outer.result == {"name": TEXT}
    assert world.imported() == {TEXT: 1}


def test_a_file_that_was_sent_anew_meanwhile_is_not_imported_in_the_others_place(
    world: World,
) -> None:
    Later(world)
    upload_id, token = world.offer(LARGE)
    world.door.receive(token, [FILE])
    start(world, upload_id)
    world.door.receive(token, [b"another file"])
    job = world.imports.run(ADA, upload_id)
    assert (job.state, world.imported()) == ("failed", {})


def test_old_records_go_and_young_ones_stay(any_world: World) -> None:
    old = any_world.upload()
    start(any_world, old)
    any_world.wait(KEPT_MS - 1)
    any_world.imports.sweep()
    assert any_world.imports.get(ADA, old).state == "done"
    young = any_world.upload()
    start(any_world, young)
    any_world.wait(1)
    any_world.imports.sweep()
    assert any_world.imports.get(ADA, young).state == "done"
    with pytest.raises(NotFoundError):
        any_world.imports.get(ADA, old)


def test_a_registrations_imports_can_be_removed(any_world: World) -> None:
    Later(any_world)
    upload_id = any_world.upload(size=LARGE)
    start(any_world, upload_id)
    any_world.imports.delete_all(ADA)
    for folder in ("jobs/", "jobs_open/", "uploads/"):
        assert any_world.base.keys(folder) == []


def test_strange_notes_of_open_imports_harm_nothing(world: World) -> None:
    assert isinstance(world.base, MemoryBaseStore)
    for name in ("x", "ada/gen1/x", "No One/-/x", f"ada/gen1/1-1-apkg-{0:024x}"):
        world.base.place(f"jobs_open/{name}", b"")
    later = Later(world)
    world.imports.resume()
    assert later.due == []


def test_failing_to_clean_up_does_not_undo_an_import(make_world: MakeWorld) -> None:
    faults: list[Fault | None] = [Fault.OUTAGE]
    world = make_world(
        FaultyBaseStore(MemoryBaseStore(), lambda m: faults[0] if m == "delete" else None)
    )
    upload_id = world.upload()
    assert start(world, upload_id).state == "done"
    faults[0] = None
    world.imports.resume()
    assert not world.has_upload(upload_id)
    assert world.base.keys("jobs_open/") == []


def test_a_lost_answer_is_no_other_writer(make_world: MakeWorld) -> None:
    faults: list[Fault | None] = []
    world = make_world(
        FaultyBaseStore(
            MemoryBaseStore(), lambda m: faults.pop(0) if m == "put" and faults else None
        )
    )
    upload_id = world.upload()
    for lost in range(6):
        faults.extend([None] * lost + [Fault.LOST_ANSWER])
        assert start(world, upload_id).state == "done"
        upload_id = world.upload()
    assert world.imported() == {TEXT: 6}


def test_every_error_has_a_code_that_leads_back_to_it() -> None:
    from chalicelib.api.uploads import _error_of
    from chalicelib.transfers.jobs import Failure

    for error in (UnusableFileError("No."), BadInputError("No."), JavumboError("No.")):
        again = _error_of(Failure(code=error.code, message=error.message, fields={}))
        assert (type(again), again.status, again.message) == (type(error), error.status, "No.")
