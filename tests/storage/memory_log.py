"""A commit log in memory, and one that fails on demand."""

import threading
from collections.abc import Callable
from typing import TypeVar

from chalicelib.errors import StorageUnavailableError
from chalicelib.storage.ports import (
    RING_SLOTS,
    AmbiguousOutcomeError,
    CommitLog,
    Following,
    LogEntry,
    Mark,
)
from tests.storage.memory import Crash, Fault

T = TypeVar("T")
AHEAD = 8


class MemoryCommitLog:
    """Keeps the rings in a dictionary and the names of the methods called in `calls`."""

    def __init__(self, slots: int = RING_SLOTS) -> None:
        self.rings: dict[str, dict[int, LogEntry]] = {}
        self.marked_at_ms: dict[str, int] = {}
        self.calls: list[str] = []
        self._slots = slots
        self._lock = threading.Lock()

    @property
    def slots(self) -> int:
        return self._slots

    def append(self, ring: str, entry: LogEntry) -> LogEntry | None:
        self.calls.append("append")
        with self._lock:
            held = self.rings.setdefault(ring, {})
            occupant = held.get(entry.seq % self._slots)
            if occupant and occupant.seq >= entry.seq:
                return occupant
            held[entry.seq % self._slots] = entry
            return None

    def following(self, ring: str, seq: int) -> Following:
        self.calls.append("following")
        with self._lock:
            held = self.rings.get(ring, {}).copy()
        own = seq % self._slots
        ahead = min(AHEAD, self._slots - 1 - own) or min(AHEAD, own)
        next_ = [held.get((own + n) % self._slots) for n in range(1, ahead + 1)]
        newer = [entry for entry in next_ if entry and entry.seq > seq]
        return Following(
            anchor=held.get(seq % self._slots),
            entries=tuple(sorted(newer, key=lambda entry: entry.seq)),
            more=bool(next_ and next_[-1] in newer),
        )

    def entries(self, ring: str) -> list[LogEntry]:
        self.calls.append("entries")
        with self._lock:
            return sorted(self.rings.get(ring, {}).values(), key=lambda entry: entry.seq)

    def delete(self, ring: str) -> None:
        self.calls.append("delete")
        with self._lock:
            self.rings.pop(ring, None)
            self.marked_at_ms.pop(ring, None)

    def mark(self, mark: Mark) -> None:
        self.calls.append("mark")
        with self._lock:
            earlier = self.marked_at_ms.get(mark.ring, mark.at_ms)
            self.marked_at_ms[mark.ring] = max(earlier, mark.at_ms)

    def marks(self) -> list[Mark]:
        self.calls.append("marks")
        with self._lock:
            return [Mark(ring, at_ms) for ring, at_ms in self.marked_at_ms.items()]

    def unmark(self, mark: Mark) -> None:
        self.calls.append("unmark")
        with self._lock:
            if self.marked_at_ms.get(mark.ring) == mark.at_ms:
                del self.marked_at_ms[mark.ring]


class FaultyCommitLog:
    """Another commit log whose calls fail as `plan`, asked with the method's name, says."""

    def __init__(self, log: CommitLog, plan: Callable[[str], Fault | None]) -> None:
        self._log = log
        self._plan = plan
        self._late: list[Callable[[], object]] = []

    def land(self) -> None:
        """Let the late calls arrive, in the order in which they were sent."""
        late, self._late = self._late, []
        for arrive in late:
            arrive()

    @property
    def slots(self) -> int:
        return self._log.slots

    def append(self, ring: str, entry: LogEntry) -> LogEntry | None:
        return self._called("append", lambda: self._log.append(ring, entry))

    def following(self, ring: str, seq: int) -> Following:
        return self._called("following", lambda: self._log.following(ring, seq))

    def entries(self, ring: str) -> list[LogEntry]:
        return self._called("entries", lambda: self._log.entries(ring))

    def delete(self, ring: str) -> None:
        self._called("delete", lambda: self._log.delete(ring))

    def mark(self, mark: Mark) -> None:
        self._called("mark", lambda: self._log.mark(mark))

    def marks(self) -> list[Mark]:
        return self._called("marks", self._log.marks)

    def unmark(self, mark: Mark) -> None:
        self._called("unmark", lambda: self._log.unmark(mark))

    def _called(self, method: str, call: Callable[[], T]) -> T:
        """The answer, unless the fault is one that keeps the call or the answer from arriving."""
        fault = self._plan(method)
        silence = AmbiguousOutcomeError if method == "append" else StorageUnavailableError
        match fault:
            case Fault.CRASH_BEFORE:
                raise Crash
            case Fault.OUTAGE:
                raise StorageUnavailableError
            case Fault.LATE:
                self._late.append(call)
                raise silence
            case Fault.LOST_REQUEST:
                raise silence
        answer = call()
        match fault:
            case Fault.LOST_ANSWER:
                raise silence
            case Fault.CRASH_AFTER:
                raise Crash
        return answer
