"""Requests as API Gateway hands them to Lambda: the authorizer first, then the handler."""

import base64
import json
from dataclasses import dataclass, field
from types import ModuleType
from typing import Any
from urllib.parse import urlencode

SOURCE_IP = "203.0.113.7"
_METHOD_ARN = "arn:aws:execute-api:us-east-1:123456789012:api/api/GET/api/decks"


@dataclass(frozen=True, slots=True)
class LambdaContext:
    """What of Lambda's context Chalice and the service look at."""

    aws_request_id: str = "00000000-0000-4000-8000-000000000000"
    function_name: str = "benchmark"
    memory_limit_in_mb: str = "1769"


@dataclass(frozen=True, slots=True)
class Call:
    """One request as a client makes it; `body` is JSON unless it is bytes."""

    method: str
    path: str
    body: Any = None
    query: dict[str, str] = field(default_factory=dict)
    headers: dict[str, str] = field(default_factory=dict)


def authorization(app_module: ModuleType, token: str) -> dict[str, Any]:
    """What the authorizer says of a token, as the handler finds it in its event."""
    event = {
        "type": "TOKEN",
        "methodArn": _METHOD_ARN,
        "authorizationToken": f"Bearer {token}",
    }
    policy = app_module.jwt_auth(event, LambdaContext())
    return {"principalId": policy["principalId"], **policy["context"]}


def answered(event: dict[str, Any], app_module: ModuleType) -> Any:
    """The answer to an event; raises RuntimeError for one that is no success."""
    answer = app_module.app(event, LambdaContext())
    if answer["statusCode"] not in (200, 302):
        raise RuntimeError(f"{event['httpMethod']} {event['path']}: {answer['body']}")
    return answer


def body_of(answer: dict[str, Any]) -> Any:
    return json.loads(answer["body"])


def event_of(
    call: Call, app_module: ModuleType, authorizer: dict[str, Any] | None = None
) -> dict[str, Any]:
    """The proxy event of a call."""
    resource, path_parameters = _resource(call.path, app_module)
    is_bytes = isinstance(call.body, bytes)
    kind = "application/octet-stream" if is_bytes else "application/json"
    headers = {"content-type": kind, "accept": "*/*", **call.headers}
    context: dict[str, Any] = {
        "resourcePath": resource,
        "httpMethod": call.method,
        "requestId": "benchmark",
        "identity": {"sourceIp": SOURCE_IP},
    }
    if authorizer:
        context["authorizer"] = authorizer
    return {
        "resource": resource,
        "path": f"{call.path}?{urlencode(call.query)}" if call.query else call.path,
        "httpMethod": call.method,
        "headers": headers,
        "multiValueHeaders": {name: [value] for name, value in headers.items()},
        "queryStringParameters": call.query or None,
        "multiValueQueryStringParameters": {k: [v] for k, v in call.query.items()} or None,
        "pathParameters": path_parameters or None,
        "stageVariables": None,
        "requestContext": context,
        "body": _body(call.body),
        "isBase64Encoded": is_bytes,
    }


def _body(body: Any) -> str | None:
    if body is None:
        return None
    return base64.b64encode(body).decode() if isinstance(body, bytes) else json.dumps(body)


def _resource(path: str, app_module: ModuleType) -> tuple[str, dict[str, str]]:
    """The route that API Gateway chooses, and what its parameters are; raises LookupError."""
    parts = path.strip("/").split("/")
    for template in app_module.app.routes:
        names = template.strip("/").split("/")
        pairs = list(zip(names, parts, strict=False))
        if len(names) == len(parts) and all(n == p or n.startswith("{") for n, p in pairs):
            return template, {n[1:-1]: p for n, p in pairs if n.startswith("{")}
    raise LookupError(path)
