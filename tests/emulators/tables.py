"""The tables that a deployed stage has, for the emulator."""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient


def create_users_table(client: "DynamoDBClient", name: str) -> None:
    client.create_table(
        TableName=name,
        KeySchema=[{"AttributeName": "username", "KeyType": "HASH"}],
        AttributeDefinitions=[{"AttributeName": "username", "AttributeType": "S"}],
        BillingMode="PAY_PER_REQUEST",
    )


def create_commits_table(client: "DynamoDBClient", name: str) -> None:
    client.create_table(
        TableName=name,
        KeySchema=[
            {"AttributeName": "ring", "KeyType": "HASH"},
            {"AttributeName": "slot", "KeyType": "RANGE"},
        ],
        AttributeDefinitions=[
            {"AttributeName": "ring", "AttributeType": "S"},
            {"AttributeName": "slot", "AttributeType": "S"},
        ],
        BillingMode="PAY_PER_REQUEST",
    )
    # Dynalite makes a table a moment after it has answered.
    client.get_waiter("table_exists").wait(
        TableName=name, WaiterConfig={"Delay": 0, "MaxAttempts": 1000}
    )
