"""Taking a stage away: first what can be made again, and what people have only when it is named."""

from collections.abc import Callable
from typing import Any

from chalicelib.errors import ConfigurationError
from javumbo.deploy import names
from javumbo.deploy.account import Account, code_of
from javumbo.deploy.site import SiteBucket
from javumbo.deploy.stacks import Stacks


class Demolition:
    """All methods raise DeploymentError or botocore's errors."""

    def __init__(
        self, account: Account, stacks: Stacks, stage: str, say: Callable[[str], None]
    ) -> None:
        self._account = account
        self._stacks = stacks
        self._stage = stage
        self._say = say

    def check_name(self, delete_data: str | None) -> None:
        """Raises ConfigurationError unless it is None or the name of this stage's data stack."""
        expected = names.stack_name(self._stage, "data")
        if delete_data not in (None, expected):
            raise ConfigurationError(
                f"Nothing was deleted: what people have in this stage is called {expected}."
            )

    def destroy(self) -> None:
        """Delete all but what people have."""
        site = names.stack_name(self._stage, "site")
        bucket = self._stacks.outputs(site).get("FrontendBucket")
        if bucket:
            SiteBucket(self._account.client("s3"), bucket).empty()
        for part in ("watch", "site", "app"):
            self._stacks.delete(names.stack_name(self._stage, part))

    def delete_data(self) -> None:
        """Delete everybody's collections, media, accounts and the secrets, with all versions."""
        for table in names.tables(self._stage):
            self._quietly(
                "dynamodb", "update_table", TableName=table, DeletionProtectionEnabled=False
            )
        self._stacks.delete(names.stack_name(self._stage, "data"))
        for bucket in self._buckets():
            self._delete_bucket(bucket)
        for table in names.tables(self._stage):
            self._quietly("dynamodb", "delete_table", TableName=table)
        for parameter in names.secret_parameters(self._stage):
            self._quietly("ssm", "delete_parameter", Name=parameter)

    def _buckets(self) -> list[str]:
        name_of = (names.collection_bucket, names.media_bucket, names.artefact_bucket)
        return [name(self._stage, self._account.account_id) for name in name_of]

    def _delete_bucket(self, bucket: str) -> None:
        from botocore.exceptions import ClientError  # noqa: PLC0415

        try:
            count = SiteBucket(self._account.client("s3"), bucket).empty()
        except ClientError as error:
            if code_of(error) == "NoSuchBucket":
                return
            raise
        self._quietly("s3", "delete_bucket", Bucket=bucket)
        self._say(f"deleted {bucket} and {count} versions of objects")

    def _quietly(self, service: str, operation: str, **arguments: Any) -> None:
        """Do it where there is such a thing."""
        from botocore.exceptions import ClientError  # noqa: PLC0415

        try:
            getattr(self._account.client(service), operation)(**arguments)
        except ClientError as error:
            if code_of(error) not in {
                "ResourceNotFoundException",
                "ParameterNotFound",
                "NoSuchBucket",
            }:
                raise
