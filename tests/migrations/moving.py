"""Taking people over as the command does, and what a test wants to know of the result."""

import json
import os
import sqlite3
import subprocess
import sys
from collections.abc import Mapping, Sequence
from contextlib import closing
from pathlib import Path
from tempfile import TemporaryDirectory
from types import MappingProxyType
from typing import Any

from migrations.contents import digests_of
from migrations.copying import Move, everybody, take_all
from migrations.examining import Options
from migrations.flask.install import read_install
from migrations.naming import Decision
from migrations.outcomes import Outcome
from migrations.target import Target
from tests.migrations.conftest import Place
from tests.migrations.install import Install

CHECKER = Path(__file__).parents[1] / "oracle_packages" / "check_files.py"


def quietly(_number: int) -> None:
    """Shows no progress."""


def move_of(
    old: Install,
    target: Target | None,
    more: Mapping[str, Decision] = MappingProxyType({}),
    *,
    accept: bool = True,
) -> Move:
    """Everybody; with `accept` under the names that are suggested."""
    install = read_install(old.admin_db, old.user_dbs)
    move = everybody(install, target, more, 2)
    suggested = {
        person.old.username: Decision(username=person.suggestion)
        for person in move.people
        if person.suggestion
    }
    return everybody(install, target, {**suggested, **more}, 2) if accept else move


def take_everybody(target: Target, move: Move, options: Options) -> dict[str, Outcome]:
    """The outcomes by old username."""
    outcomes = take_all(target, move, options, quietly)
    return {outcome.old_username: outcome for outcome in outcomes}


def with_everybody(place: Place, old: Install, options: Options) -> Target:
    """A target after a first copy."""
    target = place.open()
    take_everybody(target, move_of(old, target), options)
    return target


def state_of(target: Target) -> dict[str, Any]:
    """All that was made, but for what chance and the clock give."""
    users = {name: target.users.get(name) for name in target.usernames()}
    originals = [key for key in target.base.keys("legacy/") if not key.endswith(".json")]
    return {
        "users": {
            name: (user.name, user.password_hash, user.ready, user.created_at_ms // 86_400_000)
            for name, user in users.items()
            if user
        },
        "collections": {
            name: target.storage.read(name, _held)
            for name, user in users.items()
            if user and user.ready
        },
        "bases": target.base.keys("user_dbs/"),
        "originals": {key: metadata_of(target, key) for key in originals},
        "done": {one.old_username: (one.fate, one.is_done) for one in target.receipts.all(2)},
    }


def _held(conn: sqlite3.Connection) -> dict[str, Any]:
    """Decks by name: a parent that was missing has a time for its id."""
    return digests_of(conn) | {"decks": _deck_names(conn)}


def metadata_of(target: Target, key: str) -> dict[str, str]:
    head = target.base.head(key)
    assert head
    return dict(head.metadata)


def rows_of(path: Path) -> dict[str, list[Any]]:
    """What nobody may touch in a sound collection, read with all that lies beside the file."""
    with TemporaryDirectory() as folder:
        for part in path.parent.glob(f"{path.name}*"):
            Path(folder, part.name).write_bytes(part.read_bytes())
        with closing(sqlite3.connect(Path(folder, path.name))) as conn:
            return {
                "notes": conn.execute("SELECT id, mid, mod, flds FROM notes").fetchall(),
                "cards": conn.execute(
                    "SELECT id, nid, did, ord, mod, type, queue, due, ivl, factor, reps, lapses,"
                    " left, odue, odid, flags FROM cards WHERE nid IN (SELECT id FROM notes)"
                ).fetchall(),
                "revlog": conn.execute(
                    "SELECT id, cid, ease, ivl, lastIvl, factor, time, type FROM revlog"
                ).fetchall(),
                "decks": _deck_names(conn),
            }


def _deck_names(conn: sqlite3.Connection) -> list[str]:
    decks = json.loads(conn.execute("SELECT decks FROM col").fetchone()[0])
    return sorted(deck["name"] for deck in dict(decks).values())


def what_anki_says(files: Sequence[Path]) -> dict[str, Any]:
    """By file what real Anki has against it; nothing for those that are clean."""
    done = subprocess.run(
        [sys.executable, str(CHECKER)],
        input=json.dumps([str(path) for path in files]),
        env=os.environ | {"TZ": "UTC"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    reports = json.loads(done.stdout.splitlines()[-1])
    assert len(reports) == len(files)
    return {
        report["file"]: report.get("error") or [report["problems"], report["lint"]]
        for report in reports
        if not report["ok"]
    }
