"""The engines that are compared, behind one door each as a container of the service has it."""

import sqlite3
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

from benchmarks.network import Network
from benchmarks.stores import MeteredBaseStore, MeteredCommitLog
from benchmarks.whole_file import WholeFileStorage
from chalicelib.collection.undo.recording import UndoRecorder
from chalicelib.storage import CollectionStorage, Owner, Request, StorageOptions

DELTA_LOG, WHOLE_FILE = "delta log", "whole file"

OWNER = Owner("ada.lovelace", "4f1c2a9be07d5836")

_OPERATION = "Answer card"

Reading = Callable[[sqlite3.Connection], object]


class Change(Protocol):
    """A request that changes the collection: its Idempotency-Key, and a digest of its body."""

    @property
    def key(self) -> str: ...

    @property
    def digest(self) -> bytes: ...

    def apply(self, conn: sqlite3.Connection) -> dict[str, Any]:
        """Change the collection; the JSON of the response."""


class Container(Protocol):
    """One process that serves one request at a time, with a cache directory of its own."""

    @property
    def fold_is_due(self) -> bool:
        """Whether the last change asked for a fold."""

    def create(self, build: Callable[[sqlite3.Connection], None]) -> None: ...

    def change(self, change: Change) -> None: ...

    def read(self, reading: Reading) -> None: ...

    def fold(self) -> None:
        """Bring the base file up to date; nothing where it always is."""


@dataclass(frozen=True, slots=True)
class Engine:
    """One engine over stores of its own, which all its containers share.

    `folds` tells that its base file is brought up to date from time to time only.
    """

    name: str
    folds: bool
    network: Network
    container: Callable[[Path], Container]


def delta_log() -> Engine:
    """The engine of the service: one append to the commit log a change."""
    network = Network()
    base, log = MeteredBaseStore(network), MeteredCommitLog(network)
    return Engine(DELTA_LOG, True, network, lambda cache: _DeltaLogContainer(base, log, cache))


def whole_file() -> Engine:
    """The baseline: the whole file up for each change."""
    network = Network()
    base = MeteredBaseStore(network)
    return Engine(WHOLE_FILE, False, network, lambda cache: _WholeFileContainer(base, cache))


class _DeltaLogContainer:
    def __init__(self, base: MeteredBaseStore, log: MeteredCommitLog, cache_dir: Path) -> None:
        self._storage = CollectionStorage(base, log, StorageOptions(cache_dir=cache_dir))
        self._storage.on_fold_due(self._note_due_fold)
        self.fold_is_due = False

    def create(self, build: Callable[[sqlite3.Connection], None]) -> None:
        self._storage.create(OWNER, build)

    def change(self, change: Change) -> None:
        request = Request(change.key, change.digest)
        self.fold_is_due = False
        self._storage.transact(
            OWNER, change.apply, request, recorder=UndoRecorder(), operation=_OPERATION
        )

    def read(self, reading: Reading) -> None:
        self._storage.read(OWNER, reading)

    def fold(self) -> None:
        self._storage.fold(OWNER)

    def _note_due_fold(self, _: Owner) -> None:
        self.fold_is_due = True


class _WholeFileContainer:
    fold_is_due = False

    def __init__(self, base: MeteredBaseStore, cache_dir: Path) -> None:
        self._storage = WholeFileStorage(base, cache_dir)

    def create(self, build: Callable[[sqlite3.Connection], None]) -> None:
        self._storage.create(OWNER, build)

    def change(self, change: Change) -> None:
        self._storage.transact(OWNER, change.apply)

    def read(self, reading: Reading) -> None:
        self._storage.read(OWNER, reading)

    def fold(self) -> None:
        return
