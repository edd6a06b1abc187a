"""Random collections whose cards are in all kinds of states, and random operations on them."""

import json
import random
import sqlite3
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from chalicelib.collection.col import JsonObject, read_document, write_document
from chalicelib.collection.day import timing_at
from tests.support.collections import DAY_MS, make_deck, make_note, new_connection

Operation = list[Any]

# 2024-01-15 10:00:00 UTC, and other times of day around the rollover.
_BEGAN_MS = 1_705_312_800_000
_HOURS = (0, 3, 4, 9, 17, 18, 21)
_DECKS = ("A", "A::B", "A::B::C", "D", "E e", "F")
_FILTERED = "F"
_KINDS = ("Basic", "Basic (and reversed card)", "Cloze")
_TAGS = ("a", "A::b", "a::b::c", "marked", "ab", "Ümlaut", "ümlaut::x", "c*", "leech", "z.z")
_STEPS: tuple[list[float], ...] = (
    [],
    [1.0, 10.0],
    [10.0],
    [1.0, 10.0, 1440.0],
    [0.5, 5.0, 60.0],
    [15.0, 3.0],
    [2880.0],
)
_DATA = (
    "{}",
    "",
    '{"pos":7}',
    '{"pos":3,"lrt":1705000000}',
    '{"s":12.34567,"d":5.55555,"dr":0.912345,"decay":0.1542,"lrt":1705000000}',
    '{"pos":5,"s":0.00049,"d":10.0,"cd":"{\\"x\\":1}"}',
    '{"cd":"{}","unknown":[1],"lrt":1704000000}',
    '{"pos":-1,"s":"no","d":1}',
    "no json",
)


@dataclass(frozen=True)
class World:
    """A collection in a time zone at a moment, and what is to be done to it, each time afresh."""

    timezone: str
    now_ms: int
    conn: sqlite3.Connection
    operations: list[Operation]


def random_world(seed: int, timezone: str, minutes_west: int, operations: int) -> World:
    rng = random.Random(seed)
    began = _BEGAN_MS + rng.choice(_HOURS) * 3_600_000
    now_ms = began + rng.randint(2, 40) * DAY_MS + rng.choice(_HOURS) * 3_600_000
    conn = new_connection(now_ms=began, minutes_west=minutes_west)
    for n, name in enumerate(_DECKS):
        make_deck(conn, name, began + n)
    builder = _Builder(conn, rng, now_ms)
    builder.set_options(began)
    builder.add_notes(began)
    builder.set_states()
    builder.set_conf()
    return World(timezone, now_ms, conn, [builder.operation() for _ in range(operations)])


class _Builder:
    def __init__(self, conn: sqlite3.Connection, rng: random.Random, now_ms: int) -> None:
        self._conn = conn
        self._rng = rng
        self._now_ms = now_ms
        self._today = timing_at(conn, now_ms).today
        decks = read_document(conn, "decks")
        self._names = {deck["name"]: int(key) for key, deck in decks.items()}
        self._filtered = self._names[_FILTERED]
        self._normal = [self._names[name] for name in self._names if name != _FILTERED]
        self._presets = [1]

    def set_options(self, began: int) -> None:
        rng = self._rng
        groups = read_document(self._conn, "dconf")
        for options_id in (1, began + 20, began + 21):
            group: JsonObject = json.loads(json.dumps(groups["1"]))
            group |= {"id": options_id, "name": f"Preset {options_id - began}"}
            group["new"] |= {
                "delays": rng.choice(_STEPS),
                "order": rng.choice((0, 1, 1)),
                "initialFactor": rng.choice((2500, 1310, 3333)),
            }
            group["lapse"]["delays"] = rng.choice(_STEPS)
            groups[str(options_id)] = group
        self._presets = [int(key) for key in groups]
        write_document(self._conn, "dconf", groups)
        decks = read_document(self._conn, "decks")
        for deck in decks.values():
            deck["conf"] = rng.choice(self._presets)
            if rng.random() < 0.3:
                deck["newLimit"], deck["reviewLimit"] = rng.choice((0, 7)), rng.choice((None, 9))
            if rng.random() < 0.3:
                day = rng.choice((self._today, max(1, self._today - 3)))
                deck["newLimitToday"] = {"limit": 4, "today": day}
        decks[str(self._filtered)] |= {
            "dyn": 1,
            "conf": 1,
            "resched": True,
            "terms": [["is:due", 100, 0]],
            "separate": True,
            "delays": None,
            "previewDelay": 10,
        }
        write_document(self._conn, "decks", decks)

    def add_notes(self, began: int) -> None:
        for n in range(self._rng.randint(6, 10)):
            kind = self._rng.choice(_KINDS)
            front = "{{c1::x}} {{c2::y}} {{c4::z}}" if kind == "Cloze" else f"front {n}"
            tags = self._rng.sample(_TAGS, self._rng.randint(0, 4))
            at_ms = began + 100 + 10 * n
            deck = self._rng.choice(self._normal)
            make_note(
                self._conn, [front, "b"], deck_id=deck, notetype=kind, tags=tags, now_ms=at_ms
            )

    def set_states(self) -> None:
        for (card_id,) in self._conn.execute("SELECT id FROM cards").fetchall():
            columns = self._state()
            names = ", ".join(f"{name} = ?" for name in columns)
            self._conn.execute(
                f"UPDATE cards SET {names} WHERE id = ?", [*columns.values(), card_id]
            )

    def _state(self) -> dict[str, int | str]:
        rng = self._rng
        kind = rng.choice((0, 0, 1, 2, 2, 3))
        intraday = self._now_ms // 1000 + rng.randint(-9000, 9000)
        day = self._today + rng.randint(-9, 30)
        due = {0: rng.randint(0, 40), 2: day}.get(kind, rng.choice((intraday, day)))
        queue = {0: 0, 2: 2}.get(kind, 1 if due == intraday else 3)
        state: dict[str, int | str] = {
            "type": kind,
            "queue": rng.choice((queue, queue, queue, -1, -2, -3)),
            "due": due,
            "ivl": 0 if kind < 2 else rng.randint(0, 400),
            "factor": 0 if kind == 0 else rng.choice((0, 1300, 2500, 2850)),
            "reps": rng.randint(0, 30),
            "lapses": rng.randint(0, 9),
            "left": rng.choice((0, 1, 2, 3, 1001, 2002)),
            "flags": rng.choice((0, 0, 3, 7, 8, 200)),
            "data": rng.choice(_DATA),
            "mod": self._now_ms // 1000 - 5000,
        }
        return state | (self._lent(due) if rng.random() < 0.25 else {})

    def _lent(self, due: int) -> dict[str, int | str]:
        """What a filtered deck makes of a card."""
        return {
            "did": self._filtered,
            "odid": self._rng.choice(self._normal),
            "odue": self._rng.choice((due, due, 0)),
            "due": self._rng.choice((-100_000, -99_999, due, 12)),
        }

    def set_conf(self) -> None:
        conf = read_document(self._conn, "conf")
        yesterday = self._rng.random() < 0.15
        conf |= {"nextPos": self._rng.randint(1, 90), "lastUnburied": self._today - yesterday}
        write_document(self._conn, "conf", conf)
        if yesterday:  # Anki then writes `data` of each card that it unburies, without a `mod`
            self._conn.execute("UPDATE cards SET data = '{}' WHERE queue IN (-2, -3)")
        for n in range(self._rng.randint(0, 5)):
            row = (1_705_000_000_000 + n, n, 0, 3, 4, 1, 2500, 3000, 1)
            self._conn.execute("INSERT INTO revlog VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)", row)

    def operation(self) -> Operation:
        name = self._rng.choice(list(_OPERATIONS))
        return [name, *_OPERATIONS[name](self)]

    def cards(self) -> list[int]:
        ids = [row[0] for row in self._conn.execute("SELECT id FROM cards").fetchall()]
        return self._rng.sample(ids, self._rng.randint(1, len(ids)))

    def deck(self) -> int:
        return self._rng.choice(self._normal)

    def any_deck(self) -> int:
        return self._rng.choice([*self._normal, self._filtered])

    def tags(self) -> list[str]:
        return self._rng.sample([*_TAGS, "new", "a::B", "AB::x::y", "leech"], 3)

    def days(self) -> str:
        days = str(self._rng.choice((0, 1, 3, 40, 1000)))
        return self._rng.choice((days, f"{days}!", f"{days}-{days}"))

    def draw(self, *choices: Any) -> Any:
        return self._rng.choice(choices)

    def options(self) -> list[Any]:
        deck = self.deck()
        changes: JsonObject = {
            "new_card_insert_order": 0,
            "learn_steps": self.draw(*_STEPS),
            "relearn_steps": self.draw(*_STEPS),
        }
        # A deck that takes another group and has it changed is two operations here.
        current = read_document(self._conn, "decks")[str(deck)]["conf"]
        wanted = self._rng.sample(list(changes), self.draw(0, 1, 2, 3))
        limits = {"new": self.draw(None, 0, 12), "review_today": self.draw(None, 3)}
        may_remove = not wanted or current == 1
        removed = [self.draw(*self._presets[1:])] if may_remove and self.draw(0, 0, 1) else []
        # Anki lets the decks of a removed group use the chosen one, we the default.
        chosen = 1 if removed else current if wanted else self.draw(*self._presets)
        return [deck, chosen, {name: changes[name] for name in wanted}, removed, limits]

    def new_name(self) -> str:
        return "::".join(
            self._rng.sample(["A", "b", "X", "y ", "D", "B", "C", 'q"q'], self.draw(1, 2, 3))
        )

    def note(self) -> list[Any]:
        kind = self.draw(*_KINDS)
        return [self.deck(), kind, ["{{c3::note}}", "back"]]


_OPERATIONS: dict[str, Callable[[_Builder], list[Any]]] = {
    "suspend": lambda b: [b.cards()],
    "bury": lambda b: [b.cards()],
    "restore": lambda b: [b.cards()],
    "unbury deck": lambda b: [b.any_deck(), b.draw(0, 1, 2)],
    "flag": lambda b: [b.cards(), b.draw(*range(8))],
    "move": lambda b: [b.cards(), b.any_deck()],
    "reset": lambda b: [b.cards(), b.draw(True, False), b.draw(True, False)],
    "set due": lambda b: [b.cards(), b.days()],
    "reposition": lambda b: [b.cards(), b.draw(0, 1, 9), b.draw(1, 2, 7), b.draw(True, False)],
    "add tags": lambda b: [b.cards(), b.tags()],
    "remove tags": lambda b: [b.cards(), b.tags()],
    "delete": lambda b: [b.cards()],
    "options": lambda b: b.options(),
    "add preset": lambda b: ["Added", b.draw(None, *b._presets)],
    "rename deck": lambda b: [b.any_deck(), b.new_name()],
    "move deck": lambda b: [b.any_deck(), b.draw(0, b.deck())],
    "delete deck": lambda b: [b.any_deck()],
    "add note": lambda b: b.note(),
}
