"""How often something may be tried: the rule, and the port to where tries are counted.

A try is counted before the work that it asks for, and taken back when it was a right one: however
many come at once, no more than the rule allows get to the work.
"""

import hashlib
import logging
from abc import ABC, abstractmethod
from dataclasses import dataclass, replace

from chalicelib.errors import StorageUnavailableError, TooManyRequestsError

logger = logging.getLogger(__name__)

FIRST_WAIT_MS = 1000
# Twice as long this many times is longer than any wait that can be asked for.
_MAX_DOUBLINGS = 30


@dataclass(frozen=True, slots=True)
class Limit:
    """`free` tries of one kind within `window_ms`.

    With a `longest_wait_ms` each further try is let through after twice the wait of the one
    before, from one second up to that; without one, none is until the window is over.
    """

    kind: str
    free: int
    window_ms: int
    longest_wait_ms: int = 0

    def wait_ms(self, count: int) -> int:
        """How long the next try has to wait after `count` tries, the free ones among them."""
        doublings = min(count - self.free, _MAX_DOUBLINGS)
        return min(FIRST_WAIT_MS << doublings, self.longest_wait_ms)


@dataclass(frozen=True, slots=True)
class Tries:
    """What is known of one key: `count` tries since `began_ms`, forgotten at `until_ms`.

    `next_ms` is when the next one is let through, once the free ones are used up.
    """

    count: int
    began_ms: int
    until_ms: int
    next_ms: int = 0


@dataclass(frozen=True, slots=True)
class Ticket:
    """A counted try, by which it can be taken back: the key's tries without it and with it."""

    key: str
    before: Tries
    after: Tries


def present(tries: Tries | None, limit: Limit, now_ms: int) -> Tries:
    """What still counts of the tries: a window without any begins now."""
    if tries is None or tries.until_ms <= now_ms or tries.count <= 0:
        return Tries(0, now_ms, now_ms + limit.window_ms)
    return tries


def counted(tries: Tries, limit: Limit, now_ms: int) -> Tries:
    """The tries with one more. Raises TooManyRequestsError when it has to wait."""
    if tries.count >= limit.free:
        opens_ms = tries.next_ms if limit.longest_wait_ms else tries.until_ms
        if now_ms < opens_ms:
            raise TooManyRequestsError(retry_after_s=-(-(opens_ms - now_ms) // 1000))
    count = tries.count + 1
    if count < limit.free or not limit.longest_wait_ms:
        return replace(tries, count=count)
    next_ms = now_ms + limit.wait_ms(count)
    # Remembered beyond the wait, or the longest one would end in free tries again.
    return replace(tries, count=count, next_ms=next_ms, until_ms=next_ms + limit.window_ms)


def without(tries: Tries | None, ticket: Ticket) -> Tries | None:
    """The tries without the ticket's; None where it counts no more."""
    if tries is None or tries.began_ms != ticket.after.began_ms or tries.count <= 0:
        return None
    fewer = replace(tries, count=tries.count - 1)
    if tries.next_ms != ticket.after.next_ms:
        return fewer  # others were let through since, and have waits of their own
    return replace(fewer, next_ms=ticket.before.next_ms, until_ms=ticket.before.until_ms)


class Throttle(ABC):
    """Where tries are counted; all methods raise StorageUnavailableError.

    Counting is atomic, whatever number of processes does it at once. An adapter implements the
    methods with an underscore.
    """

    def admit(self, limit: Limit, subject: str, now_ms: int) -> Ticket:
        """Count a try of the subject, any text, or raise TooManyRequestsError."""
        return self._admit(_key(limit.kind, subject), limit, now_ms)

    def take_back(self, ticket: Ticket) -> None:
        """Forget that try; where the storage fails it stays counted, which is logged."""
        try:
            self._take_back(ticket)
        except StorageUnavailableError:
            logger.exception("a try could not be taken back")

    @abstractmethod
    def _admit(self, key: str, limit: Limit, now_ms: int) -> Ticket: ...

    @abstractmethod
    def _take_back(self, ticket: Ticket) -> None: ...


def _key(kind: str, subject: str) -> str:
    """A digest: what was typed as a name may be a password."""
    digest = hashlib.sha256(subject.encode("utf-8", "surrogatepass")).hexdigest()
    return f"{kind}#{digest}"
