"""Answers about the service itself."""

from http import HTTPStatus
from typing import Literal

import msgspec

from chalicelib.api.openapi.operation import Answer, Operation


class HealthAnswer(msgspec.Struct):
    status: Literal["healthy"]
    version: str


OPERATIONS = {
    "GET /api/health": Operation(answer=HealthAnswer, touches_storage=False),
    "GET /openapi.json": Operation(
        answers={
            HTTPStatus.OK: Answer(
                description="An OpenAPI 3.1 document.",
                content_types=("application/json",),
            )
        },
        touches_storage=False,
    ),
}
