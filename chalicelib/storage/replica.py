"""A replica: the collection file at exactly one state, and what is known about how it got there."""

import shutil
from collections import OrderedDict
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from chalicelib.storage.disk import disk_errors
from chalicelib.storage.drafts import Draft, Drafts
from chalicelib.storage.image import settle, stamp
from chalicelib.storage.keys import Owner
from chalicelib.storage.pages import DivergedError, PageChange, PageFile, Pages
from chalicelib.storage.ports import LogEntry
from chalicelib.storage.segments import (
    SPILL_BYTES,
    Segment,
    decode_changes,
    decode_segment,
    only_part,
)
from chalicelib.storage.spills import SpillStore
from chalicelib.storage.transaction import Recorder


class ReopenError(Exception):
    """The replica cannot be brought up to date: a fresh one has to be opened."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of an earlier request: it was commit `seq`, which holds its answer."""

    seq: int
    digest: bytes
    answered: Segment


@dataclass(frozen=True, slots=True)
class Adopted:
    """A foreign base file: commit `seq` says that it is the state."""

    seq: int
    etag: str


class Replica:
    """The file at `path` is at rest and is state `seq` of the collection.

    `tx` is the transaction that made that state, where its entry was seen. `base_seq` is a
    commit that is folded into the base for certain; there may be later ones. `asked_at` is the
    state at which a fold was last asked for. `torn` tells that writing to the file failed: it is
    at no state then.
    """

    def __init__(
        self, owner: Owner, path: Path, base_seq: int, slots: int, *, keep: bool = True
    ) -> None:
        """Bring the file to rest. Raises StorageUnavailableError when it is not whole.

        `keep` allows to keep a connection from one draft to the next.
        """
        self.owner = owner
        self.path = path
        self.page_size = settle(path)
        self.seq = base_seq
        self.tx: str | None = None
        self.base_seq = base_seq
        self.torn = False
        self._adopted: Adopted | None = None
        self.asked_at: int | None = None
        self._slots = slots
        self._sizes: OrderedDict[int, int] = OrderedDict()
        self._outcomes: OrderedDict[str, Outcome] = OrderedDict()
        self._drafts = Drafts(path, self.page_size, keep=keep)

    @property
    def unfolded_bytes(self) -> int:
        """How many bytes of segments are not known to be folded, what they spilled by and large."""
        return sum(size for seq, size in self._sizes.items() if seq > self.base_seq)

    @property
    def adopted(self) -> Adopted | None:
        """The foreign base file that this came from, while nothing was folded over it."""
        known = self._adopted
        return known if known and self.base_seq < known.seq else None

    def came_from_foreign(self, etag: str) -> None:
        """Note that the present state is a foreign base file, which is not folded."""
        self._adopted = Adopted(self.seq, etag)
        self.base_seq = self.seq - 1

    def outcome(self, request_key: str) -> Outcome | None:
        """What became of the request of this key, while it is among those of the last lap."""
        return self._outcomes.get(request_key)

    @contextmanager
    def draft(self, recorder: Recorder | None) -> Iterator[Draft]:
        """A transaction beside the file; afterwards its pages are those that differ."""
        with self._drafts.draft(recorder) as draft:
            yield draft

    @property
    def is_open(self) -> bool:
        """Whether a connection is kept."""
        return self._drafts.is_open

    def close(self) -> None:
        """Let go of the file, as is necessary before anybody else changes it."""
        self._drafts.close()

    def encoded(self, pages: Pages) -> list[PageChange]:
        return self._file.encoded(pages)

    def advance(self, entry: LogEntry, segment: Segment, pages: Pages) -> None:
        """Make the entry, which these pages came from, the state of this file."""
        self.torn = True
        with disk_errors(), self._drafts.written(pages):
            self._file.write(pages)
        self.remember(entry, segment)
        self.seq, self.tx, self.torn = entry.seq, entry.tx, False

    def apply(self, entry: LogEntry, spills: SpillStore) -> None:
        """Bring the file to the state of the next entry.

        Raises ReopenError when that cannot be done from here.
        """
        if entry.seq != self.seq + 1:
            raise ReopenError
        segment = decode_segment(entry.segment)
        match segment.kind:
            case "adopt":
                raise ReopenError
            case "replace":
                self.torn = True
                self._replace(segment, spills)
                self.remember(entry, segment)
                self.seq, self.tx, self.torn = entry.seq, entry.tx, False
            case "pages":
                self.advance(entry, segment, self._pages_of(segment, spills))

    def replay(self, entries: list[LogEntry], spills: SpillStore) -> None:
        """Apply those of the entries that come after the state of the file."""
        for entry in entries:
            if entry.seq > self.seq:
                self.apply(entry, spills)

    def remember(self, entry: LogEntry, segment: Segment) -> None:
        """Note what an entry says about its request and about the base, whatever its state."""
        spilled = SPILL_BYTES if segment.spilled else 0
        self._sizes[entry.seq] = len(entry.segment) + spilled
        self.base_seq = max(self.base_seq, segment.base_seq)
        if segment.request_key:
            self._outcomes.pop(segment.request_key, None)
            self._outcomes[segment.request_key] = Outcome(
                entry.seq, segment.request_digest, only_part(segment, "answer")
            )
        self._forget_before(entry.seq - self._slots)

    def copy_to(self, path: Path) -> None:
        """Write the state to another file, as the base file of this state.

        The bytes are those of no other state and of no other registration, so that a write on
        the version with these bytes never takes another one for it.
        """
        shutil.copyfile(self.path, path)
        stamp(path, self.seq + self.owner.offset)

    def clone(self, path: Path) -> "Replica":
        """Another replica at the same state, over a file of its own, for one draft."""
        shutil.copyfile(self.path, path)
        other = Replica(self.owner, path, self.base_seq, self._slots, keep=False)
        other.seq, other.tx, other._adopted = self.seq, self.tx, self._adopted
        other._sizes, other._outcomes = self._sizes.copy(), self._outcomes.copy()
        return other

    @property
    def _file(self) -> PageFile:
        return PageFile(self.path, self.page_size)

    def _pages_of(self, segment: Segment, spills: SpillStore) -> Pages:
        changes = spills.part(segment, "pages")
        if changes is None or segment.page_size != self.page_size:
            raise ReopenError
        try:
            pages = self._file.decoded(decode_changes(changes), segment.page_count)
        except DivergedError:
            raise ReopenError from None
        if pages.checksum != segment.checksum:
            raise ReopenError
        return pages

    def _replace(self, segment: Segment, spills: SpillStore) -> None:
        self._drafts.close()
        with disk_errors():
            if not spills.download(segment, "image", self.path):
                raise ReopenError
            self.page_size = settle(self.path)
        self._drafts = Drafts(self.path, self.page_size)

    def _forget_before(self, seq: int) -> None:
        """The oldest come first."""
        while self._sizes and next(iter(self._sizes)) <= seq:
            self._sizes.popitem(last=False)
        while self._outcomes and next(iter(self._outcomes.values())).seq <= seq:
            self._outcomes.popitem(last=False)
