"""A base store in an S3 bucket.

Its role needs s3:GetObject, PutObject and DeleteObject on the objects and s3:ListBucket on the
bucket: without the last one S3 answers 403 for a missing key, which is not told from a refusal.

boto3 and botocore are imported where they are used: they take half a second.
"""

import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from http import HTTPStatus
from typing import TYPE_CHECKING, Any, TypeVar

from chalicelib.errors import ConfigurationError, StorageUnavailableError
from chalicelib.storage.ports import (
    AmbiguousOutcomeError,
    NotModified,
    ObjectHead,
    PreconditionFailedError,
    StoredObject,
)

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client

T = TypeVar("T")

_CONNECT_TIMEOUT_S = 2
_READ_TIMEOUT_S = 10
_POOL_CONNECTIONS = 32
_TRIES = 3
_PAUSE_S = 0.1
_NO_ANSWER = 0
# The answer to a HEAD request has no body to say more than its status.
_NO_SUCH_KEY = frozenset({"NoSuchKey", "404"})


def new_s3_client(endpoint_url: str | None = None) -> "S3Client":
    """A client that sends every request once.

    A conditional write that is sent again by itself is refused because of its own first sending,
    and that would look like a conflict.
    """
    from boto3 import Session  # noqa: PLC0415
    from botocore.config import Config  # noqa: PLC0415

    config = Config(
        connect_timeout=_CONNECT_TIMEOUT_S,
        read_timeout=_READ_TIMEOUT_S,
        max_pool_connections=_POOL_CONNECTIONS,
        retries={"mode": "standard", "total_max_attempts": 1},
    )
    return Session().client("s3", endpoint_url=endpoint_url, config=config)


class S3BaseStore:
    """Objects of one bucket; safe to use from many threads."""

    def __init__(
        self,
        bucket: str,
        client: "S3Client | None" = None,
        *,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        """Without `client` one is made when it is first needed; `sleep` takes seconds.

        Raises ConfigurationError for a client that sends requests again by itself.
        """
        if client and _attempts(client) != 1:
            raise ConfigurationError("The S3 client must not send requests again by itself.")
        self._bucket = bucket
        self._made = client
        self._making = threading.Lock()
        self._sleep = sleep

    def get(self, key: str) -> StoredObject | None:
        return self._repeated(lambda: self._get(key, {}))

    def get_if_changed(self, key: str, etag: str) -> StoredObject | NotModified | None:
        return self._repeated(lambda: self._get_if_changed(key, etag))

    def head(self, key: str) -> ObjectHead | None:
        return self._repeated(lambda: self._head(key))

    def put(
        self, key: str, data: bytes, *, metadata: Mapping[str, str], if_match: str | None
    ) -> str:
        condition: dict[str, Any] = {"IfMatch": if_match} if if_match else {"IfNoneMatch": "*"}
        try:
            with _request():
                answer = self._client.put_object(
                    Bucket=self._bucket, Key=key, Body=data, Metadata=metadata, **condition
                )
        except _S3Error as error:
            raise _refused_write(error) from error
        return answer["ETag"]

    def delete(self, key: str) -> None:
        self._repeated(lambda: self._delete(key))

    @property
    def _client(self) -> "S3Client":
        with self._making:
            if self._made is None:
                self._made = new_s3_client()
            return self._made

    def _get(self, key: str, condition: dict[str, Any]) -> StoredObject | None:
        with _missing_is_none(), _request():
            answer = self._client.get_object(Bucket=self._bucket, Key=key, **condition)
            return StoredObject(answer["ETag"], answer["Metadata"], answer["Body"].read())
        return None

    def _get_if_changed(self, key: str, etag: str) -> StoredObject | NotModified | None:
        try:
            return self._get(key, {"IfNoneMatch": etag})
        except _S3Error as error:
            if error.status == HTTPStatus.NOT_MODIFIED:
                return NotModified()
            raise

    def _head(self, key: str) -> ObjectHead | None:
        with _missing_is_none(), _request():
            answer = self._client.head_object(Bucket=self._bucket, Key=key)
            return ObjectHead(answer["ETag"], answer["Metadata"])
        return None

    def _delete(self, key: str) -> None:
        with _request():
            self._client.delete_object(Bucket=self._bucket, Key=key)

    def _repeated(self, call: Callable[[], T]) -> T:
        """The answer to what may be sent again; what stays in its way is an outage."""
        tries = 0
        while True:
            try:
                return call()
            except _S3Error as error:
                tries += 1
                if tries == _TRIES or not error.passing:
                    raise StorageUnavailableError from error
            self._sleep(tries * _PAUSE_S)


class _S3Error(Exception):
    """No answer (status 0), or one that is not a success."""

    def __init__(self, status: int, code: str = "") -> None:
        super().__init__(status, code)
        self.status = status
        self.missing = code in _NO_SUCH_KEY
        self.passing = status == _NO_ANSWER or status >= HTTPStatus.INTERNAL_SERVER_ERROR


@contextmanager
def _request() -> Iterator[None]:
    from botocore.exceptions import BotoCoreError, ClientError  # noqa: PLC0415

    try:
        yield
    except ClientError as error:
        status = error.response["ResponseMetadata"]["HTTPStatusCode"]
        raise _S3Error(status, error.response["Error"]["Code"]) from error
    except BotoCoreError as error:
        raise _S3Error(_NO_ANSWER) from error


@contextmanager
def _missing_is_none() -> Iterator[None]:
    """Ends the block where there is no such object. A missing bucket is an error."""
    try:
        yield
    except _S3Error as error:
        if not error.missing:
            raise


def _refused_write(error: _S3Error) -> Exception:
    """What the failure of a conditional write means.

    Source: Amazon S3 User Guide, "How to prevent object overwrites with conditional writes": 412
    the condition is false, 409 another write is under way, 404 there is nothing to match. A 5xx
    can follow a write that took effect.
    """
    if error.missing or error.status in {HTTPStatus.PRECONDITION_FAILED, HTTPStatus.CONFLICT}:
        return PreconditionFailedError()
    if error.passing:
        return AmbiguousOutcomeError()
    return StorageUnavailableError()


def _attempts(client: Any) -> int | None:
    """How often the client sends a request at most; None where botocore decides."""
    attempts: int | None = (client.meta.config.retries or {}).get("total_max_attempts")
    return attempts
