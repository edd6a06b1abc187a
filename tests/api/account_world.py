"""The account routes in this process: with a clock, an address and a count of hashes."""

import json
from dataclasses import replace
from pathlib import Path
from threading import Lock
from typing import Any

import bcrypt

from chalicelib.accounts.passwords import PasswordHasher
from chalicelib.accounts.sqlite import SQLiteUserRepository
from chalicelib.accounts.users import User
from chalicelib.api.request import ApiRequest
from chalicelib.api.resources import RESOURCES
from chalicelib.errors import JavumboError
from chalicelib.services import Services, build_services
from chalicelib.settings import load_settings

PASSWORD = "correct horse battery"
NOW_MS = 1_700_000_000_000
SECRET = "s" * 32


class CountedHasher(PasswordHasher):
    """Notes the cost of each check."""

    def __init__(self, rounds: int) -> None:
        super().__init__(rounds, checkpw=self._counted)
        self.costs: list[str] = []
        self._lock = Lock()

    def _counted(self, password: bytes, password_hash: bytes) -> bool:
        with self._lock:
            self.costs.append(password_hash[:7].decode())
        return bcrypt.checkpw(password, password_hash)


class World:
    """Services over a folder; `now_ms` is the time of all requests."""

    def __init__(self, folder: Path, rounds: int = 4, **environ: str) -> None:
        self.hasher = CountedHasher(rounds)
        self.now_ms = NOW_MS
        settings = load_settings({"JAVUMBO_DATA": str(folder), "SECRET_KEY": SECRET, **environ})
        self.services: Services = replace(
            build_services(settings),
            users=SQLiteUserRepository(folder / "admin.db", self.hasher),
            passwords=self.hasher,
            now_ms=lambda: self.now_ms,
        )

    def request(
        self,
        body: dict[str, Any] | None = None,
        *,
        caller: User | None = None,
        ip: str = "203.0.113.5",
        headers: dict[str, str] | None = None,
    ) -> ApiRequest:
        return ApiRequest(
            services=self.services,
            now_ms=self.now_ms,
            caller=caller.username if caller else None,
            generation=caller.generation if caller else "",
            route="",
            params={},
            query_params={},
            headers=headers or {},
            raw_body=json.dumps(body or {}).encode(),
            source_ip=ip,
        )

    def call(self, route: str, body: dict[str, Any] | None = None, **more: Any) -> Any:
        """The answer, or the error that stands for it."""
        view = next(
            found.view
            for routes in RESOURCES.values()
            for found in routes.table
            if f"{found.method} {found.path}" == route
        )
        try:
            return view(self.request(body, **more))
        except JavumboError as error:
            return error

    def register(self, username: str = "ana", **more: Any) -> Any:
        body = {"username": username, "name": "Ana", "password": PASSWORD, "sample_deck": False}
        return self.call("POST /register", body, **more)

    def log_in(self, username: str = "ana", password: str = PASSWORD, **more: Any) -> Any:
        return self.call("POST /login", {"username": username, "password": password}, **more)

    def user(self, username: str = "ana") -> User:
        found = self.services.users.get(username)
        assert found
        return found


def outcome(answer: Any) -> str:
    return answer.code if isinstance(answer, JavumboError) else "ok"
