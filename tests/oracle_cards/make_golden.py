"""Ask real Anki and write tests/golden_cards/cases.json.xz, which the tests are judged by.

    python -m tests.oracle_cards.make_golden [WORLDS [FIRST_SEED]]

Development only: needs the `anki` package and libfaketime; about two minutes. An object with Anki's
version and `worlds`: each has `before`, a whole collection as Anki leaves it, and `cases`: an
operation, the error by which Anki refused it or null, and what of the collection differs after it.
With arguments it writes nothing, and compares that many other worlds with what our own code does.
"""

import json
import lzma
import sqlite3
import subprocess
import sys
import tempfile
from contextlib import closing
from importlib.metadata import version
from pathlib import Path
from typing import Any

from tests.golden_cards import GOLDEN, GoldenCase, differences
from tests.oracle_cards.states import State, state_of
from tests.oracle_cards.worlds import World, random_world

SCRIPT = Path(__file__).parent.parent / "oracle" / "card_operations.py"
# None of them changes its clock in the weeks in which the worlds are.
TIMEZONES = {"UTC": 0, "America/Sao_Paulo": 180, "Asia/Kathmandu": -345, "Pacific/Auckland": -780}
WORLDS = 36
OPERATIONS = 18


def worlds(first_seed: int, count: int) -> list[World]:
    zones = list(TIMEZONES.items())
    return [
        random_world(seed, *zones[seed % len(zones)], operations=OPERATIONS)
        for seed in range(first_seed, first_seed + count)
    ]


def in_anki(timezone: str, jobs: list[dict[str, Any]]) -> list[str | None]:
    done = subprocess.run(
        [sys.executable, str(SCRIPT), timezone],
        input=json.dumps(jobs),
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    errors: list[str | None] = json.loads(done.stdout.splitlines()[-1])
    return errors


def judged(world: World, folder: Path) -> dict[str, Any]:
    """The world as Anki leaves it, and what each of its operations does to it in Anki."""
    begun = folder / "begun.anki2"
    with closing(world.conn):
        world.conn.execute("VACUUM INTO ?", (str(begun),))
    now_s = world.now_ms // 1000
    in_anki(world.timezone, [{"collection": str(begun), "now": now_s - 60, "operation": None}])
    before = _read(begun)
    jobs: list[dict[str, Any]] = []
    for n, operation in enumerate(world.operations):
        target = folder / f"{n}.anki2"
        target.write_bytes(begun.read_bytes())
        jobs.append({"collection": str(target), "now": now_s, "operation": operation})
    errors = in_anki(world.timezone, jobs)
    cases = [
        [job["operation"], error, _changes(before, _read(Path(job["collection"])))]
        for job, error in zip(jobs, errors, strict=True)
    ]
    return {"now_ms": world.now_ms, "before": before, "cases": cases}


def _read(file: Path) -> State:
    with closing(sqlite3.connect(file)) as conn:
        return state_of(conn)


def _changes(before: State, after: State) -> dict[str, Any]:
    """By table, the rows that are there no more and those that are new or changed."""
    return {
        table: [[row for row in before[table] if row not in after[table]], new]
        for table in before
        if (new := [row for row in after[table] if row not in before[table]])
        or any(row not in after[table] for row in before[table])
    }


def golden(first_seed: int, count: int) -> dict[str, Any]:
    found = []
    for world in worlds(first_seed, count):
        with tempfile.TemporaryDirectory() as folder:
            found.append(judged(world, Path(folder)))
    return {"anki": version("anki"), "worlds": found}


def main() -> None:
    if len(sys.argv) > 1:
        count, first_seed = int(sys.argv[1]), int([*sys.argv, "1000"][2])
        _compare(golden(first_seed, count))
        return
    text = json.dumps(golden(0, WORLDS), ensure_ascii=False, separators=(",", ":"))
    GOLDEN.write_bytes(lzma.compress(text.encode(), preset=9 | lzma.PRESET_EXTREME))


def _compare(made: dict[str, Any]) -> None:
    cases = [GoldenCase.of(world, n) for world in made["worlds"] for n in range(OPERATIONS)]
    found = [(case, differences(case)) for case in cases]
    for case, wrong in found:
        if wrong:
            print(case.operation, case.error, *wrong, sep="\n    ")
            for row in case.before["cards"]:
                if any(str(row[0]) in x for x in wrong):
                    print("      ", row)
    print(f"{len(cases)} cases, {sum(bool(wrong) for _, wrong in found)} with differences")


if __name__ == "__main__":
    main()
