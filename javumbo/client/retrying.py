"""When a request is sent again, and after how long."""

from collections.abc import Callable
from typing import TypeVar

from javumbo.client.errors import ClientError, ServiceError, UnreachableError

T = TypeVar("T")

# Somebody else changed the collection at the same moment; see docs/api.md.
CONFLICT_DELAYS_S = (0.1, 0.2, 0.4)
# The service or the way there is in trouble, and did not say for how long.
TROUBLE_DELAYS_S = (0.2, 0.6, 1.8)
# What the service asks to wait is waited for, up to here; then it is the caller's to decide.
MAX_WAIT_S = 30

_CONFLICT = 409
# Too many requests, and what gateways and the service say when they are in trouble.
_BUSY = frozenset({429, 502, 503, 504})


def with_retries(attempt: Callable[[], T], sleep: Callable[[float], object]) -> T:
    """What `attempt` gives. It must be harmless to repeat, whatever came of the first time.

    Raises the last ClientError when no further try makes sense.
    """
    tries = 0
    while True:
        try:
            return attempt()
        except ClientError as error:
            wait_s = wait_before_retry(error, tries)
            if wait_s is None:
                raise
        tries += 1
        sleep(wait_s)


def wait_before_retry(error: ClientError, tries: int) -> float | None:
    """Seconds until the next try, after `tries` that were not the first; None for never."""
    if tries >= len(TROUBLE_DELAYS_S):
        return None
    if isinstance(error, UnreachableError):
        return TROUBLE_DELAYS_S[tries] if error.retry else None
    if not isinstance(error, ServiceError):
        return None
    if error.status in _BUSY:
        asked_s = error.retry_after_s
        wait_s = TROUBLE_DELAYS_S[tries] if asked_s is None else asked_s
        return wait_s if wait_s <= MAX_WAIT_S else None
    return CONFLICT_DELAYS_S[tries] if error.retry and error.status == _CONFLICT else None
