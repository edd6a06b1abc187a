"""Which part of a collection is to be exported."""

import json
import sqlite3
from collections.abc import Sequence
from dataclasses import dataclass

from chalicelib.collection.day import timing_at
from chalicelib.collection.decks import Decks
from chalicelib.collection.search import search_cards
from chalicelib.collection.search.searching import Search


@dataclass(frozen=True, slots=True)
class Scope:
    """A deck with its subdecks, what a search finds, what is in both, or everything.

    As in Anki's exports, and other than in its searches, a card that a filtered deck has is in
    that one only. The methods raise NotFoundError where there is no such deck, and BadInputError
    for a search that cannot be understood.
    """

    deck_id: int | None = None
    query: str | None = None

    def note_ids(self, conn: sqlite3.Connection, now_ms: int) -> list[int] | None:
        """The notes that are found or have a card that is; None for all."""
        if self.deck_id is None:
            return None if self.query is None else self._search(conn, now_ms).note_ids()
        return _selected(
            conn,
            "SELECT DISTINCT nid FROM cards WHERE id IN (SELECT value FROM json_each(?))",
            self.card_ids(conn, now_ms) or [],
        )

    def card_ids(self, conn: sqlite3.Connection, now_ms: int) -> list[int] | None:
        """The cards that are found; None for all."""
        found = None if self.query is None else self._search(conn, now_ms).card_ids()
        if self.deck_id is None:
            return found
        deck_ids = [deck["id"] for deck in Decks(conn).within(self.deck_id)]
        of_decks = "SELECT id FROM cards WHERE did IN (SELECT value FROM json_each(?))"
        card_ids = _selected(conn, of_decks, deck_ids)
        return card_ids if found is None else sorted(set(card_ids) & set(found))

    def _search(self, conn: sqlite3.Connection, now_ms: int) -> Search:
        return search_cards(conn, self.query or "", timing_at(conn, now_ms))


def _selected(conn: sqlite3.Connection, statement: str, ids: Sequence[int]) -> list[int]:
    return [found for (found,) in conn.execute(statement, (json.dumps(ids),))]
