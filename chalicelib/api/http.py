"""The shape of every answer: JSON bodies, errors, CORS and cache headers."""

import json
import logging
from collections.abc import Callable, Mapping
from typing import Any

from chalice.app import Request, Response

from chalicelib.errors import (
    BadInputError,
    JavumboError,
    MethodNotAllowedError,
    NotFoundError,
    RangeNotSatisfiableError,
    TooManyRequestsError,
    UnauthorizedError,
    UnsupportedMediaTypeError,
)

logger = logging.getLogger(__name__)

EXPOSED_HEADERS = ("Retry-After", "Content-Disposition", "ETag", "Allow")
ALLOWED_HEADERS = ("Authorization", "Content-Type", "Idempotency-Key")
PREFLIGHT_MAX_AGE_S = 600

# What Chalice answers by itself, before or around our views. Its only 400 there is for a caller
# who does not accept the bytes of an export.
_BY_STATUS: dict[int, JavumboError] = {
    400: BadInputError("The answer is a file: Accept must allow application/octet-stream."),
    401: UnauthorizedError(),
    403: UnauthorizedError(),
    404: NotFoundError(),
    405: MethodNotAllowedError(),
    415: UnsupportedMediaTypeError(),
}


def cors_headers(origin: str) -> dict[str, str]:
    """The CORS headers that every answer carries, errors included."""
    return {
        "Access-Control-Allow-Origin": origin,
        "Access-Control-Allow-Headers": ",".join(ALLOWED_HEADERS),
        "Access-Control-Expose-Headers": ",".join(EXPOSED_HEADERS),
        "Access-Control-Max-Age": str(PREFLIGHT_MAX_AGE_S),
    }


def request_id_of(request: Request) -> str:
    """The id under which the logs know this request."""
    return getattr(request.lambda_context, "aws_request_id", "")


def error_body(error: JavumboError, request_id: str) -> dict[str, Any]:
    """The one error shape of the contract."""
    body: dict[str, Any] = {
        "success": False,
        "error": error.code,
        "message": error.message,
        "request_id": request_id,
    }
    if error.retry:
        body["retry"] = True
    if error.fields:
        body["fields"] = error.fields
    return body


def json_response(
    body: Mapping[str, Any], status: int = 200, headers: Mapping[str, str] | None = None
) -> Response:
    """A JSON answer that no cache keeps."""
    return Response(
        json.dumps(body, ensure_ascii=False, separators=(",", ":")),
        headers={
            "Content-Type": "application/json",
            "Cache-Control": "no-store",
            "X-Content-Type-Options": "nosniff",
            **(headers or {}),
        },
        status_code=status,
    )


def error_response(error: JavumboError, request_id: str) -> Response:
    headers = {}
    if isinstance(error, TooManyRequestsError):
        headers["Retry-After"] = str(error.retry_after_s)
    if isinstance(error, RangeNotSatisfiableError):
        headers["Content-Range"] = f"bytes */{error.size}"
    return json_response(error_body(error, request_id), error.status, headers)


def answer(call: Callable[[], Mapping[str, Any] | Response], request_id: str) -> Response:
    """What `call` gives as an answer: `success: true`, or the shape of the error it raised.

    An unexpected exception is logged with its traceback and shown to nobody.
    """
    try:
        result = call()
    except JavumboError as error:
        if error.status >= 500:  # noqa: PLR2004
            logger.exception("request %s failed: %s", request_id, error.code)
        return error_response(error, request_id)
    except Exception:
        logger.exception("request %s failed", request_id)
        return error_response(JavumboError(), request_id)
    if isinstance(result, Response):
        return result
    return json_response({"success": True, **result})


def in_contract_shape(response: Response, origin: str, request_id: str) -> Response:
    """Give an answer that Chalice made itself the contract's shape, and every answer CORS."""
    if response.status_code >= 400 and not _is_ours(response):  # noqa: PLR2004
        kept = {"Allow": response.headers["Allow"]} if "Allow" in response.headers else {}
        response = error_response(
            _BY_STATUS.get(response.status_code) or JavumboError(), request_id
        )
        response.headers.update(kept)
    for name, value in cors_headers(origin).items():
        response.headers.setdefault(name, value)
    return response


def _is_ours(response: Response) -> bool:
    return isinstance(response.body, str) and response.body.startswith('{"success":')
