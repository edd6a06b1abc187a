"""What a month uses of AWS: how much of each item of the price list, and what for."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from math import ceil

from javumbo.cost import mix
from javumbo.cost.measured import Measured, Operation, Spread
from javumbo.cost.plan import (
    DAYS,
    GIGABYTE,
    HOURS,
    LOG_BYTES_OF_A_REQUEST,
    LOG_BYTES_OF_AN_INVOCATION,
    RING_SLOTS,
    USER_ITEM_BYTES,
    Habits,
    Plan,
    core_share,
)

_LISTED_AT_ONCE = 1000
_MB_IN_A_GB = 1024
_LISTING = Operation("listing", Spread(0), {"s3 ListObjectsV2": 1}, 0, 0, 0)


@dataclass(frozen=True, slots=True)
class Line:
    """So much of an item of the price list, and what it is for."""

    item: str
    purpose: str
    quantity: float


@dataclass(frozen=True, slots=True)
class Work:
    """An operation that is done `count` times a month."""

    operation: Operation
    count: float


class Month:
    """A month of so many people on a stage, from measurements."""

    def __init__(self, users: int, measured: Measured, plan: Plan, habits: Habits) -> None:
        self._users = users
        self._measured = measured
        self._plan = plan
        self._habits = habits
        self._asked = mix.requests_of(users)

    def lines(self) -> list[Line]:
        """Everything that the bill has a line for."""
        return [
            *self.of_requests(),
            *self.of_stored(),
            *self.of_warming(),
            *self.of_watching(),
            *self.of_site(),
        ]

    @property
    def requests(self) -> float:
        return sum(self._asked.values())

    @property
    def changes(self) -> float:
        return sum(self._asked[name] for name in mix.CHANGES)

    @property
    def folds(self) -> float:
        """One when it is due, and one by the sweep after each session."""
        return self.changes / self._measured.answers_per_fold + self._sessions

    def of_requests(self) -> Iterator[Line]:
        """The gateway, the functions and what they ask of the stores."""
        yield Line("apigateway.request", "requests", self.requests)
        yield Line("lambda.request", "requests", self.requests)
        for purpose, works in self._works().items():
            if purpose != "requests":
                yield Line("lambda.request", purpose, sum(work.count for work in works))
            yield from self._stores(purpose, works)
        cold = self.requests * self._measured.cold_starts
        seconds = cold * self._measured.cold_start_ms / 1000
        yield Line("lambda.gb_second", "cold starts", seconds * self._gigabytes)
        yield Line("kms.request", "cold starts", cold)

    def of_stored(self) -> Iterator[Line]:
        """What lies in the tables and in the buckets."""
        people, measured = self._users, self._measured
        item = USER_ITEM_BYTES + RING_SLOTS * _of(measured, "answer").write_units * 1024
        yield Line("dynamodb.storage_gb", "users and commits", people * item / GIGABYTE)
        yield Line("dynamodb.pitr_gb", "point-in-time recovery", people * item / GIGABYTE)
        yield from self._objects(self.folds * self._plan.version_days / DAYS)

    def of_warming(self) -> Iterator[Line]:
        """The schedule itself, and the environments that it keeps."""
        plan = self._plan
        if not plan.warmed:
            return
        times = HOURS * 60 / plan.warm_every_minutes
        invoked = 2 * plan.warmed * times
        yield Line("lambda.request", "warming", times + invoked)
        held = invoked * plan.hold_ms / 1000 * self._gigabytes
        helper = times * 2 * plan.hold_ms / 1000 * plan.helper_memory_mb / _MB_IN_A_GB
        yield Line("lambda.gb_second", "warming", held + helper)
        # Each environment makes sure of its connections; one looks for imports to go on with.
        asked = _of(self._measured, "warming")
        yield Line("dynamodb.read_unit", "warming", plan.warmed * times * asked.read_units)
        yield Line("s3.write", "warming", times * asked.s3_writes)
        yield Line("s3.read", "warming", plan.warmed * times * asked.s3_reads)
        log = (times + invoked) * LOG_BYTES_OF_AN_INVOCATION / GIGABYTE
        yield Line("cloudwatch.log_gb", "warming", log)

    def of_watching(self) -> Iterator[Line]:
        """Logs, metrics, alarms, the dashboard, and what is an option."""
        plan = self._plan
        log = self.requests * LOG_BYTES_OF_A_REQUEST / GIGABYTE
        yield Line("cloudwatch.log_gb", "requests", log)
        yield Line("cloudwatch.log_storage_gb", "logs", log * plan.log_days / DAYS)
        yield Line("cloudwatch.metric", "metrics", plan.metrics)
        yield Line("cloudwatch.alarm", "alarms", plan.alarm_metrics)
        yield Line("cloudwatch.dashboard", "dashboards", plan.dashboards)
        yield Line("sns.email", "alarms", plan.alarm_mails)
        if plan.xray:
            yield Line("xray.trace", "traces", self.requests)
        if plan.provisioned:
            # So many of the API handler, and as many of the authorizer.
            seconds = 2 * plan.provisioned * HOURS * 3600
            purpose = "provisioned concurrency"
            yield Line("lambda.provisioned_gb_second", purpose, seconds * self._gigabytes)

    def of_site(self) -> Iterator[Line]:
        """CloudFront in front of the client and the API, and media straight from S3."""
        people, habits = self._users, self._habits
        opened = people * mix.SESSIONS * habits.files_at_opening
        fetched = people * habits.releases * habits.site_files
        yield Line("cloudfront.request", "web client", opened + fetched)
        yield Line("cloudfront.function", "web client", opened + fetched)
        yield Line("cloudfront.request", "requests", self.requests)
        sent = people * habits.releases * habits.site_bytes
        yield Line("cloudfront.gb", "web client", sent / GIGABYTE)
        answers = sum(
            count * _of(self._measured, name).bytes_out for name, count in self._asked.items()
        )
        yield Line("cloudfront.gb", "answers", answers / GIGABYTE)
        yield Line("s3.read", "web client", fetched)
        yield Line("s3.read", "media", self._asked["media"])
        media = self._asked["media"] * self._measured.media_bytes / GIGABYTE
        yield Line("transfer.gb", "media", media)

    @property
    def _sessions(self) -> float:
        return self._users * mix.SESSIONS

    @property
    def _gigabytes(self) -> float:
        return self._plan.memory_mb / _MB_IN_A_GB

    def _works(self) -> Mapping[str, list[Work]]:
        """What is done, by what it is done for."""
        protected = sum(n for name, n in self._asked.items() if name not in mix.PUBLIC)
        backups_listed = ceil(self._users * self._habits.backups / _LISTED_AT_ONCE)
        return {
            "requests": [self._work(name, count) for name, count in self._asked.items()],
            "authorizer": [self._work("authorize", protected * self._measured.authorizations)],
            "folds": [self._work("fold", self.changes / self._measured.answers_per_fold)],
            "upkeep": [
                self._work("sweep", self._sessions),
                self._work("second sweep", self._sessions),
                self._work("daily copies", self._sessions),
                self._work("media sweep", self._users * DAYS),
                self._work("endings", HOURS),
                self._work("transfers", DAYS),
                Work(_LISTING, DAYS * backups_listed),
            ],
        }

    def _work(self, name: str, count: float) -> Work:
        return Work(_of(self._measured, name), count)

    def _stores(self, purpose: str, works: list[Work]) -> Iterator[Line]:
        """What some work takes of Lambda's time and of the stores."""
        seconds = sum(work.count * self._seconds(work.operation) for work in works)
        marks = self._sessions if purpose == "requests" else 0
        written = sum(work.count * work.operation.write_units for work in works) + marks
        yield Line("lambda.gb_second", purpose, seconds * self._gigabytes)
        yield Line("dynamodb.write_unit", purpose, written)
        read = sum(work.count * work.operation.read_units for work in works)
        yield Line("dynamodb.read_unit", purpose, read)
        yield Line("s3.write", purpose, sum(w.count * w.operation.s3_writes for w in works))
        yield Line("s3.read", purpose, sum(w.count * w.operation.s3_reads for w in works))

    def _seconds(self, operation: Operation) -> float:
        computing = operation.cpu_ms.p50 / core_share(self._plan.memory_mb)
        return (computing + operation.waiting_ms(self._measured.times)) / 1000

    def _objects(self, versions: float) -> Iterator[Line]:
        """Base files with their versions that were replaced, backups and media, in S3."""
        people, habits = self._users, self._habits
        files = people * habits.collections_bytes
        yield Line("s3.storage_gb", "collections", files / GIGABYTE)
        yield Line(
            "s3.storage_gb", "earlier versions", versions * habits.collections_bytes / GIGABYTE
        )
        shrunk = self._measured.backup_bytes / self._measured.collection_bytes
        copies = people * habits.backups * habits.collections_bytes * shrunk
        yield Line("s3.storage_gb", "backups", copies / GIGABYTE)
        yield Line("s3.storage_gb", "media", people * habits.media_stored_bytes / GIGABYTE)


def _of(measured: Measured, name: str) -> Operation:
    return measured.operations[name]
