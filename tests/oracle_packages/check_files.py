"""What `check_collection.py` says of many files, in one process; run as a script.

Reads a JSON list of paths from stdin and prints a JSON list of reports.
"""

import json
import runpy
import sys
import tempfile
from pathlib import Path
from typing import Any

CHECKER = Path(__file__).parents[1] / "oracle" / "check_collection.py"


def main() -> None:
    inspect = runpy.run_path(str(CHECKER))["inspect"]
    reports: list[dict[str, Any]] = []
    for path in json.load(sys.stdin):
        with tempfile.TemporaryDirectory() as work_dir:
            reports.append(inspect(path, True, work_dir)[0])
    print(json.dumps(reports))


if __name__ == "__main__":
    main()
