"""Which day it is for the collection's owner, and what a new day changes."""

import sqlite3
from collections.abc import Sequence

from chalicelib.collection.col import (
    JsonObject,
    created_s,
    read_document,
    touch,
    write_document,
)
from chalicelib.collection.documents import DEFAULT_ROLLOVER
from chalicelib.collection.filtered import queue_of_type
from chalicelib.scheduler.states import CardQueue
from chalicelib.scheduler.timing import DAY_S, Timing, day_timing

BURIED = f"({CardQueue.SIBLING_BURIED}, {CardQueue.USER_BURIED})"

# A stored day this far ahead of today can only come from a wrong clock.
_FUTURE_DAYS_TOLERATED = 7


def timing_at(conn: sqlite3.Connection, now_ms: int) -> Timing:
    """Day number and next cutoff by the owner's own offset and rollover, kept in the file."""
    return timing_of(read_document(conn, "conf"), created_s(conn), now_ms)


def timing_of(conf: JsonObject, crt_s: int, now_ms: int) -> Timing:
    """The same for a `conf` that was read already; `crt_s` is `col.crt`."""
    rollover = _whole(conf.get("rollover"))
    return day_timing(
        now_s=now_ms // 1000,
        created_s=crt_s,
        creation_offset=_whole(conf.get("creationOffset")),
        local_offset=_whole(conf.get("localOffset")),
        rollover=DEFAULT_ROLLOVER if rollover is None else rollover,
    )


def _whole(value: object) -> int | None:
    """What is not a whole number counts, as in Anki, as absent."""
    return value if isinstance(value, int) and not isinstance(value, bool) else None


def set_local_offset(conn: sqlite3.Connection, minutes_west: int, now_ms: int) -> None:
    """Follow the owner to another time zone, or into daylight saving."""
    conf = read_document(conn, "conf")
    if conf.get("localOffset") != minutes_west:
        write_document(conn, "conf", conf | {"localOffset": minutes_west})
        touch(conn, now_ms)


def day_start_ms(timing: Timing, day: int) -> int:
    """When a day number begins, epoch milliseconds."""
    return (timing.next_cutoff_s - (timing.today + 1 - day) * DAY_S) * 1000


def is_new_day(conf: JsonObject, timing: Timing) -> bool:
    """Whether yesterday's buried cards are still to be unburied."""
    last = _whole(conf.get("lastUnburied")) or 0
    return last < timing.today or last > timing.today + _FUTURE_DAYS_TOLERATED


def stands_in(queues: Sequence[CardQueue], *, new_day: bool) -> str:
    """SQL that tells whether a card is in one of these queues as of now.

    On a new day, before anything has unburied them, buried cards are where their type belongs.
    """
    wanted = ", ".join(str(int(queue)) for queue in queues)
    if not new_day:
        return f"queue IN ({wanted})"
    # The first part is for the index ix_cards_sched.
    among = f"queue IN ({wanted}, {CardQueue.SIBLING_BURIED:d}, {CardQueue.USER_BURIED:d})"
    return f"{among} AND CASE WHEN queue < 0 THEN {queue_of_type()} ELSE queue END IN ({wanted})"


def unbury_on_new_day(conn: sqlite3.Connection, timing: Timing) -> None:
    """Unbury what was buried before today, without touching mod or usn, as Anki does."""
    conf = read_document(conn, "conf")
    if is_new_day(conf, timing):
        conn.execute(f"UPDATE cards SET queue = {queue_of_type()} WHERE queue IN {BURIED}")
        write_document(conn, "conf", conf | {"lastUnburied": timing.today})
