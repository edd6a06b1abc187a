"""Pages of the cards that a search finds, sorted as in Anki's browser.

Source of the orders: Anki's rslib/src/search/mod.rs.
"""

import sqlite3
from collections.abc import Callable, Sequence

from chalicelib.collection.cards import Card, cards_by_id
from chalicelib.collection.decks import Decks
from chalicelib.collection.notetypes.lookup import all_notetypes
from chalicelib.collection.search import Search

_COLUMNS = {
    "created": ("c.id",),
    "modified": ("c.mod",),
    "due": ("c.type", "c.due"),
    "interval": ("c.ivl",),
    "ease": ("c.factor",),
    "reps": ("c.reps",),
    "lapses": ("c.lapses",),
    "flag": ("c.flags & 7",),
    "sort_field": ("n.sfld COLLATE NOCASE", "c.ord"),
    "tags": ("n.tags",),
}


def _decks_in_order(conn: sqlite3.Connection) -> list[int]:
    return [deck["id"] for deck in Decks(conn).in_tree_order()]


def _notetypes_in_order(conn: sqlite3.Connection) -> list[int]:
    return [notetype["id"] for notetype in all_notetypes(conn)]


# By names that stand in `col`: the column that holds the id, and all ids in order.
_NAMED: dict[str, tuple[str, Callable[[sqlite3.Connection], list[int]]]] = {
    "deck": ("c.did", _decks_in_order),
    "notetype": ("n.mid", _notetypes_in_order),
}

# What a list of cards can be sorted by.
SORT_KEYS = (*_COLUMNS, *_NAMED)


def page_of_cards(
    conn: sqlite3.Connection,
    search: Search,
    *,
    sort: str,
    descending: bool,
    offset: int,
    limit: int,
) -> tuple[int, Sequence[Card]]:
    """How many cards match, and one page of them; a card without its note is never listed.

    Cards that are equal in what they are sorted by come in the order of their creation, or in the
    reverse order. Raises BadInputError when the search takes too long.
    """
    found = _sorted_ids(conn, search, sort, descending=descending)
    return len(found), cards_by_id(conn, found[offset : offset + limit])


def _sorted_ids(
    conn: sqlite3.Connection, search: Search, sort: str, *, descending: bool
) -> list[int]:
    direction = "DESC" if descending else "ASC"
    if sort not in _NAMED:
        order = ", ".join(f"{column} {direction}" for column in (*_COLUMNS[sort], "c.id"))
        return [card_id for (card_id,) in search.cards_with_notes("c.id", order)]
    column, ids_in_order = _NAMED[sort]
    places = {one: place for place, one in enumerate(ids_in_order(conn))}
    rows = search.cards_with_notes(f"c.id, {column}", f"c.id {direction}")
    rows.sort(key=lambda row: places.get(row[1], len(places)), reverse=descending)
    return [card_id for card_id, _ in rows]
