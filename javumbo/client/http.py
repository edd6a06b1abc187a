"""Requests to one service: what they carry, and what their answers mean."""

import ipaddress
import re
import secrets
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from http import HTTPStatus
from typing import Any
from urllib.parse import SplitResult, urljoin, urlsplit

import httpx

from chalicelib import __version__
from javumbo.client.errors import (
    NotLoggedInError,
    ServiceError,
    UnfinishedError,
    UnreachableError,
    WrongUsageError,
)
from javumbo.client.retrying import with_retries

TIMEOUT_S = 120
CONNECT_TIMEOUT_S = 10
BYTES = "application/octet-stream"

_MAX_SAID = 300
_DIGITS = re.compile(r"\d{1,9}", re.ASCII)

Json = dict[str, Any]
Query = Mapping[str, str | int | bool | None]


class Service:
    """The service at an address, as the holder of a token sees it.

    The token goes to that address only, never to one that an answer names.
    """

    def __init__(
        self,
        server: str,
        token: str | None = None,
        *,
        timeout_s: float = TIMEOUT_S,
        sleep: Callable[[float], object] = time.sleep,
    ) -> None:
        """Raises WrongUsageError for what is no address."""
        self.server = checked_address(server)
        self.sleep = sleep
        self._token = token
        self._http = httpx.Client(
            timeout=httpx.Timeout(timeout_s, connect=min(timeout_s, CONNECT_TIMEOUT_S)),
            headers={"User-Agent": f"javumbo/{__version__}"},
        )

    def close(self) -> None:
        self._http.close()

    def get(self, path: str, query: Query | None = None) -> Json:
        return self._call("GET", path, query=query)

    def post(
        self,
        path: str,
        *,
        query: Query | None = None,
        json: Json | None = None,
        content: bytes | None = None,
        key: str | None = None,
    ) -> Json:
        """Send a change. `key` is its Idempotency-Key; by default it is one of its own."""
        headers = {"Idempotency-Key": key or secrets.token_hex(16)}
        if content is not None:
            headers["Content-Type"] = BYTES
        return self._call("POST", path, query=query, json=json, content=content, headers=headers)

    @contextmanager
    def file(self, path: str, query: Query) -> Iterator[httpx.Response]:
        """The answer to a GET that may be a large file, before its body is read; not retried."""
        with self._stream(self.server + path, _given(query), self._authorization()) as response:
            yield response

    @contextmanager
    def file_elsewhere(self, url: str) -> Iterator[httpx.Response]:
        """As `file`, from an address that the service named."""
        with self._stream(self.absolute(url), {}, {}) as response:
            yield response

    def send_elsewhere(self, method: str, url: str, **content: Any) -> None:
        """Send a file to an address that the service named; not retried."""
        with self._reaching():
            response = self._http.request(method, self.absolute(url), **content)
        if not response.is_success:
            raise error_of(response)

    def absolute(self, url: str) -> str:
        """An address of an answer, which may leave out the service's own."""
        return self.server + url if url.startswith("/") else urljoin(self.server, url)

    def _call(self, method: str, path: str, *, query: Query | None = None, **content: Any) -> Json:
        headers = {**content.pop("headers", {}), **self._authorization()}

        def attempt() -> Json:
            with self._reaching():
                response = self._http.request(
                    method, self.server + path, params=_given(query), headers=headers, **content
                )
            return json_of(response)

        return with_retries(attempt, self.sleep)

    @contextmanager
    def _stream(
        self, url: str, query: dict[str, str], headers: dict[str, str]
    ) -> Iterator[httpx.Response]:
        with (
            self._reaching(),
            self._http.stream("GET", url, params=query or None, headers=headers) as response,
        ):
            if not response.is_success:
                response.read()
                raise error_of(response)
            yield response

    def _authorization(self) -> dict[str, str]:
        return {"Authorization": f"Bearer {self._token}"} if self._token else {}

    @contextmanager
    def _reaching(self) -> Iterator[None]:
        try:
            yield
        except (httpx.ReadTimeout, httpx.WriteTimeout) as error:
            raise UnfinishedError(f"{self.server} does not answer in time.") from error
        except (httpx.RequestError, httpx.InvalidURL) as error:
            reason = _printable(str(error)) or type(error).__name__
            raise UnreachableError(f"{self.server} cannot be reached: {reason}.") from error


def checked_address(server: str) -> str:
    """The address without a slash at its end. Raises WrongUsageError."""
    try:
        parts = urlsplit(server)
        usable = parts.scheme in {"http", "https"} and parts.hostname and parts.port != 0
    except ValueError:
        usable = False
    if not usable or parts.query or parts.fragment or parts.username is not None:
        # It may hold a password.
        raise WrongUsageError("A server's address has the form https://example.org.")
    return server.rstrip("/")


def is_private_way(server: str) -> bool:
    """Whether nobody on the way can read along: it is encrypted, or stays on this machine."""
    parts: SplitResult = urlsplit(server)
    if parts.scheme == "https" or parts.hostname == "localhost":
        return True
    try:
        return ipaddress.ip_address(parts.hostname or "").is_loopback
    except ValueError:
        return False


def json_of(response: httpx.Response) -> Json:
    """The JSON of a success. Raises the error that the answer is."""
    body = _json_object(response)
    if response.is_success and body is not None and body.get("success") is True:
        return body
    raise error_of(response)


def error_of(response: httpx.Response) -> ServiceError | NotLoggedInError | UnreachableError:
    """What went wrong, by an answer that is no success."""
    body = _json_object(response)
    if body is None or not isinstance(body.get("error"), str):
        return _foreign_error(response)
    if body["error"] == "unauthorized":
        return NotLoggedInError("You are not logged in, or not any more: javumbo login.")
    fields = body.get("fields")
    return ServiceError(
        _printable(body["error"]),
        response.status_code,
        _printable(str(body.get("message"))),
        fields=_texts(fields) if isinstance(fields, dict) else None,
        retry=body.get("retry") is True,
        retry_after_s=_retry_after_s(response),
    )


def _foreign_error(response: httpx.Response) -> ServiceError | UnreachableError:
    """What a gateway or a store in between says, or something that is not JAVUMBO at all."""
    status = response.status_code
    url = response.request.url
    where = f"{url.scheme}://{url.netloc.decode('ascii', 'replace')}"
    if response.is_redirect:
        location = _printable(response.headers.get("Location", "another address"))
        return UnreachableError(f"{where} leads on to {location}: use that.", retry=False)
    if response.is_error:
        return ServiceError(
            "unexpected_answer",
            status,
            f"{where} refuses with the status {status} ({_phrase(status)}).",
            retry_after_s=_retry_after_s(response),
        )
    return UnreachableError(f"There is no JAVUMBO at {where}.", retry=False)


def _phrase(status: int) -> str:
    try:
        return HTTPStatus(status).phrase
    except ValueError:
        return "unknown"


def _json_object(response: httpx.Response) -> Json | None:
    try:
        body = response.json()
    except (ValueError, RecursionError):
        return None
    return body if isinstance(body, dict) else None


def _retry_after_s(response: httpx.Response) -> int | None:
    """In seconds, which is the form that JAVUMBO and AWS use."""
    text = response.headers.get("Retry-After", "")
    return int(text) if _DIGITS.fullmatch(text) else None


def _given(query: Query | None) -> dict[str, str]:
    """Without what is None; true and false as the service writes them."""
    return {
        name: str(value).lower() if isinstance(value, bool) else str(value)
        for name, value in (query or {}).items()
        if value is not None
    }


def _texts(values: dict[str, Any]) -> dict[str, str]:
    return {_printable(str(name)): _printable(str(value)) for name, value in values.items()}


def _printable(text: str) -> str:
    """Safe to show on a terminal, and not endless."""
    return "".join(char if char.isprintable() else "?" for char in text[:_MAX_SAID])
