"""How a request ends: well, or with one of the errors of the one shape."""

from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from chalicelib.api.openapi.operation import Answer, Operation, Schema
from chalicelib.api.openapi.parameters import path_names
from chalicelib.api.openapi.schemas import REF, Schemas
from chalicelib.api.routing import Route
from chalicelib.errors import (
    BadInputError,
    ConfigurationError,
    ConflictError,
    IdempotencyKeyReusedError,
    JavumboError,
    NotFoundError,
    StorageUnavailableError,
    TooLargeError,
    TooManyRequestsError,
    UnauthorizedError,
    UnsupportedMediaTypeError,
)

ErrorType = type[JavumboError]

JSON = "application/json"


def error_schema() -> Schema:
    """The one shape of every error."""
    text = {"type": "string", "minLength": 1}
    return {
        "type": "object",
        "title": "Error",
        "description": "The shape of every error.",
        "properties": {
            "success": {"const": False},
            "error": {"enum": sorted(error.code for error in _all_errors())},
            "message": {**text, "description": "One sentence for a person."},
            "request_id": {**text, "description": "What the service's logs know it by."},
            "retry": {"const": True, "description": "The very same request can succeed."},
            "fields": {
                "type": "object",
                "additionalProperties": {"type": "string"},
                "description": "What is wrong, by the name of the input.",
            },
        },
        "required": ["success", "error", "message", "request_id"],
        "additionalProperties": False,
    }


def possible_errors(route: Route, operation: Operation) -> list[ErrorType]:
    """All that a route can end with, in the order of their statuses."""
    found = {*_errors_of_its_kind(route, operation), *operation.errors}
    return sorted(found, key=lambda error: (error.status, error.code))


def responses(
    operation: Operation, errors: Iterable[ErrorType], schemas: Schemas, example: Any
) -> dict[str, Any]:
    """The responses of an operation by status."""
    found = {
        str(status.value): _answer(answer, schemas, example)
        for status, answer in operation.all_answers().items()
    }
    for name, grouped in by_response(errors).items():
        found[str(grouped[0].status)] = {"$ref": f"#/components/responses/{name}"}
    return found


def by_response(errors: Iterable[ErrorType]) -> dict[str, list[ErrorType]]:
    """Errors that share a status, by the name of the response that tells them."""
    of_status: dict[int, list[ErrorType]] = {}
    for error in errors:
        of_status.setdefault(error.status, []).append(error)
    return {"-or-".join(error.code for error in group): group for group in of_status.values()}


def error_response(errors: Sequence[ErrorType]) -> dict[str, Any]:
    """The response for errors that share a status."""
    response: dict[str, Any] = {
        "description": " Or: ".join(error.default_message for error in errors),
        "content": {
            JSON: {
                "schema": {
                    "allOf": [{"$ref": f"{REF}Error"}],
                    "properties": {"error": {"enum": [error.code for error in errors]}},
                },
                "examples": {error.code: {"value": _example(error)} for error in errors},
            }
        },
    }
    if TooManyRequestsError in errors:
        seconds = {"type": "integer", "minimum": 1}
        response["headers"] = {
            "Retry-After": {"description": "Seconds.", "required": True, "schema": seconds}
        }
    return response


def _errors_of_its_kind(route: Route, operation: Operation) -> Iterator[ErrorType]:
    yield JavumboError
    if operation.touches_storage:
        yield StorageUnavailableError
    if not route.public:
        yield UnauthorizedError
    if path_names(route):
        yield NotFoundError
    if path_names(route) or route.query or operation.takes_body(route) or operation.keyed:
        yield BadInputError
    if operation.takes_body(route):
        yield from (TooLargeError, UnsupportedMediaTypeError)
    if operation.keyed:
        yield IdempotencyKeyReusedError
    if not route.public and route.method != "GET":
        yield ConflictError


def _answer(answer: Answer, schemas: Schemas, example: Any) -> dict[str, Any]:
    response: dict[str, Any] = {"description": answer.description}
    content: dict[str, Any] = {kind: {} for kind in answer.content_types}
    if answer.model:
        content[JSON] = {"schema": schemas.ref(answer.model)}
        if example is not None:
            content[JSON]["example"] = example
    if content:
        response["content"] = content
    if answer.headers:
        response["headers"] = {
            name: {"description": description, "schema": {"type": "string"}}
            for name, description in answer.headers.items()
        }
    return response


def _example(error: ErrorType) -> dict[str, Any]:
    body = {
        "success": False,
        "error": error.code,
        "message": error.default_message,
        "request_id": "5f0c3b8e-6f3d-4c1c-9a43-0d6a2f1f7c52",
    }
    return body | ({"retry": True} if error.retry else {})


def _all_errors(error: ErrorType = JavumboError) -> Iterator[ErrorType]:
    if error is not ConfigurationError:
        yield error
    for kind in error.__subclasses__():
        yield from _all_errors(kind)
