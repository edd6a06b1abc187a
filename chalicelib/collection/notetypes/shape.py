"""Notetypes as they should be, whatever a file that was put in place by hand says.

Source of the keys: Anki's rslib/src/notetype/schema11.rs.
"""

from copy import deepcopy
from typing import Any

from chalicelib.collection.col import JsonObject
from chalicelib.collection.notetypes.stock import blank_notetype, new_field, new_template

_MAX_NUMBER = 2**63 - 1
_NOTETYPE = blank_notetype()
_FIELD = new_field(0, "")
_TEMPLATE = new_template(0, "", "", "")
_ONLY_FIELD = {"name": "Front"}
_ONLY_TEMPLATE = {"name": "Card 1"}


def shaped(stored: Any, notetype_id: int) -> JsonObject:
    """The notetype with every key that Anki writes, and a value of the right kind for each.

    It has a field and a template at least. What fits stays as it is, unknown keys too; the rest is
    replaced by Anki's default.
    """
    notetype = _filled(stored, _NOTETYPE)
    notetype["id"] = notetype_id
    notetype["flds"] = [_filled(field, _FIELD) for field in notetype["flds"] or [_ONLY_FIELD]]
    notetype["tmpls"] = [_filled(one, _TEMPLATE) for one in notetype["tmpls"] or [_ONLY_TEMPLATE]]
    return notetype


def _filled(stored: Any, defaults: JsonObject) -> JsonObject:
    found = stored if isinstance(stored, dict) else {}
    kept = {
        key: bool(value) if isinstance(defaults.get(key), bool) else value
        for key, value in found.items()
        if key not in defaults or _fits(value, defaults[key])
    }
    return kept | deepcopy({key: value for key, value in defaults.items() if key not in kept})


def _fits(value: Any, default: Any) -> bool:
    if isinstance(default, bool):
        return isinstance(value, int)  # Anki reads numbers as well
    if default is None and value is None:
        return True
    if default is None or type(default) is int:
        return type(value) is int and abs(value) <= _MAX_NUMBER
    return type(value) is type(default)
