"""Cards: rows of table `cards` as values, read singly or in pages."""

import json
import sqlite3
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from chalicelib.collection.col import dump, server_usn
from chalicelib.collection.schema import column_names
from chalicelib.errors import NotFoundError
from chalicelib.scheduler.states import CardQueue, CardState, CardType

_COLUMNS = column_names("cards")

_I32, _U32, _I64 = 1 << 31, 1 << 32, 1 << 63
# What Anki can hold in a column; the others hold any 64-bit integer.
_BOUNDS = {
    "due": (-_I32, _I32),
    "odue": (-_I32, _I32),
    "ivl": (0, _U32),
    "factor": (0, 1 << 16),
    "reps": (0, _U32),
    "lapses": (0, _U32),
    "left": (0, _U32),
    "flags": (0, 1 << 8),
}

STATE_NAMES: dict[int, str] = {
    CardType.NEW: "new",
    CardType.LEARNING: "learning",
    CardType.REVIEW: "review",
    CardType.RELEARNING: "relearning",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Card:
    """One row of `cards`, in the file's own units: ivl days, factor permille, mod seconds."""

    id: int
    nid: int
    did: int
    ord: int
    mod: int
    usn: int
    type: int
    queue: int
    due: int
    ivl: int
    factor: int
    reps: int
    lapses: int
    left: int
    odue: int
    odid: int
    flags: int
    data: str

    @property
    def home_deck_id(self) -> int:
        """The deck it belongs to, also while a filtered deck has it."""
        return self.odid or self.did

    @property
    def state_name(self) -> str:
        return STATE_NAMES.get(self.type, "new")

    @property
    def is_suspended(self) -> bool:
        return self.queue == CardQueue.SUSPENDED

    @property
    def is_buried(self) -> bool:
        """Whether its row says so, which holds until the day ends."""
        return self.queue in (CardQueue.SIBLING_BURIED, CardQueue.USER_BURIED)

    @property
    def flag(self) -> int:
        """The colour, 0 to 7; the higher bits are Anki's own."""
        return self.flags & 0b111

    def scheduling_state(self) -> CardState:
        """What the scheduler looks at."""
        return CardState(
            card_id=self.id,
            type=self.type,
            queue=self.queue,
            # A card lent to a filtered deck keeps its own due aside.
            due=self.odue if self.odid and self.odue else self.due,
            interval=self.ivl,
            factor=self.factor,
            reps=self.reps,
            lapses=self.lapses,
            left=self.left,
        )

    def custom_data(self) -> dict[str, Any]:
        """The JSON of column `data`; empty where it is not an object."""
        try:
            data = json.loads(self.data or "{}")
        except (ValueError, RecursionError):
            return {}
        return data if isinstance(data, dict) else {}


def get_card(conn: sqlite3.Connection, card_id: int) -> Card:
    """The card. Raises NotFoundError."""
    row = conn.execute(
        f"SELECT {', '.join(_COLUMNS)} FROM cards WHERE id = ?", (card_id,)
    ).fetchone()
    if row is None:
        raise NotFoundError("There is no such card.")
    return card_of(row)


def cards_by_id(conn: sqlite3.Connection, card_ids: Sequence[int]) -> list[Card]:
    """The cards that there are among these, in the order given."""
    rows = conn.execute(
        f"SELECT {', '.join(_COLUMNS)} FROM cards WHERE id IN (SELECT value FROM json_each(?))",
        (json.dumps(card_ids),),
    )
    found = {row[0]: card_of(row) for row in rows.fetchall()}
    return [found[card_id] for card_id in card_ids if card_id in found]


def save_schedule(
    conn: sqlite3.Connection, state: CardState, data: dict[str, Any], now_ms: int
) -> None:
    """Store what an answer did to a card, and bring it home from a filtered deck."""
    conn.execute(
        "UPDATE cards SET type = ?, queue = ?, due = ?, ivl = ?, factor = ?, reps = ?,"
        " lapses = ?, left = ?, data = ?, mod = ?, usn = ?,"
        " did = CASE WHEN odid != 0 THEN odid ELSE did END, odid = 0, odue = 0 WHERE id = ?",
        (
            state.type,
            state.queue,
            state.due,
            state.interval,
            state.factor,
            state.reps,
            state.lapses,
            state.left,
            dump(data),
            now_ms // 1000,
            server_usn(conn),
            state.card_id,
        ),
    )


def count_by_deck(conn: sqlite3.Connection) -> dict[int, int]:
    """How many cards each deck holds itself, lent ones counted where they are now."""
    return dict(conn.execute("SELECT did, count(*) FROM cards GROUP BY did").fetchall())


def card_of(row: Sequence[Any]) -> Card:
    """A row with all columns, as a value. What Anki could not hold in a column counts as 0."""
    columns = dict(zip(_COLUMNS, row, strict=True))
    data = columns.pop("data")
    numbers = {name: _number(name, value) for name, value in columns.items()}
    return Card(**numbers, data=data if isinstance(data, str) else "")


def _number(name: str, value: object) -> int:
    low, high = _BOUNDS.get(name, (-_I64, _I64))
    return value if isinstance(value, int) and low <= value < high else 0
