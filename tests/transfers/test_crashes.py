"""A process that dies anywhere in an import: somebody goes on, and it is imported once."""

import signal
import subprocess
import sys
from collections.abc import Callable
from contextlib import closing
from itertools import count
from pathlib import Path

import pytest

from chalicelib.storage.directory import DirectoryBaseStore
from chalicelib.storage.sqlite_log import SQLiteCommitLog
from chalicelib.transfers.imports import QUICK_BYTES
from chalicelib.transfers.steps import HOLD_MS
from tests.storage.memory import Crash, Fault, FaultyBaseStore, MemoryBaseStore
from tests.storage.memory_log import MemoryCommitLog
from tests.transfers.world import ADA, FILE, World

ROOT = Path(__file__).parent.parent.parent
LARGE = QUICK_BYTES + 1


def finish(world: World, upload_id: str) -> None:
    """What the next process does."""
    world.wait(HOLD_MS)
    world.imports.start(ADA, upload_id, None, "merge")
    world.imports.resume()


@pytest.mark.parametrize("fault", [Fault.CRASH_BEFORE, Fault.CRASH_AFTER])
def test_it_may_die_at_any_call_of_the_store(tmp_path: Path, fault: Fault) -> None:
    """Every call in turn, until there is none left to die at."""
    for fatal in count():
        base, log = MemoryBaseStore(), MemoryCommitLog()
        upload_id = World(base, tmp_path, log).upload(size=LARGE)
        calls = count()
        dying = World(FaultyBaseStore(base, plan(calls, fatal, fault)), tmp_path, log)
        try:
            dying.imports.start(ADA, upload_id, None, "merge")
            died = False
        except Crash:
            died = True
        survivor = World(base, tmp_path, log)
        finish(survivor, upload_id)
        assert survivor.imports.get(ADA, upload_id).result == {"name": FILE.decode()}
        assert survivor.imported() == {FILE.decode(): 1}
        assert base.keys("jobs_open/") == base.keys("uploads/") == []
        if not died:
            assert fatal > 10
            return


def plan(calls: "count[int]", fatal: int, fault: Fault) -> Callable[[str], Fault | None]:
    # The first call is of the world itself, which looks whether its tally is there.
    return lambda _: fault if next(calls) == fatal + 1 else None


@pytest.mark.parametrize("place", ["begin", "batch", "commit", "end"])
def test_a_process_that_is_killed_is_followed_by_another(tmp_path: Path, place: str) -> None:
    with closing(SQLiteCommitLog(tmp_path / "commits.db")) as log:
        world = World(DirectoryBaseStore(tmp_path / "data"), tmp_path, log)
        upload_id = world.upload(size=LARGE)
        killed = subprocess.run(
            [sys.executable, "-m", "tests.transfers.dying", str(tmp_path), upload_id, place],
            cwd=ROOT,
            check=False,
        )
        assert killed.returncode == -signal.SIGKILL
        assert world.imports.get(ADA, upload_id).state == "running"
        finish(world, upload_id)
        assert world.imports.get(ADA, upload_id).state == "done"
        assert world.imported() == {FILE.decode(): 1}
