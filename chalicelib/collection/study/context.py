"""What studying reads of `col`, read once for a whole transaction."""

import sqlite3
from functools import cached_property

from chalicelib.collection.col import JsonObject, parse
from chalicelib.collection.day import is_new_day, timing_of
from chalicelib.collection.deck_options.groups import OptionGroups
from chalicelib.collection.decks import Decks
from chalicelib.collection.documents import DEFAULT_LEARN_AHEAD_S
from chalicelib.collection.study.queue_options import QueueOptions, queue_options
from chalicelib.scheduler.float32 import U32_MAX
from chalicelib.scheduler.options import SchedulingOptions, options_from_dconf
from chalicelib.scheduler.timing import Timing


class StudyContext:
    """The documents of `col` and what follows from them, each read when it is first asked for.

    A value of one transaction, like `Decks`: after something else has written `col`, make another.
    """

    def __init__(self, conn: sqlite3.Connection) -> None:
        self._conn = conn
        self._queue_options: dict[int, QueueOptions] = {}
        self.read_conf()

    def read_conf(self) -> None:
        """Read `conf` again."""
        row = self._conn.execute("SELECT crt, usn, conf FROM col").fetchone()
        self.created_s: int = row[0]
        self.usn: int = row[1]
        self.conf: JsonObject = parse(row[2])

    @cached_property
    def decks(self) -> Decks:
        return Decks(self._conn)

    @cached_property
    def groups(self) -> OptionGroups:
        return OptionGroups(self._conn)

    @property
    def learn_ahead_s(self) -> int:
        """How far ahead learning cards may be shown, seconds."""
        return learn_ahead_of(self.conf)

    def timing_at(self, now_ms: int) -> Timing:
        return timing_of(self.conf, self.created_s, now_ms)

    def is_new_day(self, timing: Timing) -> bool:
        """Whether yesterday's buried cards are still to be unburied."""
        return is_new_day(self.conf, timing)

    def is_on(self, switch: str) -> bool:
        """Whether a switch in `conf` is on; they are all off by default."""
        return self.conf.get(switch) is True

    def options_of(self, deck: JsonObject) -> QueueOptions:
        """How the queue treats the cards of a deck. A filtered deck has no options of its own."""
        if deck.get("dyn"):
            return QueueOptions.FILTERED
        group = self.groups.of_deck(deck)
        known = self._queue_options.get(id(group))
        if known is None:
            known = self._queue_options[id(group)] = queue_options(group)
        return known

    def scheduling_options(self, deck: JsonObject) -> SchedulingOptions:
        """How answers to the cards of a deck are scheduled."""
        return options_from_dconf(self.groups.of_deck(deck))


def learn_ahead_of(conf: JsonObject) -> int:
    """`collapseTime`, seconds; Anki's default where it is no number that could be used."""
    seconds = conf.get("collapseTime")
    if type(seconds) is int and 0 <= seconds <= U32_MAX:
        return seconds
    return DEFAULT_LEARN_AHEAD_S
