"""What was asked of the stores: requests by kind, bytes and DynamoDB's units."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum


class Kind(StrEnum):
    """A kind of request. Objects lie in S3, the log in DynamoDB."""

    OBJECT_GET = "S3 GET"
    OBJECT_HEAD = "S3 HEAD"
    OBJECT_PUT = "S3 PUT"
    OBJECT_LIST = "S3 LIST"
    OBJECT_DELETE = "S3 DELETE"
    LOG_READ = "DynamoDB read"
    LOG_WRITE = "DynamoDB write"


@dataclass(frozen=True, slots=True)
class Usage:
    """Sizes are the payload: what travels around it (HTTP, TLS, base64) is not counted."""

    requests: Mapping[Kind, int] = field(default_factory=dict)
    bytes_up: int = 0
    bytes_down: int = 0
    write_units: int = 0
    read_units: int = 0

    def count(self, kind: Kind) -> int:
        return self.requests.get(kind, 0)

    @property
    def total(self) -> int:
        """How many requests of any kind."""
        return sum(self.requests.values())

    def __add__(self, other: "Usage") -> "Usage":
        return Usage(
            Counter(self.requests) + Counter(other.requests),
            self.bytes_up + other.bytes_up,
            self.bytes_down + other.bytes_down,
            self.write_units + other.write_units,
            self.read_units + other.read_units,
        )

    def __sub__(self, other: "Usage") -> "Usage":
        """What was asked between two moments."""
        return Usage(
            Counter(self.requests) - Counter(other.requests),
            self.bytes_up - other.bytes_up,
            self.bytes_down - other.bytes_down,
            self.write_units - other.write_units,
            self.read_units - other.read_units,
        )
