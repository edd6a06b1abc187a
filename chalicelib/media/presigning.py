"""Addresses at which S3 itself gives a media file.

boto3 and botocore are imported where they are used: they take half a second.
"""

import threading
from typing import TYPE_CHECKING, Protocol

from chalicelib.aws_session import aws_session
from chalicelib.media.kinds import content_disposition, content_type

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client


class MediaAddresses(Protocol):
    """Where a browser is led for the content itself."""

    def address(self, key: str, name: str, lifetime_s: int) -> str:
        """Where the object `key` is to be had for a while, served as the file `name`."""


class S3Addresses:
    """Presigned addresses of one bucket; signing asks nobody. Safe to use from many threads."""

    def __init__(self, bucket: str, client: "S3Client | None" = None) -> None:
        """Without `client` one is made when it is first needed."""
        self._bucket = bucket
        self._made = client
        self._making = threading.Lock()

    def address(self, key: str, name: str, lifetime_s: int) -> str:
        params = {
            "Bucket": self._bucket,
            "Key": key,
            "ResponseContentType": content_type(name),
            "ResponseContentDisposition": content_disposition(name),
            "ResponseCacheControl": f"private, max-age={lifetime_s}",
        }
        address: str = self._client.generate_presigned_url(
            "get_object", Params=params, ExpiresIn=lifetime_s
        )
        return address

    @property
    def _client(self) -> "S3Client":
        with self._making:
            if self._made is None:
                from botocore.config import Config  # noqa: PLC0415

                # The region's own address: the global one redirects, which breaks the signature.
                config = Config(signature_version="s3v4", s3={"addressing_style": "virtual"})
                self._made = aws_session().client("s3", config=config)
            return self._made
