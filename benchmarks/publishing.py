"""Where the results of a benchmark go: a file, a document, and the terminal."""

import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import msgspec

from benchmarks.figures import Bar
from benchmarks.markdown import replaced_between, verdicts


def write_results(results: Any, file: Path) -> None:
    """As JSON that a person can read."""
    file.parent.mkdir(exist_ok=True)
    file.write_bytes(msgspec.json.format(msgspec.json.encode(results), indent=2) + b"\n")


def write_tables(tables: str, document: Path, begin: str, end: str) -> None:
    """Between the two markers of the document."""
    text = document.read_text(encoding="utf-8")
    document.write_text(replaced_between(text, begin, end, tables), encoding="utf-8")


def tell(tables: str, bars: Sequence[Bar]) -> int:
    """Print the tables and a line for each promise; the exit code, 1 when one is broken."""
    sys.stdout.write(f"{tables}\n\n{verdicts(bars)}\n")
    return 0 if all(bar.kept for bar in bars) else 1
