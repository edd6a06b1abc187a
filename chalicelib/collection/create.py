"""Making a new collection, ready to study."""

import sqlite3
from collections.abc import Callable

from chalicelib.collection.col import dump
from chalicelib.collection.decks import add_deck
from chalicelib.collection.documents import (
    DEFAULT_DECK_ID,
    DEFAULT_OPTIONS_ID,
    DEFAULT_ROLLOVER,
    new_conf,
    new_deck,
    new_options,
)
from chalicelib.collection.guid import GUID_BITS, guid_from_bits
from chalicelib.collection.notes import NewNote, add_note
from chalicelib.collection.notetypes.lookup import notetype_by_name
from chalicelib.collection.notetypes.stock import BASIC, stock_notetypes
from chalicelib.collection.sample_deck import SAMPLE_CARDS, SAMPLE_DECK, SAMPLE_DESCRIPTION
from chalicelib.collection.schema import SCHEMA_VERSION, create_tables
from chalicelib.scheduler.timing import DAY_S

FIRST_DECK = "My first deck"

_NO_DECK_LIMIT = 10


def create_collection(conn: sqlite3.Connection, *, now_ms: int, minutes_west: int) -> None:
    """An empty collection on an empty database, as Anki would make it.

    `minutes_west` is the owner's offset, minutes west of UTC. Day 0 begins at the last 04:00 of
    the owner's own time.
    """
    create_tables(conn)
    now_s = now_ms // 1000
    notetypes = stock_notetypes(first_id=now_ms, now_s=now_s, usn=0)
    conf = new_conf(minutes_west=minutes_west, current_notetype_id=notetypes[0]["id"])
    deck = new_deck(deck_id=DEFAULT_DECK_ID, name="Default", now_s=now_s, usn=0)
    options = new_options(options_id=DEFAULT_OPTIONS_ID, name="Default", now_s=now_s, usn=0)
    conn.execute(
        "INSERT INTO col (id, crt, mod, scm, ver, dty, usn, ls, conf, models, decks, dconf, tags)"
        " VALUES (1, ?, ?, ?, ?, 0, 0, 0, ?, ?, ?, ?, '{}')",
        (
            _last_rollover_s(now_s, minutes_west),
            now_ms,
            now_ms,
            SCHEMA_VERSION,
            dump(conf),
            dump({str(notetype["id"]): notetype for notetype in notetypes}),
            dump({str(DEFAULT_DECK_ID): deck}),
            dump({str(DEFAULT_OPTIONS_ID): options}),
        ),
    )


def create_new_user_collection(
    conn: sqlite3.Connection,
    *,
    now_ms: int,
    minutes_west: int,
    sample_deck: bool,
    random_bits: Callable[[int], int],
) -> None:
    """What a new person starts with: an empty deck of their own and, if wanted, a sample."""
    create_collection(conn, now_ms=now_ms, minutes_west=minutes_west)
    add_deck(conn, FIRST_DECK, now_ms=now_ms, max_decks=_NO_DECK_LIMIT)
    if sample_deck:
        _add_sample_deck(conn, now_ms, random_bits)


def _add_sample_deck(
    conn: sqlite3.Connection, now_ms: int, random_bits: Callable[[int], int]
) -> None:
    deck = add_deck(
        conn,
        SAMPLE_DECK,
        now_ms=now_ms,
        max_decks=_NO_DECK_LIMIT,
        description=SAMPLE_DESCRIPTION,
    )
    basic = notetype_by_name(conn, BASIC)
    for card in SAMPLE_CARDS:
        new = NewNote(
            notetype=basic,
            fields=[card.front, card.back],
            tags=[card.tag],
            deck_id=deck["id"],
            guid=guid_from_bits(random_bits(GUID_BITS)),
        )
        add_note(conn, new, now_ms)


def _last_rollover_s(now_s: int, minutes_west: int) -> int:
    """The last time that the owner's clock showed the rollover hour, epoch seconds."""
    shift = minutes_west * 60 + DEFAULT_ROLLOVER * 3600
    return (now_s - shift) // DAY_S * DAY_S + shift
