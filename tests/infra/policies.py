"""What an IAM policy lets through, as AWS decides it."""

from collections.abc import Mapping, Sequence
from fnmatch import fnmatchcase
from typing import Any

Statement = Mapping[str, Any]


def listed(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [value]


def covers(statement: Statement, action: str, resource: str) -> bool:
    return any(fnmatchcase(action, pattern) for pattern in listed(statement["Action"])) and any(
        fnmatchcase(resource, pattern) for pattern in listed(statement["Resource"])
    )


def holds(condition: Mapping[str, Mapping[str, str]], context: Mapping[str, str]) -> bool:
    """Whether all of a statement's conditions are true for a request with these keys."""
    return all(
        _true(operator, context.get(key), wanted)
        for operator, keys in condition.items()
        for key, wanted in keys.items()
    )


def _true(operator: str, found: str | None, wanted: str) -> bool:
    if operator == "Null":
        return (found is None) == (wanted == "true")
    if operator in {"Bool", "StringEquals"}:
        return found == wanted
    raise AssertionError(f"no test knows the operator {operator}")


def denied(
    statements: Sequence[Statement], action: str, resource: str, context: Mapping[str, str]
) -> bool:
    return any(
        statement["Effect"] == "Deny"
        and covers(statement, action, resource)
        and holds(statement.get("Condition", {}), context)
        for statement in statements
    )


def allowed(statements: Sequence[Statement], action: str, resource: str) -> bool:
    return any(
        statement["Effect"] == "Allow" and covers(statement, action, resource)
        for statement in statements
    )
