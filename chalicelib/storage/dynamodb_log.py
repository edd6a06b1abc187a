"""A commit log in a DynamoDB table, whose keys are `ring` and `slot` (both strings).

    ring      slot      seq    tx     segment
    ada#g1    L0005     133    ...    ...         commit 133 of ada's ring of 128 slots

    ring      slot      at_ms
    #marks    ada#g1    1700000000000             the mark of ada's ring

Its role needs dynamodb:GetItem, PutItem, DeleteItem, BatchWriteItem and Query on the table.

boto3 and botocore are imported where they are used: they take half a second.
"""

import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from http import HTTPStatus
from typing import TYPE_CHECKING, Any, TypeVar

from chalicelib.aws_session import aws_session
from chalicelib.errors import StorageUnavailableError
from chalicelib.storage.aws import RequestFailedError, check_sends_once, once_config, repeated
from chalicelib.storage.ports import (
    RING_SLOTS,
    AmbiguousOutcomeError,
    Following,
    LogEntry,
    Mark,
)
from chalicelib.storage.ring import following, slots_from

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

T = TypeVar("T")
Item = Mapping[str, Any]

# Five sendings of a commit stay under the 29 seconds that API Gateway waits.
_CONNECT_TIMEOUT_S = 1
_READ_TIMEOUT_S = 3
_PAUSE_S = 0.05
# How many items a BatchWriteItem takes.
_BATCH = 25
# The partition of the marks; a ring's name begins with a username, which has no `#`.
_MARKS = "#marks"
# Answers with status 400 that pass; after 5xx the write may have happened.
# Source: Amazon DynamoDB Developer Guide, "Error handling with DynamoDB".
_PASSING = frozenset(
    {
        "ProvisionedThroughputExceededException",
        "RequestLimitExceeded",
        "ThrottlingException",
        "TransactionConflictException",
    }
)


def new_dynamodb_client(endpoint_url: str | None = None) -> "DynamoDBClient":
    """A client that sends every request once."""
    config = once_config(_CONNECT_TIMEOUT_S, _READ_TIMEOUT_S)
    return aws_session().client("dynamodb", endpoint_url=endpoint_url, config=config)


class DynamoDBCommitLog:
    """Rings in one table; safe to use from many threads."""

    def __init__(
        self,
        table_name: str,
        client: "DynamoDBClient | None" = None,
        *,
        slots: int = RING_SLOTS,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        """Without `client` one is made when it is first needed; `sleep` takes seconds.

        Raises ConfigurationError for a client that sends requests again by itself.
        """
        if client:
            check_sends_once(client, "DynamoDB")
        self._table_name = table_name
        self._made = client
        self._making = threading.Lock()
        self._slots = slots
        self._sleep = sleep

    @property
    def slots(self) -> int:
        return self._slots

    def append(self, ring: str, entry: LogEntry) -> LogEntry | None:
        key = _entry_key(ring, entry.seq % self._slots)
        try:
            with _request():
                self._client.put_item(
                    TableName=self._table_name,
                    Item={**key, **_attributes(entry)},
                    ConditionExpression="attribute_not_exists(ring) OR seq < :seq",
                    ExpressionAttributeValues={":seq": _number(entry.seq)},
                    ReturnValuesOnConditionCheckFailure="ALL_OLD",
                )
        except _RefusedError as refusal:
            return _entry(refusal.item or self._item(key))
        except RequestFailedError as error:
            raise _failed_append(error) from error
        return None

    def following(self, ring: str, seq: int) -> Following:
        found: list[Item] = []
        for run in _runs(slots_from(seq, self._slots)):
            found += self._items(ring, run)
        return following(map(_entry, found), seq, self._slots)

    def entries(self, ring: str) -> list[LogEntry]:
        return sorted(map(_entry, self._items(ring)), key=lambda entry: entry.seq)

    def delete(self, ring: str) -> None:
        keys = self._items(ring, ProjectionExpression="ring, slot")
        for start in range(0, len(keys), _BATCH):
            self._delete_all(keys[start : start + _BATCH])
        self._repeated(
            lambda: self._client.delete_item(TableName=self._table_name, Key=_mark_key(ring))
        )

    def mark(self, mark: Mark) -> None:
        with suppress(_RefusedError):
            self._repeated(
                lambda: self._client.put_item(
                    TableName=self._table_name,
                    Item={**_mark_key(mark.ring), "at_ms": _number(mark.at_ms)},
                    ConditionExpression="attribute_not_exists(ring) OR at_ms < :at_ms",
                    ExpressionAttributeValues={":at_ms": _number(mark.at_ms)},
                )
            )

    def marks(self) -> list[Mark]:
        return [Mark(item["slot"]["S"], int(item["at_ms"]["N"])) for item in self._items(_MARKS)]

    def unmark(self, mark: Mark) -> None:
        with suppress(_RefusedError):
            self._repeated(
                lambda: self._client.delete_item(
                    TableName=self._table_name,
                    Key=_mark_key(mark.ring),
                    ConditionExpression="at_ms = :at_ms",
                    ExpressionAttributeValues={":at_ms": _number(mark.at_ms)},
                )
            )

    @property
    def _client(self) -> "DynamoDBClient":
        with self._making:
            if self._made is None:
                self._made = new_dynamodb_client()
            return self._made

    def _items(self, ring: str, run: Sequence[int] = (), **options: Any) -> list[Item]:
        """The items of a partition, or those in an unbroken run of its slots, the last first.

        In this order no item is read before one that is committed earlier in the same lap.
        """
        key = "ring = :ring"
        values: dict[str, Item] = {":ring": {"S": ring}}
        if run:
            key += " AND slot BETWEEN :first AND :last"
            values |= {":first": _slot(run[0]), ":last": _slot(run[-1])}
        options |= {
            "TableName": self._table_name,
            "KeyConditionExpression": key,
            "ExpressionAttributeValues": values,
            "ScanIndexForward": False,
            "ConsistentRead": True,
        }
        return self._all_pages(options)

    def _all_pages(self, query: dict[str, Any]) -> list[Item]:
        items: list[Item] = []
        while True:
            answer = self._page(query)
            items += answer["Items"]
            if "LastEvaluatedKey" not in answer:
                return items
            query = {**query, "ExclusiveStartKey": answer["LastEvaluatedKey"]}

    def _page(self, query: dict[str, Any]) -> Any:
        return self._repeated(lambda: self._client.query(**query))

    def _item(self, key: Item) -> Item:
        """An item that was there a moment ago."""
        answer = self._repeated(
            lambda: self._client.get_item(TableName=self._table_name, Key=key, ConsistentRead=True)
        )
        if "Item" not in answer:
            raise StorageUnavailableError
        return answer["Item"]

    def _delete_all(self, keys: Sequence[Item]) -> None:
        """Remove items, a batch of them at most."""
        left: list[Any] = [{"DeleteRequest": {"Key": key}} for key in keys]

        def delete_left() -> None:
            nonlocal left
            answer = self._client.batch_write_item(RequestItems={self._table_name: left})
            left = list(answer["UnprocessedItems"].get(self._table_name, []))
            if left:
                raise RequestFailedError(passing=True)

        self._repeated(delete_left)

    def _repeated(self, call: Callable[[], T]) -> T:
        """The answer to what may be sent again; what stays in its way is an outage."""

        def requested() -> T:
            with _request():
                return call()

        return repeated(requested, self._sleep, _PAUSE_S)


class _RefusedError(Exception):
    """The condition is false; certainly nothing was written. The item, where it was told."""

    def __init__(self, item: Item | None) -> None:
        super().__init__()
        self.item = item


@contextmanager
def _request() -> Iterator[None]:
    from botocore.exceptions import BotoCoreError, ClientError  # noqa: PLC0415

    try:
        yield
    except ClientError as error:
        raise _meaning(error.response) from error
    except BotoCoreError as error:
        raise RequestFailedError(passing=True) from error


def _meaning(answer: Any) -> Exception:
    code = answer["Error"]["Code"]
    if code == "ConditionalCheckFailedException":
        return _RefusedError(answer.get("Item"))
    status = answer["ResponseMetadata"]["HTTPStatusCode"]
    return RequestFailedError(
        passing=code in _PASSING or status >= HTTPStatus.INTERNAL_SERVER_ERROR
    )


def _failed_append(error: RequestFailedError) -> Exception:
    return AmbiguousOutcomeError() if error.passing else StorageUnavailableError()


def _runs(slots: list[int]) -> list[list[int]]:
    """The same slots as unbroken runs, the later ones first."""
    wrapped = [slot for slot in slots if slot < slots[0]]
    straight = slots[: len(slots) - len(wrapped)]
    return [wrapped, straight] if wrapped else [straight]


def _entry_key(ring: str, slot: int) -> Item:
    return {"ring": {"S": ring}, "slot": _slot(slot)}


def _mark_key(ring: str) -> Item:
    return {"ring": {"S": _MARKS}, "slot": {"S": ring}}


def _slot(slot: int) -> Item:
    return {"S": f"L{slot:04}"}


def _number(value: int) -> Item:
    return {"N": str(value)}


def _attributes(entry: LogEntry) -> Item:
    return {"seq": _number(entry.seq), "tx": {"S": entry.tx}, "segment": {"B": entry.segment}}


def _entry(item: Item) -> LogEntry:
    return LogEntry(int(item["seq"]["N"]), item["tx"]["S"], item["segment"]["B"])
