"""The JSON documents of an old collection: what the strict reader has no default for."""

import json
import sqlite3
from collections.abc import Callable
from typing import Any

from chalicelib.collection.col import JsonObject
from chalicelib.errors import UnusableFileError
from chalicelib.packages.report import ImportLog
from chalicelib.packages.source_documents import deck_from, notetype_from, options_from
from migrations.flask.days import Calendar

_Reader = Callable[[str, JsonObject], JsonObject]

_V2 = 2
_FOUR_BUTTONS = "SELECT 1 FROM revlog WHERE type IN (0, 2) AND ease = 4 LIMIT 1"
_NOTETYPE_IDS = "SELECT DISTINCT mid FROM notes WHERE typeof(mid) = 'integer' AND mid > 0"
_SEPARATORS = """
    SELECT max(length(flds) - length(replace(flds, char(31), ''))) FROM notes WHERE mid = ?"""
_LAST_ORDINAL = "SELECT max(ord) FROM cards WHERE nid IN (SELECT id FROM notes WHERE mid = ?)"
# More of either is no notetype.
_MOST_PARTS = 500


def mend_documents(conn: sqlite3.Connection, log: ImportLog) -> None:
    """Put right what would keep the reader from reading the rest, on a copy of the collection."""
    for name in ("conf", "dconf", "tags", "decks", "models"):
        if _parsed(conn, name) is None:
            _write(conn, name, {})
            log.add("Unreadable documents replaced by empty ones")
    _note_scheduler(conn, log)
    _complete_decks(conn, log)
    _leave_out(conn, "dconf", lambda key, value: options_from({**value, "id": key}), log)
    _leave_out(conn, "models", lambda key, value: notetype_from({"id": key, **value}), log)
    _add_notetypes(conn, log)


def set_calendar(conn: sqlite3.Connection, now_s: int, local_offset: int, log: ImportLog) -> None:
    """Number the days as Anki does, with the number that the old program gave to this one.

    `local_offset`, in minutes west of UTC, is taken where the collection says none.
    """
    (created_s,) = conn.execute("SELECT crt FROM col").fetchone() or (None,)
    conf = _parsed(conn, "conf")
    if not isinstance(created_s, int) or conf is None:
        return  # the strict reader has a sentence for that
    own_offset, rollover = _whole(conf.get("localOffset")), _whole(conf.get("rollover"))
    calendar = Calendar(
        created_s,
        _whole(conf.get("creationOffset")),
        local_offset if own_offset is None else own_offset,
        **({} if rollover is None else {"rollover": rollover}),
    )
    new = calendar.with_old_days(now_s)
    if new is not calendar:
        conn.execute("UPDATE col SET crt = ?", (new.created_s,))
        log.add("Day numbers brought to Anki's calendar")
    offsets = {"creationOffset": new.creation_offset, "localOffset": new.local_offset}
    _write(conn, "conf", conf | offsets)


def _note_scheduler(conn: sqlite3.Connection, log: ImportLog) -> None:
    """The answers were numbered as today's: renumbering them would change their meaning."""
    conf = _parsed(conn, "conf") or {}
    version = conf.get("schedVer")
    is_ours = version == _V2 or "schedVer" not in conf or conn.execute(_FOUR_BUTTONS).fetchone()
    if is_ours and (version != _V2 or not conf.get("sched2021")):
        _write(conn, "conf", conf | {"schedVer": _V2, "sched2021": True})
        log.add("Scheduler version noted")


def _complete_decks(conn: sqlite3.Connection, log: ImportLog) -> None:
    """A deck that cannot be read stays a deck, of its name if it has one."""
    decks = _parsed(conn, "decks") or {}
    thin = [key for key, deck in decks.items() if isinstance(deck, dict) and "dyn" not in deck]
    log.add("Decks without a kind made normal ones", len(thin))
    decks |= {key: {"dyn": 0, **decks[key]} for key in thin}
    broken = [key for key, deck in decks.items() if not _is_read(_deck, key, deck)]
    log.add("Decks that could not be read made anew", len(broken))
    decks |= {key: {"dyn": 0, "name": _name(decks[key], key), "id": key} for key in broken}
    numbered = {key: deck for key, deck in decks.items() if _is_read(_deck, key, deck)}
    if thin or broken:
        _write(conn, "decks", numbered)


def _deck(key: str, value: JsonObject) -> JsonObject:
    return deck_from({"id": key, **value})


def _name(deck: object, key: str) -> str:
    name = deck.get("name") if isinstance(deck, dict) else None
    return name if isinstance(name, str) and name else f"Recovered {key}"


def _leave_out(conn: sqlite3.Connection, name: str, read: _Reader, log: ImportLog) -> None:
    """Entries that cannot be read are left out: something else stands in for them then."""
    document = _parsed(conn, name) or {}
    kept = {key: value for key, value in document.items() if _is_read(read, key, value)}
    if len(kept) < len(document):
        _write(conn, name, kept)
        log.add("Options and notetypes that could not be read left out", len(document) - len(kept))


def _is_read(read: _Reader, key: str, value: object) -> bool:
    """Whether the strict reader takes the entry."""
    if not isinstance(value, dict):
        return False
    try:
        read(key, value)
    except (TypeError, ValueError, UnusableFileError):
        return False
    return True


def _add_notetypes(conn: sqlite3.Connection, log: ImportLog) -> None:
    """Notes of a notetype that is gone get one that shows what they hold, as Anki does it."""
    notetypes = _parsed(conn, "models") or {}
    ids = [notetype_id for (notetype_id,) in conn.execute(_NOTETYPE_IDS).fetchall()]
    missing = {
        str(notetype_id): _notetype(
            notetype_id,
            _number(conn, _SEPARATORS, notetype_id) + 1,
            _number(conn, _LAST_ORDINAL, notetype_id) + 1,
        )
        for notetype_id in ids
        if str(notetype_id) not in notetypes
    }
    if missing:
        _write(conn, "models", notetypes | missing)
        log.add("Notetypes that were missing made anew", len(missing))


def _number(conn: sqlite3.Connection, sql: str, notetype_id: int) -> int:
    (found,) = conn.execute(sql, (notetype_id,)).fetchone()
    return found if isinstance(found, int) else 0


def _notetype(notetype_id: int, fields: int, templates: int) -> JsonObject:
    names = [f"Field {number}" for number in range(1, min(fields, _MOST_PARTS) + 1)]
    shown = "<br>".join(f"{{{{{name}}}}}" for name in names[1:])
    cards = range(1, min(templates, _MOST_PARTS) + 1)
    return {
        "id": notetype_id,
        "name": f"Recovered {notetype_id}",
        "type": 0,
        "flds": [{"name": name} for name in names],
        "tmpls": [
            {
                "name": f"Card {number}",
                "qfmt": f"{{{{{names[0]}}}}}",
                "afmt": f"{{{{FrontSide}}}}<hr id=answer>{shown}",
            }
            for number in cards
        ],
    }


def _whole(value: object) -> int | None:
    return value if isinstance(value, int) and not isinstance(value, bool) else None


def _parsed(conn: sqlite3.Connection, name: str) -> JsonObject | None:
    row = conn.execute(f"SELECT {name} FROM col").fetchone()
    try:
        value: Any = json.loads(row[0]) if row else None
    except (TypeError, ValueError, RecursionError):
        return None
    return value if isinstance(value, dict) else None


def _write(conn: sqlite3.Connection, name: str, document: JsonObject) -> None:
    conn.execute(f"UPDATE col SET {name} = ?", (json.dumps(document),))
