"""A collection in which every state tells how it came about, and changes of every shape to it.

Each change leaves its name in three tables, so that a lost, a doubled and a half-made one are seen;
what else it does makes the file grow, shrink, move pages to the freelist or exceed a commit's slot.
"""

import itertools
import random
import sqlite3
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Self

# A slot takes 100,000 bytes; this is incompressible.
LARGE = 104_000
KEPT_BLOBS = 8

START = "start"


class ViolationError(BaseException):
    """The engine broke a promise; nothing but the test catches this.

    `number` counts them: the later ones of several may only follow from the first.
    """

    _numbers = itertools.count()

    def __init__(self, promise: str) -> None:
        super().__init__(promise)
        self.number = next(self._numbers)


def demand(holds: object, promise: str) -> None:
    if not holds:
        raise ViolationError(promise)


@dataclass(frozen=True)
class Seen:
    """What a reader saw: the last change, its place in the order, and the try that made it.

    `names` says how often each change took place, None where that was not counted.
    """

    name: str
    place: int
    nonce: str
    names: Counter[str] | None = None


@dataclass(frozen=True)
class Answer:
    """What a change tells its caller; JSON makes a list of it and back."""

    name: str
    place: int
    nonce: str
    filler: str = ""

    @classmethod
    def of(cls, plain: Any) -> Self:
        """From JSON, or what has become of it."""
        return cls(*plain)

    @property
    def plain(self) -> list[str | int]:
        return [self.name, self.place, self.nonce, self.filler]


def build(conn: sqlite3.Connection) -> None:
    conn.execute("CREATE TABLE last (name TEXT, place INTEGER, nonce TEXT)")
    conn.execute("CREATE TABLE one (name TEXT, place INTEGER)")
    conn.execute("CREATE TABLE two (name TEXT, place INTEGER)")
    conn.execute("CREATE TABLE blobs (name TEXT, writer TEXT, data BLOB)")
    conn.execute("INSERT INTO last VALUES (?, 0, '')", (START,))


def change(conn: sqlite3.Connection, name: str, nonce: str) -> Answer:
    """Make the change; its name decides about its shape, `nonce` tells one try from another."""
    dice = random.Random(name)
    (place,) = conn.execute("SELECT place + 1 FROM last").fetchone()
    conn.execute("INSERT INTO one VALUES (?, ?)", (name, place))
    dice.choices(list(SHAPES), weights=list(SHAPES.values()))[0](conn, name, dice)
    conn.execute("INSERT INTO two VALUES (?, ?)", (name, place))
    conn.execute("UPDATE last SET name = ?, place = ?, nonce = ?", (name, place, nonce))
    filler = random.Random(nonce).randbytes(LARGE).hex() if dice.random() < 0.003 else ""
    return Answer(name, place, nonce, filler)


def look(conn: sqlite3.Connection) -> Seen:
    """The last change; fails where only half of one was made."""
    name, place, nonce = conn.execute("SELECT name, place, nonce FROM last").fetchone()
    one = conn.execute("SELECT count(*), total(place), max(place) FROM one").fetchone()
    two = conn.execute("SELECT count(*), total(place), max(place) FROM two").fetchone()
    demand(one == two, "half a change")
    demand(one[2] in {place, None}, "half a change")
    return Seen(name, place, nonce)


def look_closely(conn: sqlite3.Connection) -> Seen:
    """All changes; fails where only half of one was made, or what it wrote is not there."""
    seen = look(conn)
    one = Counter(name for (name,) in conn.execute("SELECT name FROM one"))
    two = Counter(name for (name,) in conn.execute("SELECT name FROM two"))
    demand(one == two, "half a change")
    for writer, data in conn.execute("SELECT writer, data FROM blobs"):
        demand(data == _data(writer, len(data)), "half a change")
    return Seen(seen.name, seen.place, seen.nonce, one)


def check_integrity(conn: sqlite3.Connection) -> None:
    demand(conn.execute("PRAGMA integrity_check").fetchall() == [("ok",)], "not sound")


def edited(conn: sqlite3.Connection, name: str) -> Answer:
    """What somebody does to a file of their own."""
    conn.execute("BEGIN")
    answer = change(conn, name, "by hand")
    conn.execute("COMMIT")
    if random.Random(name).random() < 0.5:
        conn.execute("VACUUM")
    return answer


def _row(conn: sqlite3.Connection, name: str, dice: random.Random) -> None:
    """Nothing but its name."""


def _blob(conn: sqlite3.Connection, name: str, dice: random.Random) -> None:
    _put(conn, name, dice.choice([300, 5_000, 20_000]))


def _large(conn: sqlite3.Connection, name: str, dice: random.Random) -> None:
    _put(conn, name, LARGE)


def _huge(conn: sqlite3.Connection, name: str, dice: random.Random) -> None:
    """More than 256 pages, where they are small."""
    _put(conn, name, 300 * 512)


def _rewritten(conn: sqlite3.Connection, name: str, dice: random.Random) -> None:
    for row, size in conn.execute("SELECT rowid, length(data) FROM blobs").fetchall():
        if dice.random() < 0.5 and size < LARGE:
            changed = (name, _data(name, size), row)
            conn.execute("UPDATE blobs SET writer = ?, data = ? WHERE rowid = ?", changed)


def _shrunk(conn: sqlite3.Connection, name: str, dice: random.Random) -> None:
    kept = dice.randrange(3)
    conn.execute(
        "DELETE FROM blobs WHERE rowid NOT IN (SELECT rowid FROM blobs ORDER BY rowid LIMIT ?)",
        (kept,),
    )


def _indexed(conn: sqlite3.Connection, name: str, dice: random.Random) -> None:
    if conn.execute("SELECT 1 FROM sqlite_master WHERE name = 'by_name'").fetchone():
        conn.execute("DROP INDEX by_name")
    else:
        conn.execute("CREATE INDEX by_name ON one (name)")


Shape = Callable[[sqlite3.Connection, str, random.Random], None]
SHAPES: dict[Shape, int] = {
    _row: 70,
    _blob: 10,
    _rewritten: 6,
    _shrunk: 6,
    _indexed: 4,
    _large: 2,
    _huge: 1,
}


def _put(conn: sqlite3.Connection, name: str, size: int) -> None:
    conn.execute("INSERT INTO blobs VALUES (?, ?, ?)", (name, name, _data(name, size)))
    conn.execute(
        "DELETE FROM blobs WHERE rowid <= (SELECT max(rowid) FROM blobs) - ?", (KEPT_BLOBS,)
    )


def _data(writer: str, size: int) -> bytes:
    return random.Random(writer).randbytes(size)
