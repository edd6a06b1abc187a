"""Measurements that are easy to calculate with."""

import msgspec

from javumbo.cost import mix
from javumbo.cost.measured import Latency, Measured, Operation, Spread
from javumbo.cost.plan import Habits, Plan

NO_TIME = Latency("none", 0, 0, 0, 0)
UPKEEP = ("authorize", "fold", "sweep", "second sweep", "daily copies", "media sweep", "endings")
NOTHING = Measured(
    operations={
        name: Operation(name, Spread(0), {}, 0, 0, 0)
        for name in (*mix.OF_100_USERS, *UPKEEP, "transfers", "warming")
    },
    times=NO_TIME,
    answers_per_fold=50,
    whole_file_read_ms=0,
    whole_file_answer_ms=0,
    collection_bytes=1_000_000,
    backup_bytes=400_000,
    media_bytes=0,
    memory_mb=1024,
    cold_start_ms=0,
    cold_starts=0,
    authorizations=0,
    served_cpu_ms=10,
)
HABITS = Habits(collections_bytes=1_000_000)
# One gigabyte, which is less than a core.
PLAN = Plan(memory_mb=1024, warmed=0)


def measured_with(*operations: Operation, **changes: object) -> Measured:
    """Nothing takes or asks for anything but these operations."""
    known = NOTHING.operations | {one.name: one for one in operations}
    return msgspec.structs.replace(NOTHING, operations=known, **changes)
