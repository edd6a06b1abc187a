"""The documents of a collection that takes another one's place, with all that they say.

What Anki knows is what source_documents.py makes of it; what it does not know stays as it is.
"""

from collections.abc import Mapping
from typing import Any

from chalicelib.collection.col import JsonObject
from chalicelib.collection.deck_names import ancestor_names, name_key
from chalicelib.collection.documents import (
    DEFAULT_DECK_ID,
    DEFAULT_OPTIONS_ID,
    new_deck,
    new_options,
)
from chalicelib.collection.ids import new_document_id
from chalicelib.packages.source import SourceCollection

_V2 = 2


class ReplacingDocuments:
    """`notetypes`, `decks` and `options` by id, `tags` and `conf`."""

    def __init__(self, source: SourceCollection, local_offset: int | None, now_ms: int) -> None:
        self.notetypes = _notetypes(source)
        self.decks = _completed(source.document("decks"), source.col.decks)
        self.options = _completed(source.document("dconf"), source.col.options, by_key=True)
        self._add_missing(now_ms)
        self.tags = dict.fromkeys(source.document("tags"), 0)
        self.conf = _conf(source, local_offset)
        for objects in (self.notetypes, self.decks, self.options):
            for each in objects.values():
                each["usn"] = 0

    def _add_missing(self, now_ms: int) -> None:
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
        for deck in list(self.decks.values()):
            for name in ancestor_names(deck["name"]):
                if name_key(name) not in taken:
                    new_id = new_document_id({str(each) for each in self.decks}, now_ms)
                    self._add_deck(new_id, name, taken, now_ms)

    def _add_deck(self, deck_id: int, name: str, taken: set[str], now_ms: int) -> None:
        taken.add(name_key(name))
        self.decks[deck_id] = new_deck(deck_id=deck_id, name=name, now_s=now_ms // 1000, usn=0)


def _notetypes(source: SourceCollection) -> dict[int, JsonObject]:
    raw = source.document("models")
    notetypes = _completed(raw, source.col.notetypes)
    originals = {_id_of(key, value): value.get("originalId") for key, value in raw.items()}
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


def _completed(
    raw: Mapping[str, Any], clean: Mapping[int, JsonObject], *, by_key: bool = False
) -> dict[int, JsonObject]:
    by_id = {int(key) if by_key else _id_of(key, value): value for key, value in raw.items()}
    return {key: _with_unknown(by_id[key], value) for key, value in clean.items()}


def _id_of(key: str, value: Mapping[str, Any]) -> int:
    return int(value.get("id", key))


def _with_unknown(raw: Any, clean: Any) -> Any:
    """The clean value with those members of the raw one that it knows nothing of."""
    if isinstance(raw, dict) and isinstance(clean, dict):
        unknown = {key: value for key, value in raw.items() if key not in clean}
        return unknown | {key: _with_unknown(raw.get(key), each) for key, each in clean.items()}
    if isinstance(raw, list) and isinstance(clean, list) and len(raw) == len(clean):
        return [_with_unknown(*pair) for pair in zip(raw, clean, strict=True)]
    return clean
