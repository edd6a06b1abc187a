"""The figures of `benchmarks.operations`, as they are written to results/operations.json."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from benchmarks.aws_requests import AwsUsage
from benchmarks.figures import Bar, Machine, Spread, mean, rounded


@dataclass(frozen=True, slots=True)
class Measured:
    """One call: what it took of the processor, sent to its caller, and asked of AWS."""

    cpu_ms: float
    usage: AwsUsage
    bytes_out: int = 0


@dataclass(frozen=True, slots=True)
class OperationFigures:
    """One operation, the mean of `cpu_ms.samples` calls.

    `requests` are those to AWS, by service and name. `bytes_out` is the body of the answer.
    """

    name: str
    cpu_ms: Spread
    requests: dict[str, float]
    write_units: float
    read_units: float
    bytes_up: float
    bytes_down: float
    bytes_out: float

    @classmethod
    def of(cls, name: str, calls: Sequence[Measured], divisor: int = 0) -> "OperationFigures":
        """`divisor` is how many people the calls are for, where not one each."""
        people = divisor or len(calls)
        total = sum((call.usage for call in calls), AwsUsage())
        return cls(
            name=name,
            cpu_ms=Spread.of(call.cpu_ms / (people / len(calls)) for call in calls),
            requests=_shares(total.requests, people),
            write_units=rounded(total.write_units / people),
            read_units=rounded(total.read_units / people),
            bytes_up=rounded(total.bytes_up / people),
            bytes_down=rounded(total.bytes_down / people),
            bytes_out=mean(call.bytes_out for call in calls),
        )


def _shares(requests: Mapping[str, int], people: int) -> dict[str, float]:
    return {name: rounded(count / people) for name, count in sorted(requests.items())}


@dataclass(frozen=True, slots=True)
class OperationsResults:
    """Everything of one run, on collections of `collection_bytes` each."""

    machine: Machine
    collection_bytes: int
    backup_bytes: int
    media_bytes: int
    bcrypt_rounds: int
    operations: list[OperationFigures]
    bars: list[Bar]


def named(operations: Iterable[OperationFigures], name: str) -> OperationFigures:
    return next(one for one in operations if one.name == name)
