"""JSON Schemas in words: what a value may be, and the members of an object."""

import json
from collections.abc import Callable, Iterator
from typing import Any

from javumbo.reference.elements import Html, element, join, prose

Schema = dict[str, Any]

_LIMITS = {
    "minimum": "at least {}",
    "exclusiveMinimum": "more than {}",
    "maximum": "at most {}",
    "minLength": "at least {} characters",
    "maxLength": "at most {} characters",
    "minItems": "at least {} entries",
    "maxItems": "at most {} entries",
    "pattern": "{}",
}
_NAMES = {"integer": "whole number", "string": "text", "boolean": "true or false"}
# The largest id there can be tells a reader nothing.
_NO_LIMIT = 2**53


def kind_of(schema: Schema) -> Html:
    """A few words on what a value may be; a model is a link to it."""
    for keyword, words in _KINDS.items():
        if keyword in schema:
            return words(schema)
    kind = schema.get("type", "anything")
    if kind == "array":
        return join("list of ", kind_of(schema.get("items") or {}))
    more = schema.get("additionalProperties")
    if isinstance(more, dict):
        return join("object of ", kind_of(more))
    return Html(_NAMES.get(kind, kind))


def _model(schema: Schema) -> Html:
    name = schema["$ref"].rpartition("/")[2]
    return element("a", name, href=f"#model-{name}")


def _constant(value: Any) -> Html:
    return element("code", json.dumps(value, ensure_ascii=False))


_KINDS: dict[str, Callable[[Schema], Html]] = {
    "$ref": _model,
    "anyOf": lambda schema: _listed([kind_of(one) for one in schema["anyOf"]], " or "),
    "oneOf": lambda schema: _listed([kind_of(one) for one in schema["oneOf"]], " or "),
    "const": lambda schema: _constant(schema["const"]),
    "enum": lambda schema: _listed([_constant(one) for one in schema["enum"]], ", "),
    "prefixItems": lambda schema: join(
        "[", _listed([kind_of(one) for one in schema["prefixItems"]], ", "), "]"
    ),
}


def notes_on(schema: Schema) -> Html:
    """What else there is to say of a value: description, limits and default."""
    said = [prose(schema["description"])] if "description" in schema else []
    limits = [_limit(name, value) for name, value in _limits_of(schema)]
    if limits:
        said.append(element("span", _listed(limits, ", "), class_="limits"))
    if schema.get("default") not in (None, ""):
        said.append(element("span", "default ", _constant(schema["default"]), class_="limits"))
    return _listed(said, " ")


def members(schema: Schema) -> Html:
    """The members of an object."""
    required = schema.get("required", [])
    return element(
        "dl",
        *(
            _member(name, member, required=name in required)
            for name, member in schema.get("properties", {}).items()
        ),
    )


def _member(name: str, schema: Schema, *, required: bool) -> Html:
    optional = "" if required else element("span", "optional", class_="optional")
    return join(
        element("dt", element("code", name), optional),
        element("dd", element("span", kind_of(schema), class_="kind"), " ", notes_on(schema)),
    )


def _limits_of(schema: Schema) -> Iterator[tuple[str, Any]]:
    """The limits of a value, or of what it may be beside null."""
    for one in (schema, *schema.get("anyOf", [])):
        yield from ((name, one[name]) for name in _LIMITS if name in one)


def _limit(name: str, value: Any) -> Html:
    if name == "pattern":
        return element("code", value)
    return Html("") if value >= _NO_LIMIT else prose(_LIMITS[name].format(value))


def _listed(parts: list[Html], between: str) -> Html:
    return Html(between.join(part for part in parts if part))
