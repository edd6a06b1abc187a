"""One request as a view sees it: typed, validated, and tied to its caller's collection."""

import sqlite3
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Self, TypeVar

from chalicelib.api.validation import Model, parse_id, parse_json, parse_query
from chalicelib.errors import BadInputError, TooLargeError, UnauthorizedError
from chalicelib.services import Services

T = TypeVar("T")

MAX_IDEMPOTENCY_KEY = 64


@dataclass(frozen=True, slots=True)
class ApiRequest:
    """What a view may use. `now_ms` is read once, so that a re-run computes the same."""

    services: Services
    now_ms: int
    caller: str | None
    params: Mapping[str, str]
    query_params: Mapping[str, str]
    headers: Mapping[str, str]
    raw_body: bytes

    @classmethod
    def from_chalice(cls, current: Any, params: Mapping[str, str], services: Services) -> Self:
        """From Chalice's request. Raises TooLargeError for a body over the limit."""
        raw_body: bytes = current.raw_body
        limit = services.settings.max_body_bytes
        if len(raw_body) > limit:
            raise TooLargeError(f"The body is larger than the limit of {limit} bytes.")
        return cls(
            services=services,
            now_ms=services.now_ms(),
            caller=current.context.get("authorizer", {}).get("principalId"),
            params=params,
            query_params=dict(current.query_params or {}),
            headers=current.headers,
            raw_body=raw_body,
        )

    @property
    def username(self) -> str:
        """Whose collection this is about: the token's owner, whatever the request says."""
        if self.caller is None:
            raise UnauthorizedError
        return self.caller

    def body(self, model: type[Model]) -> Model:
        return parse_json(self.raw_body, model)

    def query(self, model: type[Model]) -> Model:
        return parse_query(self.query_params, model)

    def path_id(self, name: str) -> int:
        return parse_id(self.params[name], name)

    def read(self, fn: Callable[[sqlite3.Connection], T]) -> T:
        """`fn` on the current state of the caller's collection; it cannot write."""
        return self.services.storage.read(self.username, fn)

    def transact(self, fn: Callable[[sqlite3.Connection], T]) -> T:
        """Commit what `fn` does to the caller's collection, or nothing of it."""
        return self.services.storage.transact(self.username, fn, key=self.idempotency_key())

    def idempotency_key(self) -> str | None:
        """The request's Idempotency-Key. Raises BadInputError when it is not one."""
        key = self.headers.get("idempotency-key")
        if key is None:
            return None
        visible = key.isascii() and key.isprintable() and " " not in key
        if not (visible and 0 < len(key) <= MAX_IDEMPOTENCY_KEY):
            raise BadInputError(
                f"Idempotency-Key must be 1 to {MAX_IDEMPOTENCY_KEY} visible ASCII characters."
            )
        return key
