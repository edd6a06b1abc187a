"""Presigned addresses of an S3 bucket: files go there and back without passing this service.

Source: Amazon S3 API Reference, "POST policy" (content-length-range) and "Authenticating requests:
using query parameters".

boto3 and botocore are imported where they are used: they take half a second.
"""

import threading
from collections.abc import Callable
from typing import TYPE_CHECKING

from chalicelib.aws_session import aws_session
from chalicelib.transfers.addresses import UploadAddress

if TYPE_CHECKING:
    from botocore.config import Config
    from mypy_boto3_s3 import S3Client

# What SigV4 allows at most.
_MAX_LIFETIME_S = 7 * 24 * 3600


class S3TransferAddresses:
    """Addresses of one bucket. S3 itself refuses a body that is larger than was agreed."""

    def __init__(
        self, bucket: str, now_ms: Callable[[], int], client: "S3Client | None" = None
    ) -> None:
        """Without `client` one is made when it is first needed."""
        self._bucket = bucket
        self._now_ms = now_ms
        self._made = client
        self._making = threading.Lock()

    def for_upload(self, key: str, *, max_bytes: int, expires_ms: int) -> UploadAddress:
        post = self._client.generate_presigned_post(
            self._bucket,
            key,
            Conditions=[["content-length-range", 1, max_bytes]],
            ExpiresIn=self._lifetime_s(expires_ms),
        )
        return UploadAddress(post["url"], "POST", post["fields"])

    def for_download(self, key: str, *, filename: str, expires_ms: int) -> str:
        return self._client.generate_presigned_url(
            "get_object",
            Params={
                "Bucket": self._bucket,
                "Key": key,
                "ResponseContentDisposition": f'attachment; filename="{filename}"',
                "ResponseContentType": "application/octet-stream",
                "ResponseCacheControl": "no-store",
            },
            ExpiresIn=self._lifetime_s(expires_ms),
        )

    def _lifetime_s(self, expires_ms: int) -> int:
        """boto3 counts from its own clock."""
        return max(1, min((expires_ms - self._now_ms()) // 1000, _MAX_LIFETIME_S))

    @property
    def _client(self) -> "S3Client":
        with self._making:
            if self._made is None:
                self._made = aws_session().client("s3", config=signing_config())
            return self._made


def signing_config() -> "Config":
    """Signature version 4, at the region's own address: a redirection would break it."""
    from botocore.config import Config  # noqa: PLC0415

    return Config(signature_version="s3v4", s3={"addressing_style": "virtual"})
