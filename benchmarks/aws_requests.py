"""What the real AWS adapters ask of AWS: each request, with DynamoDB's units as they are billed.

It listens to botocore itself, so that nothing that any part of the service asks is missed.
"""

import json
import threading
from collections import Counter
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

import botocore

from benchmarks.model import read_units, write_units

_OVERHEAD_OF_A_LIST = 3


@dataclass(frozen=True, slots=True)
class AwsUsage:
    """Requests by name ("dynamodb PutItem"), sizes of bodies in bytes, and billed units."""

    requests: Mapping[str, int] = field(default_factory=dict)
    bytes_up: int = 0
    bytes_down: int = 0
    write_units: int = 0
    read_units: int = 0

    def __add__(self, other: "AwsUsage") -> "AwsUsage":
        return AwsUsage(
            Counter(self.requests) + Counter(other.requests),
            self.bytes_up + other.bytes_up,
            self.bytes_down + other.bytes_down,
            self.write_units + other.write_units,
            self.read_units + other.read_units,
        )


class AwsMeter:
    """Counts from the moment of its `listening` on; clients made earlier are not heard."""

    def __init__(self) -> None:
        self._total = AwsUsage()
        self._lock = threading.Lock()

    @contextmanager
    def listening(self) -> Iterator[None]:
        """Hear every session that is made inside."""
        botocore.register_initializer(self._listen)
        try:
            yield
        finally:
            botocore.unregister_initializer(self._listen)

    def taken(self) -> AwsUsage:
        """What was asked since the last time; it begins anew."""
        with self._lock:
            total, self._total = self._total, AwsUsage()
            return total

    def _listen(self, session: Any) -> None:
        session.register("before-call", self._before_call)
        session.register("after-call", self._after_call)

    def _before_call(self, params: Any, context: dict[str, Any], **_: Any) -> None:
        context["benchmark_body"] = params.get("body") or b""

    def _after_call(
        self, model: Any, parsed: Any, http_response: Any, context: dict[str, Any], **_: Any
    ) -> None:
        service = model.service_model.service_name
        asked = context["benchmark_body"]
        usage = AwsUsage(
            {f"{service} {model.name}": 1},
            bytes_up=_size_of_body(asked),
            bytes_down=int(http_response.headers.get("content-length") or 0),
        )
        if service == "dynamodb":
            usage += _units(model.name, json.loads(asked), parsed)
        with self._lock:
            self._total += usage


def item_size(item: Mapping[str, Any]) -> int:
    """What DynamoDB counts of an item, in bytes: the names and values of its attributes.

    Source: Amazon DynamoDB Developer Guide, "DynamoDB item sizes and formats".
    """
    return sum(len(name.encode()) + _value_size(value) for name, value in item.items())


def _value_size(value: Mapping[str, Any]) -> int:
    ((kind, content),) = value.items()
    if kind == "S":
        return len(content.encode())
    if kind == "B":
        return len(content) * 3 // 4 if isinstance(content, str) else len(content)
    if kind == "N":
        return len(content.lstrip("-")) // 2 + 2
    if kind == "L":
        return _OVERHEAD_OF_A_LIST + sum(1 + _value_size(one) for one in content)
    if kind == "M":
        return _OVERHEAD_OF_A_LIST + len(content) + item_size(content)
    return sum(len(one) for one in content) if kind in ("SS", "BS", "NS") else 1


def _units(operation: str, asked: Mapping[str, Any], answer: Mapping[str, Any]) -> AwsUsage:
    if operation in ("GetItem", "Query", "Scan"):
        items = answer.get("Items") or [answer.get("Item") or {}]
        units = read_units(sum(map(item_size, items)))
        # A read that need not see the latest write costs half of it; the half is kept.
        return AwsUsage(read_units=units if asked.get("ConsistentRead") else (units + 1) // 2)
    if operation == "BatchWriteItem":
        count = sum(len(requests) for requests in asked["RequestItems"].values())
        return AwsUsage(write_units=count)
    before = answer.get("Attributes") or answer.get("Item") or {}
    size = max(item_size(asked.get("Item") or {}), item_size(before))
    return AwsUsage(write_units=write_units(size))


def _size_of_body(body: Any) -> int:
    if isinstance(body, bytes | bytearray | str):
        return len(body)
    position: int = body.tell()
    size: int = body.seek(0, 2)
    body.seek(position)
    return size
