"""Where one registration's media lie: the index in the storage, the contents in a base store."""

import sqlite3
from collections.abc import Callable, Iterable
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

from chalicelib.errors import NotFoundError
from chalicelib.media import index
from chalicelib.media.blobs import PersonBlobs
from chalicelib.storage import CollectionStorage, Owner, Request
from chalicelib.storage.keys import COLLECTION, MEDIA
from chalicelib.storage.ports import BaseStore

T = TypeVar("T")
Answer = dict[str, Any]

# A blob that has no name yet is taken for forgotten after this time.
FORGOTTEN_MS = 24 * 3600 * 1000


@dataclass(frozen=True, slots=True)
class MediaLimits:
    """The most bytes of one file, and of all of a person's contents, each counted once."""

    max_file_bytes: int
    quota_bytes: int


@dataclass(frozen=True, slots=True)
class MediaOptions:
    """What a library takes from its surroundings.

    `work_dir` is for files on their way (None: the system's temporary directory); `random_bits`
    gives a random number of so many bits.
    """

    limits: MediaLimits
    now_ms: Callable[[], int]
    random_bits: Callable[[int], int]
    work_dir: Path | None = None


class Shelf:
    """Reads and changes the index, which is made with the first file."""

    def __init__(
        self, storage: CollectionStorage, base: BaseStore, owner: Owner, options: MediaOptions
    ) -> None:
        self.options = options
        self.blobs = PersonBlobs(base, owner)
        self._storage = storage
        self._owner = owner.in_space(MEDIA)

    def read(self, fn: Callable[[sqlite3.Connection], T]) -> T:
        """`fn` on the current index, an empty one where there is none."""
        try:
            return self._storage.read(self._owner, fn)
        except NotFoundError:
            with closing(sqlite3.connect(":memory:")) as conn:
                index.build_index(conn)
                return fn(conn)

    def commit(self, fn: Callable[[sqlite3.Connection], Answer], request: Request | None) -> Answer:
        """Commit what `fn` does to the index, or nothing of it; its JSON answer.

        Raises NotFoundError where the registration has ended.
        """
        try:
            return self._storage.transact(self._owner, fn, request)
        except NotFoundError:
            # An index that outlasts its collection would be in the way of the next registration.
            self._storage.read(self._owner.in_space(COLLECTION), lambda _: None)
            self._storage.create(self._owner, index.build_index)
        return self._storage.transact(self._owner, fn, request)

    def remove(self, names: Iterable[str], request: Request | None = None) -> int:
        """Remove names, and then the blobs that none is left for; how many there were."""
        wanted = list(names)

        def change(conn: sqlite3.Connection) -> Answer:
            before, _ = index.counts(conn)
            blobs = index.remove(conn, wanted)
            return {"removed": before - index.counts(conn)[0], "blobs": blobs}

        if not wanted:
            return 0
        answer = self.commit(change, request)
        self.blobs.discard(answer["blobs"])
        removed: int = answer["removed"]
        return removed

    def delete(self) -> None:
        """Remove the index and then all contents, for good."""
        self._storage.delete(self._owner)
        self.blobs.remove_all()
