"""Users in a DynamoDB table: the adapter for AWS."""

from collections.abc import Mapping
from dataclasses import asdict, fields
from functools import cached_property
from typing import TYPE_CHECKING, Any

from chalicelib.accounts.aws import client_config, outages
from chalicelib.accounts.passwords import PasswordHasher
from chalicelib.accounts.users import User, UserChanges, UserRepository
from chalicelib.errors import UsernameTakenError

if TYPE_CHECKING:
    from botocore.exceptions import ClientError
    from mypy_boto3_dynamodb import DynamoDBClient


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
                self._client.put_item(
                    TableName=self._table_name,
                    Item=_item(asdict(user)),
                    ConditionExpression="attribute_not_exists(username)",
                    ReturnValuesOnConditionCheckFailure="ALL_OLD",
                )
            except self._client.exceptions.ConditionalCheckFailedException as error:
                if not _own_retry(error, user):
                    raise UsernameTakenError from None

    def _select(self, username: str) -> User | None:
        with outages():
            answer = self._client.get_item(
                TableName=self._table_name, Key=_item({"username": username}), ConsistentRead=True
            )
        return _user(answer["Item"]) if "Item" in answer else None

    def _change(
        self, username: str, changes: UserChanges, *, current_hash: str | None = None
    ) -> User | None:
        condition = "attribute_exists(username)"
        values: dict[str, object] = {f":{column}": value for column, value in changes.items()}
        if current_hash is not None:
            condition += " AND password_hash = :current_hash"
            values[":current_hash"] = current_hash
        with outages():
            try:
                answer = self._client.update_item(
                    TableName=self._table_name,
                    Key=_item({"username": username}),
                    UpdateExpression="SET " + ", ".join(f"#{name} = :{name}" for name in changes),
                    ConditionExpression=condition,
                    # Placeholders, as `name` and `language` are reserved words.
                    ExpressionAttributeNames={f"#{name}": name for name in changes},
                    ExpressionAttributeValues=_item(values),
                    ReturnValues="ALL_NEW",
                )
            except self._client.exceptions.ConditionalCheckFailedException:
                return None
        return _user(answer["Attributes"])

    def _remove(self, username: str) -> None:
        with outages():
            self._client.delete_item(TableName=self._table_name, Key=_item({"username": username}))

    @cached_property
    def _client(self) -> "DynamoDBClient":
        if self._given_client is not None:
            return self._given_client
        from boto3 import Session  # noqa: PLC0415

        return Session().client("dynamodb", config=client_config())


def _own_retry(error: "ClientError", user: User) -> bool:
    """Whether the name is taken by this very request: the answer to its first try was lost."""
    answer: Any = error.response
    if answer["ResponseMetadata"]["RetryAttempts"] == 0:
        return False
    return _user(answer["Item"]).generation == user.generation


def _item(values: Mapping[str, object]) -> dict[str, Any]:
    return {name: _attribute(value) for name, value in values.items()}


def _attribute(value: object) -> dict[str, Any]:
    match value:
        case None:
            return {"NULL": True}
        case bool():
            return {"BOOL": value}
        case int():
            return {"N": str(value)}
        case _:
            return {"S": value}


def _user(item: Mapping[str, Any]) -> User:
    return User(**{column.name: _value(item[column.name]) for column in fields(User)})


def _value(attribute: Mapping[str, Any]) -> Any:
    ((kind, value),) = attribute.items()
    match kind:
        case "NULL":
            return None
        case "N":
            return int(value)
        case _:
            return value
