"""What statistics are about: whose cards, which days, and where on the clock a day lies."""

import sqlite3
from dataclasses import dataclass

from chalicelib.collection.col import JsonObject, read_document
from chalicelib.collection.day import is_new_day, timing_at
from chalicelib.collection.decks import Decks
from chalicelib.scheduler.timing import DAY_S, Timing

# Cards are mature from this interval on, days. Source: Anki's rslib/src/stats/graphs/mod.rs.
MATURE_DAYS = 21
# No interval of Anki is longer. What lies further away than this is counted at this distance,
# so that no file can make an answer of any length.
FARTHEST_DAYS = 36_500

_MINUTES_A_DAY = 24 * 60


@dataclass(frozen=True, slots=True)
class Scope:
    """All cards or those of some decks, at one moment, with the chosen days of the past.

    `cards` and `revlog` are SQL conditions that choose the rows; `bound` holds what they and the
    statistics bind. `start_s` is where the chosen days begin, epoch seconds.
    """

    conn: sqlite3.Connection
    timing: Timing
    start_s: int
    cards: str
    revlog: str
    bound: dict[str, int]

    @property
    def rollover_hour(self) -> int:
        """The hour of the person's clock at which a day begins."""
        return (self.timing.next_cutoff_s - self.bound["west_s"]) % DAY_S // 3600


def scope_of(
    conn: sqlite3.Connection, *, now_ms: int, days: int, deck_id: int | None = None
) -> Scope:
    """The whole collection or a deck with its subdecks; today and `days` days before, 0 for all.

    As in Anki's search for a deck, a card that is in a filtered deck is also in its home deck; and
    the answers of deleted cards count for the whole collection alone. Raises NotFoundError.
    Source: Anki's rslib/src/stats/graphs/mod.rs and rslib/src/search/sqlwriter.rs.
    """
    timing, conf = timing_at(conn, now_ms), read_document(conn, "conf")
    start_s = max(0, timing.next_cutoff_s - (days + 1) * DAY_S) if days else 0
    bound = {
        "today": timing.today,
        "cutoff_s": timing.next_cutoff_s,
        "west_s": _west_s(conf),
        "new_day": is_new_day(conf, timing),
        # A later id comes from a wrong clock: Anki's Check Database gives it a new one.
        "end_ms": (timing.next_cutoff_s + DAY_S) * 1000,
    }
    if deck_id is None:
        return Scope(conn, timing, start_s, "1", "1", bound)
    decks = {f"deck{n}": deck["id"] for n, deck in enumerate(Decks(conn).within(deck_id))}
    marks = ", ".join(f":{name}" for name in decks)
    cards = f"(did IN ({marks}) OR odid IN ({marks}))"
    revlog = f"cid IN (SELECT id FROM cards WHERE {cards})"
    return Scope(conn, timing, start_s, cards, revlog, bound | decks)


def number(column: str) -> str:
    """SQL for a column as a whole number, whatever a strange file has put there."""
    return f"ifnull(CAST({column} AS INTEGER), 0)"


def _west_s(conf: JsonObject) -> int:
    """How far west of UTC the person is, seconds; an impossible offset counts as none."""
    minutes = conf.get("localOffset")
    if not isinstance(minutes, int) or isinstance(minutes, bool):
        return 0
    return minutes * 60 if abs(minutes) < _MINUTES_A_DAY else 0
