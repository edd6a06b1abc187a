"""What real Anki says of a file: the judge of everything that is exported."""

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

CHECKER = Path(__file__).parent.parent / "oracle" / "check_collection.py"


def report_of_anki(file: Path) -> dict[str, Any]:
    """The report of `check_collection.py`: ok, problems, lint, counts, decks, due, ..."""
    done = subprocess.run(
        [sys.executable, str(CHECKER), str(file)],
        env={**os.environ, "TZ": "UTC"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.stdout, done.stderr
    report: dict[str, Any] = json.loads(done.stdout)
    return report


def assert_clean(file: Path) -> dict[str, Any]:
    """Real Anki opens the file, finds nothing wrong with it and rewrites nothing silently."""
    report = report_of_anki(file)
    assert report["ok"] is True, report
    assert report["problems"] == [], report
    assert report["lint"] == [], report
    return report
