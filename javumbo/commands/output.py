"""What commands show: results on standard output, all else on standard error."""

import json
import sys
import unicodedata
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any, TextIO

from javumbo.client import Progress, no_progress

_BYTES = frozenset({"upload", "download"})
_CONTROL = frozenset({"Cc", "Cs", "Zl", "Zp"})
# What turns the direction of the text after it; other invisible signs are parts of words.
_TURNING = frozenset("\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")


def say(text: str) -> None:
    """One line of the result. What the service named is shown without control characters."""
    _print(printable(text), sys.stdout)


def say_json(value: Any) -> None:
    _print(json.dumps(value, ensure_ascii=False, indent=2), sys.stdout)


def remark(text: str, fields: Mapping[str, str] | None = None) -> None:
    """What a person should know, and what is wrong with which input."""
    _print(f"javumbo: {printable(text)}", sys.stderr)
    for name, reason in (fields or {}).items():
        _print(printable(f"  {name}: {reason}"), sys.stderr)


def printable(text: str) -> str:
    """One line that cannot command a terminal: names may come from a stranger's deck."""
    return "".join("?" if _commands(char) else char for char in text)


@contextmanager
def progress_shown(*, quiet: bool) -> Iterator[Progress]:
    """A bar for each phase, on a terminal only."""
    if quiet or not sys.stderr.isatty():
        yield no_progress
        return
    from rich import progress as bars  # noqa: PLC0415
    from rich.console import Console  # noqa: PLC0415

    with bars.Progress(
        bars.TextColumn("{task.description}"),
        bars.BarColumn(),
        bars.TaskProgressColumn(),
        bars.TextColumn("{task.fields[amount]}"),
        bars.TimeElapsedColumn(),
        console=Console(stderr=True),
        transient=True,
    ) as shown:
        tasks: dict[str, bars.TaskID] = {}

        def progress(phase: str, done: int, total: int) -> None:
            if phase not in tasks:
                tasks[phase] = shown.add_task(printable(phase), amount="")
            amount = _amount(phase, done, total)
            shown.update(tasks[phase], completed=done, total=total or None, amount=amount)

        yield progress


def _commands(char: str) -> bool:
    return unicodedata.category(char) in _CONTROL or char in _TURNING


def _amount(phase: str, done: int, total: int) -> str:
    if phase in _BYTES:
        return f"{done / 1_000_000:.1f} MB"
    return f"{done} of {total}" if total else ""


def _print(text: str, stream: TextIO) -> None:
    encoding = stream.encoding or "utf-8"
    print(text.encode(encoding, "backslashreplace").decode(encoding), file=stream, flush=True)
