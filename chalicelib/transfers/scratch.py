"""Files that are there for a moment."""

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from chalicelib.storage.disk import disk_errors


@contextmanager
def scratch_folder(parent: Path | None) -> Iterator[Path]:
    """A private folder in `parent`, or the system's temporary one; gone afterwards."""
    with disk_errors():
        if parent:
            parent.mkdir(parents=True, exist_ok=True)
        folder = tempfile.TemporaryDirectory(prefix="javumbo-file-", dir=parent)
    with folder as name:
        yield Path(name)
