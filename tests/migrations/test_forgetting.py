from pathlib import Path

from chalicelib.storage import Owner
from migrations.examining import Options
from migrations.forgetting import forget_all, forget_the_gone
from migrations.noted import note, noted
from migrations.originals import person_keys
from tests.migrations.conftest import Place
from tests.migrations.install import build_install
from tests.migrations.moving import move_of, take_everybody


def test_what_was_kept_goes_with_the_account(
    place: Place, options: Options, tmp_path: Path
) -> None:
    old = build_install(tmp_path / "old", 14)
    target = place.open()
    take_everybody(target, move_of(old, target), options)
    before = set(target.base.keys("legacy/"))
    assert forget_the_gone(target, 2) == 0
    user = target.users.get("person-2")
    assert user
    target.storage.delete(Owner("person-2", user.generation))
    target.users.delete("person-2")
    assert forget_the_gone(target, 2) == 2
    gone = before - set(target.base.keys("legacy/"))
    assert gone == {"legacy/person-2.anki2", "legacy/older/person-2.anki2"}
    assert gone <= set(person_keys("person-2"))
    outcomes = take_everybody(target, move_of(old, target), options)
    assert outcomes["person-2"].status == "already"
    assert target.users.get("person-2") is None


def test_what_was_kept_before_a_name_was_decided_goes_with_the_account(
    local: Place, options: Options, tmp_path: Path
) -> None:
    old = build_install(tmp_path / "old", 9)
    target = local.open()
    take_everybody(target, move_of(old, target, accept=False), options)
    names = {"li": "legacy/unclaimed/li.anki2", "../evil": "legacy/unclaimed/user_9.db"}
    assert all(target.base.head(key) for key in names.values())
    move = move_of(old, target)
    take_everybody(target, move, options)
    for person in move.people:
        if person.old.username in names:
            target.users.delete(person.username)
    assert forget_the_gone(target, 2) == 4
    assert not any(target.base.head(key) for key in names.values())
    assert target.base.head("legacy/unclaimed/nobody-left.anki2")


def test_in_the_end_everything_is_forgotten(local: Place, options: Options, tmp_path: Path) -> None:
    old = build_install(tmp_path / "old", 3)
    target = local.open()
    take_everybody(target, move_of(old, target), options)
    note(target.base, move_of(old, target).install, ())
    assert forget_all(target, 2) > 0
    assert target.base.keys("legacy/") == []
    assert noted(target.base) is None
    assert len(target.usernames()) == 3
