"""What lies in an account to which stacks are deployed, whoever made it."""

import json
from collections.abc import Callable
from typing import Any, Protocol
from urllib.parse import urlsplit

from botocore.exceptions import ClientError

from javumbo.deploy.account import Account

_TABLE = (
    "TableName",
    "KeySchema",
    "AttributeDefinitions",
    "BillingMode",
    "DeletionProtectionEnabled",
)


class Contents(Protocol):
    """A type and a name tell which thing is meant."""

    def fetch(self, url: str) -> str:
        """The text at a TemplateURL."""
        ...

    def has(self, kind: str, name: str) -> bool: ...

    def make(self, kind: str, name: str, properties: dict[str, Any]) -> None: ...

    def remove(self, kind: str, name: str) -> None: ...


class Names:
    """Contents of which nothing is known but the names."""

    def __init__(self) -> None:
        self.there: set[tuple[str, str]] = set()

    def fetch(self, url: str) -> str:
        raise AssertionError(f"nothing is at {url}")

    def has(self, kind: str, name: str) -> bool:
        return (kind, name) in self.there

    def make(self, kind: str, name: str, properties: dict[str, Any]) -> None:
        self.there.add((kind, name))

    def remove(self, kind: str, name: str) -> None:
        self.there.remove((kind, name))


class AccountContents:
    """What of a stack moto has too: buckets, their policies, tables."""

    def __init__(self, account: Account) -> None:
        self._account = account

    def fetch(self, url: str) -> str:
        bucket, _, key = urlsplit(url).path.lstrip("/").partition("/")
        with self._account.client("s3").get_object(Bucket=bucket, Key=key)["Body"] as body:
            text: str = body.read().decode()
        return text

    def has(self, kind: str, name: str) -> bool:
        s3, tables = self._account.client("s3"), self._account.client("dynamodb")
        asked: dict[str, Callable[[], object]] = {
            "AWS::S3::Bucket": lambda: s3.head_bucket(Bucket=name),
            "AWS::S3::BucketPolicy": lambda: s3.get_bucket_policy(Bucket=name),
            "AWS::DynamoDB::Table": lambda: tables.describe_table(TableName=name),
        }
        try:
            asked[kind]()
        except ClientError:
            return False
        return True

    def make(self, kind: str, name: str, properties: dict[str, Any]) -> None:
        s3 = self._account.client("s3")
        if kind == "AWS::S3::Bucket":
            s3.create_bucket(Bucket=name)
            s3.put_bucket_versioning(Bucket=name, VersioningConfiguration={"Status": "Enabled"})
        if kind == "AWS::S3::BucketPolicy":
            s3.put_bucket_policy(Bucket=name, Policy=json.dumps(properties["PolicyDocument"]))
        if kind == "AWS::DynamoDB::Table":
            tables = self._account.client("dynamodb")
            tables.create_table(**{one: properties[one] for one in _TABLE})

    def remove(self, kind: str, name: str) -> None:
        s3 = self._account.client("s3")
        if kind == "AWS::S3::BucketPolicy":
            s3.delete_bucket_policy(Bucket=name)
        if kind == "AWS::S3::Bucket":
            s3.delete_bucket(Bucket=name)
