"""The documents of a collection that takes another one's place, with all that they say.

What Anki knows is what source_documents.py makes of it; what it does not know stays as it is.
"""

from collections.abc import Mapping

from chalicelib.collection.col import JsonObject
from chalicelib.collection.deck_names import ancestor_names, name_key
from chalicelib.collection.documents import (
    DEFAULT_DECK_ID,
    DEFAULT_OPTIONS_ID,
    new_deck,
    new_options,
)
from chalicelib.collection.ids import new_document_id
from chalicelib.errors import TooLargeError
from chalicelib.packages.source import SourceCollection

_V2 = 2


class ReplacingDocuments:
    """`notetypes`, `decks` and `options` by id, `tags` and `conf`."""

    def __init__(self, source: SourceCollection, local_offset: int | None, now_ms: int) -> None:
        """Raises UnusableFileError, and TooLargeError for too many decks with their parents."""
        self.notetypes = _notetypes(source)
        self.decks = _copied(source.col.decks)
        self.options = _copied(source.col.options)
        self._add_missing(source.limits.decks, now_ms)
        self.tags = dict.fromkeys(source.document("tags"), 0)
        self.conf = _conf(source, local_offset)
        for objects in (self.notetypes, self.decks, self.options):
            for each in objects.values():
                each["usn"] = 0

    def _add_missing(self, most_decks: int, now_ms: int) -> None:
        """What Anki opens no collection without, and the parents that subdecks lack."""
        if DEFAULT_OPTIONS_ID not in self.options:
            self.options[DEFAULT_OPTIONS_ID] = new_options(
                options_id=DEFAULT_OPTIONS_ID, name="Default", now_s=now_ms // 1000, usn=0
            )
        taken = {name_key(deck["name"]) for deck in self.decks.values()}
        if DEFAULT_DECK_ID not in self.decks:
            name = "Default"
            while name_key(name) in taken:
                name += "+"
            self._add_deck(DEFAULT_DECK_ID, name, taken, now_ms)
        self._add_parents(taken, most_decks, now_ms)

    def _add_parents(self, taken: set[str], most_decks: int, now_ms: int) -> None:
        ids = {str(deck_id) for deck_id in self.decks}
        for deck in list(self.decks.values()):
            for name in ancestor_names(deck["name"]):
                if name_key(name) in taken:
                    continue
                if len(ids) >= most_decks:
                    raise TooLargeError(f"A collection can have at most {most_decks} decks.")
                new_id = new_document_id(ids, now_ms)
                ids.add(str(new_id))
                self._add_deck(new_id, name, taken, now_ms)

    def _add_deck(self, deck_id: int, name: str, taken: set[str], now_ms: int) -> None:
        taken.add(name_key(name))
        self.decks[deck_id] = new_deck(deck_id=deck_id, name=name, now_s=now_ms // 1000, usn=0)


def _notetypes(source: SourceCollection) -> dict[int, JsonObject]:
    notetypes = _copied(source.col.notetypes)
    originals = {
        int(value.get("id", key)): value.get("originalId")
        for key, value in source.document("models").items()
    }
    for notetype_id, notetype in notetypes.items():
        del notetype["originalId"]
        if isinstance(originals[notetype_id], int):
            notetype["originalId"] = originals[notetype_id]
    return notetypes


def _conf(source: SourceCollection, local_offset: int | None) -> JsonObject:
    """The person stays where they are, and studies with the one scheduler that there is."""
    conf = source.document("conf")
    if source.col.is_scheduled_by_v1:
        conf |= {"schedVer": _V2, "sched2021": True}
        conf.setdefault("creationOffset", local_offset or 0)
    if local_offset is not None:
        conf["localOffset"] = local_offset
    return conf


def _copied(objects: Mapping[int, JsonObject]) -> dict[int, JsonObject]:
    """To be changed, but for what is inside of them."""
    return {key: dict(value) for key, value in objects.items()}
