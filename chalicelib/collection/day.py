"""Which day it is for the collection's owner, and what a new day changes."""

import sqlite3

from chalicelib.collection.col import created_s, read_document, touch, write_document
from chalicelib.collection.documents import DEFAULT_ROLLOVER
from chalicelib.collection.filtered import queue_of_type
from chalicelib.scheduler.states import CardQueue
from chalicelib.scheduler.timing import DAY_S, Timing, day_timing

BURIED = f"({CardQueue.SIBLING_BURIED}, {CardQueue.USER_BURIED})"

# A stored day this far ahead of today can only come from a wrong clock.
_FUTURE_DAYS_TOLERATED = 7


def timing_at(conn: sqlite3.Connection, now_ms: int) -> Timing:
    """Day number and next cutoff by the owner's own offset and rollover, kept in the file."""
    conf = read_document(conn, "conf")
    rollover = _whole(conf.get("rollover"))
    return day_timing(
        now_s=now_ms // 1000,
        created_s=created_s(conn),
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


def is_new_day(conn: sqlite3.Connection, timing: Timing) -> bool:
    """Whether yesterday's buried cards are still to be unburied."""
    last = read_document(conn, "conf").get("lastUnburied", 0)
    return bool(last < timing.today or last > timing.today + _FUTURE_DAYS_TOLERATED)


def current_queue(conn: sqlite3.Connection, timing: Timing) -> str:
    """SQL for a card's queue as of now: on a new day nothing is buried any more."""
    if not is_new_day(conn, timing):
        return "queue"
    return f"CASE WHEN queue IN {BURIED} THEN {queue_of_type()} ELSE queue END"


def unbury_on_new_day(conn: sqlite3.Connection, timing: Timing) -> None:
    """Unbury what was buried before today, without touching mod or usn, as Anki does."""
    if not is_new_day(conn, timing):
        return
    conn.execute(f"UPDATE cards SET queue = {queue_of_type()} WHERE queue IN {BURIED}")
    conf = read_document(conn, "conf")
    write_document(conn, "conf", conf | {"lastUnburied": timing.today})
