"""New cards of a note: which deck they go to, where they stand in the queue, and their rows.

Source: Anki's rslib/src/notetype/cardgen.rs.
"""

import sqlite3
from collections.abc import Sequence
from typing import NamedTuple

from chalicelib.collection.col import JsonObject, read_document, server_usn, write_document
from chalicelib.collection.deck_options.cards_under_options import adds_in_random_order
from chalicelib.collection.deck_options.groups import OptionGroups
from chalicelib.collection.decks import Decks
from chalicelib.collection.documents import DEFAULT_DECK_ID
from chalicelib.collection.ids import new_row_id
from chalicelib.collection.notetypes.lookup import is_cloze
from chalicelib.scheduler.chacha import random_in_range
from chalicelib.scheduler.states import CardType

_FIRST_POSITION = 1
_LAST_POSITION = 0xFFFF_FFFF
# A random position is below this even where there are fewer new cards.
_RANDOM_POSITIONS = 1000

_SIBLINGS = """
    SELECT ord, type, CASE WHEN odid != 0 THEN odid ELSE did END,
        CASE WHEN odid != 0 THEN odue ELSE due END
    FROM cards WHERE nid = ? ORDER BY ord"""
_INSERT = """
    INSERT INTO cards (id, nid, did, ord, mod, usn, type, queue, due, ivl, factor, reps, lapses,
        left, odue, odid, flags, data)
    VALUES (?, ?, ?, ?, ?, ?, 0, 0, ?, 0, 0, 0, 0, 0, 0, 0, 0, '{}')"""
_ROWS_AT_ONCE = 500


class _Sibling(NamedTuple):
    ordinal: int
    type: int
    home_deck_id: int
    due: int


class NewCards:
    """Adds new cards to notes of one collection, in one transaction."""

    def __init__(self, conn: sqlite3.Connection, decks: Decks, now_ms: int) -> None:
        self._conn = conn
        self._decks = decks
        self._now_s = now_ms // 1000
        self._groups = OptionGroups(conn)
        self._is_random: dict[int, bool] = {}
        self._next_id = now_ms
        self._usn = server_usn(conn)

    def add(
        self, notetype: JsonObject, note_id: int, wanted: Sequence[int], deck_id: int
    ) -> list[int]:
        """Add a card for each ordinal, all at the next position of the new queue; their ids.

        Where the deck's options say so, they stand at a random position instead. Where none is
        wanted, the note gets its first card though it asks nothing; a template's own deck is only
        for cards that ask something.
        """
        if not wanted:
            return [self._add_one(note_id, 0, self._normal_deck(deck_id), self._take_position())]
        return self._add_at(notetype, note_id, wanted, deck_id, None)

    def add_missing(
        self,
        notetype: JsonObject,
        note_id: int,
        wanted: Sequence[int],
        deck_id: int = DEFAULT_DECK_ID,
    ) -> list[int]:
        """Add the cards among `wanted` that the note does not have yet; their ids.

        They stand where its other new cards stand, and go to the deck that its cards share; where
        these lie in several decks, to the given one.
        """
        rows = self._conn.execute(_SIBLINGS, (note_id,)).fetchall()
        siblings = [_Sibling(*row) for row in rows]
        present = {sibling.ordinal for sibling in siblings}
        missing = [ordinal for ordinal in wanted if ordinal not in present]
        if not missing:
            return []
        homes = {sibling.home_deck_id for sibling in siblings}
        deck_id = homes.pop() if len(homes) == 1 else deck_id
        positions = [sibling.due for sibling in siblings if sibling.type == CardType.NEW]
        position = positions[0] if positions else None
        return self._add_at(notetype, note_id, missing, deck_id, position)

    def _add_at(
        self,
        notetype: JsonObject,
        note_id: int,
        ordinals: Sequence[int],
        deck_id: int,
        position: int | None,
    ) -> list[int]:
        """Without a position, the cards take the next one of all new cards."""
        following = self._take_position() if position is None else 0
        added = []
        for ordinal in ordinals:
            home = self._normal_deck(_template_deck(notetype, ordinal) or deck_id, deck_id)
            if position is None:
                added.append(self._add_one(note_id, ordinal, home, following))
            else:
                added.append(self._insert(note_id, home, ordinal, position))
        return added

    def _add_one(self, note_id: int, ordinal: int, deck_id: int, following: int) -> int:
        return self._insert(note_id, deck_id, ordinal, self._place_in(deck_id, following))

    def _place_in(self, deck_id: int, following: int) -> int:
        if deck_id not in self._is_random:
            group = self._groups.of_deck(self._decks.by_id.get(deck_id, {}))
            self._is_random[deck_id] = adds_in_random_order(group)
        if not self._is_random[deck_id]:
            return following
        return random_in_range(following, 1, max(following, _RANDOM_POSITIONS))

    def _insert(self, note_id: int, deck_id: int, ordinal: int, position: int) -> int:
        card_id = self._free_id(self._next_id)
        self._next_id = card_id + 1
        self._write((card_id, note_id, deck_id, ordinal, self._now_s, self._usn, position))
        return card_id

    def _normal_deck(self, *wanted: int) -> int:
        """The first of these decks that is there and can hold new cards."""
        found = (self._decks.by_id.get(deck_id) for deck_id in wanted)
        return next((deck["id"] for deck in found if deck and not deck["dyn"]), DEFAULT_DECK_ID)

    def _take_position(self) -> int:
        position = next_position(self._conn)
        save_next_position(self._conn, position + 1)
        return position

    def _free_id(self, wanted: int) -> int:
        return new_row_id(self._conn, "cards", wanted)

    def _write(self, row: tuple[int, ...]) -> None:
        self._conn.execute(_INSERT, row)


class ManyNewCards(NewCards):
    """As `NewCards`, for thousands: what is added is certainly there after a `flush`."""

    def __init__(self, conn: sqlite3.Connection, decks: Decks, now_ms: int) -> None:
        super().__init__(conn, decks, now_ms)
        later = conn.execute("SELECT id FROM cards WHERE id >= ?", (now_ms,)).fetchall()
        self._taken = {card_id for (card_id,) in later}
        self._saved_position = self._position = next_position(conn)
        self._rows: list[tuple[int, ...]] = []

    def flush(self) -> None:
        """Write what is left to write, the next position included."""
        self._conn.executemany(_INSERT, self._rows)
        self._rows.clear()
        if self._position != self._saved_position:
            save_next_position(self._conn, self._position)
            self._saved_position = self._position

    def _take_position(self) -> int:
        position = self._position
        self._position = _usable(position + 1)
        return position

    def _free_id(self, wanted: int) -> int:
        while wanted in self._taken:
            wanted += 1
        return wanted

    def _write(self, row: tuple[int, ...]) -> None:
        self._rows.append(row)
        if len(self._rows) == _ROWS_AT_ONCE:
            self.flush()


def next_position(conn: sqlite3.Connection) -> int:
    """The position after all that were ever given to new cards."""
    return _usable(read_document(conn, "conf").get("nextPos"))


def _usable(position: object) -> int:
    if isinstance(position, int) and 0 <= position < _LAST_POSITION:
        return position
    return _FIRST_POSITION


def save_next_position(conn: sqlite3.Connection, position: int) -> None:
    write_document(conn, "conf", read_document(conn, "conf") | {"nextPos": position})


def _template_deck(notetype: JsonObject, ordinal: int) -> int | None:
    """The deck that a template sends its cards to; a cloze notetype has no say in it."""
    deck_id: int | None = None if is_cloze(notetype) else notetype["tmpls"][ordinal].get("did")
    return deck_id
