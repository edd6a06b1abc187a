"""The tests find what they are there to find: an engine with one safety less is caught each time.

Where dice would need long for it, a history made for that very safety does it.
"""

import inspect
import logging
import sqlite3
import sys
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, BinaryIO

import pytest

from chalicelib.errors import JavumboError
from chalicelib.storage import (
    Owner,
    commits,
    drafts,
    pages,
    sweeping,
    transacting,
    warm,
    writing,
)
from chalicelib.storage.access import Access
from chalicelib.storage.adoption import Adoption
from chalicelib.storage.drafts import Drafts
from chalicelib.storage.folding import Folder
from chalicelib.storage.opening import Opener
from chalicelib.storage.ports import LogEntry
from chalicelib.storage.replica import Replica
from chalicelib.storage.segments import decode_changes
from chalicelib.storage.spills import SpillStore
from chalicelib.storage.sweeping import Sweeper
from chalicelib.storage.transacting import Transactions
from chalicelib.storage.writing import Writer
from tests.storage import test_rare_histories as rare
from tests.storage import test_registrations as registrations
from tests.storage.fuzz_containers import CONFIGS
from tests.storage.fuzz_world import interleaved, replaced
from tests.storage.ledger import ViolationError
from tests.storage.memory import MemoryBaseStore
from tests.storage.memory_log import MemoryCommitLog

OPERATIONS = 300
SEEDS = 8

Mutation = AbstractContextManager[None]


@dataclass(frozen=True)
class Mutant:
    """A way to remove one safety, and the world in which that shows."""

    mutate: Callable[[], Mutation]
    config: str = "steady"
    fault_rate: float = 0.0


def unconditional_append() -> Mutation:
    def append(self: MemoryCommitLog, ring: str, entry: LogEntry) -> None:
        self.rings.setdefault(ring, {})[entry.seq % self.slots] = entry

    return replaced(MemoryCommitLog, "append", append)


def no_undo() -> Mutation:
    """A connection that closes copies its WAL into the file."""

    def close(conn: sqlite3.Connection, wal: BinaryIO, _: int) -> None:
        with wal:
            conn.close()

    return replaced(drafts, "_close", close)


def connection_kept_beside_others() -> Mutation:
    """The next draft knows nothing of what others have committed."""

    @contextmanager
    def written(self: Drafts, changed: pages.Pages) -> Iterator[None]:
        yield
        self._last = None
        if self._desk:
            self._desk.see_file(self._path)

    return replaced(Drafts, "written", written)


@contextmanager
def refused_pages_written() -> Iterator[None]:
    """What a refused commit leaves is found by the checksum of the next one, so that goes too."""
    own = Writer.write

    def write(self: Writer, replica: Replica, changed: Any, about: Any) -> LogEntry | None:
        occupant = own(self, replica, changed, about)
        if occupant:
            replica._file.write(changed)
        return occupant

    with replaced(Writer, "write", write), no_checksum():
        yield


def no_checksum() -> Mutation:
    """Whatever the changes make of the file at hand is taken."""

    def pages_of(self: Replica, segment: Any, spills: SpillStore) -> pages.Pages:
        changes = spills.part(segment, "pages")
        assert changes is not None
        return self._file.decoded(decode_changes(changes), segment.page_count)

    return replaced(Replica, "_pages_of", pages_of)


class _Blind:
    """An access that never finds a replica behind, where `when` says so."""

    def __init__(self, access: Access, when: Callable[[], bool]) -> None:
        self._access = access
        self._when = when

    def __getattr__(self, name: str) -> Any:
        return getattr(self._access, name)

    def catch_up(self, seat: Any) -> bool:
        return False if self._when() else self._access.catch_up(seat)


def _blinded(when: Callable[[], bool]) -> Mutation:
    own = Transactions.__init__

    def init(self: Transactions, access: Access, *others: Any) -> None:
        own(self, _Blind(access, when), *others)  # type: ignore[arg-type]

    return replaced(Transactions, "__init__", init)


def errors_not_validated() -> Mutation:
    return _blinded(lambda: sys.exc_info()[0] is not None)


def no_change_not_validated() -> Mutation:
    return _blinded(lambda: sys.exc_info()[0] is None)


def reads_not_validated() -> Mutation:
    return replaced(Access, "validated", Access.at_hand)


def no_ring_guard() -> Mutation:
    def make_room(self: Folder, seat: Any) -> Replica:
        return self._access.at_hand(seat)

    return replaced(Folder, "make_room", make_room)


def fold_without_if_match() -> Mutation:
    own = MemoryBaseStore.put

    def put(
        self: MemoryBaseStore, key: str, data: Any, *, metadata: Any, if_match: str | None
    ) -> str:
        if if_match is not None:
            if_match = self.objects[key].etag
        return own(self, key, data, metadata=metadata, if_match=if_match)

    return replaced(MemoryBaseStore, "put", put)


def own_entry_not_recognised() -> Mutation:
    class Renamed:
        """A log that gives an occupant another name."""

        def __init__(self, log: Any) -> None:
            self._log = log

        def append(self, ring: str, entry: LogEntry) -> LogEntry | None:
            found = self._log.append(ring, entry)
            return LogEntry(found.seq, f"not {found.tx}", found.segment) if found else None

    def commit(log: Any, ring: str, entry: LogEntry, pause: Any) -> LogEntry | None:
        return commits.commit(Renamed(log), ring, entry, pause)  # type: ignore[arg-type]

    return replaced(writing, "commit", commit)


def first_page_as_written() -> Mutation:
    return replaced(pages, "normal_page", lambda number, content: content)


def key_is_the_tx() -> Mutation:
    own = Writer._entry

    def entry(self: Writer, replica: Replica, segment: Any, about: Any, files: Any = None) -> Any:
        made, segment = own(self, replica, segment, about, files)
        tx = about.request.key if about.request else made.tx
        return LogEntry(made.seq, tx, made.segment), segment

    return replaced(Writer, "_entry", entry)


def key_not_looked_up() -> Mutation:
    return replaced(Replica, "outcome", lambda self, key: None)


def folded_keys_forgotten() -> Mutation:
    """A container that opens cold knows the keys of the commits that it applies, no others."""
    own = Opener._replay

    def replay(self: Opener, replica: Replica, entries: list[LogEntry]) -> None:
        own(self, replica, [entry for entry in entries if entry.seq > replica.seq])

    return replaced(Opener, "_replay", replay)


def spills_removed_before_they_are_folded() -> Mutation:
    own = Sweeper.fold_quietly

    def fold(self: Sweeper, owner: Owner) -> None:
        self.tidy(owner, 1_000_000)
        own(self, owner)

    return replaced(Sweeper, "fold_quietly", fold)


def spills_never_removed() -> Mutation:
    return replaced(SpillStore, "remove_unneeded", lambda *_: 0)


def no_mark() -> Mutation:
    return replaced(Transactions, "mark", lambda self, seat: None)


def mark_not_renewed() -> Mutation:
    return replaced(transacting, "MARK_MS", 1 << 60)


def mark_removed_too_early() -> Mutation:
    return replaced(sweeping, "_OUTLIVED_MS", 0)


def wal_left() -> Mutation:
    """A replica that is dropped leaves what is beside it."""
    return replaced(warm.Seat, "drop", lambda self: setattr(self, "replica", None))


@contextmanager
def no_conflict_copy() -> Iterator[None]:
    with (
        replaced(Adoption, "_keep_former", lambda *_: None),
        replaced(Adoption, "keep_conflict", lambda *_: None),
    ):
        yield


def foreign_file_folded_over() -> Mutation:
    return replaced(Folder, "_is_adopted", lambda *_: True)


def generation_ignored() -> Mutation:
    return replaced(Owner, "ring", property(lambda self: f"{self.username}#"))


MUTANTS = [
    Mutant(unconditional_append),
    Mutant(no_undo),
    Mutant(connection_kept_beside_others),
    Mutant(refused_pages_written),
    Mutant(errors_not_validated),
    Mutant(no_change_not_validated),
    Mutant(reads_not_validated),
    Mutant(no_ring_guard, "lapping"),
    Mutant(fold_without_if_match, "lapping", 0.05),
    Mutant(own_entry_not_recognised, fault_rate=0.05),
    Mutant(first_page_as_written),
    Mutant(key_is_the_tx),
    Mutant(key_not_looked_up),
    Mutant(folded_keys_forgotten),
    Mutant(spills_removed_before_they_are_folded),
    Mutant(spills_never_removed, fault_rate=0.05),
    Mutant(no_mark),
    Mutant(mark_removed_too_early, "legacy"),
    Mutant(wal_left),
    Mutant(no_conflict_copy, "outside"),
    Mutant(foreign_file_folded_over, "outside"),
]


DIRECTED: list[tuple[Callable[[], Mutation], Callable[..., None], dict[str, object]]] = [
    (no_checksum, rare.test_a_commit_that_was_changed_in_the_log_is_refused, {}),
    (no_checksum, rare.test_a_replica_that_was_damaged_on_the_disk_is_thrown_away, {}),
    (
        generation_ignored,
        registrations.test_a_frozen_container_never_reaches_the_next_one,
        {"commits": 3},
    ),
    (mark_not_renewed, rare.test_a_ring_is_marked_for_as_long_as_it_is_written, {}),
    (fold_without_if_match, rare.test_a_late_fold_does_not_take_the_place_of_a_later_one, {}),
    (no_ring_guard, rare.test_unfolded_commits_are_never_overwritten, {}),
    (own_entry_not_recognised, rare.test_a_commit_whose_answer_was_lost_is_not_made_again, {}),
    (spills_removed_before_they_are_folded, rare.test_a_spill_is_there_until_it_is_folded, {}),
]


@pytest.fixture(autouse=True)
def _quiet() -> Iterator[None]:
    logging.disable(logging.CRITICAL)
    yield
    logging.disable(logging.NOTSET)


@pytest.mark.parametrize("mutant", MUTANTS, ids=lambda mutant: mutant.mutate.__name__)
def test_the_fuzz_catches_an_engine_without(tmp_path: Path, mutant: Mutant) -> None:
    with mutant.mutate(), pytest.raises(ViolationError):
        _fuzz(mutant, tmp_path)


def _fuzz(mutant: Mutant, directory: Path) -> None:
    for seed in range(SEEDS):
        config = CONFIGS[mutant.config]
        interleaved(config, OPERATIONS, seed, mutant.fault_rate, directory / str(seed))


@pytest.mark.parametrize(("mutate", "history", "arguments"), DIRECTED)
def test_a_directed_history_catches_an_engine_without(
    request: pytest.FixtureRequest,
    mutate: Callable[[], Mutation],
    history: Callable[..., None],
    arguments: dict[str, object],
) -> None:
    fixtures = {
        name: request.getfixturevalue(name)
        for name in inspect.signature(history).parameters
        if name not in arguments
    }
    with mutate(), pytest.raises((AssertionError, JavumboError, pytest.fail.Exception)):
        history(**fixtures, **arguments)
