"""The daily backups, and the end of old ones."""

import pytest

from chalicelib.backups.retention import KEPT_MS
from chalicelib.storage import Owner
from tests.backups.conftest import ADA, DAY_MS, HOUR_MS, MINUTE_MS, MakeWorld, World
from tests.storage.memory import Fault, FaultyBaseStore, MemoryBaseStore

GRACE = Owner("grace", "")


def test_who_changed_something_gets_a_backup_and_nobody_else(any_world: World) -> None:
    any_world.create(GRACE)
    any_world.add_note("one", GRACE)
    any_world.sweep()
    assert any_world.kinds(GRACE) == ["daily"]
    assert any_world.kinds(ADA) == []


def test_there_is_one_a_day_however_often_something_changes(world: World) -> None:
    for hour in range(49):
        world.add_note(str(hour))
        world.sweep()
        world.wait(HOUR_MS)
    assert world.kinds() == ["daily"] * 3


def test_a_change_after_the_days_backup_is_in_the_next_one_though_it_was_the_last(
    any_world: World,
) -> None:
    any_world.add_note("one")
    any_world.sweep()
    any_world.wait(MINUTE_MS)
    any_world.add_note("two")
    for _ in range(26):
        any_world.wait(HOUR_MS)
        any_world.sweep()
    assert [backup.preview.notes for backup in any_world.backups.of(ADA)] == [2, 1]


@pytest.mark.parametrize("minutes", range(0, 120, 5))
def test_no_change_is_ever_missed_whenever_it_comes_between_two_sweeps(
    make_world: MakeWorld, minutes: int
) -> None:
    world = make_world()
    world.add_note("first")
    world.wait(minutes * MINUTE_MS)
    world.add_note("last")
    for _ in range(30):
        world.sweep()
        world.wait(HOUR_MS)
    assert world.backups.of(ADA)[0].preview.notes == 2


def test_who_does_nothing_gets_no_more_backups_and_no_more_notes_of_them(world: World) -> None:
    world.add_note("one")
    for _ in range(100):
        world.sweep()
        world.wait(HOUR_MS)
    assert world.kinds() == ["daily"]
    assert world.base.keys("backups_due/") == []
    assert isinstance(world.base, MemoryBaseStore)
    world.base.calls.clear()
    world.sweep()
    assert "put" not in world.base.calls


def test_old_backups_go_also_those_of_who_is_not_active(any_world: World) -> None:
    any_world.add_note("one")
    any_world.sweep()
    any_world.wait(MINUTE_MS)
    any_world.add_note("two")
    any_world.backups.make(ADA, "manual")
    any_world.wait(KEPT_MS + DAY_MS)
    any_world.sweep()
    # The sweep made one of "two" where it was still due; the newest one never goes.
    assert [backup.preview.notes for backup in any_world.backups.of(ADA)] == [2]


def test_a_deleted_collection_is_forgotten(world: World) -> None:
    world.add_note("one")
    world.storage.delete(ADA)
    world.log.marked_at_ms[ADA.ring] = world.now_ms
    assert world.sweeper.sweep() == []
    assert world.base.keys("backups_due/") == []


def test_what_fails_for_one_fails_for_nobody_else_and_is_tried_again(
    make_world: MakeWorld,
) -> None:
    failing = [True]
    memory = MemoryBaseStore()

    class Failing(FaultyBaseStore):
        def keys(self, prefix: str) -> list[str]:
            if failing[0] and prefix.startswith("backups/ada/"):
                return self._read("fail", list)
            return super().keys(prefix)

    world = make_world(Failing(memory, lambda m: Fault.OUTAGE if m == "fail" else None))
    world.create(GRACE)
    for owner in (ADA, GRACE):
        world.add_note("one", owner)
    assert world.sweeper.sweep() == [ADA]
    failing[0] = False
    assert (world.kinds(GRACE), world.kinds(ADA)) == (["daily"], [])
    assert world.sweeper.sweep() == []
    assert world.kinds(ADA) == ["daily"]


def test_strange_marks_and_notes_harm_nothing(world: World) -> None:
    assert isinstance(world.base, MemoryBaseStore)
    world.log.marked_at_ms["No Ring"] = 5
    world.log.marked_at_ms["ada#gen1#media"] = 5
    world.base.place("backups_due/No Owner/x", b"")
    world.add_note("one")
    world.sweeper.sweep()
    assert world.kinds() == ["daily"]
