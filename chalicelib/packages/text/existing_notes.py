"""Notes of the collection, found by guid or by their first field.

Source of the rules: Anki's rslib/src/import_export/text/import.rs.
"""

import sqlite3
from collections import defaultdict
from dataclasses import dataclass

from chalicelib.collection.tags import split_tags
from chalicelib.collection.text import (
    FIELD_SEPARATOR,
    field_checksum,
    strip_html_preserving_media,
)
from chalicelib.errors import TooLargeError
from chalicelib.packages.text.limits import TextLimits
from chalicelib.packages.text.vocabulary import MatchScope

_BY_NOTETYPE = "SELECT id, mid, csum, 0 FROM notes ORDER BY id"
_BY_NOTETYPE_AND_DECK = """
    SELECT DISTINCT notes.id, mid, csum, CASE WHEN odid != 0 THEN odid ELSE did END
    FROM notes JOIN cards ON cards.nid = notes.id ORDER BY notes.id"""


@dataclass(frozen=True, slots=True)
class ExistingNote:
    """A note that is here already."""

    id: int
    notetype_id: int
    fields: list[str]
    tags: list[str]


class ExistingNotes:
    """The notes as they were before the import; those it adds count by their guids only."""

    def __init__(self, conn: sqlite3.Connection, scope: MatchScope, limits: TextLimits) -> None:
        self._conn = conn
        self._doubles_left = limits.doubles
        self._in_deck = scope == "notetype_and_deck"
        self._by_guid = dict(conn.execute("SELECT guid, id FROM notes").fetchall())
        self._by_checksum: dict[tuple[int, int, int], list[int]] = defaultdict(list)
        query = _BY_NOTETYPE_AND_DECK if self._in_deck else _BY_NOTETYPE
        for note_id, notetype_id, checksum, deck_id in conn.execute(query):
            self._by_checksum[notetype_id, checksum, deck_id].append(note_id)

    def has_guid(self, guid: str) -> bool:
        return guid in self._by_guid

    def remember(self, guid: str, note_id: int) -> None:
        """A note was added: no other one may have its guid."""
        self._by_guid[guid] = note_id

    def of_guid(self, guid: str) -> list[ExistingNote]:
        note_id = self._by_guid.get(guid)
        return [] if note_id is None else self._read([note_id])

    def of_first_field(
        self, notetype_id: int, deck_id: int, first_field: str
    ) -> list[ExistingNote]:
        """All notes that say the same in their first field; in that deck where that matters."""
        if not self._by_checksum:
            return []
        key = (notetype_id, field_checksum(first_field), deck_id if self._in_deck else 0)
        found = self._read(self._by_checksum.get(key, []))
        wanted = strip_html_preserving_media(first_field) if found else ""
        return [note for note in found if strip_html_preserving_media(note.fields[0]) == wanted]

    def _read(self, note_ids: list[int]) -> list[ExistingNote]:
        """As they are now: an earlier row may have changed them."""
        self._doubles_left -= max(len(note_ids) - 1, 0)
        if self._doubles_left < 0:
            raise TooLargeError("Too many rows and notes have the same first field.")
        rows = [
            self._conn.execute(
                "SELECT id, mid, flds, tags FROM notes WHERE id = ?", (note_id,)
            ).fetchone()
            for note_id in note_ids
        ]
        return [
            ExistingNote(note_id, mid, str(flds).split(FIELD_SEPARATOR), split_tags(str(tags)))
            for note_id, mid, flds, tags in rows
        ]
