"""What is DynamoDB's own: consistent reads, lost answers and outages."""

from typing import Any

import pytest
from botocore.awsrequest import AWSPreparedRequest, AWSResponse
from botocore.config import Config
from botocore.httpsession import URLLib3Session
from botocore.stub import Stubber

from chalicelib.accounts.dynamodb import DynamoDBUserRepository
from chalicelib.accounts.dynamodb_throttle import DynamoDBThrottle
from chalicelib.accounts.throttle import Limit
from chalicelib.errors import StorageUnavailableError, UsernameTakenError
from tests.accounts.places import HASHER, InDynamoDB, stored, user
from tests.accounts.test_sqlite_users import assert_every_call_is_an_outage
from tests.emulators.moto_server import aws_environment, dynamodb_client

CLOSED_PORT = "http://127.0.0.1:9"


def test_a_table_that_cannot_be_reached_is_an_outage() -> None:
    client = dynamodb_client(CLOSED_PORT, Config(connect_timeout=1))
    assert_every_call_is_an_outage(DynamoDBUserRepository("users", HASHER, client))


def test_a_table_that_is_not_there_is_an_outage(endpoint: str) -> None:
    assert_every_call_is_an_outage(InDynamoDB(endpoint, "no-such-table").open())


@pytest.mark.parametrize(
    ("code", "status"),
    [
        ("ProvisionedThroughputExceededException", 400),
        ("ThrottlingException", 400),
        ("RequestLimitExceeded", 400),
        ("AccessDeniedException", 400),
        ("ExpiredTokenException", 400),
        ("InternalServerError", 500),
        ("ServiceUnavailable", 503),
    ],
)
def test_an_error_of_the_service_is_an_outage_and_not_an_unknown_user(
    code: str, status: int
) -> None:
    client = dynamodb_client(CLOSED_PORT)
    users = DynamoDBUserRepository("users", HASHER, client)
    with Stubber(client) as stub:
        for operation in ("get_item", "get_item", "put_item", "update_item", "delete_item"):
            stub.add_client_error(operation, code, http_status_code=status)
        assert_every_call_is_an_outage(users)
        stub.assert_no_pending_responses()


def test_users_are_read_consistently(dynamodb_place: InDynamoDB) -> None:
    client = dynamodb_client(dynamodb_place.endpoint_url)
    reads: list[Any] = []

    def note(params: dict[str, Any], **_: Any) -> None:
        reads.append(params["ConsistentRead"])

    client.meta.events.register("provide-client-params.dynamodb.GetItem", note)
    users = DynamoDBUserRepository(dynamodb_place.table_name, HASHER, client)
    users.get("ana")
    users.verify_password("ana", "correct horse")
    assert reads == [True, True]


class LosesFirstAnswer:
    """A line on which the first request arrives and its answer does not."""

    def __init__(self) -> None:
        self.requests = 0

    def __call__(self, request: AWSPreparedRequest, **_: Any) -> AWSResponse | None:
        self.requests += 1
        if self.requests > 1:
            return None
        arrived = URLLib3Session().send(request)
        arrived.status_code = 500
        return arrived


@pytest.fixture
def unlucky(dynamodb_place: InDynamoDB) -> DynamoDBUserRepository:
    """A repository whose first creation reaches the table, unheard, and is tried again."""
    retrying = Config(retries={"mode": "standard", "total_max_attempts": 2})
    client = dynamodb_client(dynamodb_place.endpoint_url, retrying)
    line: Any = LosesFirstAnswer()
    client.meta.events.register("before-send.dynamodb.PutItem", line)
    return DynamoDBUserRepository(dynamodb_place.table_name, HASHER, client)


def test_a_name_taken_by_ones_own_unheard_request_is_ones_own(
    unlucky: DynamoDBUserRepository,
) -> None:
    created = user()
    unlucky.create(created)
    assert unlucky.get("ana") == created


def test_a_name_taken_by_another_is_refused_after_a_retry_too(
    unlucky: DynamoDBUserRepository, dynamodb_place: InDynamoDB
) -> None:
    dynamodb_place.open().create(user(generation="another"))
    with pytest.raises(UsernameTakenError):
        unlucky.create(user())
    assert stored(unlucky).generation == "another"


def test_a_repository_makes_its_own_client_from_the_environment(
    dynamodb_place: InDynamoDB, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, value in aws_environment(dynamodb_place.endpoint_url).items():
        monkeypatch.setenv(name, value)
    created = user()
    DynamoDBUserRepository(dynamodb_place.table_name, HASHER).create(created)
    assert dynamodb_place.open().get("ana") == created


def test_missing_credentials_are_an_outage_while_serving(monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in aws_environment(CLOSED_PORT).items():
        monkeypatch.setenv(name, value)
    monkeypatch.delenv("AWS_ACCESS_KEY_ID")
    monkeypatch.delenv("AWS_SECRET_ACCESS_KEY")
    monkeypatch.setenv("HOME", "/nonexistent")
    with pytest.raises(StorageUnavailableError):
        DynamoDBUserRepository("users", HASHER).get("ana")


def test_what_may_be_removed_by_itself_says_when_in_seconds(dynamodb_place: InDynamoDB) -> None:
    """The table's TTL is on `expires_at`; no user has one."""
    users, throttle = dynamodb_place.open(), dynamodb_place.open_throttle()
    users.create(user())
    users.begin_ending(stored(users), 1000)
    users.revoke_token("jti", 1_700_000_000_001, 1)
    throttle.admit(Limit("name", 5, 1001), "ana", 1_700_000_000_000)
    client = dynamodb_client(dynamodb_place.endpoint_url)
    found = client.scan(TableName=dynamodb_place.table_name)["Items"]
    expiries = {item["username"]["S"][:6]: item.get("expires_at") for item in found}
    assert expiries == {
        "ana": None,
        "ENDING": None,
        "REVOKE": {"N": "1700000001"},
        "TRIES#": {"N": "1700000002"},
    }


def test_a_table_of_tries_that_cannot_be_reached_is_an_outage() -> None:
    client = dynamodb_client(CLOSED_PORT, Config(connect_timeout=1))
    throttle = DynamoDBThrottle("users", lambda: client)
    with pytest.raises(StorageUnavailableError):
        throttle.admit(Limit("name", 5, 1000), "ana", 1)
