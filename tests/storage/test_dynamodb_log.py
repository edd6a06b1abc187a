"""What DynamoDB's refusals and silences mean, and what is asked of it; what it does with good
requests is in the contract."""

import json
import socket
import subprocess
import sys
from collections.abc import Callable, Iterator
from functools import cache
from typing import Any, cast
from uuid import uuid4

import pytest
from botocore.awsrequest import AWSPreparedRequest, AWSResponse
from botocore.config import Config
from botocore.httpsession import URLLib3Session

from chalicelib.errors import ConfigurationError, StorageUnavailableError
from chalicelib.storage.dynamodb_log import DynamoDBCommitLog, new_dynamodb_client
from chalicelib.storage.ports import AmbiguousOutcomeError, LogEntry, Mark
from tests.emulators.moto_server import aws_environment, dynamodb_client
from tests.emulators.tables import create_commits_table
from tests.storage.log_fixtures import shared_client

RING = "ada#g1"
CLOSED_PORT = "http://127.0.0.1:9"

Call = Callable[[DynamoDBCommitLog], object]
REPEATED: dict[str, Call] = {
    "following": lambda log: log.following(RING, 0),
    "entries": lambda log: log.entries(RING),
    "delete": lambda log: log.delete(RING),
    "mark": lambda log: log.mark(Mark(RING, 1)),
    "marks": lambda log: log.marks(),
    "unmark": lambda log: log.unmark(Mark(RING, 1)),
}
repeated = pytest.mark.parametrize("call", REPEATED.values(), ids=REPEATED)

PASSING = [
    (400, "ProvisionedThroughputExceededException"),
    (400, "ThrottlingException"),
    (400, "RequestLimitExceeded"),
    (400, "TransactionConflictException"),
    (500, "InternalServerError"),
    (503, "ServiceUnavailable"),
]
LASTING = [
    (400, "ValidationException"),
    (400, "AccessDeniedException"),
    (400, "ResourceNotFoundException"),
    (400, "ExpiredTokenException"),
]


def entry(seq: int, tx: str = "tx", segment: bytes = b"segment") -> LogEntry:
    return LogEntry(seq, tx, segment)


class Body:
    def __init__(self, data: bytes) -> None:
        self._data = data

    def stream(self, **_: Any) -> Iterator[bytes]:
        yield self._data


def answer(status: int, code: str = "", **content: Any) -> AWSResponse:
    error = {"__type": f"com.amazonaws.dynamodb.v20120810#{code}"} if code else {}
    headers: Any = {}
    body: Any = Body(json.dumps(error | content).encode())
    return AWSResponse("", status, headers, body)


own_client = cache(new_dynamodb_client)  # a new one takes a tenth of a second


class Line:
    """The way to the table: the first requests get the given answers and do not arrive,
    except where None is given. There is one line to an address at a time: the latest.

    `sent` has the operation and the parameters of every request; `before` is called with the
    number of those before it.
    """

    def __init__(self, endpoint_url: str, *answers: AWSResponse | None) -> None:
        self.sent: list[tuple[str, Any]] = []
        self.slept_s: list[float] = []
        self.before: Callable[[int], None] = lambda _: None
        self._answers = list(answers)
        self._client = own_client(endpoint_url)
        send: Any = self._send
        events = self._client.meta.events
        events.unregister("before-send.dynamodb", unique_id="line")
        events.register("before-send.dynamodb", send, unique_id="line")

    @property
    def operations(self) -> list[str]:
        return [operation for operation, _ in self.sent]

    def log(self, table_name: str = "commits") -> DynamoDBCommitLog:
        return DynamoDBCommitLog(table_name, self._client, sleep=self.slept_s.append)

    def _send(self, request: AWSPreparedRequest, **_: Any) -> AWSResponse | None:
        target: Any = request.headers["X-Amz-Target"]
        body: Any = request.body
        self.before(len(self.sent))
        self.sent.append((target.decode().split(".")[1], json.loads(body)))
        return self._answers.pop(0) if self._answers else None


@pytest.fixture(autouse=True)
def aws(monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in aws_environment().items():
        monkeypatch.setenv(name, value)


@pytest.fixture
def table(s3_endpoint: str) -> str:
    """A new table in the emulator."""
    name = f"commits-{uuid4()}"
    create_commits_table(shared_client(s3_endpoint), name)
    return name


@pytest.fixture
def other(s3_endpoint: str, table: str) -> DynamoDBCommitLog:
    """Another container's log."""
    return DynamoDBCommitLog(table, shared_client(s3_endpoint))


@pytest.mark.parametrize(("status", "code"), PASSING)
def test_an_append_without_a_clear_answer_is_sent_once_and_its_outcome_is_open(
    status: int, code: str
) -> None:
    line = Line(CLOSED_PORT, answer(status, code))
    with pytest.raises(AmbiguousOutcomeError):
        line.log().append(RING, entry(1))
    assert line.operations == ["PutItem"]


@pytest.mark.parametrize(("status", "code"), LASTING)
def test_an_append_that_is_refused_for_another_reason_is_an_outage(status: int, code: str) -> None:
    line = Line(CLOSED_PORT, answer(status, code))
    with pytest.raises(StorageUnavailableError):
        line.log().append(RING, entry(1))
    assert line.operations == ["PutItem"]


def test_an_append_that_arrived_unheard_meets_itself_when_it_is_sent_again(
    s3_endpoint: str, table: str
) -> None:
    client = new_dynamodb_client(s3_endpoint)

    def lose_answer(request: AWSPreparedRequest, **_: Any) -> AWSResponse:
        arrived = URLLib3Session().send(request)
        arrived.status_code = 500
        return arrived

    log, handler = DynamoDBCommitLog(table, client), cast("Any", lose_answer)
    client.meta.events.register("before-send.dynamodb", handler)
    with pytest.raises(AmbiguousOutcomeError):
        log.append(RING, entry(1, "own"))
    client.meta.events.unregister("before-send.dynamodb", handler)
    assert log.append(RING, entry(1, "own")) == entry(1, "own")


def test_the_occupant_comes_with_the_refusal(
    s3_endpoint: str, table: str, other: DynamoDBCommitLog
) -> None:
    line = Line(s3_endpoint)
    other.append(RING, entry(1, "winner"))
    assert line.log(table).append(RING, entry(1, "loser")) == entry(1, "winner")
    assert line.operations == ["PutItem"]


def refusal_without_item() -> AWSResponse:
    return answer(400, "ConditionalCheckFailedException")


def test_an_occupant_that_did_not_come_with_the_refusal_is_fetched(
    s3_endpoint: str, table: str, other: DynamoDBCommitLog
) -> None:
    line = Line(s3_endpoint, refusal_without_item(), answer(500, "InternalServerError"))
    other.append(RING, entry(1, "winner"))
    assert line.log(table).append(RING, entry(1, "loser")) == entry(1, "winner")
    assert line.operations == ["PutItem", "GetItem", "GetItem"]


def test_an_occupant_that_is_deleted_meanwhile_is_an_outage(s3_endpoint: str, table: str) -> None:
    line = Line(s3_endpoint, refusal_without_item())
    with pytest.raises(StorageUnavailableError):
        line.log(table).append(RING, entry(1))


@repeated
def test_what_may_be_sent_again_is_sent_again_after_a_passing_trouble(
    call: Call, s3_endpoint: str, table: str
) -> None:
    for trouble, another in zip(PASSING[::2], PASSING[1::2], strict=True):
        line = Line(s3_endpoint, answer(*trouble), answer(*another))
        call(line.log(table))
        first, second, third = line.sent[:3]
        assert first == second == third
        assert len(line.slept_s) == 2
        assert 0 < line.slept_s[0] < line.slept_s[1] < 1


@repeated
def test_a_lasting_trouble_is_an_outage_after_a_few_tries(call: Call) -> None:
    line = Line(CLOSED_PORT, *(answer(500, "InternalServerError") for _ in range(9)))
    with pytest.raises(StorageUnavailableError):
        call(line.log())
    assert len(line.sent) == 3


@repeated
@pytest.mark.parametrize(("status", "code"), LASTING)
def test_a_refusal_is_an_outage_at_once_and_never_an_empty_ring(
    call: Call, status: int, code: str
) -> None:
    line = Line(CLOSED_PORT, answer(status, code))
    with pytest.raises(StorageUnavailableError):
        call(line.log())
    assert len(line.sent) == 1
    assert line.slept_s == []


def assert_no_answer(endpoint_url: str, config: Config | None = None) -> None:
    client = dynamodb_client(endpoint_url, config)
    log = DynamoDBCommitLog("commits", client, sleep=lambda _: None)
    with pytest.raises(AmbiguousOutcomeError):
        log.append(RING, entry(1))
    for call in REPEATED.values():
        with pytest.raises(StorageUnavailableError):
            call(log)


def test_nobody_listening_is_an_outage() -> None:
    assert_no_answer(CLOSED_PORT)


def test_nobody_answering_in_time_is_an_outage() -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        address = f"http://127.0.0.1:{server.getsockname()[1]}"
        assert_no_answer(address, Config(read_timeout=0.02))


def test_every_read_is_consistent(s3_endpoint: str, table: str, other: DynamoDBCommitLog) -> None:
    line = Line(s3_endpoint, refusal_without_item())
    other.append(RING, entry(1))
    log = line.log(table)
    log.append(RING, entry(1))
    for call in REPEATED.values():
        call(log)
    reads = [sent for operation, sent in line.sent if operation in {"Query", "GetItem"}]
    assert len(reads) == 5
    assert all(read["ConsistentRead"] for read in reads)


@pytest.mark.parametrize("seq", [0, 1, 77, 119])
def test_following_is_one_round_trip(s3_endpoint: str, table: str, seq: int) -> None:
    line = Line(s3_endpoint)
    line.log(table).following(RING, seq)
    assert line.operations == ["Query"]


@pytest.mark.parametrize("seq", [127, 255])
def test_following_takes_a_second_one_only_from_the_last_slot(
    s3_endpoint: str, table: str, seq: int
) -> None:
    line = Line(s3_endpoint)
    line.log(table).following(RING, seq)
    assert line.operations == ["Query", "Query"]


def commits_between_requests(line: Line, other: DynamoDBCommitLog, seqs: range) -> None:
    """Let other containers commit these just before the second request is sent."""

    def commit(number: int) -> None:
        if number == 1:
            for seq in seqs:
                assert other.append(RING, entry(seq)) is None

    line.before = commit


def test_commits_between_two_queries_leave_no_hole_at_the_end_of_the_ring(
    s3_endpoint: str, table: str, other: DynamoDBCommitLog
) -> None:
    line = Line(s3_endpoint)
    other.append(RING, entry(127))
    commits_between_requests(line, other, range(128, 133))
    found = line.log(table).following(RING, 127)
    assert found.anchor == entry(127)
    assert found.entries == ()


def test_commits_between_two_pages_leave_no_hole(
    s3_endpoint: str, table: str, other: DynamoDBCommitLog
) -> None:
    line = Line(s3_endpoint)
    for seq in range(129):
        other.append(RING, entry(seq, segment=bytes(300_000 if seq in range(1, 9) else 1)))
    commits_between_requests(line, other, range(129, 137))
    found = line.log(table).following(RING, 128)
    seqs = [one.seq for one in found.entries]
    assert len(line.sent) > 1
    assert seqs
    assert seqs == list(range(129, 129 + len(seqs)))


def test_a_ring_is_deleted_in_batches_with_its_mark_last(
    s3_endpoint: str, table: str, other: DynamoDBCommitLog
) -> None:
    line = Line(s3_endpoint)
    for seq in range(1, 129):
        other.append(RING, entry(seq))
    line.log(table).delete(RING)
    assert line.operations == ["Query", *["BatchWriteItem"] * 6, "DeleteItem"]
    assert other.entries(RING) == []


def left_over(table: str, *seqs: int) -> AWSResponse:
    keys = [{"ring": {"S": RING}, "slot": {"S": f"L{seq:04}"}} for seq in seqs]
    return answer(200, UnprocessedItems={table: [{"DeleteRequest": {"Key": key}} for key in keys]})


def test_what_a_batch_left_over_is_sent_again(
    s3_endpoint: str, table: str, other: DynamoDBCommitLog
) -> None:
    for seq in (1, 2):
        other.append(RING, entry(seq))
    line = Line(s3_endpoint, None, left_over(table, 1, 2), left_over(table, 2))
    line.log(table).delete(RING)
    assert other.entries(RING) == [entry(1)], "the emulator was only asked for the second one"
    assert line.operations == ["Query", *["BatchWriteItem"] * 3, "DeleteItem"]
    assert len(line.slept_s) == 2


def test_a_batch_that_is_never_done_is_an_outage(
    s3_endpoint: str, table: str, other: DynamoDBCommitLog
) -> None:
    other.append(RING, entry(1))
    line = Line(s3_endpoint, None, *(left_over(table, 1) for _ in range(9)))
    with pytest.raises(StorageUnavailableError):
        line.log(table).delete(RING)
    assert line.operations == ["Query", *["BatchWriteItem"] * 3]


def test_what_lies_in_the_table_is_what_is_written_down(
    s3_endpoint: str, table: str, other: DynamoDBCommitLog
) -> None:
    other.append(RING, entry(133, "a transaction", b"bytes"))
    other.mark(Mark(RING, 1_700_000_000_000))
    items = shared_client(s3_endpoint).scan(TableName=table)["Items"]
    assert sorted(items, key=str) == sorted(
        [
            {
                "ring": {"S": "ada#g1"},
                "slot": {"S": "L0005"},
                "seq": {"N": "133"},
                "tx": {"S": "a transaction"},
                "segment": {"B": b"bytes"},
            },
            {
                "ring": {"S": "#marks"},
                "slot": {"S": "ada#g1"},
                "at_ms": {"N": "1700000000000"},
            },
        ],
        key=str,
    )


@pytest.mark.parametrize(
    "config", [None, Config(retries={"total_max_attempts": 2}), Config(retries={"max_attempts": 1})]
)
def test_a_client_that_sends_requests_again_by_itself_is_refused(config: Config | None) -> None:
    from boto3 import Session

    client = Session().client("dynamodb", config=config)
    with pytest.raises(ConfigurationError):
        DynamoDBCommitLog("commits", client)


def test_all_tries_together_fit_into_a_request() -> None:
    """API Gateway waits for 29 seconds."""
    config: Any = new_dynamodb_client().meta.config
    assert 5 * (config.connect_timeout + config.read_timeout) < 29


def test_a_log_makes_its_own_client_from_the_environment(
    s3_endpoint: str, table: str, other: DynamoDBCommitLog, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("AWS_ENDPOINT_URL", s3_endpoint)
    assert DynamoDBCommitLog(table).append(RING, entry(1)) is None
    assert other.entries(RING) == [entry(1)]


def test_missing_credentials_are_no_commit(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("AWS_ACCESS_KEY_ID")
    monkeypatch.delenv("AWS_SECRET_ACCESS_KEY")
    monkeypatch.setenv("HOME", "/nonexistent")
    log = DynamoDBCommitLog("commits", sleep=lambda _: None)
    with pytest.raises(AmbiguousOutcomeError):
        log.append(RING, entry(1))
    with pytest.raises(StorageUnavailableError):
        log.entries(RING)


def test_boto3_is_not_imported_before_it_is_needed() -> None:
    code = (
        "import sys, chalicelib.storage.dynamodb_log as d; d.DynamoDBCommitLog('t');"
        " print({'boto3', 'botocore'} & set(sys.modules))"
    )
    found = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert found.stdout.strip() == "set()"
