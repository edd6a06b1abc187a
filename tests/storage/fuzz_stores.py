"""The stores of a fuzzed world: in memory, judged at each effect, failing by dice."""

import random
import threading
from collections import Counter
from collections.abc import Callable, Mapping
from pathlib import Path

from chalicelib.storage.ports import LogEntry, Mark, ObjectHead
from tests.storage.judge import Judge
from tests.storage.ledger import demand
from tests.storage.memory import Fault, MemoryBaseStore
from tests.storage.memory_log import MemoryCommitLog

# As many sends of one commit fail in a row, so that its outcome stays unknown.
_BURST = 6
_BURSTS = 0.15


class JudgedBaseStore(MemoryBaseStore):
    """Shows its judges what becomes of the base files."""

    def __init__(self, counts: Counter[str]) -> None:
        super().__init__()
        self.judges: dict[str, Judge] = {}
        self._counts = counts

    def put(
        self, key: str, data: bytes | Path, *, metadata: Mapping[str, str], if_match: str | None
    ) -> str:
        judge = self.judges.get(key)
        if judge is None:
            return super().put(key, data, metadata=metadata, if_match=if_match)
        with judge.lock:
            etag = super().put(key, data, metadata=metadata, if_match=if_match)
            judge.stored(self.objects[key].data, metadata)
        return etag

    def download(self, key: str, path: Path, *, version: str | None = None) -> ObjectHead | None:
        self._counts["cold opens"] += key in self.judges and version is None
        return super().download(key, path, version=version)

    def overwrite(self, key: str, data: bytes) -> None:
        """Put a foreign file there, as somebody with access to the bucket may."""
        judge = self.judges[key]
        with judge.lock:
            judge.overwritten(data, self.place(key, data))


class JudgedCommitLog(MemoryCommitLog):
    """Shows its judges what is committed."""

    def __init__(self, slots: int) -> None:
        super().__init__(slots)
        self.judges: dict[str, Judge] = {}

    def append(self, ring: str, entry: LogEntry) -> LogEntry | None:
        judge = self.judges[ring]
        with judge.lock:
            occupant = super().append(ring, entry)
            if occupant is None:
                judge.committed(entry)
                self._check_marked(judge)
        return occupant

    def unmark(self, mark: Mark) -> None:
        judge = self.judges[mark.ring]
        with judge.lock:
            super().unmark(mark)
            self._check_marked(judge)

    def _check_marked(self, judge: Judge) -> None:
        marked = judge.owner.ring in self.marked_at_ms
        demand(marked or not judge.unfolded, "the sweep will not find unfolded commits")


class FaultPlan:
    """Decides by dice which call of a store goes wrong, and how."""

    def __init__(
        self, dice: random.Random, rate: float, counts: Counter[str], before: Callable[[], None]
    ) -> None:
        """`before` is called before each call of a store: there others may come in between."""
        self.enabled = False
        self._dice = dice
        self._rate = rate
        self._counts = counts
        self._before = before
        self._burst = 0
        self._lock = threading.Lock()

    def __call__(self, method: str) -> Fault | None:
        if not self.enabled:
            return None
        self._before()
        with self._lock:
            fault = self._fault(method)
            if fault:
                self._counts["faults"] += 1
                self._counts[f"fault {fault.name}"] += 1
        return fault

    def _fault(self, method: str) -> Fault | None:
        if self._burst and method in {"append", "put"}:
            self._burst -= 1
            return self._dice.choice([Fault.LOST_REQUEST, Fault.LOST_ANSWER, Fault.LATE])
        if self._dice.random() >= self._rate:
            return None
        if self._dice.random() < _BURSTS:
            self._burst = _BURST
        return self._dice.choice(list(Fault))
