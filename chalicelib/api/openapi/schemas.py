"""JSON Schemas (2020-12, the dialect of OpenAPI 3.1) of the models of requests and answers."""

import copy
from collections.abc import Iterable, Iterator
from typing import Any

import msgspec

from chalicelib.api.documented import SETTING_KEYWORDS
from chalicelib.api.openapi.operation import Model, Schema
from chalicelib.settings import Settings

REF = "#/components/schemas/"


class Schemas:
    """The schemas of some models by name; objects have the members that are told, and no others.

    Answers get the `success` that every one of them carries.
    """

    def __init__(self, bodies: Iterable[Model], answers: Iterable[Model], settings: Settings):
        bodies, answers = list(bodies), list(answers)
        refs, components = msgspec.json.schema_components(
            [*bodies, *answers], ref_template=REF + "{name}"
        )
        self._names = {
            model: ref["$ref"].removeprefix(REF)
            for model, ref in zip([*bodies, *answers], refs, strict=True)
        }
        self.by_name = {name: _strict(schema, settings) for name, schema in components.items()}
        for model in answers:
            self.by_name[self._names[model]] = _with_success(self.by_name[self._names[model]])

    def ref(self, model: Model) -> Schema:
        """Where the model's schema is."""
        return {"$ref": REF + self._names[model]}

    def of(self, model: Model) -> Schema:
        """The schema itself."""
        return self.by_name[self._names[model]]

    def take_out(self, model: Model) -> Schema:
        """The schema of what is no body, and is not shown among them."""
        return self.by_name.pop(self._names[model])


def nodes(schema: Any) -> Iterator[Schema]:
    """Every object in a JSON value, the outer ones first."""
    if isinstance(schema, dict):
        yield schema
        for value in list(schema.values()):
            yield from nodes(value)
    elif isinstance(schema, list):
        for value in schema:
            yield from nodes(value)


def without_null(schema: Schema) -> Schema:
    """The schema of a value that can be left out, but not be null: an address has no null."""
    schema = copy.deepcopy(schema)
    if schema.get("default", ...) is None:
        del schema["default"]
    choices = [one for one in schema.get("anyOf", []) if one != {"type": "null"}]
    if len(choices) == 1:
        del schema["anyOf"]
        schema = choices[0] | schema
    if None in schema.get("enum", []):
        schema["enum"].remove(None)
    return schema


def _strict(schema: Schema, settings: Settings) -> Schema:
    schema = copy.deepcopy(schema)
    for node in nodes(schema):
        if node.get("type") == "object" and "properties" in node:
            node["additionalProperties"] = False
        if node.get("required") == []:
            del node["required"]
        for keyword, said in SETTING_KEYWORDS.items():
            if said in node:
                node[keyword] = getattr(settings, node.pop(said))
    return schema


def _with_success(schema: Schema) -> Schema:
    return schema | {
        "properties": {"success": {"const": True}, **schema["properties"]},
        "required": ["success", *schema.get("required", [])],
    }
