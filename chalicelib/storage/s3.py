"""A base store in an S3 bucket.

What its role needs: s3:GetObject, s3:PutObject, s3:DeleteObject and s3:GetObjectVersion on the
objects, s3:ListBucket and s3:ListBucketVersions on the bucket. Without ListBucket S3 answers 403
for a missing key, which is not told from a refusal.

Earlier versions are those of a bucket with versioning; how long they stay is for its lifecycle
rules to say.

boto3 and botocore are imported where they are used: they take half a second.
"""

import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import closing, contextmanager
from functools import partial
from http import HTTPStatus
from pathlib import Path
from typing import TYPE_CHECKING, Any, BinaryIO, TypeVar

from chalicelib.aws_session import aws_session
from chalicelib.errors import StorageUnavailableError
from chalicelib.storage.aws import RequestFailedError, check_sends_once, once_config, repeated
from chalicelib.storage.disk import CHUNK_BYTES, disk_errors, new_file
from chalicelib.storage.ports import (
    AmbiguousOutcomeError,
    EarlierVersion,
    ObjectHead,
    PreconditionFailedError,
    StoredObject,
)

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client
    from mypy_boto3_s3.type_defs import ListObjectVersionsOutputTypeDef, ObjectVersionTypeDef

T = TypeVar("T")

_CONNECT_TIMEOUT_S = 2
_READ_TIMEOUT_S = 10
_PAUSE_S = 0.1
_NO_ANSWER = 0
# The answer to a HEAD request has no body to say more than its status.
_MISSING = frozenset({"NoSuchKey", "NoSuchVersion", "404"})


def new_s3_client(endpoint_url: str | None = None) -> "S3Client":
    """A client that sends every request once."""
    config = once_config(_CONNECT_TIMEOUT_S, _READ_TIMEOUT_S)
    return aws_session().client("s3", endpoint_url=endpoint_url, config=config)


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
        if client:
            check_sends_once(client, "S3")
        self._bucket = bucket
        self._made = client
        self._making = threading.Lock()
        self._sleep = sleep

    def get(self, key: str) -> StoredObject | None:
        return self._repeated(partial(self._get, key))

    def head(self, key: str) -> ObjectHead | None:
        return self._repeated(partial(self._head, key, {}))

    def download(self, key: str, path: Path, *, version: str | None = None) -> ObjectHead | None:
        with disk_errors():
            path.unlink(missing_ok=True)
        return self._repeated(partial(self._download, key, path, _version(version)))

    def put(
        self, key: str, data: bytes | Path, *, metadata: Mapping[str, str], if_match: str | None
    ) -> str:
        condition: dict[str, Any] = {"IfMatch": if_match} if if_match else {"IfNoneMatch": "*"}
        try:
            with disk_errors(), _body(data) as body, _request():
                answer = self._client.put_object(
                    Bucket=self._bucket, Key=key, Body=body, Metadata=metadata, **condition
                )
        except _S3Error as error:
            raise _refused_write(error) from error
        return answer["ETag"]

    def delete(self, key: str, *, if_match: str | None = None) -> None:
        self._repeated(partial(self._delete, key, {"IfMatch": if_match} if if_match else {}))

    def keys(self, prefix: str) -> list[str]:
        return self._repeated(partial(self._keys, prefix))

    def earlier(self, key: str) -> Iterator[EarlierVersion]:
        for found in self._replaced(key):
            version = found["VersionId"]
            # A lifecycle rule may have removed it since.
            if head := self._repeated(partial(self._head, key, _version(version))):
                stored_at_ms = round(found["LastModified"].timestamp() * 1000)
                yield EarlierVersion(head.etag, head.metadata, version, stored_at_ms)

    @property
    def _client(self) -> "S3Client":
        with self._making:
            if self._made is None:
                self._made = new_s3_client()
            return self._made

    def _get(self, key: str) -> StoredObject | None:
        with _missing_is_none(), _request():
            answer = self._client.get_object(Bucket=self._bucket, Key=key)
            return StoredObject(answer["ETag"], answer["Metadata"], answer["Body"].read())
        return None

    def _head(self, key: str, version: dict[str, Any]) -> ObjectHead | None:
        with _missing_is_none(), _request():
            answer = self._client.head_object(Bucket=self._bucket, Key=key, **version)
            return ObjectHead(answer["ETag"], answer["Metadata"])
        return None

    def _download(self, key: str, path: Path, version: dict[str, Any]) -> ObjectHead | None:
        with _missing_is_none(), _request():
            answer = self._client.get_object(Bucket=self._bucket, Key=key, **version)
            with closing(answer["Body"]) as body, disk_errors(), new_file(path) as file:
                # Ends with an error when fewer bytes come than Content-Length promised.
                for chunk in body.iter_chunks(CHUNK_BYTES):
                    file.write(chunk)
            return ObjectHead(answer["ETag"], answer["Metadata"])
        return None

    def _delete(self, key: str, condition: dict[str, Any]) -> None:
        try:
            with _missing_is_none(), _request():
                self._client.delete_object(Bucket=self._bucket, Key=key, **condition)
        except _S3Error as error:
            if error.status == HTTPStatus.PRECONDITION_FAILED:
                raise PreconditionFailedError from error
            raise

    def _keys(self, prefix: str) -> list[str]:
        with _request():
            pages = self._client.get_paginator("list_objects_v2").paginate(
                Bucket=self._bucket, Prefix=prefix
            )
            keys = [found["Key"] for page in pages for found in page.get("Contents", ())]
        # S3's console makes an object of such a name for an empty folder.
        return [key for key in keys if not key.endswith("/")]

    def _replaced(self, key: str) -> Iterator["ObjectVersionTypeDef"]:
        """Versions that others replaced, back to where an object of this key was deleted."""
        after: dict[str, Any] = {}
        while True:
            page = self._listed(key, after)
            versions = [found for found in page.get("Versions", ()) if found["Key"] == key]
            deletions = [found for found in page.get("DeleteMarkers", ()) if found["Key"] == key]
            older = self._before(key, deletions[0]["VersionId"]) if deletions else frozenset()
            for found in versions:
                if not found["IsLatest"] and found["VersionId"] not in older:
                    yield found
            if deletions or page.get("NextKeyMarker") != key:
                return
            after = {"KeyMarker": key, "VersionIdMarker": page["NextVersionIdMarker"]}

    def _before(self, key: str, deletion: str) -> frozenset[str]:
        """The versions before a deletion, as far as a page that has both can reach.

        A page has versions and deletions apart, and their times are in whole seconds.
        """
        page = self._listed(key, {"KeyMarker": key, "VersionIdMarker": deletion})
        return frozenset(found["VersionId"] for found in page.get("Versions", ()))

    def _listed(self, key: str, after: dict[str, Any]) -> "ListObjectVersionsOutputTypeDef":
        def listed() -> "ListObjectVersionsOutputTypeDef":
            with _request():
                return self._client.list_object_versions(Bucket=self._bucket, Prefix=key, **after)

        return self._repeated(listed)

    def _repeated(self, call: Callable[[], T]) -> T:
        """The answer to what may be sent again; what stays in its way is an outage."""
        return repeated(call, self._sleep, _PAUSE_S)


class _S3Error(RequestFailedError):
    """No answer (status 0), or one that is not a success."""

    def __init__(self, status: int, code: str = "") -> None:
        no_answer = status == _NO_ANSWER
        super().__init__(passing=no_answer or status >= HTTPStatus.INTERNAL_SERVER_ERROR)
        self.status = status
        self.missing = code in _MISSING


@contextmanager
def _request() -> Iterator[None]:
    from botocore.exceptions import BotoCoreError, ClientError  # noqa: PLC0415
    from urllib3.exceptions import HTTPError  # noqa: PLC0415

    try:
        yield
    except ClientError as error:
        status = error.response["ResponseMetadata"]["HTTPStatusCode"]
        raise _S3Error(status, error.response["Error"]["Code"]) from error
    except (BotoCoreError, HTTPError) as error:
        # botocore lets through what TLS says in the middle of a body.
        raise _S3Error(_NO_ANSWER) from error


@contextmanager
def _missing_is_none() -> Iterator[None]:
    """Ends the block where there is no such object. A missing bucket is an error."""
    try:
        yield
    except _S3Error as error:
        if not error.missing:
            raise


@contextmanager
def _body(data: bytes | Path) -> Iterator[bytes | BinaryIO]:
    if isinstance(data, bytes):
        yield data
        return
    with data.open("rb") as file:
        yield file


def _version(version: str | None) -> dict[str, Any]:
    return {"VersionId": version} if version else {}


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
