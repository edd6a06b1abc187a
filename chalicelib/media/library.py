"""One registration's media files, by name."""

import sqlite3
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from chalicelib.errors import NotFoundError
from chalicelib.media import index
from chalicelib.media.index import MediaEntry
from chalicelib.media.intake import MediaIntake
from chalicelib.media.naming import stored_name
from chalicelib.media.shelf import FORGOTTEN_MS, Answer, MediaOptions, Shelf
from chalicelib.media.staging import chunks_between, scratch_file
from chalicelib.storage import CollectionStorage, Owner, Request
from chalicelib.storage.ports import BaseStore


@dataclass(frozen=True, slots=True)
class MediaUsage:
    """How many names there are, and the bytes of their contents, each counted once."""

    files: int
    size: int


@dataclass(frozen=True, slots=True)
class _OneFile:
    name: str
    pieces: Iterable[bytes]

    def chunks(self) -> Iterator[bytes]:
        return iter(self.pieces)


class MediaLibrary:
    """Adds, lists, renames, removes and gives media files; a media source for exports.

    A `request` is one of the storage's: sent again it gets the first outcome again. All methods
    raise StorageUnavailableError, those that change something ConflictError as well.
    """

    def __init__(
        self, storage: CollectionStorage, base: BaseStore, owner: Owner, options: MediaOptions
    ) -> None:
        """`base` holds the contents; nothing is opened or asked for before the first use."""
        self._shelf = Shelf(storage, base, owner, options)
        self._work_dir = options.work_dir

    def add(self, name: str, chunks: Iterable[bytes], request: Request | None = None) -> str:
        """Store a file; its name, another one where a file of other content has that.

        Raises BadInputError for what is no name, and TooLargeError over a limit.
        """
        names = MediaIntake(self._shelf, request).take([_OneFile(name, chunks)])
        return names[name]

    def intake(self) -> MediaIntake:
        """For many files at once, all or none; a media sink for imports."""
        return MediaIntake(self._shelf)

    def page(self, *, containing: str, offset: int, limit: int) -> tuple[int, list[MediaEntry]]:
        """How many names contain the text, whatever its case, and a page of them by name."""
        wanted = containing.casefold()
        found = [entry for entry in self.files() if wanted in entry.name.casefold()]
        return len(found), found[offset : offset + limit]

    def files(self) -> list[MediaEntry]:
        """All of them, by name."""
        return self._shelf.read(index.entries)

    def usage(self) -> MediaUsage:
        return MediaUsage(*self._shelf.read(index.counts))

    def entry(self, *names: str) -> MediaEntry:
        """The file that has the first of these names that is there. Raises NotFoundError."""

        def load(conn: sqlite3.Connection) -> MediaEntry:
            for name in names[:-1]:
                if entry := index.find(conn, name):
                    return entry
            return index.get(conn, names[-1])

        return self._shelf.read(load)

    def key(self, entry: MediaEntry) -> str:
        """Where its content lies in the base store."""
        return self._shelf.blobs.key(entry.blob)

    def chunks(self, name: str) -> Iterator[bytes]:
        """The content of a file, in pieces. Raises NotFoundError."""
        entry = self.entry(name)
        with self.content(entry) as path:
            yield from chunks_between(path, 0, entry.size)

    @contextmanager
    def content(self, entry: MediaEntry) -> Iterator[Path]:
        """A private copy of the content. Raises NotFoundError where it was removed meanwhile."""
        with scratch_file(self._work_dir) as path:
            self._shelf.blobs.download(entry.blob, path)
            yield path

    def rename(self, name: str, new_name: str, request: Request | None = None) -> str:
        """Give a file another name, which is the answer as it is stored; notes stay as they are.

        Raises NotFoundError, and BadInputError for what is no name or is taken.
        """
        wanted = stored_name(new_name)

        def change(conn: sqlite3.Connection) -> Answer:
            return {"name": index.rename(conn, name, wanted).name}

        answer: str = self._shelf.commit(change, request)["name"]
        return answer

    def remove(self, names: Iterable[str], request: Request | None = None) -> int:
        """Remove names, and the contents that none is left for; how many there were.

        Raises NotFoundError where none of them is there.
        """
        removed = self._shelf.remove(names, request)
        if not removed:
            raise NotFoundError("There is no media file of this name.")
        return removed

    def sweep(self) -> int:
        """Remove contents without a name that are left of what was cut short a day ago; how many.

        Every upload has a key of its own, so that nobody can be about to give it a name.
        """
        before_ms = self._shelf.options.now_ms() - FORGOTTEN_MS
        uploaded = self._shelf.blobs.uploaded_before(before_ms)
        forgotten = sorted(set(uploaded) - self._shelf.read(index.blobs))
        self._shelf.blobs.discard(forgotten)
        return len(forgotten)

    def delete(self) -> None:
        """Remove everything, for good; for the end of a registration."""
        self._shelf.delete()
