"""Taking the last change back, or doing it again: one try, made definite by the log."""

import sqlite3
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import msgspec

from chalicelib.errors import NothingToUndoError
from chalicelib.storage.access import Access
from chalicelib.storage.disk import disk_errors
from chalicelib.storage.history import History, Reversible, Way, history_of
from chalicelib.storage.ports import CommitLog
from chalicelib.storage.replica import ReopenError
from chalicelib.storage.spills import SpillStore
from chalicelib.storage.transacting import Done, Job, Transactions
from chalicelib.storage.transaction import Recorder
from chalicelib.storage.warm import Seat, WarmCopies
from chalicelib.storage.writing import About, Request

Answer = dict[str, Any]
Revert = Callable[[sqlite3.Connection, bytes], Answer]


@dataclass(frozen=True, slots=True)
class Reversion:
    """A step back or forth: `revert(conn, inverse)` makes it, and gives a JSON answer."""

    way: Way
    revert: Revert
    request: Request | None
    recorder: Recorder


class Reverting:
    """Tries reversions; for whoever has the turn with a seat."""

    def __init__(
        self,
        access: Access,
        transactions: Transactions,
        log: CommitLog,
        spills: SpillStore,
        warm: WarmCopies,
    ) -> None:
        self._access = access
        self._transactions = transactions
        self._log = log
        self._spills = spills
        self._warm = warm

    def history(self, seat: Seat) -> History | None:
        """The history of the very state that the seat's replica is brought to.

        None when the ring was rewritten meanwhile: ask again.
        """
        replica = self._access.validated(seat)
        entries = self._log.entries(seat.owner.ring)
        try:
            replica.replay(entries, self._spills)
        except ReopenError:
            self._access.reopened(seat)
            return None
        newest = entries[-1].seq if entries else 0
        return history_of(entries) if newest <= replica.seq else None

    def attempt(self, seat: Seat, reversion: Reversion) -> Done[Answer] | None:
        """Take a step and commit it; None when it has to be tried again on another state."""
        history = self.history(seat)
        if history is None:
            return None
        target = history.next(reversion.way)
        replica = self._access.at_hand(seat)
        repeated = reversion.request and replica.outcome(reversion.request.key)
        if target is None or repeated:
            return self._transactions.attempt(seat, Job(_nothing, reversion.request))
        if target.puts_image_back:
            return self._image_put_back(seat, replica.seq, target, reversion)
        inverse = self._spills.part(target.segment, "undo")
        if inverse is None:
            return None

        def revert(conn: sqlite3.Connection) -> Answer:
            return {"operation": target.operation, **reversion.revert(conn, inverse)}

        job = Job(
            revert,
            reversion.request,
            reversion.recorder,
            target.operation,
            step=reversion.way,
            at_seq=replica.seq,
        )
        return self._transactions.attempt(seat, job)

    def _image_put_back(
        self, seat: Seat, seq: int, target: Reversible, reversion: Reversion
    ) -> Done[Answer] | None:
        answer = {"operation": target.operation}
        about = About(
            reversion.request,
            msgspec.json.encode(answer),
            target.operation,
            step=reversion.way,
        )
        with self._warm.scratch() as image:
            with disk_errors():
                found = self._spills.download(target.segment, "before", image)
            if not found or not self._transactions.replace(seat, image, about, seq):
                return None
        return Done(answer, committed=True)


def _nothing(_: sqlite3.Connection) -> Answer:
    raise NothingToUndoError
