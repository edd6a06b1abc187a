"""Random changes of notetypes leave what they leave behind in real Anki, and can be taken back."""

import functools
import json
import os
import random
import subprocess
import sys
from collections import Counter
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from chalicelib.errors import BadInputError
from tests.collection.notetype_changing import OLD_S, begun, do, random_step, snapshot
from tests.collection.notetype_comparing import differences
from tests.collection.undoing import content, record, undo
from tests.support.anki import assert_clean
from tests.support.collections import new_connection, save

ORACLE = Path(__file__).parent.parent / "oracle" / "notetype_changes.py"
SEEDS = range(50)
STEPS = 6


@dataclass
class History:
    """Steps that were made here, what each left, and what taking all of them back left."""

    start: Path
    end: Path
    steps: list[dict[str, Any]] = field(default_factory=list)
    left: list[dict[str, Any]] = field(default_factory=list)
    before: dict[str, Any] = field(default_factory=dict)
    taken_back: dict[str, Any] = field(default_factory=dict)

    @property
    def job(self) -> dict[str, Any]:
        return {"collection": str(self.start), "old_s": OLD_S, "steps": self.steps}


@pytest.fixture(scope="module")
def histories(tmp_path_factory: pytest.TempPathFactory) -> list[History]:
    folder = tmp_path_factory.mktemp("notetypes")
    return [history(folder, seed) for seed in SEEDS]


def history(folder: Path, seed: int) -> History:
    rng = random.Random(seed)
    made = History(folder / f"{seed}.anki2", folder / f"{seed} changed.anki2")
    inverses: list[bytes] = []
    with closing(new_connection()) as conn:
        begun(conn, rng)
        save(conn, made.start)
        made.before = content(conn)
        for _ in range(STEPS):
            step = random_step(conn, rng)
            made.steps.append(step)
            (scm,) = conn.execute("SELECT scm FROM col").fetchone()
            try:
                inverses.append(record(conn, functools.partial(do, conn, step)))
            except BadInputError as error:
                made.left.append({"error": f"{error.message} {error.fields}"})
                continue
            (now,) = conn.execute("SELECT scm FROM col").fetchone()
            made.left.append(snapshot(conn) | {"scm": now != scm})
        save(conn, made.end)
        for inverse in filter(None, reversed(inverses)):
            undo(conn, inverse)
        made.taken_back = content(conn)
    return made


def test_each_change_leaves_what_it_leaves_in_anki(histories: list[History]) -> None:
    done = subprocess.run(
        [sys.executable, str(ORACLE)],
        input=json.dumps([one.job for one in histories]),
        env=os.environ | {"TZ": "UTC"},
        text=True,
        check=True,
        capture_output=True,
    )
    kinds: Counter[str] = Counter()
    for one, theirs in zip(histories, json.loads(done.stdout), strict=True):
        for step, ours, there in zip(one.steps, one.left, theirs, strict=True):
            assert differences(ours, there) == [], step
            kinds["refused" if "error" in ours else step["do"]] += 1
    assert kinds["update"] > 150
    assert min(kinds[kind] for kind in ("add", "remove", "refused")) > 10


def test_every_change_can_be_taken_back(histories: list[History]) -> None:
    for one in histories:
        assert one.taken_back == one.before, one.start


@pytest.mark.parametrize("seed", [3, 14, 15])
def test_what_is_left_is_clean(histories: list[History], seed: int) -> None:
    assert_clean(histories[seed].end)
