"""The collection files that a container has at hand, each with its etag."""

import shutil
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True)
class WarmCopy:
    """A file that never changes again."""

    path: Path
    etag: str


class WarmCopies:
    """One copy an owner in a private directory; one request at a time, as a container serves."""

    def __init__(self, directory: Path) -> None:
        directory.mkdir(mode=0o700, parents=True, exist_ok=True)
        self._directory = directory
        self._copies: dict[str, WarmCopy] = {}

    def find(self, key: str) -> WarmCopy | None:
        return self._copies.get(key)

    def keep(self, key: str, draft: Path, etag: str) -> WarmCopy:
        """Make the draft the copy, in the place of an earlier one."""
        copy = WarmCopy(self._fresh_path(), etag)
        draft.rename(copy.path)
        if earlier := self._copies.get(key):
            earlier.path.unlink()
        self._copies[key] = copy
        return copy

    @contextmanager
    def draft(self, content: Path | bytes | None = None) -> Iterator[Path]:
        """A private file to work on, gone afterwards unless it was kept."""
        path = self._fresh_path()
        if isinstance(content, Path):
            shutil.copyfile(content, path)
        elif content is not None:
            path.write_bytes(content)
        try:
            yield path
        finally:
            path.unlink(missing_ok=True)

    def _fresh_path(self) -> Path:
        return self._directory / f"{uuid.uuid4().hex}.anki2"
