"""A Chalice app as a WSGI application, for waitress."""

import threading
from collections.abc import Iterable, Sequence
from http import HTTPStatus
from typing import Any, BinaryIO, Protocol
from wsgiref.types import StartResponse, WSGIEnvironment

from chalice.app import Chalice, Response
from chalice.config import Config
from chalice.local import LocalChalice

from chalicelib.errors import TooLargeError
from chalicelib.storage.disk import CHUNK_BYTES
from javumbo.gateway import Answer, ContractGateway
from javumbo.streams import Streams

WireAnswer = tuple[str, list[tuple[str, str]], bytes]


class Pages(Protocol):
    """Something beside the API that browsers ask for."""

    def answer(self, environ: WSGIEnvironment) -> Response | None:
        """None for a request for something else."""


def wsgi_app(
    chalice_app: Chalice,
    *,
    cors_origin: str,
    max_body_bytes: int,
    streams: Streams | None = None,
    pages: Sequence[Pages] = (),
) -> "WsgiApp":
    """The WSGI application of a Chalice app, which from then on may run in many threads.

    `cors_origin` is the one origin that browsers may call from; a body over `max_body_bytes`
    is answered with 413. `streams` answers the requests with large files, each of `pages` those
    of browsers for some pages.
    """
    make_thread_local(chalice_app)
    gateway = ContractGateway(chalice_app, Config.create(), cors_origin=cors_origin)
    return WsgiApp(gateway, max_body_bytes, streams, pages)


class WsgiApp:
    """Hands requests to a gateway. Answers all of them, in the contract's shape."""

    def __init__(
        self,
        gateway: ContractGateway,
        max_body_bytes: int,
        streams: Streams | None = None,
        pages: Sequence[Pages] = (),
    ) -> None:
        self._max_body_bytes = max_body_bytes
        self._gateway = gateway
        self._streams = streams
        self._pages = pages

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        file: BinaryIO | None = None
        try:
            answer, file = self._answer(environ)
            status, headers, body = _wire(answer)
        except Exception as exception:
            status, headers, body = self.refusal(exception)
        start_response(status, headers)
        return environ["wsgi.file_wrapper"](file, CHUNK_BYTES) if file else [body]

    def max_body_bytes(self, method: str, path: str) -> int:
        """How large a body a request may have."""
        streamed = self._streams.max_body_bytes(method, path) if self._streams else 0
        return max(streamed, self._max_body_bytes)

    def refusal(self, exception: Exception) -> WireAnswer:
        """Status, headers and body for a request that failed outside of the routes."""
        return _wire(self._gateway.refuse(exception))

    def _answer(self, environ: WSGIEnvironment) -> tuple[Answer, BinaryIO | None]:
        streamed = self._streams.answer(environ) if self._streams else None
        if streamed:
            response, file = streamed
            return self._gateway.complete(response), file
        for pages in self._pages:
            page = pages.answer(environ)
            if page:
                return self._gateway.complete(page), None
        return self._handle(environ), None

    def _handle(self, environ: WSGIEnvironment) -> Answer:
        return self._gateway.handle_request(
            method=environ["REQUEST_METHOD"],
            path=environ["REQUEST_URI"],
            headers=_headers(environ),
            body=self._body(environ),
            source_ip=environ["REMOTE_ADDR"],
        )

    def _body(self, environ: WSGIEnvironment) -> bytes | None:
        length = int(environ.get("CONTENT_LENGTH") or 0)
        limit = self._max_body_bytes
        if length > limit:
            raise TooLargeError(f"The body is larger than the limit of {limit} bytes.")
        body: bytes = environ["wsgi.input"].read(length)
        return body or None


class _ThreadLocalChalice(LocalChalice):
    """Chalice's own makes `current_request` thread-local, but not `lambda_context`."""

    _CONTEXTS = threading.local()

    @property
    def lambda_context(self) -> Any:
        return self._CONTEXTS.lambda_context

    @lambda_context.setter
    def lambda_context(self, value: Any) -> None:
        self._CONTEXTS.lambda_context = value


def make_thread_local(chalice_app: Chalice) -> None:
    """Let every thread see its own `current_request` and `lambda_context`.

    The app gets a class of its own: `chalice.local.create_local_server` rewrites one class of
    its module for each app, so that a second app breaks the first.
    """
    plain = chalice_app.__class__
    if not issubclass(plain, _ThreadLocalChalice):
        chalice_app.__class__ = type(f"Local{plain.__name__}", (_ThreadLocalChalice, plain), {})


def _headers(environ: WSGIEnvironment) -> dict[str, str]:
    headers = {
        name.removeprefix("HTTP_").replace("_", "-").lower(): value
        for name, value in environ.items()
        if name.startswith("HTTP_")
    }
    if "CONTENT_TYPE" in environ:
        headers["content-type"] = environ["CONTENT_TYPE"]
    return headers


def _wire(answer: Answer) -> WireAnswer:
    status = HTTPStatus(answer["statusCode"])
    headers = [*answer["headers"].items()]
    headers += [
        (name, value) for name, values in answer["multiValueHeaders"].items() for value in values
    ]
    return (
        f"{status.value} {status.phrase}",
        [_header(*pair) for pair in headers],
        answer["body"] or b"",
    )


def _header(name: str, value: Any) -> tuple[str, str]:
    text = str(value)
    text.encode("latin-1")  # the only text that a header can carry
    return name, text
