"""API Gateway on one machine: Chalice's own stand-in for it, kept to the contract.

By itself Chalice answers an unknown path with 403 and words about AWS credentials, a refused
token with 403, most of this without CORS headers, and drops the connection when an authorizer
raises.
"""

import base64
import logging
from collections.abc import Mapping
from typing import Any
from urllib.parse import urlsplit

from chalice.app import Chalice, Response
from chalice.config import Config
from chalice.local import ForbiddenError, LambdaContext, LocalGateway, NotAuthorizedError

from chalicelib.api.http import cors_headers, error_response
from chalicelib.errors import JavumboError, MethodNotAllowedError, NotFoundError, UnauthorizedError

# `statusCode`, `headers`, `multiValueHeaders` (name to list of values) and `body`, which the
# gateway turns into bytes, or None for HEAD.
# Source: AWS, "Output format of a Lambda function for proxy integration".
Answer = dict[str, Any]

logger = logging.getLogger(__name__)

LOCALHOST = "127.0.0.1"
SERVER_ERROR = 500


class ContractGateway(LocalGateway):
    """Leads a request to its authorizer and its view; what they raise becomes an answer.

    Every answer has the contract's shape, CORS headers, a content type and an X-Request-Id.
    """

    def __init__(self, app_object: Chalice, config: Config, *, cors_origin: str) -> None:
        super().__init__(app_object, config)
        self._cors = cors_headers(cors_origin)

    def handle_request(
        self,
        method: str,
        path: str,
        headers: Mapping[str, str],
        body: bytes | None,
        source_ip: str = LOCALHOST,
    ) -> Answer:
        """The answer to one request, its body as bytes.

        `path` is the request's target as sent: undecoded, with its query. `source_ip` is the
        peer's address. HEAD is answered as GET, without the body.
        """
        context = self._generate_lambda_context()
        try:
            event = self._generate_lambda_event(method, path, headers, body, source_ip)
            answer = self._complete(self._answer(event, context), context.aws_request_id)
        except Exception as exception:
            answer = self._refusal(exception, context.aws_request_id)
        return _without_body(answer) if method == "HEAD" else answer

    def refuse(self, exception: Exception) -> Answer:
        """The answer to a request that failed outside of the routes."""
        return self._refusal(exception, self._generate_lambda_context().aws_request_id)

    def complete(self, response: Response) -> Answer:
        """The answer to a request that was served outside of the routes."""
        request_id: str = self._generate_lambda_context().aws_request_id
        return self._complete(response.to_dict(), request_id)

    def _generate_lambda_event(
        self,
        method: str,
        path: str,
        headers: Mapping[str, str],
        body: bytes | None,
        source_ip: str = LOCALHOST,
    ) -> dict[str, Any]:
        # No Accept means that anything will do (RFC 9110, 12.5.1); Chalice would refuse bytes.
        accepting = {"accept": "*/*"} | {name.lower(): value for name, value in headers.items()}
        try:
            event = super()._generate_lambda_event(method, _target(path), accepting, body)
        except ValueError:
            raise NotFoundError from None
        request_context = event["requestContext"]
        request_context["identity"]["sourceIp"] = source_ip
        if method == "HEAD" and "HEAD" not in self._methods(event):
            request_context["httpMethod"] = "GET"
        return event

    def _answer(self, event: dict[str, Any], context: LambdaContext) -> Answer:
        request_context = event["requestContext"]
        method, methods = request_context["httpMethod"], self._methods(event)
        if method in methods:
            event, context = self._authorizer.authorize(request_context["path"], event, context)
            return self._app_object(event, context)
        if method == "OPTIONS":
            preflight = self._autogen_options_headers(event)
            return {"statusCode": 200, "headers": preflight, "multiValueHeaders": {}, "body": ""}
        answer = self._refusal(MethodNotAllowedError(), context.aws_request_id)
        answer["headers"]["Allow"] = _allow(methods)
        return answer

    def _methods(self, event: dict[str, Any]) -> set[str]:
        return set(self._app_object.routes[event["requestContext"]["resourcePath"]])

    def _refusal(self, exception: Exception, request_id: str) -> Answer:
        error = _contract_error(exception)
        if error.status >= SERVER_ERROR:
            logger.error("request %s failed: %s", request_id, error.code, exc_info=exception)
        return self._complete(error_response(error, request_id).to_dict(), request_id)

    def _complete(self, answer: Answer, request_id: str) -> Answer:
        body = _body_bytes(answer)
        wanted = {**self._cors, "X-Request-Id": request_id}
        if body:
            wanted["Content-Type"] = "application/json"
        present = {name.lower() for name in (*answer["headers"], *answer["multiValueHeaders"])}
        missing = {name: value for name, value in wanted.items() if name.lower() not in present}
        return {
            "statusCode": answer["statusCode"],
            "headers": {**answer["headers"], **missing},
            "multiValueHeaders": answer["multiValueHeaders"],
            "body": body,
        }


def _target(raw: str) -> str:
    """The request's target, safe for Chalice's matcher, which takes it for a URL.

    What `urlparse` would take for a host or for parameters is hidden from it, or `//host/x` and
    `/x;y` would lead to `/x`. Raises NotFoundError for what has no path, ValueError for what is
    no URL.
    """
    if not raw.startswith("/") and "://" in raw.partition("?")[0]:
        absolute = urlsplit(raw)
        raw = f"{absolute.path or '/'}?{absolute.query}"
    if not raw.startswith("/"):
        raise NotFoundError
    path, mark, query = raw.partition("?")
    hidden = path.replace("//", "/%2F", 1) if path.startswith("//") else path
    return hidden.replace(";", "%3B") + mark + query


def _contract_error(exception: Exception) -> JavumboError:
    if isinstance(exception, JavumboError):
        return exception
    if isinstance(exception, NotAuthorizedError | ForbiddenError):
        return UnauthorizedError()
    return JavumboError()


def _allow(methods: set[str]) -> str:
    implied = {"OPTIONS", "HEAD"} if "GET" in methods else {"OPTIONS"}
    return ", ".join(sorted(methods | implied))


def _body_bytes(answer: Answer) -> bytes:
    body: str | bytes = answer["body"]
    if answer.get("isBase64Encoded"):
        return base64.b64decode(body)
    return body if isinstance(body, bytes) else body.encode()


def _without_body(answer: Answer) -> Answer:
    """Keep the length that GET would send, as RFC 9110 (9.3.2) wants it."""
    headers = {**answer["headers"], "Content-Length": str(len(answer["body"]))}
    return {**answer, "headers": headers, "body": None}
