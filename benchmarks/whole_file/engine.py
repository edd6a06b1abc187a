"""Each owner's collection is one file in the base store, replaced by compare-and-set.

Every use validates the copy at hand with one conditional read; every change is one conditional
write of the whole file on the version that it was made from. Nothing is locked. What the engine
did about lost answers and about files that others put there is left out: it cost nothing where
nothing goes wrong, and in the benchmark nothing does.
"""

import random
import sqlite3
import time
from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

from benchmarks.whole_file.files import reading, same_content, transaction
from benchmarks.whole_file.ports import NotModified, WholeFileStore
from benchmarks.whole_file.warm import WarmCopies, WarmCopy
from chalicelib.errors import ConflictError, NotFoundError
from chalicelib.storage.keys import Owner
from chalicelib.storage.ports import PreconditionFailedError, StoredObject

T = TypeVar("T")

_RETRIES = 20
# A jittered wait between tries, growing to four times the first one.
_PAUSE_S = 0.05
_MAX_PAUSES = 4


class WholeFileStorage:
    """Every owner's collection, read and changed in transactions, in one container.

    All methods raise NotFoundError when the owner has no collection.
    """

    def __init__(self, base: WholeFileStore, cache_dir: Path) -> None:
        self._base = base
        self._warm = WarmCopies(cache_dir)

    def create(self, owner: Owner, build: Callable[[sqlite3.Connection], None]) -> bool:
        """Make the collection by `build(conn)` on an empty database; False when there is one."""
        with self._warm.draft() as path:
            with transaction(path, new=True) as conn:
                build(conn)
            try:
                self._store(owner.base_key, path, None)
            except PreconditionFailedError:
                return False
        return True

    def transact(self, owner: Owner, fn: Callable[[sqlite3.Connection], T]) -> T:
        """Run `fn` and commit all of its changes, or none; its result.

        It runs again when another writer was first. Raises ConflictError when the retries are
        used up.
        """
        for attempt in range(_RETRIES + 1):
            if attempt:
                _pause(attempt)
            try:
                return self._attempt(owner.base_key, fn)
            except PreconditionFailedError:
                continue
        raise ConflictError

    def read(self, owner: Owner, fn: Callable[[sqlite3.Connection], T]) -> T:
        """Run `fn` on the current state; its result."""
        with reading(self._validated(owner.base_key).path) as conn:
            return fn(conn)

    def image(self, owner: Owner) -> bytes:
        """The current collection as the bytes of one complete `.anki2` file."""
        return self._validated(owner.base_key).path.read_bytes()

    def _attempt(self, key: str, fn: Callable[[sqlite3.Connection], T]) -> T:
        copy = self._validated(key)
        with self._warm.draft(copy.path) as path:
            with transaction(path) as conn:
                result = fn(conn)
            if not same_content(copy.path, path):
                self._store(key, path, copy.etag)
        return result

    def _validated(self, key: str) -> WarmCopy:
        known = self._warm.find(key)
        if known is None:
            return self._kept(key, self._base.get(key))
        found = self._base.get_if_changed(key, known.etag)
        return known if isinstance(found, NotModified) else self._kept(key, found)

    def _kept(self, key: str, found: StoredObject | None) -> WarmCopy:
        if found is None:
            raise NotFoundError("There is no collection.")
        with self._warm.draft(found.data) as path:
            return self._warm.keep(key, path, found.etag)

    def _store(self, key: str, draft: Path, if_match: str | None) -> None:
        etag = self._base.put(key, draft.read_bytes(), metadata={}, if_match=if_match)
        self._warm.keep(key, draft, etag)


def _pause(attempt: int) -> None:
    time.sleep(_PAUSE_S * random.random() * min(attempt, _MAX_PAUSES))  # noqa: S311
