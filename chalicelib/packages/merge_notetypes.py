"""Notetypes of a source collection, matched by id and structure.

Source: Anki's rslib/src/import_export/package/apkg/import/notes.rs (without "merge notetypes",
which is off by default).
"""

from collections.abc import Sequence

from chalicelib.collection.col import JsonObject, mark_schema_changed
from chalicelib.collection.ids import new_document_id
from chalicelib.collection.text import FIELD_SEPARATOR
from chalicelib.packages.generate_cards import generate_missing_cards
from chalicelib.packages.note_content import NoteContent
from chalicelib.packages.source import SourceCollection
from chalicelib.packages.target import Target


def merge_notetypes(target: Target, source: SourceCollection) -> dict[int, JsonObject]:
    """Add or update the notetypes that notes use; for each source id, the one to use here.

    A notetype whose fields or templates differ from ours of the same id gets an id of its own,
    and the same one again at the next import.
    """
    merger = _NotetypeMerger(target)
    return {
        notetype_id: merger.merge(dict(source.col.notetypes[notetype_id]))
        for notetype_id in source.notetype_ids()
    }


def has_same_structure(one: JsonObject, other: JsonObject) -> bool:
    """Whether two notetypes have the same fields and templates in the same order."""
    return all(_match_all(one[part], other[part]) for part in ("flds", "tmpls"))


def _match_all(ours: Sequence[JsonObject], theirs: Sequence[JsonObject]) -> bool:
    return len(ours) == len(theirs) and all(
        _match(one, other) for one, other in zip(ours, theirs, strict=True)
    )


def _match(one: JsonObject, other: JsonObject) -> bool:
    """By id where both have one, which survives renaming; else by name."""
    if one.get("id") is not None and other.get("id") is not None:
        return bool(one["id"] == other["id"])
    return bool(one["name"] == other["name"])


class _NotetypeMerger:
    def __init__(self, target: Target) -> None:
        self._target = target
        self._names = {notetype["name"].casefold() for notetype in target.notetypes.values()}

    def merge(self, incoming: JsonObject) -> JsonObject:
        """Add or update one notetype; returns the one to use."""
        existing = self._target.notetypes.get(str(incoming["id"]))
        if existing is None:
            return self._store(incoming)
        if not has_same_structure(existing, incoming):
            existing = self._earlier_copy(incoming)
            if existing is None:
                new_id = new_document_id(self._target.notetypes, self._target.now_ms)
                return self._store(incoming | {"id": new_id})
            incoming["id"] = existing["id"]
        if existing["mod"] < incoming["mod"]:
            return self._update(existing, incoming)
        return existing

    def _earlier_copy(self, incoming: JsonObject) -> JsonObject | None:
        """The notetype that an earlier import made because of another structure."""
        for notetype in self._target.notetypes.values():
            is_copy = notetype.get("originalId") == incoming["id"] != notetype["id"]
            if is_copy and has_same_structure(notetype, incoming):
                copy: JsonObject = notetype
                return copy
        return None

    def _update(self, existing: JsonObject, incoming: JsonObject) -> JsonObject:
        self._names.discard(existing["name"].casefold())
        updated = self._store(incoming)
        if existing["sortf"] != updated["sortf"]:
            _refresh_sort_fields(self._target, updated)
        if _questions(existing) != _questions(updated):
            generate_missing_cards(self._target, updated)
        return updated

    def _store(self, notetype: JsonObject) -> JsonObject:
        while notetype["name"].casefold() in self._names:
            notetype["name"] += "+"
            notetype["mod"] = self._target.now_s
        self._names.add(notetype["name"].casefold())
        notetype["usn"] = self._target.usn
        self._target.notetypes[str(notetype["id"])] = notetype
        self._target.mark_changed("models")
        return notetype


def _questions(notetype: JsonObject) -> list[str]:
    return [template["qfmt"] for template in notetype["tmpls"]]


def _refresh_sort_fields(target: Target, notetype: JsonObject) -> None:
    """Another field to sort by is a change that Anki cannot merge."""
    mark_schema_changed(target.conn, target.now_ms)
    rows = target.conn.execute("SELECT id, flds FROM notes WHERE mid = ?", (notetype["id"],))
    for note_id, flds in rows.fetchall():
        content = NoteContent.of(flds.split(FIELD_SEPARATOR), notetype)
        target.conn.execute(
            "UPDATE notes SET flds = ?, sfld = ?, csum = ?, mod = ?, usn = ? WHERE id = ?",
            (*content, target.now_s, target.usn, note_id),
        )
