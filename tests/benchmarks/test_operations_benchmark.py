"""What is counted of requests to AWS is what AWS would bill; events are those of API Gateway."""

from types import SimpleNamespace
from typing import Any, cast

import pytest

from benchmarks.aws_requests import AwsMeter, AwsUsage, _units, item_size
from benchmarks.figures import Spread
from benchmarks.lambda_events import Call, event_of
from benchmarks.operations_figures import Measured, OperationFigures
from tests.emulators.moto_server import dynamodb_client, s3_client, serialised_moto
from tests.emulators.tables import create_users_table


def test_an_item_is_as_large_as_its_names_and_values() -> None:
    assert item_size({}) == 0
    assert item_size({"name": {"S": "é"}}) == 4 + 2
    assert item_size({"b": {"B": b"12345"}}) == 1 + 5
    assert item_size({"b": {"B": "MTIzNDU2"}}) == 1 + 6
    assert item_size({"n": {"N": "1700000000"}}) == 1 + 7
    assert item_size({"t": {"BOOL": True}, "u": {"NULL": True}}) == 4


@pytest.mark.parametrize(
    ("operation", "asked", "answer", "expected"),
    [
        ("GetItem", {"ConsistentRead": True}, {}, AwsUsage(read_units=1)),
        ("GetItem", {"ConsistentRead": True}, {"Item": {"a": {"S": "x" * 4096}}}, (0, 2)),
        ("Query", {}, {"Items": [{"a": {"S": "x" * 5000}}] * 3}, (0, 2)),
        ("Query", {"ConsistentRead": True}, {"Items": []}, (0, 1)),
        ("PutItem", {"Item": {"a": {"S": "x" * 1023}}}, {}, (1, 0)),
        ("PutItem", {"Item": {"a": {"S": "x" * 1024}}}, {}, (2, 0)),
        ("PutItem", {"Item": {"a": {"S": "x"}}}, {"Item": {"a": {"S": "x" * 2048}}}, (3, 0)),
        ("UpdateItem", {}, {"Attributes": {"a": {"S": "x" * 1500}}}, (2, 0)),
        ("DeleteItem", {}, {}, (1, 0)),
        ("BatchWriteItem", {"RequestItems": {"t": [{}, {}, {}]}}, {}, (3, 0)),
    ],
)
def test_units_are_those_of_the_bill(
    operation: str, asked: dict[str, Any], answer: dict[str, Any], expected: Any
) -> None:
    wanted = expected if isinstance(expected, AwsUsage) else AwsUsage({}, 0, 0, *expected)
    assert _units(operation, asked, answer) == wanted


def test_every_request_of_a_session_made_while_listening_is_counted_once() -> None:
    meter = AwsMeter()
    with serialised_moto() as endpoint:
        create_users_table(dynamodb_client(endpoint), "users")
        with meter.listening():
            s3, dynamodb = s3_client(endpoint), dynamodb_client(endpoint)
        s3.create_bucket(Bucket="bucket")
        meter.taken()
        s3.put_object(Bucket="bucket", Key="key", Body=b"x" * 5000)
        dynamodb.put_item(TableName="users", Item={"username": {"S": "ada"}})
        with pytest.raises(dynamodb.exceptions.ConditionalCheckFailedException):
            dynamodb.put_item(
                TableName="users",
                Item={"username": {"S": "ada"}, "more": {"S": "x" * 3000}},
                ConditionExpression="attribute_not_exists(username)",
            )
        dynamodb_client(endpoint).list_tables()
    found = meter.taken()
    assert found.requests == {"s3 PutObject": 1, "dynamodb PutItem": 2}
    assert found.write_units == 1 + 3
    assert found.bytes_up > 8_000
    assert meter.taken() == AwsUsage()


APP = cast(
    "Any",
    SimpleNamespace(
        app=SimpleNamespace(routes={"/api/cards/{card_id}": {}, "/api/cards": {}, "/health": {}})
    ),
)


def test_an_event_names_its_route_and_carries_body_query_and_caller() -> None:
    call = Call("PUT", "/api/cards/17", {"back": "é"}, {"a": "1 2"}, {"idempotency-key": "k"})
    event = event_of(call, APP, {"principalId": "ada"})
    assert event["requestContext"]["resourcePath"] == "/api/cards/{card_id}"
    assert event["requestContext"]["authorizer"] == {"principalId": "ada"}
    assert event["pathParameters"] == {"card_id": "17"}
    assert event["multiValueQueryStringParameters"] == {"a": ["1 2"]}
    assert event["headers"]["idempotency-key"] == "k"
    assert event["headers"]["content-type"] == "application/json"
    bytes_event = event_of(Call("POST", "/api/cards", b"\x00"), APP)
    assert (bytes_event["body"], bytes_event["isBase64Encoded"]) == ("AA==", True)
    assert "authorizer" not in bytes_event["requestContext"]
    with pytest.raises(LookupError):
        event_of(Call("GET", "/nowhere"), APP)


def test_the_figures_of_an_operation_are_shares_of_its_people() -> None:
    usage = AwsUsage({"s3 PutObject": 3}, 100, 50, 6, 9)
    one = OperationFigures.of("sweep", [Measured(30, usage)], divisor=3)
    assert one.requests == {"s3 PutObject": 1}
    assert (one.write_units, one.read_units) == (2, 3)
    assert one.cpu_ms == Spread(10, 10, 1)
