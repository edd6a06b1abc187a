"""Changing many cards at once: their rows are read, changed as values, and written back.

As in Anki, a card that is written gets its `data` in Anki's own form.
"""

import json
import sqlite3
from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace

from chalicelib.collection.card_data import read_card_data, write_card_data
from chalicelib.collection.cards import Card, card_of
from chalicelib.collection.col import server_usn, touch
from chalicelib.collection.day import timing_at, unbury_on_new_day
from chalicelib.collection.schema import column_names
from chalicelib.errors import NotFoundError
from chalicelib.scheduler.states import CardType

_COLUMNS = column_names("cards")
_NEVER_WRITTEN = ("id", "nid", "ord")
_WRITTEN = tuple(name for name in _COLUMNS if name not in _NEVER_WRITTEN)


def cards_to_change(conn: sqlite3.Connection, card_ids: Sequence[int], now_ms: int) -> list[Card]:
    """The cards in the order of their ids, each once; what a new day unburies is unburied first.

    Raises NotFoundError if one of them is not there.
    """
    unbury_on_new_day(conn, timing_at(conn, now_ms))
    ids = list(dict.fromkeys(card_ids))
    rows = select_cards(conn, "id IN (SELECT value FROM json_each(:ids))", ids=json.dumps(ids))
    found = {card.id: card for card in rows}
    if len(found) < len(ids):
        raise NotFoundError("There is no such card.")
    return [found[card_id] for card_id in ids]


def cards_of_decks(
    conn: sqlite3.Connection, deck_ids: Sequence[int], types: Sequence[CardType]
) -> list[Card]:
    """The cards of some types that live in these decks themselves, the oldest first.

    Also those that a filtered deck has.
    """
    return select_cards(
        conn,
        "type IN (SELECT value FROM json_each(:types)) AND"
        " CASE WHEN odid != 0 THEN odid ELSE did END IN (SELECT value FROM json_each(:decks))",
        types=json.dumps(types),
        decks=json.dumps(deck_ids),
    )


def select_cards(conn: sqlite3.Connection, where: str, **values: int | str) -> list[Card]:
    """The cards for which an SQL condition on named values holds, the oldest first."""
    rows = conn.execute(
        f"SELECT {', '.join(_COLUMNS)} FROM cards WHERE {where} ORDER BY id", values
    )
    return [card_of(row) for row in rows.fetchall()]


def change_cards(
    conn: sqlite3.Connection,
    card_ids: Sequence[int],
    change: Callable[[Card], Card | None],
    now_ms: int,
) -> int:
    """Write what `change` makes of each card, None for what stays; how many were written.

    Raises NotFoundError, and then nothing is written.
    """
    changed = [change(card) for card in cards_to_change(conn, card_ids, now_ms)]
    return write_cards(conn, (card for card in changed if card is not None), now_ms)


def write_cards(conn: sqlite3.Connection, cards: Iterable[Card], now_ms: int) -> int:
    """Write the cards as changed now; how many they are."""
    now_s = now_ms // 1000
    return write_cards_as_they_are(conn, (replace(card, mod=now_s) for card in cards), now_ms)


def write_cards_as_they_are(conn: sqlite3.Connection, cards: Iterable[Card], now_ms: int) -> int:
    """Write the cards with the `mod` they have; how many they are."""
    usn = server_usn(conn)
    rows = [_row(replace(card, usn=usn)) for card in cards]
    assignments = ", ".join(f"{name} = ?" for name in _WRITTEN)
    conn.executemany(f"UPDATE cards SET {assignments} WHERE id = ?", rows)
    if rows:
        touch(conn, now_ms)
    return len(rows)


def _row(card: Card) -> list[int | str]:
    data = write_card_data(read_card_data(card.data))
    values = [data if name == "data" else getattr(card, name) for name in _WRITTEN]
    return [*values, card.id]
