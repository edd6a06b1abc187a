"""Asking other Lambda functions."""

import json
from collections.abc import Mapping
from threading import Lock
from typing import Any, Protocol

from chalicelib.aws_session import aws_session
from chalicelib.errors import StorageUnavailableError

Event = Mapping[str, Any]

_CONNECT_TIMEOUT_S = 2
# Less than the function that asks may take.
READ_TIMEOUT_S = 25
_POOL_CONNECTIONS = 10


class Invoker(Protocol):
    """Both raise StorageUnavailableError when the function cannot be asked."""

    def call(self, function: str, event: Event) -> Any:
        """What the function answers; StorageUnavailableError also when it fails."""

    def send(self, function: str, event: Event) -> None:
        """Have the function do it, without waiting for it."""


class LambdaInvoker:
    """AWS Lambda's own invocations, each sent once; safe to use from many threads.

    boto3 is imported at the first one: it takes half a second.
    """

    def __init__(self) -> None:
        self._made: Any = None
        self._making = Lock()

    def call(self, function: str, event: Event) -> Any:
        answer = self._invoke(function, event, "RequestResponse")
        if "FunctionError" in answer:
            raise StorageUnavailableError
        return json.loads(answer["Payload"].read())

    def send(self, function: str, event: Event) -> None:
        self._invoke(function, event, "Event")

    def _invoke(self, function: str, event: Event, kind: str) -> Any:
        from botocore.exceptions import BotoCoreError, ClientError  # noqa: PLC0415

        payload = json.dumps(event).encode()
        try:
            return self._client.invoke(FunctionName=function, InvocationType=kind, Payload=payload)
        except (BotoCoreError, ClientError) as error:
            raise StorageUnavailableError from error

    @property
    def _client(self) -> Any:
        with self._making:
            self._made = self._made or _new_client()
            return self._made


def _new_client() -> Any:
    from botocore.config import Config  # noqa: PLC0415

    config = Config(
        connect_timeout=_CONNECT_TIMEOUT_S,
        read_timeout=READ_TIMEOUT_S,
        max_pool_connections=_POOL_CONNECTIONS,
        retries={"mode": "standard", "total_max_attempts": 1},
    )
    return aws_session().client("lambda", config=config)
