"""How many functions an account may run at once, which bounds what a stage can be given."""

from collections.abc import Callable
from typing import Any

from chalicelib.errors import ConfigurationError
from javumbo.deploy.account import reason

# What AWS keeps for functions without environments of their own; in an account that may run fewer
# at once, all of those. Source: AWS Lambda Developer Guide, "Configuring provisioned concurrency
# for a function" and "Configuring reserved concurrency for a function".
_KEPT = 100
# The API handler and the authorizer.
_PROVISIONED_FUNCTIONS = 2
_MORE = 'ask Service Quotas for 1,000 (AWS Lambda, "Concurrent executions"), which is free'


def check_concurrency(client: Any, provisioned: int, say: Callable[[str], None]) -> None:
    """Warn of an account that runs few functions at once.

    `client` is boto3's of Lambda; `provisioned` is how many environments the API handler and the
    authorizer are to have each, 0 for none. Raises ConfigurationError for more than AWS would give.
    Who may not ask for the account's limits is told so, and goes on.
    """
    from botocore.exceptions import ClientError  # noqa: PLC0415

    try:
        limit = client.get_account_settings()["AccountLimit"]
    except ClientError as error:
        say(f"How many functions this account may run at once is not known: {reason(error)}")
        return
    at_once = limit["ConcurrentExecutions"]
    if at_once < _KEPT:
        say(
            f"This account may run only {at_once} functions at once, of which keeping the API warm "
            f"takes 7 every five minutes: {_MORE}."
        )
    kept, unreserved = min(_KEPT, at_once), limit["UnreservedConcurrentExecutions"]
    if provisioned and unreserved - _PROVISIONED_FUNCTIONS * provisioned < kept:
        most = max(0, (unreserved - kept) // _PROVISIONED_FUNCTIONS)
        raise ConfigurationError(
            f"--provisioned {provisioned} is more than AWS would give, {most}: of the {unreserved} "
            f"environments at once that this account has left, {kept} stay for functions without "
            f"any of their own, and the API and its authorizer take {provisioned} each; {_MORE}."
        )
