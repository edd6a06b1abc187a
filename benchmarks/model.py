"""What a request costs in time and money.

Sources of the times: measurements that others published of S3 from the same region (S3 Standard:
58-68 ms for a conditional write of a small object, 15-130 ms for a read) and AWS's "single-digit
milliseconds" for DynamoDB. Nothing was measured on AWS for this model.
"""

from dataclasses import dataclass
from enum import Enum

from benchmarks.usage import Kind, Usage

_READ_UNIT_BYTES = 4096
_WRITE_UNIT_BYTES = 1024


@dataclass(frozen=True, slots=True)
class Latency:
    """How long a request takes: a fixed time for its kind, and its bytes at `bytes_per_s`."""

    name: str
    object_read_ms: float
    object_write_ms: float
    log_read_ms: float
    log_write_ms: float
    bytes_per_s: float

    def seconds(self, kind: Kind, size: int) -> float:
        fixed_ms = {
            Kind.OBJECT_GET: self.object_read_ms,
            Kind.OBJECT_HEAD: self.object_read_ms,
            Kind.OBJECT_PUT: self.object_write_ms,
            Kind.OBJECT_LIST: self.object_write_ms,
            Kind.OBJECT_DELETE: self.object_write_ms,
            Kind.LOG_READ: self.log_read_ms,
            Kind.LOG_WRITE: self.log_write_ms,
        }[kind]
        return fixed_ms / 1000 + size / self.bytes_per_s


_BYTES_PER_S = 90e6
FAST = Latency("fast", 15, 25, 5, 5, _BYTES_PER_S)
CONSERVATIVE = Latency("conservative", 30, 60, 8, 10, _BYTES_PER_S)
INSTANT = Latency("instant", 0, 0, 0, 0, float("inf"))


class Price(float, Enum):
    """US dollars for a million, without a free tier. Source: AWS's prices in us-east-1, 2026.

    S3 requests in the Standard class, DynamoDB's units on demand, Lambda's gigabyte-seconds.
    """

    OBJECT_WRITE = 5.0
    OBJECT_READ = 0.4
    WRITE_UNIT = 0.625
    READ_UNIT = 0.125
    GIGABYTE_SECOND = 16.67


def dollars(usage: Usage) -> float:
    """What a million times these requests cost; transfer inside a region is free."""
    writes = usage.count(Kind.OBJECT_PUT) + usage.count(Kind.OBJECT_LIST)
    reads = usage.count(Kind.OBJECT_GET) + usage.count(Kind.OBJECT_HEAD)
    return (
        writes * Price.OBJECT_WRITE
        + reads * Price.OBJECT_READ
        + usage.write_units * Price.WRITE_UNIT
        + usage.read_units * Price.READ_UNIT
    )


def lambda_dollars(seconds: float) -> float:
    """What a million times this duration cost at 1 GB of memory."""
    return seconds * Price.GIGABYTE_SECOND


def write_units(size: int) -> int:
    """DynamoDB's units for writing an item of `size` bytes: 1 KB each."""
    return max(1, -(-size // _WRITE_UNIT_BYTES))


def read_units(size: int) -> int:
    """DynamoDB's units for a strongly consistent read of `size` bytes in all: 4 KB each."""
    return max(1, -(-size // _READ_UNIT_BYTES))
