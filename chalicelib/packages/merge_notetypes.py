"""Notetypes of a source collection, matched by id and structure.

Source: Anki's rslib/src/import_export/package/apkg/import/notes.rs, without "merge notetypes",
which join_notetypes.py does.
"""

from chalicelib.collection.col import JsonObject
from chalicelib.collection.ids import new_document_id
from chalicelib.packages.gathered import Gathered
from chalicelib.packages.import_options import UpdateCondition, should_update
from chalicelib.packages.note_places import MergedNotetypes, Places
from chalicelib.packages.notetype_store import NotetypeStore
from chalicelib.packages.notetype_structure import has_same_structure
from chalicelib.packages.target import Target


def merge_notetypes(
    target: Target, source: Gathered, condition: UpdateCondition
) -> MergedNotetypes:
    """Add or update the notetypes that notes use.

    A notetype whose fields or templates differ from ours of the same id gets an id of its own,
    and the same one again at the next import.
    """
    store = NotetypeStore(target)
    merged = {
        notetype_id: _merge(store, dict(source.col.notetypes[notetype_id]), condition)
        for notetype_id in source.notetype_ids
    }
    return MergedNotetypes(merged, Places(), {}, are_joined=False)


def counterpart(notetypes: dict[str, JsonObject], incoming: JsonObject) -> JsonObject | None:
    """The notetype here that the incoming one is, or became at an earlier import."""
    existing = notetypes.get(str(incoming["id"]))
    if existing is None or has_same_structure(existing, incoming):
        return existing
    return next((each for each in notetypes.values() if _is_copy(each, incoming)), None)


def _is_copy(notetype: JsonObject, incoming: JsonObject) -> bool:
    """Whether an earlier import made it because ours had another structure."""
    is_derived = notetype.get("originalId") == incoming["id"] != notetype["id"]
    return is_derived and has_same_structure(notetype, incoming)


def _merge(store: NotetypeStore, incoming: JsonObject, condition: UpdateCondition) -> JsonObject:
    """Add or update one notetype; returns the one to use."""
    existing = counterpart(store.notetypes, incoming)
    if existing is None:
        if str(incoming["id"]) in store.notetypes:
            incoming["id"] = new_document_id(store.notetypes, store.now_ms)
        return store.add(incoming)
    incoming["id"] = existing["id"]
    if should_update(condition, existing["mod"], incoming["mod"]):
        return store.update(existing, incoming)
    return existing
