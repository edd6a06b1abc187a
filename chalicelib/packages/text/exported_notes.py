"""The notes that an export is about, with the names that go with them."""

import json
import sqlite3
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from chalicelib.collection.col import JsonObject
from chalicelib.collection.decks import Decks
from chalicelib.collection.notetypes.lookup import notetypes_by_id
from chalicelib.collection.tags import split_tags
from chalicelib.collection.text import FIELD_SEPARATOR

_NOTES = "SELECT id, guid, mid, flds, tags FROM notes"
_CHOSEN = " WHERE id IN (SELECT value FROM json_each(?))"
# The last row of a note counts: its first card.
_FIRST_CARDS = "SELECT nid, did FROM cards ORDER BY ord DESC, id DESC"


@dataclass(frozen=True, slots=True)
class ExportedNote:
    """A note as its row has it, with the names of its notetype and of its first card's deck."""

    guid: str
    notetype: str
    deck: str
    fields: list[str]
    tags: list[str]


class ExportedNotes:
    """Notes in the order of their ids; all, or those of `note_ids` that are there."""

    def __init__(self, conn: sqlite3.Connection, note_ids: Sequence[int] | None) -> None:
        self._conn = conn
        self._chosen = "" if note_ids is None else _CHOSEN
        self._parameters = () if note_ids is None else (json.dumps(list(note_ids)),)
        self._notetypes = notetypes_by_id(conn)
        self._decks = {deck_id: str(deck["name"]) for deck_id, deck in Decks(conn).by_id.items()}
        self._deck_ids = dict(conn.execute(_FIRST_CARDS).fetchall())

    def notetypes(self) -> list[JsonObject]:
        """The notetypes that these notes have."""
        query = f"SELECT DISTINCT mid FROM notes{self._chosen} ORDER BY mid"
        rows = self._conn.execute(query, self._parameters).fetchall()
        return [self._notetypes[mid] for (mid,) in rows if mid in self._notetypes]

    def notes(self) -> Iterator[ExportedNote]:
        query = f"{_NOTES}{self._chosen} ORDER BY id"
        for note_id, guid, mid, flds, tags in self._conn.execute(query, self._parameters):
            notetype = self._notetypes.get(mid)
            yield ExportedNote(
                guid=str(guid),
                notetype=str(notetype["name"]) if notetype else "",
                deck=self._decks.get(self._deck_ids.get(note_id, 0), ""),
                fields=str(flds).split(FIELD_SEPARATOR),
                tags=split_tags(str(tags)),
            )
