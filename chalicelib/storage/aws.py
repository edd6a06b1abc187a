"""What the AWS adapters of the storage share: clients that send a request once, and repeating.

boto3 and botocore are imported where they are used: they take half a second.
"""

from collections.abc import Callable
from typing import TYPE_CHECKING, Any, TypeVar

from chalicelib.errors import ConfigurationError, StorageUnavailableError

if TYPE_CHECKING:
    from botocore.config import Config

T = TypeVar("T")

_POOL_CONNECTIONS = 32
_TRIES = 3


class RequestFailedError(Exception):
    """No answer, or one that is not a success; a `passing` one may be another one next time."""

    def __init__(self, *, passing: bool) -> None:
        super().__init__()
        self.passing = passing


def once_config(connect_timeout_s: int, read_timeout_s: int) -> "Config":
    """For a client that sends every request once.

    A conditional write that is sent again by itself is refused because of its own first sending,
    and that would look like another one's.
    """
    from botocore.config import Config  # noqa: PLC0415

    return Config(
        connect_timeout=connect_timeout_s,
        read_timeout=read_timeout_s,
        max_pool_connections=_POOL_CONNECTIONS,
        retries={"mode": "standard", "total_max_attempts": 1},
    )


def check_sends_once(client: Any, service: str) -> None:
    """Raises ConfigurationError for a client that sends requests again by itself."""
    if (client.meta.config.retries or {}).get("total_max_attempts") != 1:
        raise ConfigurationError(f"The {service} client must not send requests again by itself.")


def repeated(call: Callable[[], T], sleep: Callable[[float], None], pause_s: float) -> T:
    """The answer to what may be sent again; what stays in its way is an outage."""
    tries = 0
    while True:
        try:
            return call()
        except RequestFailedError as error:
            tries += 1
            if tries == _TRIES or not error.passing:
                raise StorageUnavailableError from error
        sleep(tries * pause_s)
