"""One request as a view sees it: typed, validated, and tied to its caller's collection."""

import hashlib
import json
import sqlite3
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Self, TypeVar

from chalicelib.api.validation import Model, parse_id, parse_json, parse_query
from chalicelib.backups import BackupKind
from chalicelib.collection.undo.recording import UndoRecorder
from chalicelib.errors import BadInputError, TooLargeError, UnauthorizedError
from chalicelib.services import Services
from chalicelib.storage import Owner, Request, Reversion, Way

T = TypeVar("T")

MAX_IDEMPOTENCY_KEY = 64
_DIGEST_SIZE = 16


class _RehearsedError(Exception):
    """The change can be made."""


@dataclass(frozen=True, slots=True)
class ApiRequest:
    """What a view may use. `now_ms` is read once, so that a re-run computes the same.

    `source_ip` is where the connection comes from; `token_id` and `token_expires_ms` are of the
    caller's token.
    """

    services: Services
    now_ms: int
    caller: str | None
    generation: str
    route: str
    params: Mapping[str, str]
    query_params: Mapping[str, str]
    headers: Mapping[str, str]
    raw_body: bytes
    source_ip: str = ""
    token_id: str = ""
    token_expires_ms: int = 0

    @classmethod
    def from_chalice(cls, current: Any, params: Mapping[str, str], services: Services) -> Self:
        """From Chalice's request. Raises TooLargeError for a body over the limit."""
        raw_body: bytes = current.raw_body
        limit = services.settings.max_body_bytes
        if len(raw_body) > limit:
            raise TooLargeError(f"The body is larger than the limit of {limit} bytes.")
        authorizer = current.context.get("authorizer", {})
        return cls(
            services=services,
            now_ms=services.now_ms(),
            caller=authorizer.get("principalId"),
            generation=authorizer.get("generation", ""),
            route=f"{current.method} {current.context['resourcePath']}",
            params=params,
            query_params=dict(current.query_params or {}),
            headers=current.headers,
            raw_body=raw_body,
            source_ip=current.context.get("identity", {}).get("sourceIp") or "",
            token_id=authorizer.get("jti", ""),
            # API Gateway makes text of it.
            token_expires_ms=int(authorizer.get("expires_ms", 0)),
        )

    @property
    def owner(self) -> Owner:
        """Whose collection this is about: the token's owner, whatever the request says."""
        if self.caller is None:
            raise UnauthorizedError
        return Owner(self.caller, self.generation)

    def body(self, model: type[Model]) -> Model:
        return parse_json(self.raw_body, model)

    def query(self, model: type[Model]) -> Model:
        return parse_query(self.query_params, model)

    def path_id(self, name: str) -> int:
        return parse_id(self.params[name], name)

    def read(self, fn: Callable[[sqlite3.Connection], T]) -> T:
        """`fn` on the current state of the caller's collection; it cannot write."""
        return self.services.storage.read(self.owner, fn)

    def transact(
        self, operation: str, fn: Callable[[sqlite3.Connection], dict[str, Any]]
    ) -> dict[str, Any]:
        """Commit what `fn` does to the caller's collection, or nothing of it; its JSON answer.

        A request whose Idempotency-Key was used gets the first answer again, and changes nothing.
        `operation` names the change for a person, and is kept with what takes it back.
        Raises IdempotencyKeyReusedError.
        """
        return self.services.storage.transact(
            self.owner, fn, self.asked(), recorder=UndoRecorder(), operation=operation
        )

    def transact_with_backup(
        self, kind: BackupKind, operation: str, fn: Callable[[sqlite3.Connection], dict[str, Any]]
    ) -> dict[str, Any]:
        """`transact` for what is hard to take back: the collection as it was is kept as a backup.

        What is refused leaves no backup; where none can be made nothing is changed.
        """

        def rehearse(conn: sqlite3.Connection) -> dict[str, Any]:
            fn(conn)
            raise _RehearsedError

        try:
            # An answer means that this very request was made before.
            return self.services.storage.transact(self.owner, rehearse, self.asked())
        except _RehearsedError:
            self.services.backups.make(self.owner, kind)
            return self.transact(operation, fn)

    def revert(
        self, way: Way, fn: Callable[[sqlite3.Connection, bytes], dict[str, Any]]
    ) -> dict[str, Any]:
        """Take the caller's last change back, or do it again; what `fn` gives, and its name.

        `fn` gets the inverse that `transact` recorded. Raises NothingToUndoError.
        """
        reversion = Reversion(way, fn, self.asked(), UndoRecorder())
        return self.services.storage.revert(self.owner, reversion)

    def asked(self) -> Request | None:
        """The request as the storage knows it again; None for one without Idempotency-Key."""
        key = self.idempotency_key()
        return Request(key, self._digest()) if key else None

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

    def _digest(self) -> bytes:
        """What tells a request from another one: its route, parameters and body."""
        digest = hashlib.blake2b(digest_size=_DIGEST_SIZE)
        address = [self.route, sorted(self.params.items()), sorted(self.query_params.items())]
        digest.update(json.dumps(address).encode())
        digest.update(self.raw_body)
        return digest.digest()
