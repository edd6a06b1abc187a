"""One try of a transaction: on the replica at hand, made definite by the log."""

import sqlite3
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Generic, TypeVar

import msgspec

from chalicelib.errors import IdempotencyKeyReusedError, StorageUnavailableError
from chalicelib.storage.access import Access
from chalicelib.storage.disk import disk_errors
from chalicelib.storage.drafts import Draft
from chalicelib.storage.folding import Folder
from chalicelib.storage.pages import Pages
from chalicelib.storage.ports import CommitLog, LogEntry, Mark
from chalicelib.storage.replica import Outcome, ReopenError, Replica
from chalicelib.storage.segments import Step
from chalicelib.storage.spills import SpillStore
from chalicelib.storage.transaction import Recorder
from chalicelib.storage.warm import Seat
from chalicelib.storage.writing import About, Request, Writer, unpacked_answer

T = TypeVar("T")

# A mark says that its ring may have commits to fold; whoever commits after this time renews it.
MARK_MS = 30 * 60 * 1000


@dataclass(frozen=True, slots=True)
class Job(Generic[T]):
    """What a transaction does, and for which request; `operation` is a name for a person.

    `at_seq` is the only state on which it may be run; None where any will do.
    """

    fn: Callable[[sqlite3.Connection], T]
    request: Request | None = None
    recorder: Recorder | None = None
    operation: str = ""
    step: Step = "do"
    at_seq: int | None = None


@dataclass(frozen=True, slots=True)
class Done(Generic[T]):
    """The result of a transaction; `committed` tells whether this very try wrote something."""

    value: T
    committed: bool


class Transactions:
    """Tries transactions; for whoever has the turn with a seat."""

    def __init__(
        self,
        access: Access,
        folder: Folder,
        writer: Writer,
        log: CommitLog,
        spills: SpillStore,
        now_ms: Callable[[], int],
    ) -> None:
        self._access = access
        self._folder = folder
        self._writer = writer
        self._log = log
        self._spills = spills
        self._now_ms = now_ms

    def attempt(self, seat: Seat, job: Job[T]) -> Done[T] | None:
        """Run the job on the seat's replica and commit it.

        None when it has to be run again, as the replica was behind: it no longer is. A result
        and an exception that come from the job are validated: they are those of a current state.
        """
        replica = self._folder.make_room(seat)
        outcome = replica.outcome(job.request.key) if job.request else None
        if outcome and job.request:
            return self._replayed(seat, outcome, job.request)
        if job.at_seq not in (None, replica.seq):
            return None
        try:
            draft, value = self._drafted(replica, job)
        except StorageUnavailableError:
            seat.drop()
            raise
        except Exception:
            if self._access.catch_up(seat):
                return None
            raise
        if draft.pages is None:
            return None if self._access.catch_up(seat) else Done(value, committed=False)
        answer = encoded_answer(job.request, value)
        about = About(job.request, answer, job.operation, draft.noted, job.step)
        occupant = self.commit(seat, replica, draft.pages, about)
        if occupant:
            self._learn(seat, occupant)
            return None
        return Done(value, committed=True)

    def commit(self, seat: Seat, replica: Replica, pages: Pages, about: About) -> LogEntry | None:
        """Commit pages of a draft; the occupant when another writer was first."""
        try:
            self.mark(seat)
            with disk_errors():
                return self._writer.write(replica, pages, about)
        except BaseException:
            seat.drop()
            raise

    def replace(self, seat: Seat, image: Path, about: About, at_seq: int | None = None) -> bool:
        """Commit the file at `image` as the collection; whether nobody else was first.

        Nor is anything done where `at_seq` is given and is not the state at hand.
        """
        replica = self._folder.make_room(seat)
        if at_seq not in (None, replica.seq):
            return False
        self.mark(seat)
        try:
            with disk_errors():
                return self._writer.replace(replica, image, about) is None
        finally:
            seat.drop()

    def _learn(self, seat: Seat, occupant: LogEntry) -> None:
        """Bring the replica past the commit of the writer who was first.

        The refusal brought it along, so that losing once costs no further round trip.
        """
        replica = self._access.at_hand(seat)
        try:
            if occupant.seq == replica.seq + 1:
                replica.apply(occupant, self._spills)
            else:
                self._access.catch_up(seat)
        except ReopenError:
            self._access.reopened(seat)

    def mark(self, seat: Seat) -> None:
        """See to it that the sweep will look at this ring."""
        now_ms = self._now_ms()
        if seat.marked_ms is None or abs(now_ms - seat.marked_ms) >= MARK_MS:
            self._log.mark(Mark(seat.owner.ring, now_ms))
            seat.marked_ms = now_ms

    def _drafted(self, replica: Replica, job: Job[T]) -> tuple[Draft, T]:
        with replica.draft(job.recorder) as draft:
            value = job.fn(draft.conn)
        return draft, value

    def _replayed(self, seat: Seat, outcome: Outcome, request: Request) -> Done[Any] | None:
        """The first result; None when the log has forgotten it since this replica learnt of it."""
        if outcome.digest != request.digest:
            raise IdempotencyKeyReusedError
        part = self._spills.part(outcome.answered, "answer")
        if part is None:
            self._access.reopened(seat)
            return None
        return Done(msgspec.json.decode(unpacked_answer(part)), committed=False)


def encoded_answer(request: Request | None, value: object) -> bytes:
    """What is kept to answer the same request again; nothing where there is none."""
    return msgspec.json.encode(value) if request else b""
