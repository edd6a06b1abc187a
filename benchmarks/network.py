"""The way to the stores: it meters each request, and takes as long as the model says."""

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from benchmarks.model import INSTANT, Latency, read_units, write_units
from benchmarks.usage import Kind, Usage


@dataclass(slots=True)
class Transfer:
    """One request under way; `written` and `read` are sizes of log items in bytes."""

    bytes_up: int = 0
    bytes_down: int = 0
    written: int | None = None
    read: int | None = None

    def usage(self, kind: Kind) -> Usage:
        return Usage(
            {kind: 1},
            self.bytes_up,
            self.bytes_down,
            0 if self.written is None else write_units(self.written),
            0 if self.read is None else read_units(self.read),
        )


class Network:
    """Requests that are made at the same time from several threads overlap."""

    def __init__(self) -> None:
        self.latency: Latency = INSTANT
        self._usage = Usage()
        self._uncounted: list[Usage] = []
        self._lock = threading.Lock()

    @property
    def usage(self) -> Usage:
        """All that was asked so far; it is added up here, not while a request is measured."""
        with self._lock:
            self._usage = sum(self._uncounted, self._usage)
            self._uncounted.clear()
            return self._usage

    @contextmanager
    def request(self, kind: Kind) -> Iterator[Transfer]:
        """One request, done inside; the caller fills in what it transfers.

        It ends when the model says, whatever the store in memory took for its own work.
        """
        started = time.perf_counter()
        transfer = Transfer()
        try:
            yield transfer
        finally:
            with self._lock:
                self._uncounted.append(transfer.usage(kind))
            size = transfer.bytes_up + transfer.bytes_down
            _sleep_until(started + self.latency.seconds(kind, size))


def _sleep_until(moment: float) -> None:
    left = moment - time.perf_counter()
    if left > 0:
        time.sleep(left)
