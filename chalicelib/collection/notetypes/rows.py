"""Notes and cards of a notetype whose fields or templates were added, removed or moved.

Source of the rules: Anki's rslib/src/notetype/schemachange.rs and cardgen.rs.
"""

import sqlite3
from collections.abc import Iterable, Iterator, Sequence

from chalicelib.collection.cardgen import CardGenerator
from chalicelib.collection.col import JsonObject, server_usn
from chalicelib.collection.decks import Decks
from chalicelib.collection.documents import DEFAULT_DECK_ID
from chalicelib.collection.graves import CARD_GRAVE
from chalicelib.collection.new_cards import NewCards
from chalicelib.collection.notetypes.lookup import is_cloze
from chalicelib.collection.notetypes.parts import Arrangement
from chalicelib.collection.text import (
    FIELD_SEPARATOR,
    field_checksum,
    normalize_field,
    sort_field,
    text_of,
)

_NOTES = "SELECT id FROM notes WHERE mid = :mid"
_CONTENT = "SELECT id, flds, tags FROM notes WHERE mid = ? ORDER BY id"
_HOME = "CASE WHEN odid != 0 THEN odid ELSE did END"


def rearrange_fields(
    conn: sqlite3.Connection, notetype: JsonObject, origins: Sequence[int | None], now_ms: int
) -> None:
    """Rewrite every note: each field from its old place, new ones empty, and what follows."""
    usn, now_s = server_usn(conn), now_ms // 1000
    conn.executemany(
        "UPDATE notes SET flds = ?, sfld = ?, csum = ?, mod = ?, usn = ? WHERE id = ?",
        (
            (*_content(fields, origins, notetype["sortf"]), now_s, usn, nid)
            for nid, fields, _ in _notes(conn, notetype)
        ),
    )


def _notes(conn: sqlite3.Connection, notetype: JsonObject) -> Iterator[tuple[int, list[str], str]]:
    """The id, the fields and the tags of each note."""
    for note_id, flds, tags in conn.execute(_CONTENT, (notetype["id"],)).fetchall():
        yield note_id, text_of(flds).split(FIELD_SEPARATOR), text_of(tags)


def _content(
    values: Sequence[str], origins: Sequence[int | None], sort_index: int
) -> tuple[str, str, int]:
    """The columns flds, sfld and csum."""
    fields = [
        normalize_field(values[origin]) if origin is not None and origin < len(values) else ""
        for origin in origins
    ]
    return (
        FIELD_SEPARATOR.join(fields),
        sort_field(fields[sort_index]),
        field_checksum(fields[0]),
    )


def rearrange_cards(
    conn: sqlite3.Connection, notetype: JsonObject, templates: Arrangement, now_ms: int
) -> None:
    """Delete the cards of templates that are gone, renumber the others, and add what is missing.

    The cards of a cloze notetype are numbered by its notes and stay. A note whose cards are all
    deleted gets new ones where they were; Anki's Check Database does so too, in the default deck.
    """
    homes: dict[int, int] = {}
    if not is_cloze(notetype):
        homes = dict(_homes_of_removed(conn, notetype["id"], templates.removed))
        _delete_cards(conn, notetype["id"], templates.removed)
        renumber_cards(conn, notetype["id"], templates.moved, now_ms)
    _generate_cards(conn, notetype, homes, now_ms)


def _homes_of_removed(
    conn: sqlite3.Connection, notetype_id: int, ordinals: Iterable[int]
) -> Iterator[tuple[int, int]]:
    """The notes with cards of these ordinals, and the deck of one of those."""
    query = f"SELECT nid, {_HOME} FROM cards WHERE ord = :ord AND nid IN ({_NOTES})"
    for ordinal in ordinals:
        yield from conn.execute(query, {"mid": notetype_id, "ord": ordinal}).fetchall()


def _delete_cards(conn: sqlite3.Connection, notetype_id: int, ordinals: Iterable[int]) -> None:
    for ordinal in ordinals:
        values = {"mid": notetype_id, "ord": ordinal}
        values |= {"usn": server_usn(conn), "kind": CARD_GRAVE}
        doomed = f"FROM cards WHERE ord = :ord AND nid IN ({_NOTES})"
        conn.execute(f"INSERT INTO graves (usn, oid, type) SELECT :usn, id, :kind {doomed}", values)
        conn.execute(f"DELETE {doomed}", values)


def renumber_cards(
    conn: sqlite3.Connection, notetype_id: int, moved: dict[int, int], now_ms: int
) -> None:
    """All at once, so that no number is taken for one that has just been given."""
    if not moved:
        return
    cases = " ".join(f"WHEN {old} THEN {new}" for old, new in moved.items())
    conn.execute(
        f"UPDATE cards SET ord = CASE ord {cases} END, mod = :mod, usn = :usn"
        f" WHERE ord IN ({', '.join(map(str, moved))}) AND nid IN ({_NOTES})",
        {"mid": notetype_id, "mod": now_ms // 1000, "usn": server_usn(conn)},
    )


def _generate_cards(
    conn: sqlite3.Connection, notetype: JsonObject, homes: dict[int, int], now_ms: int
) -> None:
    generator = CardGenerator(notetype)
    cards = NewCards(conn, Decks(conn), now_ms)
    with_cards = _notes_with_cards(conn, notetype["id"])
    bare: list[tuple[int, list[int]]] = []
    for note_id, fields, tags in _notes(conn, notetype):
        wanted = generator.ordinals(fields, tags=tags)
        if note_id in with_cards:
            cards.add_missing(notetype, note_id, wanted)
        else:
            bare.append((note_id, wanted))
    for note_id, wanted in bare:
        cards.add(notetype, note_id, wanted, homes.get(note_id, DEFAULT_DECK_ID))


def _notes_with_cards(conn: sqlite3.Connection, notetype_id: int) -> set[int]:
    rows = conn.execute(
        f"SELECT DISTINCT nid FROM cards WHERE nid IN ({_NOTES})", {"mid": notetype_id}
    )
    return {note_id for (note_id,) in rows.fetchall()}
