"""What the AWS adapters share: how long they wait, and what an outage is.

boto3 and botocore are imported where they are used: they take half a second.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from chalicelib.errors import StorageUnavailableError

if TYPE_CHECKING:
    from botocore.config import Config

# Three tries of these together stay under the 29 seconds that API Gateway waits.
CONNECT_TIMEOUT_S = 2
READ_TIMEOUT_S = 5
ATTEMPTS = 3


def client_config() -> "Config":
    from botocore.config import Config  # noqa: PLC0415

    return Config(
        connect_timeout=CONNECT_TIMEOUT_S,
        read_timeout=READ_TIMEOUT_S,
        retries={"mode": "standard", "total_max_attempts": ATTEMPTS},
    )


@contextmanager
def outages() -> Iterator[None]:
    """StorageUnavailableError for all that AWS, or the way to it, has against a request."""
    from botocore.exceptions import BotoCoreError, ClientError  # noqa: PLC0415

    try:
        yield
    except (BotoCoreError, ClientError) as error:
        raise StorageUnavailableError from error
