"""A deck's own daily limits, which go before those of its option group.

Source: Anki's rslib/src/deckconfig/update.rs and rslib/src/decks/limits.rs.
"""

import sqlite3
from collections.abc import Mapping

from chalicelib.collection.col import JsonObject
from chalicelib.collection.day import timing_at
from chalicelib.collection.decks import Decks
from chalicelib.errors import BadInputError

MAX_LIMIT = 9999

# The limits as a caller knows them, and the members of a deck that hold them.
_ALWAYS = {"new_limit": "newLimit", "review_limit": "reviewLimit"}
_TODAY = {"new_limit_today": "newLimitToday", "review_limit_today": "reviewLimitToday"}


def own_limits(deck: JsonObject, today: int) -> dict[str, int | None]:
    """The limits that are in force in the deck itself, each None where there is none."""
    always = {name: _whole(deck.get(member)) for name, member in _ALWAYS.items()}
    return always | {name: _limit_of(deck.get(member), today) for name, member in _TODAY.items()}


def set_own_limits(
    conn: sqlite3.Connection, deck_id: int, limits: Mapping[str, int | None], now_ms: int
) -> None:
    """Set some of the limits that `own_limits` shows, or clear them with None.

    Raises NotFoundError, and BadInputError for a filtered deck.
    """
    decks = Decks(conn)
    deck = decks.get(deck_id)
    if deck["dyn"] and limits:
        reason = "a filtered deck has no daily limits"
        raise BadInputError(fields=dict.fromkeys(limits, reason))
    today = timing_at(conn, now_ms).today
    shown = own_limits(deck, today)
    changes = {name: limit for name, limit in limits.items() if shown[name] != limit}
    for name, limit in changes.items():
        if name in _ALWAYS:
            deck[_ALWAYS[name]] = limit
        else:
            deck[_TODAY[name]] = _for_today(deck.get(_TODAY[name]), limit, today)
    if changes:
        decks.mark_changed(deck, now_ms)
        decks.save(now_ms)


def _for_today(stored: object, limit: int | None, today: int) -> JsonObject | None:
    """A limit that is cleared stays there as yesterday's: Anki offers it the next time."""
    if limit is not None:
        return {"limit": limit, "today": today}
    past = today - 1
    return {"limit": _limit_of(stored, today), "today": past} if past >= 0 else None


def _limit_of(stored: object, today: int) -> int | None:
    is_for_today = isinstance(stored, dict) and stored.get("today") == today
    return _whole(stored.get("limit")) if is_for_today and isinstance(stored, dict) else None


def _whole(value: object) -> int | None:
    return value if isinstance(value, int) and not isinstance(value, bool) else None
