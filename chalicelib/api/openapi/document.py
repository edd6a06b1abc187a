"""Puts the document together."""

import inspect
import json
from collections.abc import Iterator, Mapping
from functools import cache
from pathlib import Path
from typing import Any

from chalicelib import __version__
from chalicelib.api.openapi.operation import Model, Operation, Schema
from chalicelib.api.openapi.parameters import IDEMPOTENCY_KEY, parameters, path_names
from chalicelib.api.openapi.responses import (
    JSON,
    by_response,
    error_response,
    error_schema,
    possible_errors,
    responses,
)
from chalicelib.api.openapi.schemas import Schemas
from chalicelib.api.openapi.table import OPERATIONS, key_of
from chalicelib.api.resources import RESOURCES
from chalicelib.api.routing import BYTES, Route
from chalicelib.settings import Settings

# What the server answered to a request of each kind, recorded by tests/support/record_examples.py.
_EXAMPLES = Path(__file__).with_name("examples.json")

_DESCRIPTION = """\
JSON in and out (UTF-8) except export and import. Ids are Anki's: integers, epoch milliseconds.
Times in answers are epoch milliseconds. Whose collection is meant follows from the token and from
nothing else. Every success carries `"success": true`; every error has one shape and a stable code.
Unknown members of a body or a query are refused. Nothing is changed by a request that fails."""


@cache
def document_json(settings: Settings) -> str:
    """The document as it is served."""
    return json.dumps(document(settings), ensure_ascii=False, separators=(",", ":"))


def document(settings: Settings) -> dict[str, Any]:
    """The document of all routes under these settings.

    A route without an entry in `OPERATIONS` is left out; a test finds it.
    """
    routes = [route for route in _routes() if key_of(route) in OPERATIONS]
    schemas = _schemas(routes, settings)
    paths: dict[str, Any] = {}
    for route in routes:
        described = _operation(route, OPERATIONS[key_of(route)], schemas)
        paths.setdefault(route.path, {})[route.method.lower()] = described
    for query in {route.query for route in routes if route.query}:
        schemas.take_out(query)
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "JAVUMBO",
            "version": __version__,
            "description": _DESCRIPTION,
            "license": {"name": "MIT", "identifier": "MIT"},
        },
        "servers": [{"url": "/"}],
        "tags": [_tag(name) for name in RESOURCES],
        "security": [{"token": []}],
        "paths": paths,
        "components": {
            "schemas": {"Error": error_schema(), **schemas.by_name},
            "responses": _error_responses(routes),
            "parameters": {"IdempotencyKey": IDEMPOTENCY_KEY},
            "securitySchemes": {
                "token": {"type": "http", "scheme": "bearer", "bearerFormat": "JWT"}
            },
        },
    }


def _routes() -> Iterator[Route]:
    for routes in RESOURCES.values():
        yield from routes.table


def _schemas(routes: list[Route], settings: Settings) -> Schemas:
    operations = [OPERATIONS[key_of(route)] for route in routes]
    bodies: list[Model] = [
        model for route in routes for model in (route.body, route.query) if model
    ]
    for operation in operations:
        bodies += [operation.body] if operation.body else []
        bodies += operation.choices.values()
    answers = [
        answer.model
        for operation in operations
        for answer in operation.all_answers().values()
        if answer.model
    ]
    schemas = Schemas(dict.fromkeys(bodies), dict.fromkeys(answers), settings)
    for operation in operations:
        for value, model in operation.choices.items():
            schemas.of(model)["properties"][operation.choice] = {"const": value}
    return schemas


def _operation(route: Route, operation: Operation, schemas: Schemas) -> dict[str, Any]:
    summary, _, description = inspect.cleandoc(route.view.__doc__ or "").partition("\n")
    example = _examples().get(key_of(route), {})
    described: dict[str, Any] = {
        "operationId": _operation_id(route),
        "tags": [_tag_name(route.view.__module__)],
        "summary": summary.strip(),
    }
    of_query = schemas.of(route.query).get("description", "") if route.query else ""
    description = " ".join(f"{description} {of_query}".split())
    if route.path != route.address:
        description = f"Another name of `{route.method} {route.address}`. {description}".strip()
        described["x-alias-of"] = route.address
    if description:
        described["description"] = description
    found = parameters(route, operation, schemas)
    if found:
        described["parameters"] = found
    body = _request_body(route, operation, schemas, example.get("request"))
    if body:
        described["requestBody"] = body
    errors = possible_errors(route, operation)
    described["responses"] = responses(operation, errors, schemas, example.get("answer"))
    if operation.gives:
        described["responses"]["200"]["links"] = _links(operation)
    if route.public:
        described["security"] = []
    return described


def _links(operation: Operation) -> dict[str, Any]:
    """What can be done with that which was made."""
    return {
        _operation_id(route): {
            "operationId": _operation_id(route),
            "parameters": {name: f"$response.body#{pointer}"},
        }
        for name, pointer in operation.gives.items()
        for route in _routes()
        if name in path_names(route) and key_of(route) in OPERATIONS
    }


def _request_body(
    route: Route, operation: Operation, schemas: Schemas, example: Any
) -> dict[str, Any] | None:
    if not operation.takes_body(route):
        return None
    if route.content_type == BYTES:
        return {"required": True, "content": {BYTES: {}}}
    content: dict[str, Any] = {"schema": _body_schema(route, operation, schemas)}
    if example is not None:
        content["example"] = example
    return {"required": True, "content": {JSON: content}}


def _body_schema(route: Route, operation: Operation, schemas: Schemas) -> Schema:
    if operation.choices:
        refs = {value: schemas.ref(model) for value, model in operation.choices.items()}
        mapping = {value: ref["$ref"] for value, ref in refs.items()}
        return {
            "oneOf": list(refs.values()),
            "discriminator": {"propertyName": operation.choice, "mapping": mapping},
        }
    model = route.body or operation.body
    return schemas.ref(model) if model else {}


def _error_responses(routes: list[Route]) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for route in routes:
        errors = possible_errors(route, OPERATIONS[key_of(route)])
        found |= {name: error_response(group) for name, group in by_response(errors).items()}
    return dict(sorted(found.items()))


def _operation_id(route: Route) -> str:
    alias = "" if route.path == route.address else "_alias"
    return route.view.__name__ + alias


def _tag(module_name: str) -> dict[str, str]:
    module = inspect.getmodule(RESOURCES[module_name].table[0].view)
    summary = (inspect.getdoc(module) or "").partition("\n")[0]
    return {"name": _tag_name(module_name), "description": summary}


def _tag_name(module_name: str) -> str:
    return module_name.rpartition(".")[2].replace("_", " ")


@cache
def _examples() -> Mapping[str, Any]:
    found: dict[str, Any] = json.loads(_EXAMPLES.read_text(encoding="utf-8"))
    return found
