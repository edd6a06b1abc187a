"""What values of ours look like in a DynamoDB item."""

from collections.abc import Mapping
from typing import Any


def item(values: Mapping[str, object]) -> dict[str, Any]:
    """Attributes by name."""
    return {name: _attribute(value) for name, value in values.items()}


def values_of(attributes: Mapping[str, Any]) -> dict[str, Any]:
    """What `item` was made of."""
    return {name: _value(attribute) for name, attribute in attributes.items()}


def _attribute(value: object) -> dict[str, Any]:
    match value:
        case None:
            return {"NULL": True}
        case bool():
            return {"BOOL": value}
        case int():
            return {"N": str(value)}
        case frozenset():
            return {"SS": sorted(value)}
        case _:
            return {"S": value}


def _value(attribute: Mapping[str, Any]) -> Any:
    ((kind, value),) = attribute.items()
    match kind:
        case "NULL":
            return None
        case "N":
            return int(value)
        case "SS":
            return frozenset(value)
        case _:
            return value
