"""Putting notetypes into the target of an import, with what follows for its notes and cards.

Source: Anki's rslib/src/notetype/mod.rs (`add_or_update_notetype_with_existing_id_inner`).
"""

from chalicelib.collection.col import JsonObject, mark_schema_changed
from chalicelib.collection.notetypes.lookup import is_cloze
from chalicelib.collection.notetypes.parts import Arrangement
from chalicelib.collection.notetypes.rows import rearrange_fields, renumber_cards
from chalicelib.collection.notetypes.template_rewriting import FieldRenames
from chalicelib.collection.text import FIELD_SEPARATOR
from chalicelib.packages.generate_cards import generate_missing_cards
from chalicelib.packages.note_content import NoteContent
from chalicelib.packages.notetype_structure import Layout
from chalicelib.packages.own_names import OwnNames
from chalicelib.packages.target import Target


class NotetypeStore:
    """The notetypes of the target, by id as text as the file has them."""

    def __init__(self, target: Target) -> None:
        self.notetypes = target.notetypes
        self.now_ms = target.now_ms
        self._target = target
        taken = (notetype["name"] for notetype in target.notetypes.values())
        self._names = OwnNames("+", str.casefold, taken)

    def add(self, notetype: JsonObject) -> JsonObject:
        """Add a notetype; a name that is taken gets a `+`."""
        name = self._names.take(notetype["name"])
        if name != notetype["name"]:
            notetype |= {"name": name, "mod": self._target.now_s}
        notetype["usn"] = self._target.usn
        self.notetypes[str(notetype["id"])] = notetype
        self._target.mark_changed("models")
        return notetype

    def update(self, existing: JsonObject, incoming: JsonObject) -> JsonObject:
        """Put a notetype of the same structure in the place of ours.

        Its fields may have other names. Then its templates may still call them by ours, and a
        question that has none gets one, as Anki sees to wherever fields are renamed.
        """
        renamed = {
            old["name"]: new["name"]
            for old, new in zip(existing["flds"], incoming["flds"], strict=True)
            if old["name"] != new["name"]
        }
        if renamed:
            incoming["tmpls"] = [dict(template) for template in incoming["tmpls"]]
            _rename_in_templates(incoming, renamed)
        updated = self._put(existing, incoming)
        self._move_fields(existing, updated, _in_place(updated["flds"]))
        self._move_cards(existing, updated, _in_place(updated["tmpls"]))
        return updated

    def rearrange(
        self, existing: JsonObject, joined: Layout, renamed: dict[str, str]
    ) -> JsonObject:
        """Put a notetype that has more or other places in the place of ours.

        Notes and cards follow. `renamed` are fields that its templates may still call by their
        old names.
        """
        new = joined.notetype
        fields = Arrangement(new["flds"], joined.field_origins, len(existing["flds"]))
        templates = Arrangement(new["tmpls"], joined.template_origins, len(existing["tmpls"]))
        _rename_in_templates(new, renamed)
        joined.renumber()
        updated = self._put(existing, new | {"mod": self._target.now_s})
        self._move_fields(existing, updated, fields)
        self._move_cards(existing, updated, templates)
        if fields.is_changed or templates.is_changed:
            mark_schema_changed(self._target.conn, self.now_ms)
        return updated

    def _move_fields(self, old: JsonObject, new: JsonObject, fields: Arrangement) -> None:
        if fields.is_changed:
            rearrange_fields(self._target.conn, new, fields.origins, self.now_ms)
        elif old["sortf"] != new["sortf"]:
            self._refresh_sort_fields(new)

    def _move_cards(self, old: JsonObject, new: JsonObject, templates: Arrangement) -> None:
        if not is_cloze(new):
            renumber_cards(self._target.conn, new["id"], templates.moved, self.now_ms)
        if templates.is_changed or _questions(old) != _questions(new):
            generate_missing_cards(self._target, new)

    def _put(self, existing: JsonObject, updated: JsonObject) -> JsonObject:
        self._names.give_back(existing["name"])
        return self.add(updated)

    def _refresh_sort_fields(self, notetype: JsonObject) -> None:
        """Another field to sort by is a change that Anki cannot merge."""
        target = self._target
        mark_schema_changed(target.conn, target.now_ms)
        rows = target.conn.execute("SELECT id, flds FROM notes WHERE mid = ?", (notetype["id"],))
        for note_id, flds in rows.fetchall():
            content = NoteContent.of(flds.split(FIELD_SEPARATOR), notetype)
            target.conn.execute(
                "UPDATE notes SET flds = ?, sfld = ?, csum = ?, mod = ?, usn = ? WHERE id = ?",
                (*content, target.now_s, target.usn, note_id),
            )


def _in_place(parts: list[JsonObject]) -> Arrangement:
    return Arrangement(parts, list(range(len(parts))), len(parts))


def _questions(notetype: JsonObject) -> list[str]:
    return [template["qfmt"] for template in notetype["tmpls"]]


def _rename_in_templates(notetype: JsonObject, renamed: dict[str, str]) -> None:
    if not renamed:
        return
    renames = FieldRenames(dict(renamed), notetype["flds"][0]["name"], is_cloze(notetype))
    for template in notetype["tmpls"]:
        for key in ("qfmt", "bqfmt"):
            template[key] = renames.in_question(template[key])
        for key in ("afmt", "bafmt"):
            template[key] = renames.in_answer(template[key])
