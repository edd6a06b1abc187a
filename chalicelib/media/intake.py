"""Taking files in: contents are stored first, then all of the names in one commit."""

import sqlite3
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import ExitStack
from dataclasses import dataclass, field, replace
from itertools import islice
from typing import Protocol

from chalicelib.errors import ConflictError, JavumboError, StorageUnavailableError, TooLargeError
from chalicelib.media import index
from chalicelib.media.blobs import RANDOM_BITS, new_blob
from chalicelib.media.index import Staged
from chalicelib.media.naming import stored_name
from chalicelib.media.shelf import FORGOTTEN_MS, Answer, Shelf
from chalicelib.media.staging import receive, scratch_file
from chalicelib.media.uploads import Uploads
from chalicelib.storage import Request

_MAX_NAMES = 200_000
# So many files are stored at a time; each time costs a commit of the index.
_BATCH = 200


class IncomingMedia(Protocol):
    """A file that somebody brings."""

    @property
    def name(self) -> str: ...

    def chunks(self) -> Iterator[bytes]: ...


@dataclass(slots=True)
class _Taking:
    """One take: what is known to be stored, what was uploaded for it, and the files so far."""

    started_ms: int
    known: dict[bytes, str]
    left_bytes: int
    uploaded: dict[bytes, str] = field(default_factory=dict)
    staged: list[Staged] = field(default_factory=list)
    given_names: list[str] = field(default_factory=list)


class MediaIntake:
    """A media sink for imports (see `chalicelib.packages.media_ports`).

    `stored` are the files that all takes so far brought, by the names they came with, each with
    its name here.
    """

    def __init__(self, shelf: Shelf, request: Request | None = None) -> None:
        """A `request` that took files already gets the first outcome again."""
        self._shelf = shelf
        self._request = request
        self._added: list[str] = []
        self._contents: dict[str, bytes] = {}
        self._kept_aside: dict[str, str] = {}
        self.stored: dict[str, str] = {}

    def take(self, files: Iterable[IncomingMedia]) -> dict[str, str]:
        """Store the files, all or none; the name of each as it is stored.

        Where another file has the name it gets Anki's other one; the same content is stored
        once. Raises BadInputError for what is no name, TooLargeError over a limit, ConflictError
        where others removed meanwhile what was to be shared, and StorageUnavailableError.
        """
        taking = self._begun()
        try:
            with Uploads(self._shelf.blobs) as uploads:
                for file in files:
                    self._stage(file, taking, uploads)
        except Exception:
            self._shelf.blobs.discard(taking.uploaded.values())
            raise
        return self._named(taking)

    def take_in_batches(
        self, files: Iterable[IncomingMedia], taken: Callable[[int], None]
    ) -> Mapping[str, str]:
        """`take` for any number of files, a batch at a time, all or those of the first batches.

        After each `taken` is told how many files are stored.
        """
        left = iter(files)
        while batch := list(islice(left, _BATCH)):
            self.take(batch)
            taken(len(self.stored))
        return self.stored

    def put_in_place(self) -> None:
        """Give all files taken so far the names they came with, in one commit.

        What had one of these names is kept under another one. Raises ConflictError where others
        removed meanwhile what was taken.
        """
        if not self._contents:
            return
        wanted = {stored_name(name): sha256 for name, sha256 in self._contents.items()}
        answer = self._shelf.commit(lambda conn: self._place(conn, wanted), None)
        self._added += answer["added"]
        self._kept_aside |= answer["kept_aside"]
        self.stored = {name: stored_name(name) for name in self.stored}

    def take_back(self) -> None:
        """Leave each name with the content it had before all takes, and remove those added."""
        if self._added or self._kept_aside:
            answer = self._shelf.commit(self._restore, None)
            self._shelf.blobs.discard(answer["blobs"])
        self._added, self._kept_aside, self._contents, self.stored = [], {}, {}, {}

    def _place(self, conn: sqlite3.Connection, wanted: Mapping[str, bytes]) -> Answer:
        answer: Answer = {"added": [], "kept_aside": {}}
        contents = {name: index.with_content(conn, sha256) for name, sha256 in wanted.items()}
        for name, content in contents.items():
            former = index.find(conn, name)
            if content is None:
                raise ConflictError
            if former and former.sha256 == content.sha256:
                continue
            if former is None:
                answer["added"].append(name)
            elif name not in self._added:
                kept, is_new = index.keep_aside(conn, former)
                answer["kept_aside"][name] = kept
                answer["added"] += [kept] * is_new
            index.put(conn, replace(content, name=name))
        used = wanted.keys() | set(answer["kept_aside"].values())
        index.remove(conn, [name for name in self._added if name not in used])
        return answer

    def _restore(self, conn: sqlite3.Connection) -> Answer:
        """The last one first: what was kept aside may have been put where something else was."""
        blobs, brought = index.blobs(conn), set(self._contents.values())
        for name, kept in reversed(self._kept_aside.items()):
            content, present = index.find(conn, kept), index.find(conn, name)
            if content and present and present.sha256 in brought:
                index.put(conn, replace(content, name=name))
        index.remove(conn, self._added)
        return {"blobs": sorted(blobs - index.blobs(conn))}

    def _begun(self) -> _Taking:
        def load(conn: sqlite3.Connection) -> tuple[dict[bytes, str], int]:
            known = {entry.sha256: entry.blob for entry in index.entries(conn)}
            return known, self._shelf.options.limits.quota_bytes - index.counts(conn)[1]

        known, left_bytes = self._shelf.read(load)
        return _Taking(self._shelf.options.now_ms(), known, left_bytes)

    def _stage(self, file: IncomingMedia, taking: _Taking, uploads: Uploads) -> None:
        options, name = self._shelf.options, stored_name(file.name)
        with ExitStack() as scratch:
            path = scratch.enter_context(scratch_file(options.work_dir))
            received = receive(file.chunks(), path, options.limits.max_file_bytes)
            sha256, blob = received.sha256, taking.uploaded.get(received.sha256)
            if blob is None and sha256 not in taking.known:
                taking.left_bytes -= received.size
                if taking.left_bytes < 0:
                    raise self._over_quota()
                blob = new_blob(sha256, taking.started_ms, options.random_bits(RANDOM_BITS))
                taking.uploaded[sha256] = blob
                uploads.start(blob, received, scratch.pop_all())
            taking.staged.append(Staged(name, sha256, received.sha1, received.size, blob))
            taking.given_names.append(file.name)

    def _named(self, taking: _Taking) -> dict[str, str]:
        """Commit the names. Blobs that it is certain to have no use for are removed."""
        if self._shelf.options.now_ms() > taking.started_ms + FORGOTTEN_MS // 2:
            raise ConflictError
        try:
            answer = self._shelf.commit(lambda conn: self._store(conn, taking), self._request)
        except StorageUnavailableError:
            # The commit may have happened.
            raise
        except JavumboError:
            self._shelf.blobs.discard(taking.uploaded.values())
            raise
        self._shelf.blobs.discard(set(taking.uploaded.values()) - set(answer["blobs"]))
        self._added += answer["added"]
        stored = dict(zip(taking.given_names, answer["names"], strict=True))
        contents = [staged.sha256 for staged in taking.staged]
        self._contents |= zip(taking.given_names, contents, strict=True)
        self.stored |= stored
        return stored

    def _store(self, conn: sqlite3.Connection, taking: _Taking) -> Answer:
        answer: Answer = {"names": [], "added": [], "blobs": []}
        for staged in taking.staged:
            entry, is_new = index.store(conn, staged, taking.started_ms)
            answer["names"].append(entry.name)
            answer["blobs"].append(entry.blob)
            if is_new:
                answer["added"].append(entry.name)
        if answer["added"]:
            self._check_limits(conn, taking)
        return answer

    def _check_limits(self, conn: sqlite3.Connection, taking: _Taking) -> None:
        """Where the quota was lowered, names for what is there already may still be added."""
        names, size = index.counts(conn)
        if taking.uploaded and size > self._shelf.options.limits.quota_bytes:
            raise self._over_quota()
        if names > _MAX_NAMES:
            raise TooLargeError(f"There can be at most {_MAX_NAMES} media files.")

    def _over_quota(self) -> TooLargeError:
        quota = self._shelf.options.limits.quota_bytes
        return TooLargeError(f"The media files would pass the limit of {quota} bytes.")
