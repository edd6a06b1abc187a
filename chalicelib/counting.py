"""What a piece of work asks of the stores. Light: every function imports it at its start."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar


class Usage:
    """Calls of the stores, and the bytes of what was stored and fetched.

    `conflicts` are commits that another writer was before, `folds` base files brought up to date,
    `failures` calls that the store refused or did not answer, repeating included.
    """

    # No dataclass: making one takes longer than all the rest of this module.
    def __init__(self) -> None:
        self.round_trips = 0
        self.bytes_up = 0
        self.bytes_down = 0
        self.conflicts = 0
        self.folds = 0
        self.failures = 0


@contextmanager
def counting() -> Iterator[Usage]:
    """What is asked of counted stores from here on.

    A thread of a pool counts for the only one who is counting, and for nobody where several are.
    """
    usage = Usage()
    token = _own.set(usage)
    with _lock:
        _counting.append(usage)
    try:
        yield usage
    finally:
        _own.reset(token)
        with _lock:
            _counting[:] = [one for one in _counting if one is not usage]


_own: ContextVar[Usage | None] = ContextVar("usage", default=None)
_counting: list[Usage] = []
_lock = threading.Lock()


@contextmanager
def round_trip(*failures: type[Exception]) -> Iterator[Usage]:
    """One call of a store; `failures` are the exceptions by which it tells that it failed."""
    usage = _usage()
    usage.round_trips += 1
    try:
        yield usage
    except failures:
        usage.failures += 1
        raise


def _usage() -> Usage:
    own = _own.get()
    if own:
        return own
    with _lock:
        return _counting[0] if len(_counting) == 1 else Usage()
