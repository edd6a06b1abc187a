"""The judge of one collection: knows from the stores alone what every state has to be.

It applies each commit that reaches the log to pages of its own, with nothing of the engine's code,
and compares with that what is folded, what readers see and what callers were told.
"""

import sqlite3
import threading
import zlib
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator, Mapping
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from typing import Any

import msgspec
from backports import zstd

from chalicelib.storage.keys import Owner
from chalicelib.storage.ports import LogEntry
from tests.storage.ledger import (
    START,
    Answer,
    Seen,
    ViolationError,
    check_integrity,
    demand,
    look,
    look_closely,
)


@dataclass(frozen=True)
class Commit:
    """What commit `seq` made of the collection; the checksum is that of the whole file."""

    seq: int
    kind: str
    seen: Seen
    checksum: int


@dataclass
class Judge:
    """Everything about one owner's collection that must be true, checked as it happens."""

    owner: Owner
    slots: int
    fetch: Callable[[str], bytes]
    counts: Counter[str]
    commits: list[Commit] = field(default_factory=list)
    lock: threading.RLock = field(default_factory=threading.RLock)
    acknowledged: dict[str, int] = field(default_factory=dict)
    doubtful: set[str] = field(default_factory=set)
    refused: set[str] = field(default_factory=set)
    images: dict[str, int] = field(default_factory=dict)
    last_acknowledged: int = 0
    base_seq: int = -1
    earlier_base_seq: int = -1
    foreign_etag: str | None = None
    _image: bytes = b""
    _floor: int = 0
    _foreign: dict[str, bytes] = field(default_factory=dict)
    _adopted: set[str | None] = field(default_factory=lambda: {None})
    _answers: dict[tuple[str, str], Answer] = field(default_factory=dict)
    _seqs: defaultdict[str, list[int]] = field(default_factory=lambda: defaultdict(list))
    # Each commit that was a whole file, and the names in that.
    _epochs: list[tuple[int, Counter[str]]] = field(default_factory=list)

    @property
    def head(self) -> int:
        return len(self.commits) - 1

    @property
    def unfolded(self) -> bool:
        """Whether there are commits that only the ring has."""
        return self.base_seq < self.head and self.commits[-1].kind != "adopt"

    @property
    def image(self) -> bytes:
        """The file at the head, at rest."""
        return self._image

    # What reaches the stores

    def stored(self, data: bytes, metadata: Mapping[str, str]) -> None:
        """A base file was stored by the engine."""
        seq = int(metadata["seq"])
        demand(seq > self.base_seq, f"fold {seq} took the place of {self.base_seq}")
        if seq == 0:
            self._begin(data)
        demand(seq <= self.head, "a state was folded that is not committed")
        demand(zlib.crc32(normal(data)) == self.commits[seq].checksum, f"fold {seq} is not state")
        counters = (int.from_bytes(data[at : at + 4], "big") for at in (24, 92))
        demand(set(counters) == {seq} or seq == 0, "the fold's counters are not its number")
        demand(self.foreign_etag in self._adopted, "a foreign file was overwritten unseen")
        self.earlier_base_seq, self.base_seq, self._floor = self.base_seq, seq, seq
        self.foreign_etag = None
        self.counts["folds"] += seq > 0

    def overwritten(self, data: bytes, etag: str) -> None:
        """A foreign base file was put there by hand."""
        self.counts["foreign files"] += 1
        self._foreign[etag] = normal(data)
        self.foreign_etag = etag

    def committed(self, entry: LogEntry) -> None:
        """An entry was put into its slot."""
        segment = msgspec.msgpack.decode(entry.segment)
        kind = segment["k"]
        if not self.commits:
            demand(kind == "adopt", "a commit without a collection")
            self.commits.append(Commit(0, "start", Seen(START, 0, ""), 0))
            self._epochs.append((0, Counter()))
        demand(entry.seq == self.head + 1, f"commit {entry.seq} follows {self.head}")
        overwritten = entry.seq - self.slots
        demand(kind == "adopt" or overwritten <= self._floor, "an unfolded slot was overwritten")
        self.counts["spills"] += len(segment.get("x", ()))
        getattr(self, f"_{kind}")(entry.seq, segment)

    # What callers were told

    def acknowledge(self, name: str, answer: Answer) -> None:
        """A change was acknowledged."""
        with self.lock:
            seqs = self._seqs.get(name, [])
            demand(seqs, f"{name} was acknowledged and is not committed")
            places = {(self.commits[seq].seen.place, self.commits[seq].seen.nonce) for seq in seqs}
            demand((answer.place, answer.nonce) in places, f"{name} got another one's answer")
            earlier = self._answers.setdefault((name, answer.nonce), answer)
            demand(answer == earlier, f"{name} got another answer than before")
            self.acknowledged[name] = seqs[-1]
            self.last_acknowledged = max(self.last_acknowledged, seqs[0])

    def check_reuse(self, name: str, other: str) -> None:
        """Two changes under one key were not both made, as long as the ring tells of the first."""
        with self.lock:
            for first in self._seqs.get(name, []):
                for second in self._seqs.get(other, []):
                    demand(abs(second - first) > self.slots, "one key served two requests")

    def saw(self, seen: Seen, since: int) -> None:
        """Somebody was told this state, in a call that began when `since` was acknowledged."""
        with self.lock:
            seq = self.seq_of(seen)
            demand(seq is not None, f"{seen.name} was seen and is not committed")
            demand((seq or 0) >= since, f"state {seq} was seen after {since} was acknowledged")
            if seq is not None and seen.names is not None:
                demand(seen.names == self.names_at(seq), f"state {seq} is not what was committed")

    def saw_image(self, data: bytes, since: int) -> None:
        """Somebody was given this file."""
        seq = int.from_bytes(data[24:28], "big")
        with self.lock:
            demand(since <= seq <= self.head, f"image {seq} was given after {since}")
            demand(zlib.crc32(normal(data)) == self.commits[seq].checksum, "not that state")

    def seq_of(self, seen: Seen) -> int | None:
        """The commit that made this state."""
        for seq in reversed(self._seqs.get(seen.name, [0] if seen.name == START else [])):
            found = self.commits[seq].seen
            if (found.place, found.nonce) == (seen.place, seen.nonce):
                return seq
        return None

    def names_at(self, seq: int) -> Counter[str]:
        """How often each change is in the state."""
        start, before = next(epoch for epoch in reversed(self._epochs) if epoch[0] <= seq)
        after = (commit.seen.name for commit in self.commits[start + 1 : seq + 1])
        return before + Counter(after)

    def check_outcomes(self) -> None:
        """What was definitely refused is not there, what was acknowledged is."""
        phantoms = (self.refused - self.doubtful - set(self.acknowledged)) & set(self._seqs)
        demand(not phantoms, f"{phantoms} were refused and are committed")
        self.check_content()

    def check_content(self) -> None:
        """The state at the head has the changes that led to it."""
        with opened(self._image) as conn:
            check_integrity(conn)
            seen = look_closely(conn)
        demand(seen.names == self.names_at(self.head), "the content is not what was committed")

    def missing(self, present: set[str]) -> set[str]:
        """What was acknowledged and is not among these."""
        return set(self.acknowledged) - present

    # Kinds of commits

    def _begin(self, data: bytes) -> None:
        demand(not self.commits, "a collection was made again")
        self._image = normal(data)
        self._note(0, "start", kept=False)

    def _pages(self, seq: int, segment: dict[str, Any]) -> None:
        self._image = applied(self._image, segment, self._part(segment, "pages"))
        self._note(seq, "pages", kept=True)

    def _replace(self, seq: int, segment: dict[str, Any]) -> None:
        self.check_content()
        self._image = normal(self._part(segment, "image"))
        self._note(seq, "replace", kept=False)
        name = self.commits[seq].seen.name
        demand(self.images[name] == self.commits[seq].checksum, f"{name} is another image")
        self.counts["replaced"] += 1

    def _adopt(self, seq: int, segment: dict[str, Any]) -> None:
        if self._image:
            self.check_content()
        demand(self.foreign_etag, "a foreign file was adopted that is not there any more")
        self._adopted.add(segment["e"])
        self._image = self._foreign[segment["e"]]
        self._floor = seq - 1
        self._note(seq, "adopt", kept=False)
        self.counts["adopted"] += 1

    def _note(self, seq: int, kind: str, *, kept: bool) -> None:
        with opened(self._image) as conn:
            seen = look(conn) if kept else look_closely(conn)
        if kept:
            demand(seen.place == self.commits[-1].seen.place + 1, "a change was lost")
        else:
            self._epochs.append((seq, seen.names or Counter()))
        earlier = self._seqs[seen.name]
        demand(not earlier or seq - earlier[-1] > self.slots, f"{seen.name} was committed twice")
        earlier.append(seq)
        self.commits.append(
            Commit(seq, kind, Seen(seen.name, seen.place, seen.nonce), zlib.crc32(self._image))
        )

    def _part(self, segment: dict[str, Any], part: str) -> bytes:
        found: bytes | None = segment.get("p", {}).get(part)
        return self.fetch(segment["x"][part]) if found is None else found


@contextmanager
def opened(image: bytes) -> Iterator[sqlite3.Connection]:
    """The file as a database in memory."""
    with closing(sqlite3.connect(":memory:", isolation_level=None)) as conn:
        conn.deserialize(image)
        try:
            yield conn
        except sqlite3.DatabaseError as error:
            raise ViolationError("a state is not a sound file") from error


def normal(data: bytes) -> bytes:
    """A complete file without what depends on who wrote it."""
    header = bytearray(data[:100])
    header[18:20] = b"\x01\x01"
    for at in (24, 92, 96):
        header[at : at + 4] = bytes(4)
    return bytes(header) + data[100:]


def applied(image: bytes, segment: Mapping[str, Any], changes: bytes) -> bytes:
    """The file that a commit of pages makes of another one."""
    size, count = segment["s"], segment["n"]
    pages = [image[at : at + size] for at in range(0, len(image), size)][:count]
    decoded = msgspec.msgpack.decode(changes)
    old = {number: image[(number - 1) * size : number * size] for number, _, _ in decoded}
    checksum = zlib.crc32(count.to_bytes(4, "big"))
    frame = zstd.ZstdDecompressor()
    for number, kind, packed in decoded:
        others = b"".join(old[other] for other in sorted(old) if other != number)
        dictionary = [b"", old[number], (others + old[number])[-32768:]][kind]
        inflate = zlib.decompressobj(-15, zdict=dictionary)
        pages += [bytes(size)] * (number - len(pages))
        pages[number - 1] = (inflate if kind else frame).decompress(packed, size)
        checksum = zlib.crc32(pages[number - 1], checksum)
    demand(checksum == segment["c"], "a commit is not made from the state before it")
    demand(len(pages) == count, "a commit has a wrong length")
    return b"".join(pages)


def replayed(
    base: bytes, base_seq: int, entries: list[LogEntry], fetch: Callable[[str], bytes]
) -> bytes:
    """The file that the base and the ring make together."""
    image = normal(base)
    for entry in entries:
        if entry.seq <= base_seq:
            continue
        demand(entry.seq == base_seq + 1, f"{entry.seq} does not follow {base_seq}")
        segment, base_seq = msgspec.msgpack.decode(entry.segment), entry.seq
        parts, spilled = segment.get("p", {}), segment.get("x", {})
        match segment["k"]:
            case "pages":
                changes = parts["pages"] if "pages" in parts else fetch(spilled["pages"])
                image = applied(image, segment, changes)
            case "replace":
                image = normal(fetch(spilled["image"]))
    return image


def spilled_keys(entry: LogEntry) -> list[str]:
    return list(msgspec.msgpack.decode(entry.segment).get("x", {}).values())
