"""What the other tests rely on when they use the emulator."""

import time
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any, cast

import pytest
from botocore.exceptions import ClientError

from tests.emulators.moto_server import Serialised, dynamodb_client, s3_client, serialised_moto

WRITERS = 16


@pytest.fixture(scope="module")
def endpoint() -> Iterator[str]:
    with serialised_moto() as url:
        yield url


def test_exactly_one_of_many_conditional_puts_creates_an_s3_object(endpoint: str) -> None:
    client = s3_client(endpoint)
    client.create_bucket(Bucket="bucket")

    def outcome(_: int) -> str:
        try:
            client.put_object(Bucket="bucket", Key="key", Body=b"x", IfNoneMatch="*")
        except ClientError as error:
            return error.response["Error"]["Code"]
        return "created"

    with ThreadPoolExecutor(WRITERS) as pool:
        outcomes = Counter(pool.map(outcome, range(WRITERS)))
    assert outcomes == {"created": 1, "PreconditionFailed": WRITERS - 1}


def test_no_increment_of_many_writers_is_lost_in_dynamodb(endpoint: str) -> None:
    client = dynamodb_client(endpoint)
    client.create_table(
        TableName="counters",
        KeySchema=[{"AttributeName": "id", "KeyType": "HASH"}],
        AttributeDefinitions=[{"AttributeName": "id", "AttributeType": "S"}],
        BillingMode="PAY_PER_REQUEST",
    )

    def increment(_: int) -> None:
        client.update_item(
            TableName="counters",
            Key={"id": {"S": "one"}},
            UpdateExpression="ADD hits :one",
            ExpressionAttributeValues={":one": {"N": "1"}},
        )

    with ThreadPoolExecutor(WRITERS) as pool:
        list(pool.map(increment, range(WRITERS)))
    found = client.get_item(TableName="counters", Key={"id": {"S": "one"}}, ConsistentRead=True)
    assert found["Item"]["hits"] == {"N": str(WRITERS)}


def test_no_request_is_taken_before_the_last_one_is_answered_whole() -> None:
    inside = most_inside = 0

    def app(environ: Any, start: Any) -> Iterator[bytes]:
        nonlocal inside, most_inside
        inside += 1
        most_inside = max(most_inside, inside)
        time.sleep(0.001)  # lets another thread in where nothing holds it back
        yield b"answer"
        inside -= 1

    serialised, start_response = Serialised(app), cast("Any", None)
    with ThreadPoolExecutor(WRITERS) as pool:
        answers = list(pool.map(lambda _: list(serialised({}, start_response)), range(WRITERS)))
    assert answers == [[b"answer"]] * WRITERS
    assert most_inside == 1


def test_each_server_starts_empty(endpoint: str, monkeypatch: pytest.MonkeyPatch) -> None:
    s3_client(endpoint).create_bucket(Bucket="only-here")
    monkeypatch.setenv("AWS_PROFILE", "a-profile-that-is-not-there")
    with serialised_moto() as other:
        names = [bucket.get("Name") for bucket in s3_client(other).list_buckets()["Buckets"]]
    assert names == []
