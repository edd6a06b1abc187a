"""Users in a DynamoDB table: the adapter for AWS.

Users are kept under case-folded names. Beside them lie, under names with capitals that no user can
have, `REVOKED#<jti>` for each revoked token until some time after `expires_at` (seconds, the
table's TTL), and `ENDINGS`, the list of deletions that have begun.
"""

import json
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import asdict, fields
from functools import cached_property
from typing import TYPE_CHECKING, Any

from chalicelib.accounts.aws import client_config, outages
from chalicelib.accounts.dynamodb_items import item, values_of
from chalicelib.accounts.passwords import PasswordHasher
from chalicelib.accounts.users import Ending, User, UserChanges, UserRepository
from chalicelib.aws_session import aws_session
from chalicelib.errors import UsernameTakenError

if TYPE_CHECKING:
    from botocore.exceptions import ClientError
    from mypy_boto3_dynamodb import DynamoDBClient

_REVOKED = "REVOKED#"
_ENDINGS = "ENDINGS"


class DynamoDBUserRepository(UserRepository):
    """Users in the table `table_name`, whose partition key is `username` (a string).

    The client is made at first use when none is given, so that boto3, which takes half a second
    to import, is only imported where users are asked for.
    """

    def __init__(
        self, table_name: str, hasher: PasswordHasher, client: "DynamoDBClient | None" = None
    ) -> None:
        super().__init__(hasher)
        self._table_name = table_name
        self._given_client = client

    def _insert(self, user: User) -> None:
        with outages():
            try:
                self.client.put_item(
                    TableName=self._table_name,
                    Item=item(asdict(user)),
                    ConditionExpression="attribute_not_exists(username)",
                    ReturnValuesOnConditionCheckFailure="ALL_OLD",
                )
            except self.client.exceptions.ConditionalCheckFailedException as error:
                if not _own_retry(error, user):
                    raise UsernameTakenError from None

    def _select(self, username: str) -> User | None:
        found = self._get(username)
        return _user(found) if found else None

    def _change(
        self,
        username: str,
        changes: UserChanges,
        expected: Mapping[str, str],
        *,
        revoke_tokens: bool = False,
    ) -> User | None:
        actions = [f"#{name} = :{name}" for name in changes]
        values: dict[str, object] = {f":{name}": value for name, value in changes.items()}
        if revoke_tokens:
            actions.append("#token_version = #token_version + :one")
            values[":one"] = 1
        conditions = ["attribute_exists(username)", *(f"#{name} = :is_{name}" for name in expected)]
        values |= {f":is_{name}": value for name, value in expected.items()}
        names = {*changes, *expected} | ({"token_version"} if revoke_tokens else set())
        with outages():
            try:
                answer = self.client.update_item(
                    TableName=self._table_name,
                    Key=item({"username": username}),
                    UpdateExpression="SET " + ", ".join(actions),
                    ConditionExpression=" AND ".join(conditions),
                    # Placeholders, as `name` and `language` are reserved words.
                    ExpressionAttributeNames={f"#{name}": name for name in names},
                    ExpressionAttributeValues=item(values),
                    ReturnValues="ALL_NEW",
                )
            except self.client.exceptions.ConditionalCheckFailedException:
                return None
        return _user(answer["Attributes"])

    def _remove(self, username: str, generation: str | None) -> None:
        condition: Any = {}
        if generation is not None:
            condition = {
                "ConditionExpression": "generation = :generation",
                "ExpressionAttributeValues": item({":generation": generation}),
            }
        with outages(), suppress(self.client.exceptions.ConditionalCheckFailedException):
            self.client.delete_item(
                TableName=self._table_name, Key=item({"username": username}), **condition
            )

    def endings(self) -> list[Ending]:
        entries = values_of(self._get(_ENDINGS) or {}).get("entries", ())
        return [Ending(*json.loads(entry)) for entry in entries]

    def forget_ending(self, ending: Ending) -> None:
        self._update_endings("DELETE", ending)

    def _note_ending(self, ending: Ending) -> None:
        self._update_endings("ADD", ending)

    def revoke_token(self, jti: str, expires_at_ms: int, now_ms: int) -> None:  # noqa: ARG002
        values = {"username": _REVOKED + jti, "expires_at": -(-expires_at_ms // 1000)}
        with outages():
            self.client.put_item(TableName=self._table_name, Item=item(values))

    def is_token_revoked(self, jti: str) -> bool:
        return self._get(_REVOKED + jti) is not None

    def _get(self, key: str) -> Mapping[str, Any] | None:
        with outages():
            answer = self.client.get_item(
                TableName=self._table_name, Key=item({"username": key}), ConsistentRead=True
            )
        found: Mapping[str, Any] | None = answer.get("Item")
        return found

    def _update_endings(self, action: str, ending: Ending) -> None:
        with outages():
            self.client.update_item(
                TableName=self._table_name,
                Key=item({"username": _ENDINGS}),
                UpdateExpression=f"{action} entries :entry",
                ExpressionAttributeValues=item({":entry": frozenset({json.dumps(ending)})}),
            )

    @cached_property
    def client(self) -> "DynamoDBClient":
        """For others who work with the same table; made at first use."""
        if self._given_client is not None:
            return self._given_client
        return aws_session().client("dynamodb", config=client_config())


def _own_retry(error: "ClientError", user: User) -> bool:
    """Whether the name is taken by this very request: the answer to its first try was lost."""
    answer: Any = error.response
    if answer["ResponseMetadata"]["RetryAttempts"] == 0:
        return False
    return _user(answer["Item"]).generation == user.generation


def _user(attributes: Mapping[str, Any]) -> User:
    values = values_of(attributes)
    return User(
        **{field.name: values[field.name] for field in fields(User) if field.name in values}
    )
