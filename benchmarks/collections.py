"""Collections of a wanted size that look like those of people who have studied for a while."""

import sqlite3
from collections.abc import Iterable, Iterator
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from random import Random

from benchmarks.histories import History, Student
from benchmarks.words import Words
from chalicelib.collection.col import JsonObject, dump
from chalicelib.collection.create import create_collection
from chalicelib.collection.day import timing_at, unbury_on_new_day
from chalicelib.collection.decks import add_deck
from chalicelib.collection.guid import GUID_BITS, guid_from_bits
from chalicelib.collection.notetypes.lookup import notetype_by_name
from chalicelib.collection.schema import TABLES, create_tables
from chalicelib.collection.text import FIELD_SEPARATOR, field_checksum, sort_field
from chalicelib.scheduler.timing import DAY_S

# 2026-01-05 08:00:00 UTC: the moment at which the measured studying begins.
NOW_MS = 1_767_600_000_000

_SEED = 11
_MAX_DECKS = 100
_NOTETYPES = ("Basic", "Basic (and reversed card)")
_REVERSED_SHARE = 0.3
_TAGS = ("", "", " verb ", " noun ", " chapter::3 ", " idiom rare ")
_FRONT, _BACK = (5, 90), (15, 700)
_NOTE_EVERY_MS = 40_000


@dataclass(frozen=True, slots=True)
class CollectionSize:
    """How much is in a collection: `days` is how long it has been studied."""

    name: str
    notes: int
    decks: int
    days: int


SIZES = (
    CollectionSize("100 KB", notes=38, decks=2, days=20),
    CollectionSize("1 MB", notes=800, decks=6, days=200),
    CollectionSize("10 MB", notes=7_500, decks=15, days=500),
    CollectionSize("100 MB", notes=68_500, decks=30, days=1_000),
)


def make(path: Path, size: CollectionSize) -> None:
    """Make the collection, always the very same one, as a new file."""
    with closing(sqlite3.connect(path, isolation_level=None)) as conn:
        conn.execute("PRAGMA journal_mode = OFF")
        conn.execute("BEGIN")
        _Builder(conn, size).build()
        conn.execute("COMMIT")


def copy_from(path: Path, conn: sqlite3.Connection) -> None:
    """Put what the collection file holds into an empty database."""
    create_tables(conn)
    with closing(sqlite3.connect(path)) as source:
        for table in TABLES:
            _insert(conn, table, source.execute(f"SELECT * FROM {table}"))


class _Builder:
    """Adds decks, notes with their cards, and the reviews of these in the order of time."""

    def __init__(self, conn: sqlite3.Connection, size: CollectionSize) -> None:
        self._conn = conn
        self._size = size
        self._random = Random(_SEED)  # noqa: S311
        self._words = Words(self._random)
        self._began_ms = NOW_MS - size.days * DAY_S * 1000
        create_collection(conn, now_ms=self._began_ms, minutes_west=0)
        self._timing = timing_at(conn, NOW_MS)
        unbury_on_new_day(conn, self._timing)
        self._student = Student(self._random, self._timing)
        self._histories: dict[int, History] = {}

    def build(self) -> None:
        deck_ids = [self._add_deck(number) for number in range(self._size.decks)]
        notetypes = [notetype_by_name(self._conn, name) for name in _NOTETYPES]
        for number in range(self._size.notes):
            is_reversed = self._random.random() < _REVERSED_SHARE
            self._add_note(number, notetypes[is_reversed], self._random.choice(deck_ids))
        _insert(self._conn, "revlog", self._reviews())

    def _add_deck(self, number: int) -> int:
        name = f"Subject {number // 5 + 1}::Chapter {number % 5 + 1}"
        made = add_deck(self._conn, name, now_ms=self._began_ms + number, max_decks=_MAX_DECKS)
        deck_id: int = made["id"]
        return deck_id

    def _add_note(self, number: int, notetype: JsonObject, deck_id: int) -> None:
        fields = [self._words.text(*_FRONT), self._words.text(*_BACK)]
        note_id = self._note_id(number)
        row = (
            *(note_id, guid_from_bits(self._random.getrandbits(GUID_BITS)), notetype["id"]),
            *(note_id // 1000, 0, self._random.choice(_TAGS), FIELD_SEPARATOR.join(fields)),
            *(sort_field(fields[0]), field_checksum(fields[0]), 0, ""),
        )
        _insert(self._conn, "notes", [row])
        for template in notetype["tmpls"]:
            self._add_card(note_id + template["ord"], note_id, deck_id, template["ord"], number)

    def _note_id(self, number: int) -> int:
        """Notes are added in equal distances over the days, in the morning's order."""
        span_ms = NOW_MS - self._began_ms - DAY_S * 1000
        return self._began_ms + span_ms * number // self._size.notes

    def _add_card(
        self, card_id: int, note_id: int, deck_id: int, ordinal: int, position: int
    ) -> None:
        first_day = self._timing.today - (NOW_MS - note_id) // (DAY_S * 1000)
        history = self._histories[card_id] = self._student.history(first_day, position)
        row = (
            *(card_id, note_id, deck_id, ordinal, history.last_reviewed_s or note_id // 1000, 0),
            *(history.type, history.queue, history.due, max(0, history.interval), history.factor),
            *(len(history.reviews), history.lapses, history.left, 0, 0, 0),
            _custom_data(history, position),
        )
        _insert(self._conn, "cards", [row])

    def _reviews(self) -> Iterator[tuple[object, ...]]:
        """The rows of `revlog`, whose ids are the moments of the reviews."""
        reviews = [
            (review.reviewed_ms, card_id, review)
            for card_id, history in self._histories.items()
            for review in history.reviews
        ]
        last_ms = 0
        for reviewed_ms, card_id, review in sorted(reviews, key=lambda entry: entry[:2]):
            last_ms = max(reviewed_ms, last_ms + 1)
            yield (
                *(last_ms, card_id, 0, review.rating, review.interval, review.last_interval),
                *(review.factor, review.taken_ms, review.type),
            )


def _custom_data(history: History, position: int) -> str:
    return dump({"pos": position, "lrt": history.last_reviewed_s}) if history.reviews else "{}"


def _insert(conn: sqlite3.Connection, table: str, rows: Iterable[tuple[object, ...]]) -> None:
    marks = ", ".join("?" * len(TABLES[table]))
    conn.executemany(f"INSERT INTO {table} VALUES ({marks})", rows)
