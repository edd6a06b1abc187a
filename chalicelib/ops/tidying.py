"""Room in /tmp, which outlives a request, and even the process when that was killed.

What this process has in use is never touched: replicas by the turns that are taken with them,
other files by their age, for no function on AWS runs longer than 15 minutes.
"""

import shutil
import tempfile
import time
from pathlib import Path
from typing import NamedTuple

from chalicelib.services import Services

UNTOUCHED_S = 20 * 60

# The folders in which files lie for a moment; each is removed by who made it, unless killed.
_FOLDERS = ("backup", "export", "file", "media")


class Tidied(NamedTuple):
    """How many warm copies and how many folders that were left behind are gone."""

    replicas: int
    leftovers: int


def tidy_up(services: Services) -> Tidied:
    """Remove what was not used for a while. Raises StorageUnavailableError."""
    parent = services.settings.cache_dir or Path(tempfile.gettempdir())
    return Tidied(services.storage.clean_up(), remove_leftovers(parent, time.time()))


def remove_leftovers(parent: Path, now_s: float) -> int:
    """Remove our folders in `parent` in which nothing was written for 20 minutes; how many."""
    removed = 0
    for kind in _FOLDERS:
        for folder in parent.glob(f"javumbo-{kind}-*"):
            if folder.is_dir() and not folder.is_symlink() and _is_old(folder, now_s):
                shutil.rmtree(folder, ignore_errors=True)
                removed += 1
    return removed


def _is_old(folder: Path, now_s: float) -> bool:
    try:
        times = [path.stat(follow_symlinks=False).st_mtime for path in (folder, *folder.rglob("*"))]
    except FileNotFoundError:
        return False  # somebody is at work in it
    return now_s - max(times) > UNTOUCHED_S
