"""`python -m benchmarks.storage`: measure the storage engine against the whole file.

Writes benchmarks/results/storage.json and the tables of docs/performance.md; exits with 1 when a
promise is not kept. With --quick only the small collections, and nothing is written.
"""

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path

from benchmarks.collections import SIZES
from benchmarks.model import CONSERVATIVE, FAST
from benchmarks.publishing import tell, write_results
from benchmarks.report import replace_tables, tables
from benchmarks.running import run

ROOT = Path(__file__).parent.parent
RESULTS = ROOT / "benchmarks" / "results" / "storage.json"
DOCUMENT = ROOT / "docs" / "performance.md"

_QUICK = 2


def main(arguments: Sequence[str]) -> int:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.storage")
    parser.add_argument("--quick", action="store_true", help="100 KB and 1 MB only, writes nothing")
    quick = parser.parse_args(arguments).quick
    results = run(SIZES[:_QUICK] if quick else SIZES, (FAST, CONSERVATIVE), _say)
    if not quick:
        write_results(results, RESULTS)
        document = DOCUMENT.read_text(encoding="utf-8")
        DOCUMENT.write_text(replace_tables(document, results), encoding="utf-8")
    return tell(f"\n{tables(results)}", results.bars)


def _say(text: str) -> None:
    sys.stdout.write(f"{text}\n")
    sys.stdout.flush()


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
