"""Tries in the DynamoDB table of users: the adapter for AWS.

An item is `TRIES#<kind>#<digest>`; users are kept under case-folded names, so that none of them is
called so. What a condition refuses comes back with the refusal, so that a try is one request where
there is no window yet and two where there is one.
"""

from collections.abc import Callable, Mapping
from dataclasses import asdict, fields, replace
from typing import TYPE_CHECKING, Any

from chalicelib.accounts.aws import outages
from chalicelib.accounts.dynamodb_items import item, values_of
from chalicelib.accounts.throttle import Limit, Throttle, Ticket, Tries, counted, present
from chalicelib.errors import StorageUnavailableError

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

PREFIX = "TRIES#"
# Each further one means that others were counted, or a window ended, since the last look.
_ATTEMPTS = 20
_COLUMNS = tuple(field.name for field in fields(Tries))
_REPLACE = "SET " + ", ".join(f"#{name} = :{name}" for name in (*_COLUMNS, "expires_at"))
_ONE_MORE = "SET #count = #count + :one"
_ONE_LESS = "SET #count = #count - :one"

_IS_OVER = "attribute_not_exists(#count) OR #until_ms <= :now OR #count <= :zero"
_HAS_ROOM = "#until_ms > :now AND #count > :zero AND #count < :most"
_IS_AS_SEEN = "#began_ms = :began AND #count = :seen AND #next_ms = :seen_next"
_IS_COUNTED = "#began_ms = :began AND #count > :zero"
_IS_LAST = f"{_IS_COUNTED} AND #next_ms = :own_next"


class DynamoDBThrottle(Throttle):
    """Tries in the table `table_name`, whose attribute `expires_at` lets DynamoDB remove them.

    It does so hours later: every condition looks at `until_ms` itself. A request that boto sends
    again because its answer was lost may count twice.
    """

    def __init__(self, table_name: str, client: "Callable[[], DynamoDBClient]") -> None:
        """`client` is asked at each use, so that boto3 is imported no earlier."""
        self._table_name = table_name
        self._client = client

    def _admit(self, key: str, limit: Limit, now_ms: int) -> Ticket:
        seen: Tries | None = None
        for _ in range(_ATTEMPTS):
            before = present(seen, limit, now_ms)
            after = counted(before, limit, now_ms)
            if before.count and after.next_ms == before.next_ms:
                stored, seen = self._one_more(key, limit, now_ms)
                before = replace(stored, count=stored.count - 1) if stored else before
            else:
                stored, seen = self._replace(key, before, after, now_ms)
            if stored:
                return Ticket(key, before, stored)
        raise StorageUnavailableError

    def _one_more(self, key: str, limit: Limit, now_ms: int) -> tuple[Tries | None, Tries | None]:
        """One of the free tries, whichever it is: those who come at once need not take turns."""
        most = limit.free - 1 if limit.longest_wait_ms else limit.free
        values = {"one": 1, "zero": 0, "now": now_ms, "most": most}
        return self._update(key, _ONE_MORE, _HAS_ROOM, values)

    def _replace(
        self, key: str, before: Tries, after: Tries, now_ms: int
    ) -> tuple[Tries | None, Tries | None]:
        """The first try of a window, or one that sets a wait: only where `before` is still so."""
        values = {**asdict(after), "expires_at": -(-after.until_ms // 1000)}
        if not before.count:
            return self._update(key, _REPLACE, _IS_OVER, values | {"zero": 0, "now": now_ms})
        seen = {"began": before.began_ms, "seen": before.count, "seen_next": before.next_ms}
        return self._update(key, _REPLACE, _IS_AS_SEEN, values | seen)

    def _take_back(self, ticket: Ticket) -> None:
        before, after = ticket.before, ticket.after
        values = {"one": 1, "zero": 0, "began": after.began_ms}
        if after.next_ms != before.next_ms:
            action = f"{_ONE_LESS}, #next_ms = :next_ms, #until_ms = :until_ms"
            own = {
                "next_ms": before.next_ms,
                "until_ms": before.until_ms,
                "own_next": after.next_ms,
            }
            if self._update(ticket.key, action, _IS_LAST, values | own)[0]:
                return
        self._update(ticket.key, _ONE_LESS, _IS_COUNTED, values)

    def _update(
        self, key: str, action: str, condition: str, values: Mapping[str, int]
    ) -> tuple[Tries | None, Tries | None]:
        """The tries as they are now, or None and those that the condition refused."""
        expressions = f"{action} {condition}"
        client = self._client()
        with outages():
            try:
                answer = client.update_item(
                    TableName=self._table_name,
                    Key=item({"username": PREFIX + key}),
                    UpdateExpression=action,
                    ConditionExpression=condition,
                    # Placeholders, as `count` is a reserved word; those not used are refused.
                    ExpressionAttributeNames={
                        f"#{name}": name
                        for name in (*_COLUMNS, "expires_at")
                        if f"#{name}" in expressions
                    },
                    ExpressionAttributeValues=item(
                        {f":{name}": value for name, value in values.items()}
                    ),
                    ReturnValues="ALL_NEW",
                    ReturnValuesOnConditionCheckFailure="ALL_OLD",
                )
            except client.exceptions.ConditionalCheckFailedException as error:
                refused: Any = error.response
                return None, _tries(refused.get("Item"))
        return _tries(answer["Attributes"]), None


def _tries(attributes: Mapping[str, Any] | None) -> Tries | None:
    if not attributes:
        return None
    values = values_of(attributes)
    return Tries(*(values[name] for name in _COLUMNS))
