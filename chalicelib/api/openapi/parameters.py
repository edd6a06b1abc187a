"""What a request says in its address and its headers."""

import re
from typing import Any, get_args

from chalicelib.api.openapi.operation import Operation, Schema
from chalicelib.api.openapi.schemas import Schemas, without_null
from chalicelib.api.request import MAX_IDEMPOTENCY_KEY
from chalicelib.api.routing import Route
from chalicelib.api.validation import MAX_ID
from chalicelib.backups import BackupKind

_IN_PATH = re.compile(r"\{(\w+)\}")

_ID: Schema = {"type": "integer", "format": "int64", "minimum": 1, "maximum": MAX_ID}
_SEGMENT: Schema = {"type": "string", "minLength": 1}
# Path parameters by name; one that is not told here is an id of the collection.
_PATH: dict[str, tuple[str, Schema]] = {
    "token": ("What the signed address consists of.", _SEGMENT),
    "name": ("The name of a file.", _SEGMENT),
    "import_id": ("The `import_id` of an import, which is its `upload_id`.", _SEGMENT),
    "backup_id": (
        "The `id` of a backup.",
        {"type": "string", "pattern": f"^[0-9]{{1,15}}-({'|'.join(get_args(BackupKind))})$"},
    ),
}

IDEMPOTENCY_KEY = {
    "name": "Idempotency-Key",
    "in": "header",
    "description": (
        "The same request with the same key gives the first answer again and changes nothing, while"
        " it is among the last 100 changes of the collection."
    ),
    "schema": {"type": "string", "pattern": f"^[!-~]{{1,{MAX_IDEMPOTENCY_KEY}}}$"},
}


def parameters(route: Route, operation: Operation, schemas: Schemas) -> list[dict[str, Any]]:
    """Of the path, of the query, and the header of a request that can be repeated."""
    found = [_path_parameter(name) for name in _IN_PATH.findall(route.path)]
    if route.query:
        schema = schemas.of(route.query)
        found += [
            _query_parameter(name, member, required=name in schema.get("required", []))
            for name, member in schema["properties"].items()
        ]
    if operation.keyed:
        found.append({"$ref": "#/components/parameters/IdempotencyKey"})
    return found


def path_names(route: Route) -> list[str]:
    """The names of the parameters in a route's path."""
    return _IN_PATH.findall(route.path)


def _path_parameter(name: str) -> dict[str, Any]:
    default = (f"The id of a {name.removesuffix('_id').replace('_', ' ')}.", _ID)
    description, schema = _PATH.get(name, default)
    return {
        "name": name,
        "in": "path",
        "required": True,
        "description": description,
        "schema": schema,
    }


def _query_parameter(name: str, member: Schema, *, required: bool) -> dict[str, Any]:
    schema = without_null(member)
    described = {"description": schema.pop("description")} if "description" in schema else {}
    parameter = {"name": name, "in": "query", **described, "schema": schema}
    return parameter | ({"required": True} if required else {})
