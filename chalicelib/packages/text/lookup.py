"""Notetypes and decks by name or id, and those that adding starts with."""

import sqlite3

from chalicelib.collection.col import JsonObject, read_document
from chalicelib.collection.deck_names import SEPARATOR, clean_level
from chalicelib.collection.decks import Decks
from chalicelib.collection.documents import DEFAULT_DECK_ID
from chalicelib.collection.notetypes.lookup import notetypes_by_id
from chalicelib.collection.unicode import nfc
from chalicelib.errors import BadInputError
from chalicelib.packages.text.vocabulary import NameOrId

_NAMELESS_LEVEL = "blank"


class Lookup:
    """What a text file may refer to in one collection; a value of one transaction."""

    def __init__(self, conn: sqlite3.Connection) -> None:
        self.decks = Decks(conn)
        self.conf = read_document(conn, "conf")
        self._notetypes = {
            notetype_id: notetype
            for notetype_id, notetype in notetypes_by_id(conn).items()
            if _takes_notes(notetype)
        }
        self._by_name = {_key(notetype["name"]): notetype for notetype in self._notetypes.values()}

    def notetype(self, wanted: NameOrId) -> JsonObject | None:
        """The notetype of this id, or else of this name in any case."""
        if isinstance(wanted, int) and wanted in self._notetypes:
            return self._notetypes[wanted]
        return self._by_name.get(_key(str(wanted)))

    def deck(self, wanted: NameOrId) -> JsonObject | None:
        """The deck of this id, or else of this name in any case."""
        if isinstance(wanted, int) and wanted in self.decks.by_id:
            return self.decks.by_id[wanted]
        return self.decks.find(deck_name(str(wanted)))

    def deck_for_adding(self, notetype: JsonObject | None = None) -> JsonObject:
        """The deck that Anki offers for new notes, of `notetype` if that has one of its own.

        Source: Anki's rslib/src/adding.rs.
        """
        last = None if notetype is None else self.conf.get(f"_nt_{notetype['id']}_lastDeck")
        for deck_id in (last, self.conf.get("curDeck"), DEFAULT_DECK_ID):
            deck = self.decks.by_id.get(deck_id) if isinstance(deck_id, int) else None
            if deck and not deck["dyn"]:
                return deck
        raise BadInputError("This collection has no deck for new notes.")

    def defaults_for_adding(self) -> tuple[JsonObject, JsonObject]:
        """The notetype and the deck that Anki offers for new notes."""
        if self.conf.get("addToCur", True):
            deck = self.deck_for_adding()
            last = self.conf.get(f"_deck_{deck['id']}_lastNotetype")
            return self._first_of(last, self.conf.get("curModel")), deck
        notetype = self._first_of(self.conf.get("curModel"))
        return notetype, self.deck_for_adding(notetype)

    def _first_of(self, *notetype_ids: object) -> JsonObject:
        """The first of these that is there; else the first notetype by name."""
        for notetype_id in notetype_ids:
            if isinstance(notetype_id, int) and notetype_id in self._notetypes:
                return self._notetypes[notetype_id]
        if not self._by_name:
            raise BadInputError("This collection has no notetype that could take notes.")
        return self._by_name[min(self._by_name)]


def deck_name(text: str) -> str:
    """The name of a deck as Anki makes one from any text."""
    return SEPARATOR.join(clean_level(level) or _NAMELESS_LEVEL for level in text.split(SEPARATOR))


def _key(name: str) -> str:
    return nfc(name).casefold()


def _takes_notes(notetype: JsonObject) -> bool:
    """Not so in a damaged collection."""
    return bool(notetype["tmpls"]) and 0 <= notetype["sortf"] < len(notetype["flds"])
