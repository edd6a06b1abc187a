"""The engine: each user's collection is one file in the base store, replaced by compare-and-set.

Every use validates the copy at hand with one conditional read; every change is one conditional
write of the whole file on the version that it was made from. Nothing is locked.
"""

import random
import sqlite3
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TypeVar

from chalicelib.errors import ConflictError, NotFoundError, StorageUnavailableError
from chalicelib.storage.disk import disk_errors
from chalicelib.storage.image import rollback_image, same_content
from chalicelib.storage.keys import base_key
from chalicelib.storage.ports import BaseStore, NotModified, PreconditionFailedError, StoredObject
from chalicelib.storage.transaction import check_integrity, reading, transaction
from chalicelib.storage.versions import Version, is_ours, store_version
from chalicelib.storage.warm import WarmCopies, WarmCopy

T = TypeVar("T")

_CACHE_BYTES = 256 * 1024 * 1024
# A jittered wait between tries, growing to four times the first one.
_PAUSE_S = 0.05
_MAX_PAUSES = 4


class CollectionStorage:
    """Every user's collection, read and changed in transactions; safe to use from many threads.

    All methods raise BadInputError for what is not a normalised username, NotFoundError when the
    user has no collection, and StorageUnavailableError when the storage does not answer or what
    it holds is not a whole SQLite file (which is never written over).
    """

    def __init__(
        self,
        base: BaseStore,
        cache_dir: Path | None = None,
        *,
        retries: int = 20,
        cache_bytes: int = _CACHE_BYTES,
        sleep: Callable[[float], None] = time.sleep,
        random: Callable[[], float] = random.random,
    ) -> None:
        """Nothing is opened or asked for before the first use.

        `cache_dir` holds this process's private directory of copies (None: the system's
        temporary one), `cache_bytes` is what they may take up together. `retries` is how often a
        change is made again after another writer was first; `sleep` takes seconds, `random`
        gives 0 to 1.
        """
        self._base = base
        self._warm = WarmCopies(cache_dir, cache_bytes)
        self._retries = retries
        self._sleep = sleep
        self._random = random

    def create(self, username: str, build: Callable[[sqlite3.Connection], None]) -> bool:
        """Make the user's collection by `build(conn)` on an empty database and store it.

        False when there is one already: then nothing changes. The file has 4096-byte pages,
        UTF-8, rollback mode and user_version 0.
        """
        key = base_key(username)
        with self._warm.draft() as path:
            with transaction(path, new=True) as conn:
                build(conn)
            try:
                self._store(username, key, path, None)
            except PreconditionFailedError:
                return False
        return True

    def transact(
        self,
        username: str,
        fn: Callable[[sqlite3.Connection], T],
        key: str | None = None,  # noqa: ARG002
    ) -> T:
        """Run `fn` and commit all of its changes, or none; its result.

        `fn` runs again on fresh state when another writer was first, so it touches nothing but
        its connection and returns no open cursor. It cannot end the transaction, attach files or
        set pragmas. Its exception is raised through and nothing is changed; where it changed
        nothing, nothing is written. Raises ConflictError when the retries are used up.

        `key` names the transaction for an engine that remembers outcomes. This one does not: the
        same key again is another transaction.
        """
        for attempt in range(self._retries + 1):
            if attempt:
                self._pause(attempt)
            try:
                with self.attempt(username) as conn:
                    result = fn(conn)
            except PreconditionFailedError:
                continue
            return result
        raise ConflictError

    @contextmanager
    def attempt(self, username: str) -> Iterator[sqlite3.Connection]:
        """One transaction on a private copy: stored when left normally, gone on an exception.

        Raises PreconditionFailedError on leaving when another writer was first; then nothing is
        stored. `transact` and LockedS3SQLiteConnection are made of it.
        """
        key = base_key(username)
        with self._current(username, key) as copy, self._warm.draft(copy.path) as path:
            with transaction(path) as conn:
                yield conn
            with disk_errors():
                changed = not same_content(copy.path, path)
            if changed:
                self._store(username, key, path, copy.version)

    def read(self, username: str, fn: Callable[[sqlite3.Connection], T]) -> T:
        """Run `fn` on the current state; its result.

        `fn` cannot write, and returns no open cursor.
        """
        with self._current(username, base_key(username)) as copy, reading(copy.path) as conn:
            return fn(conn)

    def image(self, username: str) -> bytes:
        """The current collection as the bytes of one complete `.anki2` file."""
        with self._current(username, base_key(username)) as copy, disk_errors():
            return copy.path.read_bytes()

    def exists(self, username: str) -> bool:
        """Whether the user has a collection, whole or not."""
        return self._base.head(base_key(username)) is not None

    def delete(self, username: str) -> None:
        """Remove the user's collection for good; fine when there is none."""
        self._base.delete(base_key(username))
        self._warm.forget(username)

    @contextmanager
    def _current(self, username: str, key: str) -> Iterator[WarmCopy]:
        """The validated copy, which stays as it is while it is used."""
        copy = self._validated(username, key)
        try:
            yield copy
        finally:
            self._warm.give_back(copy)

    def _validated(self, username: str, key: str) -> WarmCopy:
        known = self._warm.borrow(username)
        if known is None:
            return self._kept(username, self._base.get(key))
        try:
            found = self._base.get_if_changed(key, known.version.etag)
        except BaseException:
            self._warm.give_back(known)
            raise
        if isinstance(found, NotModified):
            return known
        self._warm.give_back(known)
        return self._kept(username, found)

    def _kept(self, username: str, found: StoredObject | None) -> WarmCopy:
        """The object as the user's warm copy, once its bytes can be trusted."""
        if found is None:
            self._warm.forget(username)
            raise NotFoundError("There is no collection.")
        with self._warm.draft(rollback_image(found.data)) as path:
            if not is_ours(found):
                check_integrity(path)
            return self._warm.keep(username, path, Version.of(found))

    def _store(self, username: str, key: str, path: Path, parent: Version | None) -> None:
        """Store a draft as the successor of `parent` and keep it warm."""
        with disk_errors():
            image = rollback_image(path.read_bytes())
        version = store_version(self._base, key, image, parent, self._pause)
        if version is None:
            return
        with suppress(StorageUnavailableError):
            self._warm.give_back(self._warm.keep(username, path, version))

    def _pause(self, attempt: int) -> None:
        self._sleep(_PAUSE_S * self._random() * min(attempt, _MAX_PAUSES))
