"""What the site stack asks that no other stack says."""

from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from chalicelib.media.presigning import S3Addresses
from chalicelib.transfers.s3 import signing_config

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client


def media_origin(bucket: str, client: "S3Client") -> str:
    """Where the addresses lead that the service signs for a bucket: asked of what signs them.

    `client` is any of the bucket's region; its own addresses would be another's.
    """
    from boto3 import Session  # noqa: PLC0415

    signer = Session("nobody", "unused", region_name=client.meta.region_name).client(
        "s3", endpoint_url=client.meta.endpoint_url, config=signing_config()
    )
    address = urlsplit(S3Addresses(bucket, signer).address("media", "media", 1))
    return f"{address.scheme}://{address.netloc}"
