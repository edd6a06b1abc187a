"""Requests as a middleware gets them."""

import base64
from typing import Any

from chalice.app import Request

REQUEST_ID = "6d5ef0a2-6c4b-4b0e-9f6d-2f1c6f1f7a55"


class Context:
    """What Lambda gives along with an event."""

    aws_request_id = REQUEST_ID


def request_event(
    method: str, route: str, *, caller: str = "", generation: str = "g1", body: bytes = b""
) -> Request:
    """Of the path `route`; without a caller it is one that needs no token."""
    context: dict[str, Any] = {"httpMethod": method, "resourcePath": route, "identity": {}}
    if caller:
        context["authorizer"] = {"principalId": caller, "generation": generation}
    event = {
        "requestContext": context,
        "headers": {},
        "pathParameters": None,
        "multiValueQueryStringParameters": {"q": ["a secret search"]},
        "stageVariables": None,
        "body": base64.b64encode(body).decode(),
        "isBase64Encoded": True,
    }
    return Request(event, Context())
