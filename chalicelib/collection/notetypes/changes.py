"""Changing a notetype: its name, style, fields and templates, and with them its notes and cards.

Source of the rules: Anki's rslib/src/notetype/mod.rs (`update_notetype`) and schemachange.rs.
Other than there, `req` is reckoned after the renaming of fields and not before it, and a note
that loses its last card gets one that is left.
"""

import sqlite3
from collections.abc import Sequence
from dataclasses import dataclass

from chalicelib.collection.col import (
    JsonObject,
    mark_schema_changed,
    read_document,
    server_usn,
    touch,
    write_document,
)
from chalicelib.collection.notetypes.checks import check_templates
from chalicelib.collection.notetypes.lookup import get_notetype, is_cloze, notetypes_by_id
from chalicelib.collection.notetypes.names import (
    check_name,
    clean_field_name,
    clean_name,
)
from chalicelib.collection.notetypes.parts import Arrangement, Kind, Part, arranged
from chalicelib.collection.notetypes.requirements import requirements
from chalicelib.collection.notetypes.rows import rearrange_cards, rearrange_fields
from chalicelib.collection.notetypes.stock import new_field, new_template
from chalicelib.collection.notetypes.template_rewriting import FieldRenames
from chalicelib.errors import BadInputError

MAX_FIELDS = 100
MAX_TEMPLATES = 50

_FIELDS = Kind("fields", MAX_FIELDS, clean_field_name, new_field)
_TEMPLATES = Kind(
    "templates",
    MAX_TEMPLATES,
    clean_name,
    lambda ordinal, name: new_template(ordinal, name, "", ""),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class NotetypeState:
    """What a notetype is to be like; None: as it is. `sort_field` is a name after the change."""

    name: str | None = None
    css: str | None = None
    sort_field: str | None = None
    fields: Sequence[Part] | None = None
    templates: Sequence[Part] | None = None


def change_notetype(
    conn: sqlite3.Connection, notetype_id: int, wanted: NotetypeState, now_ms: int
) -> JsonObject:
    """Change a notetype with its notes and cards; the notetype as it is then.

    Names of fields in the wanted templates may be the old ones: what is renamed or removed is so
    in the templates too. Raises NotFoundError, and BadInputError for what Anki refuses.
    """
    old = get_notetype(conn, notetype_id)
    fields = arranged(old["flds"], wanted.fields, _FIELDS)
    templates = arranged(old["tmpls"], wanted.templates, _TEMPLATES)
    _check_kept(old, fields, templates)
    new = old | {"flds": fields.parts, "tmpls": templates.parts}
    new["name"] = _new_name(conn, old, wanted.name)
    new["css"] = old["css"] if wanted.css is None else wanted.css
    new["sortf"] = _sort_field(old["sortf"], wanted.sort_field, fields)
    _rename_in_templates(old, new, fields)
    check_templates(new)
    if new != old:
        _apply(conn, old, new, fields, templates, now_ms)
    return new


def store_notetype(conn: sqlite3.Connection, notetype: JsonObject, now_ms: int) -> None:
    """Write a notetype that was changed or added, marked as changed now; `touch` is left to do."""
    notetype["req"] = requirements(notetype)
    notetype["mod"] = now_ms // 1000
    notetype["usn"] = server_usn(conn)
    models = read_document(conn, "models")
    write_document(conn, "models", models | {str(notetype["id"]): notetype})


def checked_name(conn: sqlite3.Connection, name: str, *, notetype_id: int | None = None) -> str:
    """The name as it is kept. Raises BadInputError for one that another notetype has."""
    clean = clean_name(name)
    check_name(clean, "name")
    others = notetypes_by_id(conn)
    others.pop(notetype_id or 0, None)
    if clean.casefold() in {other["name"].casefold() for other in others.values()}:
        raise BadInputError(fields={"name": "there is already a notetype with this name"})
    return clean


def _new_name(conn: sqlite3.Connection, old: JsonObject, name: str | None) -> str:
    if name is None or name == old["name"]:
        return str(old["name"])
    return checked_name(conn, name, notetype_id=old["id"])


def _check_kept(old: JsonObject, fields: Arrangement, templates: Arrangement) -> None:
    """Raises BadInputError where something is gone that its kind of notetype cannot do without.

    Sources: Anki's qt/aqt/fields.py and qt/aqt/clayout.py.
    """
    for ordinal in fields.removed:
        field = old["flds"][ordinal]
        if field.get("preventDeletion"):
            reason = "this notetype cannot do without it"
            raise BadInputError(fields={f"fields.{field['name']}": reason})
    if is_cloze(old) and templates.is_changed and templates.origins != [0]:
        raise BadInputError(fields={"templates": "a cloze notetype keeps its one template"})


def _sort_field(old: int, wanted: str | None, fields: Arrangement) -> int:
    """Where the field to sort by is now; the one that takes its place where it is gone."""
    if wanted is not None:
        names = [field["name"] for field in fields.parts]
        name = clean_field_name(wanted)
        if name not in names:
            raise BadInputError(fields={"sort_field": "is not a field of this notetype"})
        return names.index(name)
    if old in fields.origins:
        return fields.origins.index(old)
    return max(0, min(old, len(fields.parts) - 1))


def _rename_in_templates(old: JsonObject, new: JsonObject, fields: Arrangement) -> None:
    names: dict[str, str | None] = {
        old["flds"][origin]["name"]: field["name"]
        for field, origin in zip(fields.parts, fields.origins, strict=True)
        if origin is not None and old["flds"][origin]["name"] != field["name"]
    }
    names |= {old["flds"][ordinal]["name"]: None for ordinal in fields.removed}
    if not names:
        return
    renames = FieldRenames(names, fields.parts[0]["name"], is_cloze(new))
    for template in new["tmpls"]:
        for key in ("qfmt", "bqfmt"):
            template[key] = renames.in_question(template[key])
        for key in ("afmt", "bafmt"):
            template[key] = renames.in_answer(template[key])


def _apply(
    conn: sqlite3.Connection,
    old: JsonObject,
    new: JsonObject,
    fields: Arrangement,
    templates: Arrangement,
    now_ms: int,
) -> None:
    is_resorted = fields.is_changed or new["sortf"] != old["sortf"]
    if is_resorted:
        rearrange_fields(conn, new, fields.origins, now_ms)
    if templates.is_changed or _questions(new) != _questions(old):
        rearrange_cards(conn, new, templates, now_ms)
    store_notetype(conn, new, now_ms)
    if is_resorted or templates.is_changed:
        mark_schema_changed(conn, now_ms)
    else:
        touch(conn, now_ms)


def _questions(notetype: JsonObject) -> list[str]:
    return [template["qfmt"] for template in notetype["tmpls"]]
