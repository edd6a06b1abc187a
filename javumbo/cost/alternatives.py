"""What else one could do: send whole files to S3, or let machines run all the time."""

from collections.abc import Iterator
from math import ceil

import msgspec

from javumbo.cost import mix
from javumbo.cost.measured import Measured, Operation, Spread
from javumbo.cost.month import Line, Month
from javumbo.cost.plan import DAYS, HOURS, Habits, Plan

# The busiest hour of the week asks for so many times the mean.
BUSIEST = 6
# Of a core that serves; above it people wait for each other.
_MOST_BUSY = 0.5
_TASK_VCPU, _TASK_GB = 0.5, 1
_LEAST_TASKS = 2
# Each load balancer stands in two zones, with an address in each.
_BALANCER_ADDRESSES = 2
_SMALL_MACHINE_CORES = 2
_SYSTEM_GB = 10


class WholeFileMonth(Month):
    """The same people on the engine that sends the whole file for each change."""

    def __init__(self, users: int, measured: Measured, plan: Plan, habits: Habits) -> None:
        super().__init__(users, _with_whole_files(measured), plan, habits)

    @property
    def folds(self) -> float:
        """The file is always up to date: each change replaces a version of it."""
        return self.changes


def _with_whole_files(measured: Measured) -> Measured:
    operations = {
        name: _of_whole_file(operation, measured) if name in _ON_COLLECTIONS else operation
        for name, operation in measured.operations.items()
    }
    for name in ("fold", "sweep", "second sweep"):
        operations[name] = Operation(name, Spread(0), {}, 0, 0, 0)
    return msgspec.structs.replace(measured, operations=operations)


# Those that read or change a collection, beside what they ask for users.
_ON_COLLECTIONS = frozenset(mix.OF_100_USERS) - {"register", "login", "logout", "account", "media"}


def _of_whole_file(operation: Operation, measured: Measured) -> Operation:
    """The stores' part is a validating GET, and for a change a PUT; the rest is as it is."""
    changes = operation.name in mix.CHANGES
    requests = {"s3 GetObject": 1.0, **({"s3 PutObject": 1.0} if changes else {})}
    total_ms = measured.whole_file_answer_ms if changes else measured.whole_file_read_ms
    moved = Operation(operation.name, operation.cpu_ms, requests, 0, 0, operation.bytes_out)
    # What the file takes beside its requests: its bytes on the way, and writing it.
    more_ms = max(0.0, total_ms - moved.waiting_ms(measured.times))
    cpu_ms = Spread(operation.cpu_ms.p50 + more_ms)
    return Operation(operation.name, cpu_ms, requests, 0, 0, operation.bytes_out)


def containers(users: int, measured: Measured) -> Iterator[Line]:
    """Fargate tasks behind a load balancer, over the same tables and buckets.

    The stores' part of the bill comes to it, see `of_containers`.
    """
    tasks = max(_LEAST_TASKS, ceil(_cores(users, measured) / _TASK_VCPU))
    yield Line("container.vcpu_hour", "tasks", tasks * _TASK_VCPU * HOURS)
    yield Line("container.gb_hour", "tasks", tasks * _TASK_GB * HOURS)
    yield Line("container.ipv4_hour", "addresses", (tasks + _BALANCER_ADDRESSES) * HOURS)
    yield Line("container.balancer_hour", "load balancer", HOURS)
    yield Line("container.balancer_unit_hour", "load balancer", HOURS)


def of_containers(users: int, measured: Measured, plan: Plan, habits: Habits) -> Iterator[Line]:
    """The month with tasks in the place of the gateway and of Lambda."""
    month = Month(users, measured, plan, habits)
    yield from containers(users, measured)
    for line in month.lines():
        if line.item.partition(".")[0] not in ("apigateway", "lambda", "kms"):
            yield line


def of_one_machine(users: int, measured: Measured, habits: Habits) -> Iterator[Line]:
    """`javumbo serve` on small machines with two cores and a volume each, nothing in front.

    What lies there is there once: a copy elsewhere is the keeper's own affair.
    """
    machines = max(1, ceil(_cores(users, measured) / _SMALL_MACHINE_CORES))
    one = habits.collections_bytes * (2 + habits.backups / 2) + habits.media_stored_bytes
    yield Line("container.small_machine_hour", "machines", machines * HOURS)
    yield Line("container.ipv4_hour", "addresses", machines * HOURS)
    volume = machines * _SYSTEM_GB + users * one / 1024**3
    yield Line("container.volume_gb", "volumes", volume)
    month = Month(users, measured, Plan(), habits)
    answers = [line for line in month.of_site() if line.item in ("cloudfront.gb", "transfer.gb")]
    yield Line("transfer.gb", "answers", sum(line.quantity for line in answers))


def _cores(users: int, measured: Measured) -> float:
    """How many cores the busiest hour needs."""
    a_second = users * mix.REQUESTS / (DAYS * 24 * 3600) * BUSIEST
    return a_second * measured.served_cpu_ms / 1000 / _MOST_BUSY
