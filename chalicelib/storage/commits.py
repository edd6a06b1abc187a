"""The commit point: one entry put into its slot, with a definite outcome."""

from collections.abc import Callable

from chalicelib.errors import StorageUnavailableError
from chalicelib.storage.ports import AmbiguousOutcomeError, CommitLog, LogEntry

_SENDS = 5


def commit(
    log: CommitLog, ring: str, entry: LogEntry, pause: Callable[[int], None]
) -> LogEntry | None:
    """Commit the entry; None, or, when another writer was first, what lies in its slot.

    While the outcome is open the identical entry is sent again, `pause(n)` before the nth time;
    it can be committed once only, because its slot waits for it once only.

    Raises StorageUnavailableError when the log does not answer, or when it cannot be found out
    any more whether the entry was committed.
    """
    doubtful = False
    for send in range(_SENDS):
        if send:
            pause(send)
        try:
            occupant = log.append(ring, entry)
        except AmbiguousOutcomeError:
            doubtful = True
            continue
        if occupant is None or occupant.tx == entry.tx:
            return None
        if doubtful and occupant.seq > entry.seq:
            break
        return occupant
    raise StorageUnavailableError(
        "The storage did not answer; repeat the request with the same Idempotency-Key to learn"
        " whether it took effect."
    )
