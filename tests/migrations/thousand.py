"""A thousand people and a collection of 100 MB, over both targets; takes some minutes.

python -m tests.migrations.thousand [--users 1000] [--large-mb 100] [--stage local|aws]
"""

import argparse
import itertools
import os
import resource
import sqlite3
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import TypeVar

from migrations.copying import take_all
from migrations.examining import Options
from migrations.giving_back import give_back_all
from migrations.target import Target
from migrations.verifying import verify_all
from tests.emulators.moto_server import aws_environment, serialised_moto
from tests.migrations.conftest import Place, new_stage
from tests.migrations.install import NOW_MS, Install, build_install
from tests.migrations.moving import move_of, quietly, what_anki_says

T = TypeVar("T")
_ANKI_AT_ONCE = 100


def main() -> int:
    """0 when everybody is there and real Anki has nothing against any collection."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--users", type=int, default=1000)
    parser.add_argument("--large-mb", type=int, default=100)
    parser.add_argument("--stage", choices=("local", "aws"), default="local")
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder, serialised_moto() as endpoint:
        old = _timed(
            "made",
            lambda: build_install(
                Path(folder, "old"), arguments.users, large_mb=arguments.large_mb
            ),
        )
        place = Place("local", {"JAVUMBO_DATA": str(Path(folder, "data"))})
        if arguments.stage == "aws":
            os.environ.update(aws_environment(endpoint))
            place = Place(new_stage(endpoint), aws_environment(endpoint))
        return 0 if _is_right(old, place.open(), Path(folder)) else 1


def _is_right(old: Install, target: Target, folder: Path) -> bool:
    (folder / "work").mkdir()
    numbers = itertools.count(1)
    options = Options(folder / "work", lambda: NOW_MS, lambda: f"{next(numbers):032x}", jobs=2)
    move = move_of(old, target)
    outcomes = _timed("copied", lambda: take_all(target, move, options, quietly))
    print(dict(Counter(one.status for one in outcomes)), _size(old), "bytes")
    fates = {user.username: user.fate for user in old.users}
    right = {one.old_username: one.status for one in outcomes} == fates
    findings = _timed("verified", lambda: verify_all(target, move, options, quietly))
    right &= {one.username for one in findings} == {n for n, f in fates.items() if f == "not_taken"}
    back = folder / "back"
    returned = _timed(
        "given back",
        lambda: give_back_all(target, back / "admin.db", back / "user_dbs", 2, quietly),
    )
    right &= len(returned.people) == len(old.users) == _rows(back / "admin.db")
    right &= _timed("asked Anki", lambda: _are_clean(target, folder))
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
    print(f"{'right' if right else 'WRONG'}; at most {peak} MB of memory")
    return right


def _are_clean(target: Target, folder: Path) -> bool:
    images = []
    for name in target.usernames():
        user = target.users.get(name)
        if user and user.ready:
            target.storage.image_to(name, folder / f"{name}.anki2")
            images.append(folder / f"{name}.anki2")
    told = [
        what_anki_says(images[start : start + _ANKI_AT_ONCE])
        for start in range(0, len(images), _ANKI_AT_ONCE)
    ]
    print(f"{len(images)} collections, {sum(map(len, told))} that Anki complains of")
    return not any(told)


def _rows(admin_db: Path) -> int:
    with closing(sqlite3.connect(admin_db)) as conn:
        count: int = conn.execute("SELECT count(*) FROM users").fetchone()[0]
        return count


def _size(old: Install) -> int:
    return sum(path.stat().st_size for path in old.user_dbs.iterdir())


def _timed(what: str, work: Callable[[], T]) -> T:
    began = time.perf_counter()
    result = work()
    print(f"{what} in {time.perf_counter() - began:.1f} s", flush=True)
    return result


if __name__ == "__main__":
    sys.exit(main())
