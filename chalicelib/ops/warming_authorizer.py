"""Keeping environments of the authorizer warm: by a question that API Gateway never asks.

Light, for the authorizer imports no more than it needs.
"""

import os
import time
from collections.abc import Callable
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from chalicelib.account_services import AccountServices

HOLD_MS = 300

# This environment's name: as long as its process lives.
ENVIRONMENT = os.urandom(8).hex()

# No account has this number, and API Gateway writes the ARN: nobody outside can ask this.
# Source: Amazon API Gateway Developer Guide, "Input to an API Gateway Lambda authorizer".
WARMING_ARN = "arn:aws:execute-api:us-east-1:000000000000:none/api/GET/health"
WARMING_QUESTION = {
    "type": "TOKEN",
    "authorizationToken": "Bearer none",
    "methodArn": WARMING_ARN,
}


def warm_authorizer(
    services: "AccountServices", sleep: Callable[[float], None] = time.sleep
) -> dict[str, str]:
    """In the authorizer: make the connection to the table, and hold on, so that others are reached.

    Tells which environment it was. Raises StorageUnavailableError when the table does not answer.
    """
    began_s = time.monotonic()
    services.users.get("nobody")
    hold(began_s, HOLD_MS, sleep)
    return {"environment": ENVIRONMENT}


def hold(began_s: float, hold_ms: float, sleep: Callable[[float], None]) -> None:
    """Stay until `hold_ms` after `began_s` of the monotonic clock: others take what comes then."""
    sleep(max(0.0, hold_ms / 1000 - (time.monotonic() - began_s)))
