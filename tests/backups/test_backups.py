"""Backups of one person's collection: what they hold, when they are made, what a restore does."""

import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from chalicelib.backups import BackupId, Backups
from chalicelib.collection.undo.recording import UndoRecorder
from chalicelib.errors import IdempotencyKeyReusedError, NotFoundError, StorageUnavailableError
from chalicelib.storage import CollectionStorage, Owner, Request, Reversion, StorageOptions, Way
from tests.backups.conftest import ADA, DAY_MS, MINUTE_MS, MakeWorld, World
from tests.storage.memory import Fault, FaultyBaseStore, MemoryBaseStore, plan_of
from tests.storage.memory_log import MemoryCommitLog

AGAIN = Owner("ada", "gen2")
GRACE = Owner("grace", "gen1")


def test_a_backup_is_a_complete_collection_with_what_was_in_it(
    any_world: World, tmp_path: Path
) -> None:
    any_world.add_note("one")
    made = any_world.backups.make(ADA, "manual")
    any_world.wait(MINUTE_MS)
    any_world.add_note("two")
    file = tmp_path / "copy.anki2"
    assert any_world.backups.download(ADA, str(made.id), file) == made
    with closing(sqlite3.connect(file)) as conn:
        assert conn.execute("SELECT sfld FROM notes").fetchall() == [("one",)]
        assert conn.execute("PRAGMA integrity_check").fetchone() == ("ok",)
    assert made.size == file.stat().st_size


def test_a_backup_tells_what_is_in_it_without_being_opened(any_world: World) -> None:
    any_world.add_note("one")
    any_world.storage.transact(
        ADA,
        lambda conn: (
            conn.execute("INSERT INTO revlog VALUES (77, 1, 0, 3, 1, 1, 1, 1, 1)") and None
        ),
    )
    made = any_world.backups.make(ADA, "manual")
    (listed,) = any_world.backups.of(ADA)
    assert listed == made == any_world.backups.get(ADA, str(made.id))
    preview = listed.preview
    assert (preview.notes, preview.cards, preview.reviews) == (1, 1, 1)
    assert preview.last_review_ms == 77


def test_without_a_review_there_is_no_last_one(world: World) -> None:
    assert world.backups.make(ADA, "manual").preview.last_review_ms is None


def test_the_newest_is_listed_first(any_world: World) -> None:
    for number in range(3):
        any_world.add_note(str(number))
        any_world.backups.make(ADA, "manual")
        any_world.wait(MINUTE_MS)
    assert [backup.preview.notes for backup in any_world.backups.of(ADA)] == [3, 2, 1]


def test_of_one_state_there_is_one_backup(world: World) -> None:
    first = world.backups.make(ADA, "deck")
    world.wait(DAY_MS)
    assert world.backups.make(ADA, "notetype") == first
    world.storage.fold(ADA)
    assert world.backups.make(ADA, "restore") == first
    assert len(world.backups.ids(ADA)) == 1


def test_there_is_one_backup_a_minute_of_a_kind(world: World) -> None:
    first = world.backups.make(ADA, "deck")
    world.wait(MINUTE_MS - 1)
    world.add_note("one")
    assert world.backups.make(ADA, "deck") == first
    assert world.backups.make(ADA, "notetype") != first
    world.wait(1)
    assert world.backups.make(ADA, "deck").preview.notes == 1 == len(world.fronts())


def test_two_backups_of_one_moment_are_both_kept(world: World) -> None:
    first = world.backups.make(ADA, "restore")
    world.add_note("one")
    second = world.backups.make(ADA, "restore")
    assert {backup.preview.notes for backup in (first, second)} == {0, 1}
    assert len(world.backups.of(ADA)) == 2


def test_a_restore_puts_the_collection_back_and_keeps_what_it_replaced(any_world: World) -> None:
    any_world.add_note("one")
    old = any_world.backups.make(ADA, "manual")
    any_world.add_note("two")
    before = any_world.backups.restore(ADA, str(old.id))
    assert any_world.fronts() == ["one"]
    any_world.backups.restore(ADA, str(before))
    assert any_world.fronts() == ["one", "two"]


def test_a_restore_right_after_another_keeps_the_present_all_the_same(world: World) -> None:
    old = world.backups.make(ADA, "manual")
    world.backups.restore(ADA, str(old.id))
    world.add_note("in between")
    kept = world.backups.restore(ADA, str(old.id))
    assert world.backups.get(ADA, str(kept)).preview.notes == 1


def test_a_restore_can_be_undone_and_redone(world: World) -> None:
    old = world.backups.make(ADA, "manual")
    world.add_note("new")
    world.backups.restore(ADA, str(old.id))
    steps: list[tuple[Way, list[str]]] = [("undo", ["new"]), ("redo", [])]
    for way, fronts in steps:
        reversion = Reversion(way, _never, None, UndoRecorder())
        assert world.storage.revert(ADA, reversion) == {"operation": "Restore backup"}
        assert world.fronts() == fronts


def _never(conn: sqlite3.Connection, inverse: bytes) -> dict[str, Any]:
    raise AssertionError("an image is put back, not rows")


def test_the_same_request_again_restores_nothing(world: World) -> None:
    old = world.backups.make(ADA, "manual")
    world.add_note("before")
    request = Request("key", b"digest")
    first = world.backups.restore(ADA, str(old.id), request)
    world.add_note("after")
    assert world.backups.restore(ADA, str(old.id), request) == first
    assert world.fronts() == ["after"]
    with pytest.raises(IdempotencyKeyReusedError):
        world.backups.restore(ADA, str(old.id), Request("key", b"other"))


def test_after_a_restore_other_devices_have_to_sync_in_full(world: World) -> None:
    old = world.backups.make(ADA, "manual")
    world.add_note("new")
    world.wait(MINUTE_MS)
    world.backups.restore(ADA, str(old.id))
    times = world.storage.read(
        ADA, lambda conn: conn.execute("SELECT scm, mod FROM col").fetchone()
    )
    assert times == (world.now_ms, world.now_ms)


@pytest.mark.parametrize(
    "backup_id", ["1-manual", "x", "../../grace/gen1/5-manual", "", "1-manual/"]
)
def test_what_is_no_backup_is_not_found_and_nothing_is_made(world: World, backup_id: str) -> None:
    with pytest.raises(NotFoundError):
        world.backups.restore(ADA, backup_id)
    assert world.backups.ids(ADA) == []


def test_backups_are_of_one_registration_only(any_world: World) -> None:
    made = any_world.backups.make(ADA, "manual")
    for stranger in (AGAIN, GRACE, Owner("ada")):
        assert any_world.backups.of(stranger) == []
        with pytest.raises(NotFoundError):
            any_world.backups.get(stranger, str(made.id))


def test_all_backups_of_a_registration_can_be_removed(any_world: World) -> None:
    any_world.create(GRACE)
    for owner in (ADA, GRACE):
        any_world.backups.make(owner, "manual")
    any_world.backups.delete_all(ADA)
    assert any_world.backups.ids(ADA) == []
    assert len(any_world.backups.ids(GRACE)) == 1


def test_there_is_no_backup_of_no_collection(world: World) -> None:
    with pytest.raises(NotFoundError):
        world.backups.make(GRACE, "manual")
    assert world.backups.ids(GRACE) == []


def test_of_too_many_backups_some_go(make_world: MakeWorld) -> None:
    world = make_world(most=3)
    for number in range(6):
        world.add_note(str(number))
        world.backups.make(ADA, "manual")
        world.wait(DAY_MS)
    assert len(world.backups.ids(ADA)) == 3
    assert world.backups.of(ADA)[0].preview.notes == 6


def faulty(plan: Callable[[str], Fault | None]) -> tuple[Backups, CollectionStorage]:
    log, base = MemoryCommitLog(), MemoryBaseStore()
    storage = CollectionStorage(base, log, StorageOptions(sleep=lambda _: None))
    backups = Backups(storage, FaultyBaseStore(base, plan), most=9, now_ms=lambda: 5)
    World.create(_Has(storage), ADA)  # type: ignore[arg-type]
    return backups, storage


class _Has:
    def __init__(self, storage: CollectionStorage) -> None:
        self.storage = storage


def test_an_answer_that_is_lost_once_makes_one_backup() -> None:
    backups, _ = faulty(plan_of("put", Fault.LOST_ANSWER))
    made = backups.make(ADA, "manual")
    assert backups.ids(ADA) == [made.id] == [BackupId(5, "manual")]


@pytest.mark.parametrize("fault", [Fault.OUTAGE, Fault.LOST_REQUEST])
def test_a_backup_that_cannot_be_stored_refuses(fault: Fault) -> None:
    backups, _ = faulty(lambda method: fault if method == "put" else None)
    with pytest.raises(StorageUnavailableError):
        backups.make(ADA, "manual")


def test_a_restore_whose_backup_of_the_present_fails_changes_nothing() -> None:
    faults: list[Fault | None] = [None]
    backups, storage = faulty(lambda method: faults[0] if method == "put" else None)
    old = backups.make(ADA, "manual")
    storage.transact(ADA, lambda conn: conn.execute("UPDATE col SET conf = '{}'") and None)
    before = storage.image(ADA)
    faults[0] = Fault.OUTAGE
    with pytest.raises(StorageUnavailableError):
        backups.restore(ADA, str(old.id))
    assert storage.image(ADA) == before


def test_a_strange_object_among_the_backups_harms_nothing(world: World) -> None:
    base = world.base
    assert isinstance(base, MemoryBaseStore)
    for name in ("readme.txt", "5-manual.anki2", "x-manual.anki2", "5-other.anki2"):
        base.place(f"backups/ada/gen1/{name}", b"strange")
    made = world.backups.make(ADA, "manual")
    assert world.backups.of(ADA) == [made]
