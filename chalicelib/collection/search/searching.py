"""Searches in Anki's language: the door of this package."""

import re
import sqlite3
from collections.abc import Sequence
from typing import Any

from chalicelib.collection.search.allowance import READING_S, Allowance, SpentError
from chalicelib.collection.search.compiler import Condition, compile_node
from chalicelib.collection.search.functions import running
from chalicelib.collection.search.nodes import All, DeckIds
from chalicelib.collection.search.parser import parse_search
from chalicelib.collection.search.places import Places
from chalicelib.collection.search.problems import too_complex, too_slow
from chalicelib.scheduler.timing import Timing

_LONE_SURROGATE = re.compile(r"[\ud800-\udfff]")
_CARDS_AND_NOTES = "cards c JOIN notes n ON n.id = c.nid"
_NOTES_FIRST = "notes n CROSS JOIN cards c ON c.nid = n.id"
# How SQLite says that a statement is larger than it takes.
_TOO_LARGE = (
    "Expression tree is too large",
    "parser stack overflow",
    "too many SQL variables",
    "variable number must be between",
    "query string is too large",
    "too many arguments on function",
    "string or blob too big",
)


class Search:
    """What a search found worth asking; every method looks anew.

    They raise BadInputError when that takes more processor time than one search may have.
    """

    def __init__(
        self, conn: sqlite3.Connection, condition: Condition, timing: Timing, allowance: Allowance
    ) -> None:
        self._conn = conn
        self._condition = condition
        self._timing = timing
        self._allowance = allowance

    def card_ids(self) -> list[int]:
        """Ids of the cards that match, in no order."""
        return [card_id for (card_id,) in self._cards("c.id")]

    def cards_with_notes(self, columns: str, order: str) -> list[tuple[Any, ...]]:
        """SQL over cards `c` that match and their notes `n`, in an order.

        Cards whose note is missing are left out.
        """
        return self._cards(columns, f"ORDER BY {order}", with_notes=True)

    def _cards(
        self, columns: str, order: str = "", *, with_notes: bool = False
    ) -> list[tuple[Any, ...]]:
        asks_notes = with_notes or self._condition.asks_notes
        tables = self._both_tables() if asks_notes else "cards c"
        where = self._where("n.id" if asks_notes else "c.nid")
        return self._rows(f"SELECT {columns} FROM {tables} WHERE {where} {order}")

    def note_ids(self) -> list[int]:
        """Ids of the notes that match, or that have a card that does."""
        where = self._where("n.id")
        tables = _CARDS_AND_NOTES if self._condition.asks_cards else "notes n"
        rows = self._rows(f"SELECT DISTINCT n.id FROM {tables} WHERE {where}")
        return [note_id for (note_id,) in rows]

    def _both_tables(self) -> str:
        """What is asked of notes alone is asked of each once, not of each of its cards."""
        notes_first = self._condition.asks_notes and not self._condition.asks_cards
        return _NOTES_FIRST if notes_first else _CARDS_AND_NOTES

    def _where(self, note_id: str) -> str:
        return self._condition.sql.replace("{note_id}", note_id)

    def _rows(self, statement: str) -> list[tuple[Any, ...]]:
        bindings = self._condition.bindings
        try:
            with running(self._conn, bindings, self._timing, self._allowance):
                return self._conn.execute(statement, bindings.values).fetchall()
        except sqlite3.Error as error:
            if self._allowance.gave_up:
                raise too_slow() from error
            if str(error).startswith(_TOO_LARGE):
                raise too_complex() from error
            raise


def search_cards(
    conn: sqlite3.Connection,
    text: str,
    timing: Timing,
    *,
    within_decks: Sequence[int] | None = None,
    allowance: Allowance | None = None,
) -> Search:
    """Read a search in Anki's language; day-based terms go by the day of `timing`.

    `within_decks` keeps to cards that are in one of these decks or were borrowed from it.
    Raises BadInputError, with the reason under `q`, for a search that cannot be understood.
    """
    allowance = allowance or Allowance()
    allowance.start(READING_S)
    node = parse_search(_LONE_SURROGATE.sub("\ufffd", text))
    if within_decks is not None:
        node = All([DeckIds(within_decks), node])
    try:
        condition = compile_node(node, Places(conn, timing), allowance.check)
    except SpentError:
        raise too_slow() from None
    return Search(conn, condition, timing, allowance)
