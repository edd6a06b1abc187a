"""The same operations as tests/oracle/card_operations.py, done by our own code."""

import sqlite3
from collections.abc import Callable
from typing import Any

from chalicelib.collection.actions.card_actions import (
    Buried,
    bury,
    delete,
    flag,
    restore,
    suspend,
    unbury_deck,
)
from chalicelib.collection.actions.forgetting import Forgetting, forget
from chalicelib.collection.actions.moving import move_cards
from chalicelib.collection.actions.note_tags import add_tags, remove_tags
from chalicelib.collection.actions.repositioning import NewOrder, reposition
from chalicelib.collection.actions.set_due import parse_due_days, set_due_date
from chalicelib.collection.day import timing_at, unbury_on_new_day
from chalicelib.collection.deck_names import normalise_deck_name
from chalicelib.collection.deck_options.deck_limits import set_own_limits
from chalicelib.collection.deck_options.groups import change_options
from chalicelib.collection.deck_options.presets import add_preset, remove_preset, use_preset
from chalicelib.collection.decks import Decks, change_deck, delete_deck
from tests.support.collections import make_note

# What has nothing to do with buried cards leaves it to others to begin a new day, which Anki does
# on its first screen.
_LAZY = {"add note", "add preset", "options", "rename deck", "move deck", "delete deck"}

_BURIED = (Buried.ALL, Buried.SIBLINGS, Buried.USER)
_OPTIONS = {
    "new_card_insert_order": ("new", "order"),
    "learn_steps": ("new", "delays"),
    "relearn_steps": ("lapse", "delays"),
}
# Anki's newer files call it 0 to keep the order in which the notes were added.
_IN_ORDER = 1
_LIMITS = {"new": "new_limit", "review_today": "review_limit_today"}


class Ours:
    """Our way to do each operation on a collection, at a moment."""

    def __init__(self, conn: sqlite3.Connection, now_ms: int) -> None:
        self.conn = conn
        self.now_ms = now_ms
        self._known: dict[str, Callable[..., object]] = {
            "suspend": lambda ids: suspend(conn, ids, now_ms),
            "bury": lambda ids: bury(conn, ids, now_ms),
            "restore": lambda ids: restore(conn, ids, now_ms),
            "unbury deck": lambda deck, mode: unbury_deck(conn, deck, _BURIED[mode], now_ms),
            "flag": lambda ids, colour: flag(conn, ids, colour, now_ms),
            "move": lambda ids, deck: move_cards(conn, ids, deck, now_ms),
            "reset": lambda ids, position, counts: forget(
                conn, ids, Forgetting(position, counts), now_ms
            ),
            "set due": lambda ids, days: set_due_date(conn, ids, parse_due_days(days), 1, now_ms),
            "reposition": lambda ids, start, step, shift: reposition(
                conn, ids, NewOrder(start, step, shift_existing=shift), 1, now_ms
            ),
            "add tags": lambda ids, tags: add_tags(
                conn, ids, tags, max_note_bytes=10_000, now_ms=now_ms
            ),
            "remove tags": lambda ids, tags: remove_tags(conn, ids, tags, now_ms),
            "delete": lambda ids: delete(conn, ids, now_ms),
            "options": self._options,
            "add preset": lambda name, copy_of: add_preset(
                conn, name, copy_of=copy_of, max_presets=99, now_ms=now_ms
            ),
            "rename deck": self._rename,
            "move deck": self._move_deck,
            "delete deck": lambda deck: delete_deck(conn, deck, now_ms),
            "add note": lambda deck, kind, fields: make_note(
                conn, fields, deck_id=deck, notetype=kind, now_ms=now_ms
            ),
        }

    def run(self, name: str, *arguments: Any) -> None:
        if name in _LAZY:
            unbury_on_new_day(self.conn, timing_at(self.conn, self.now_ms))
        self._known[name](*arguments)

    def _options(
        self,
        deck: int,
        preset: int,
        changes: dict[str, Any],
        removed: list[int],
        limits: dict[str, int | None],
    ) -> None:
        use_preset(self.conn, deck, preset, self.now_ms)
        for name, value in changes.items():
            block, member = _OPTIONS[name]
            ours = _IN_ORDER if name == "new_card_insert_order" else value
            change_options(self.conn, deck, {block: {member: ours}}, self.now_ms)
        for options_id in removed:
            remove_preset(self.conn, options_id, self.now_ms)
        own = {_LIMITS[name]: limit for name, limit in limits.items()}
        set_own_limits(self.conn, deck, own, self.now_ms)

    def _rename(self, deck: int, name: str) -> None:
        normalised = normalise_deck_name(name, max_level_length=99)
        change_deck(self.conn, deck, now_ms=self.now_ms, max_decks=99, name=normalised)

    def _move_deck(self, deck: int, parent: int) -> None:
        decks = Decks(self.conn)
        name = decks.get(deck)["name"].rpartition("::")[2]
        above = decks.get(parent)["name"] + "::" if parent else ""
        self._rename(deck, above + name)
