"""Nothing that differs escapes the comparison."""

import json
import sqlite3
from collections.abc import Callable
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import msgspec
import pytest

from chalicelib.storage import Owner
from migrations.examining import Options
from migrations.target import Target
from migrations.verifying import verify_all
from tests.migrations.conftest import Place
from tests.migrations.install import Install, build_install
from tests.migrations.moving import move_of, quietly, take_everybody

WHO = "person-0"
Damage = Callable[[Target], object]


def _in_collection(sql: str) -> Damage:
    def damage(target: Target) -> None:
        target.storage.transact(WHO, lambda conn: conn.execute(sql).close())

    return damage


def _rename_a_deck(target: Target) -> None:
    def rename(conn: sqlite3.Connection) -> None:
        (text,) = conn.execute("SELECT decks FROM col").fetchone()
        decks = json.loads(text)
        decks["1"]["name"] = "Another"
        conn.execute("UPDATE col SET decks = ?", (json.dumps(decks),))

    target.storage.transact(WHO, rename)


def _change_object(key: str, data: bytes) -> Damage:
    """With the metadata that it had: only the bytes tell."""

    def damage(target: Target) -> None:
        head = target.base.head(key)
        assert head
        target.base.put(key, data, metadata=head.metadata, if_match=head.etag)

    return damage


def _without_collection(target: Target) -> None:
    user = target.users.get(WHO)
    assert user
    target.storage.delete(Owner(WHO, user.generation))


DAMAGES: dict[str, Damage] = {
    "no account": lambda target: target.users.delete(WHO),
    "another password": lambda target: target.users.update(WHO, password_hash="$2b$other"),
    "another name": lambda target: target.users.update(WHO, name="Other"),
    "not ready": lambda target: target.users.update(WHO, ready=False),
    "no collection": _without_collection,
    "a note changed": _in_collection("UPDATE notes SET flds = flds || 'x' WHERE id = 1"),
    "a card": _in_collection("UPDATE cards SET due = due + 1 WHERE queue = 2"),
    "a review missing": _in_collection(
        "DELETE FROM revlog WHERE id = (SELECT max(id) FROM revlog)"
    ),
    "a deck": _rename_a_deck,
    "original changed": _change_object(f"legacy/{WHO}.anki2", b"other bytes"),
    "original gone": lambda target: target.base.delete(f"legacy/{WHO}.anki2"),
    "older original gone": lambda target: target.base.delete("legacy/older/person-2.anki2"),
    "users' original": _change_object("legacy/admin.db", b"other"),
    "nobody's original": lambda t: t.base.delete("legacy/unclaimed/nobody-left.anki2"),
    "receipt gone": lambda target: target.base.delete(f"legacy/{WHO}.json"),
}


@pytest.fixture
def few(tmp_path: Path) -> Install:
    old = build_install(tmp_path / "old", 3)
    assert old.users[0].file
    with closing(sqlite3.connect(old.users[0].file)) as conn, conn:
        conn.execute("UPDATE notes SET id = 1 WHERE id = (SELECT min(id) FROM notes)")
        conn.execute("UPDATE cards SET nid = 1 WHERE nid NOT IN (SELECT id FROM notes)")
    return old


@pytest.mark.parametrize("damage", DAMAGES.values(), ids=DAMAGES.keys())
def test_each_difference_is_found(
    local: Place, few: Install, options: Options, damage: Damage
) -> None:
    target = local.open()
    move = move_of(few, target)
    take_everybody(target, move, options)
    assert verify_all(target, move, options, quietly) == []
    damage(target)
    findings = verify_all(local.open(), move, options, quietly)
    assert findings
    assert {finding.username for finding in findings} <= {WHO, "person-2", ""}


def test_who_is_not_in_the_old_install_any_more_is_told(
    local: Place, few: Install, options: Options
) -> None:
    target = local.open()
    take_everybody(target, move_of(few, target), options)
    with closing(sqlite3.connect(few.admin_db)) as conn, conn:
        conn.execute("DELETE FROM users WHERE user_id = 1")
    findings = verify_all(target, move_of(few, target), options, quietly)
    assert WHO in {finding.username for finding in findings}


def test_comparing_finds_what_two_conversions_make_different(
    local: Place, few: Install, options: Options
) -> None:
    """It converts anew, and does not believe what was noted."""
    target = local.open()
    move = move_of(few, target)
    take_everybody(target, move, options)
    kept = target.receipts.read(WHO)
    assert kept
    mistaken = msgspec.structs.replace(kept.receipt, repairs=("nothing was repaired",))
    target.receipts.put(mistaken, kept)
    assert verify_all(target, move, replace(options, jobs=1), quietly)
