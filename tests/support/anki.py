"""What real Anki says of a file: the judge of everything that is exported."""

import json
import os
import sqlite3
import subprocess
import sys
from contextlib import closing
from pathlib import Path
from typing import Any

CHECKER = Path(__file__).parent.parent / "oracle" / "check_collection.py"


def report_of_anki(file: Path) -> dict[str, Any]:
    """The report of `check_collection.py`: ok, problems, lint, counts, decks, due, ..."""
    done = subprocess.run(
        [sys.executable, str(CHECKER), str(file)],
        env={**os.environ, "TZ": _time_zone(file)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.stdout, done.stderr
    report: dict[str, Any] = json.loads(done.stdout)
    return report


def _time_zone(file: Path) -> str:
    """Where the collection's owner is: elsewhere it may be another day, on which Anki unburies."""
    if file.suffix != ".anki2":
        return "UTC"
    with closing(sqlite3.connect(file)) as conn:
        (conf,) = conn.execute("SELECT conf FROM col").fetchone()
    minutes_west: int = json.loads(conf).get("localOffset", 0)
    hours, minutes = divmod(abs(minutes_west), 60)
    # Positive is west, in POSIX as in Anki.
    return f"XXX{'-' if minutes_west < 0 else '+'}{hours:02}:{minutes:02}"


def assert_clean(file: Path) -> dict[str, Any]:
    """Real Anki opens the file, finds nothing wrong with it and rewrites nothing silently."""
    report = report_of_anki(file)
    assert report["ok"] is True, report
    assert report["problems"] == [], report
    assert report["lint"] == [], report
    return report
