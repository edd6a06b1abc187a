"""Killed anywhere and run again, a copy ends in the state of one that was never disturbed."""

import os
import random
import signal
import subprocess
import sys
import time
from dataclasses import replace
from pathlib import Path

import pytest

from migrations.examining import Options
from migrations.target import Target
from tests.emulators.moto_server import ROOT
from tests.migrations.conftest import Place
from tests.migrations.dying import KilledError, Life, mortal
from tests.migrations.install import Install, build_install
from tests.migrations.moving import move_of, state_of, take_everybody


@pytest.mark.parametrize("after", [False, True], ids=["before a write", "after a write"])
def test_death_at_each_single_write(tmp_path: Path, options: Options, after: bool) -> None:
    old = build_install(tmp_path / "old", 1)
    alone = replace(options, jobs=1)
    undisturbed = _at(tmp_path / "undisturbed")
    take_everybody(undisturbed, move_of(old, undisturbed), alone)
    wanted = state_of(undisturbed)
    deaths = 0
    while True:
        target = _at(tmp_path / f"dies-{deaths}")
        try:
            take_everybody(mortal(target, Life(deaths, after=after)), move_of(old, None), alone)
        except KilledError:
            deaths += 1
            outcomes = take_everybody(target, move_of(old, target), alone)
            assert {one.status for one in outcomes.values()} <= {"taken", "already"}
            assert state_of(target) == wanted
        else:
            break
    # An original, two receipts, a name, a collection and an account; admin.db and nobody's files.
    assert deaths == 6 + 3


def _at(data: Path) -> Target:
    return Place("local", {"JAVUMBO_DATA": str(data)}).open()


def test_the_command_killed_at_random_moments(local: Place, tmp_path: Path) -> None:
    place = local
    old = build_install(tmp_path / "old", 10)
    later_s = random.Random(4).random() * 0.4
    kills = [_killed(place, old, tmp_path, delay_s) for delay_s in (0, later_s)]
    assert any(kills), "it was never killed in its work"
    subprocess.run(
        _command(place, old, tmp_path),
        cwd=ROOT,
        env={**os.environ, **place.environ},
        stdout=subprocess.DEVNULL,
        check=False,
    )
    reference = _at(tmp_path / "reference")
    (tmp_path / "work").mkdir()
    options = Options(tmp_path / "work", lambda: time.time_ns() // 1_000_000, lambda: "0" * 32)
    take_everybody(reference, move_of(old, reference, accept=False), options)
    assert state_of(place.open()) == state_of(reference)


def _killed(place: Place, old: Install, folder: Path, delay_s: float) -> bool:
    """Run the command and kill it when it has begun to write; whether it was in time."""
    target = place.open()
    before = len(target.base.keys("legacy/"))
    process = subprocess.Popen(
        _command(place, old, folder),
        cwd=ROOT,
        env={**os.environ, **place.environ, "TMPDIR": str(folder)},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
    )
    with process:
        if _wait_for_work(target, before, process):
            time.sleep(delay_s)
        process.send_signal(signal.SIGKILL)
    return process.returncode == -signal.SIGKILL


def _command(place: Place, old: Install, folder: Path) -> list[str]:
    command = [sys.executable, "-m", "javumbo", "migrate", "--stage", place.stage, "--jobs", "2"]
    files = ["--admin-db", str(old.admin_db), "--user-dbs", str(old.user_dbs)]
    return [*command, *files, "--report", str(folder / "report")]


def _wait_for_work(target: Target, before: int, process: subprocess.Popen[bytes]) -> bool:
    """Until a first new thing lies there, or the process has ended."""
    while process.poll() is None:
        if len(target.base.keys("legacy/")) > before:
            return True
        time.sleep(0.02)
    return False
