"""The views over a collection in memory, which may hold what no server would store."""

import json
import sqlite3
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, cast

from chalicelib.api.request import ApiRequest
from chalicelib.api.resources import RESOURCES
from chalicelib.api.routing import View
from chalicelib.backups import Backups
from chalicelib.collection.undo.recording import UndoRecorder
from chalicelib.errors import (
    BadInputError,
    NotFoundError,
    NothingToUndoError,
    StaleCardError,
    UnusableFileError,
)
from chalicelib.services import Services, build_services
from chalicelib.settings import load_settings
from chalicelib.storage import CollectionStorage, Reversion


@dataclass
class OneCollection:
    """What the views use of the storage, over one connection; only undo, no redo."""

    conn: sqlite3.Connection
    done: list[tuple[str, bytes]] = field(default_factory=list)

    def read(self, _: object, fn: Callable[[sqlite3.Connection], Any]) -> Any:
        self.conn.execute("PRAGMA query_only = ON")
        try:
            return fn(self.conn)
        finally:
            self.conn.execute("PRAGMA query_only = OFF")

    def transact(
        self,
        _: object,
        fn: Callable[[sqlite3.Connection], Any],
        __: object = None,
        *,
        recorder: UndoRecorder | None = None,
        operation: str = "",
    ) -> Any:
        result, inverse = self._recorded(fn, recorder or UndoRecorder())
        if inverse:
            self.done.append((operation, inverse))
        return result

    def revert(self, _: object, reversion: Reversion) -> Any:
        if not self.done:
            raise NothingToUndoError
        operation, inverse = self.done[-1]
        result, _inverse = self._recorded(
            lambda conn: reversion.revert(conn, inverse), UndoRecorder()
        )
        self.done.pop()
        return {"operation": operation, **result}

    def _recorded(
        self, fn: Callable[[sqlite3.Connection], Any], recorder: UndoRecorder
    ) -> tuple[Any, bytes]:
        self.conn.execute("BEGIN IMMEDIATE")
        try:
            recorder.begin(self.conn)
            result = fn(self.conn)
            inverse = recorder.end(self.conn)
        except BaseException:
            self.conn.execute("ROLLBACK")
            raise
        self.conn.execute("COMMIT")
        return result, inverse


class NoBackups:
    """Makes none."""

    def make(self, *_: object) -> None:
        """Called before what is hard to take back."""


class Caller:
    """Calls views as HTTP would; what it answers with 4xx is its code, all else is raised."""

    def __init__(self, conn: sqlite3.Connection, folder: Path, now_ms: int) -> None:
        settings = load_settings({"JAVUMBO_DATA": str(folder), "SECRET_KEY": "s" * 32})
        self._services: Services = replace(
            build_services(settings),
            storage=cast(CollectionStorage, OneCollection(conn)),
            backups=cast(Backups, NoBackups()),
        )
        self._now_ms = now_ms

    def __call__(self, method: str, path: str, body: Any = None, **query: object) -> dict[str, Any]:
        view, route, params = _routed(method, path)
        request = ApiRequest(
            services=self._services,
            now_ms=self._now_ms,
            caller="somebody",
            generation="0" * 32,
            route=route,
            params=params,
            query_params={name: str(value) for name, value in query.items()},
            headers={},
            raw_body=b"" if body is None else json.dumps(body).encode(),
        )
        try:
            answer = view(request)
        except (BadInputError, NotFoundError, StaleCardError, UnusableFileError) as error:
            return {"error": error.code}
        shown: dict[str, Any] = json.loads(json.dumps(answer, ensure_ascii=False).encode())
        return shown


def _routed(method: str, path: str) -> tuple[View, str, dict[str, str]]:
    parts = path.split("/")
    for routes in RESOURCES.values():
        for route in routes.table:
            pattern = route.path.split("/")
            if route.method == method and len(pattern) == len(parts):
                pairs = list(zip(pattern, parts, strict=True))
                if all(one == other or one.startswith("{") for one, other in pairs):
                    params = {one[1:-1]: other for one, other in pairs if one.startswith("{")}
                    if "actions" not in params.values():
                        return route.view, f"{method} {route.path}", params
    raise AssertionError(path)
