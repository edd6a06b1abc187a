"""Writing: a draft, or a whole new image, becomes a segment and is committed."""

import uuid
import zlib
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

import msgspec

from chalicelib.errors import StorageUnavailableError
from chalicelib.storage.commits import commit
from chalicelib.storage.pages import RAW_DEFLATE, Pages, deflated
from chalicelib.storage.ports import CommitLog, LogEntry
from chalicelib.storage.replica import Replica
from chalicelib.storage.segments import (
    Part,
    Segment,
    Step,
    encode_changes,
    encode_segment,
    parts_to_spill,
)
from chalicelib.storage.spills import SpillStore


@dataclass(frozen=True, slots=True)
class Request:
    """The request that asks for a change: its Idempotency-Key, and a digest of what it asks."""

    key: str
    digest: bytes


@dataclass(frozen=True, slots=True)
class About:
    """What a segment tells beside the change itself; `answer` is JSON."""

    request: Request | None = None
    answer: bytes = b""
    operation: str = ""
    undo: bytes = b""
    step: Step = "do"


class Writer:
    """Commits changes of replicas."""

    def __init__(self, log: CommitLog, spills: SpillStore, pause: Callable[[int], None]) -> None:
        """`pause(n)` waits before the nth further try."""
        self._log = log
        self._spills = spills
        self._pause = pause

    def write(self, replica: Replica, pages: Pages, about: About) -> LogEntry | None:
        """Commit the pages as the next state and bring the replica there.

        The occupant when another writer was first: then nothing was changed. Raises
        StorageUnavailableError when the outcome is not known; the replica is spoilt then.
        """
        segment = Segment(
            kind="pages",
            page_size=replica.page_size,
            page_count=pages.page_count,
            checksum=pages.checksum,
            parts={"pages": encode_changes(replica.encoded(pages))},
        )
        entry, segment = self._entry(replica, segment, about)
        occupant = commit(self._log, replica.owner.ring, entry, self._pause)
        if occupant is None:
            # It is durable: that the replica is torn now is nothing to tell the caller.
            with suppress(StorageUnavailableError):
                replica.advance(entry, segment, pages)
        return occupant

    def replace(self, replica: Replica, image: Path, about: About) -> LogEntry | None:
        """Commit the file at `image` as the next state; the occupant as in `write`.

        The state of the replica is kept beside it, so that this can be taken back. The replica
        stays where it is.
        """
        before = replica.path.with_name(f"{replica.path.name}-before")
        try:
            replica.copy_to(before)
            entry, _ = self._entry(
                replica, Segment(kind="replace"), about, {"image": image, "before": before}
            )
        finally:
            before.unlink(missing_ok=True)
        return commit(self._log, replica.owner.ring, entry, self._pause)

    def _entry(
        self,
        replica: Replica,
        segment: Segment,
        about: About,
        files: Mapping[Part, Path] | None = None,
    ) -> tuple[LogEntry, Segment]:
        """The next entry, once its files and its largest parts are spilled."""
        owner, seq, tx = replica.owner, replica.seq + 1, uuid.uuid4().hex
        parts = dict(segment.parts) | _parts(about)
        large = {part: parts.pop(part) for part in parts_to_spill(parts)}
        outside: dict[Part, bytes | Path] = {**large, **(files or {})}
        spilled = {
            part: self._spills.put(owner, seq, tx, part, data) for part, data in outside.items()
        }
        segment = msgspec.structs.replace(
            segment,
            base_seq=replica.base_seq,
            request_key=about.request.key if about.request else "",
            request_digest=about.request.digest if about.request else b"",
            operation=about.operation,
            step=about.step,
            parts=parts,
            spilled=spilled,
        )
        return LogEntry(seq, tx, encode_segment(segment)), segment


def _parts(about: About) -> dict[Part, bytes]:
    parts: dict[Part, bytes] = {
        "answer": deflated(about.answer) if about.answer else b"",
        "undo": about.undo,
    }
    return {part: data for part, data in parts.items() if data}


def unpacked_answer(part: bytes) -> bytes:
    """The JSON answer of the part `answer`."""
    return zlib.decompress(part, wbits=RAW_DEFLATE)
