"""The real server as a process of its own, and a person who talks to it."""

import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

import httpx

from tests.support import local_http
from tests.support.openapi import check_answer

ROOT = Path(__file__).parent.parent.parent
PASSWORD = "correct horse battery"
START_TIMEOUT_S = 60
# All people of the tests come from one address.
FOR_MANY_TESTS = {
    "BCRYPT_ROUNDS": "4",
    "ADDRESS_MAX_REGISTRATIONS": "1000000",
    "ADDRESS_MAX_FAILURES": "1000000",
}

# A newcomer's commands; both serve the same routes on the same kind of data directory.
SERVE = [sys.executable, "-m", "javumbo", "serve", "--port"]
CHALICE = str(Path(sys.executable).with_name("chalice"))
CHALICE_LOCAL = [CHALICE, "local", "--no-autoreload", "--port"]


@contextmanager
def serving(data: Path, command: list[str] = SERVE, **environ: str) -> Iterator[str]:
    """Start `command` on a free port over the data directory; gives the address."""
    with server_process(data, command, **environ) as (base_url, _):
        yield base_url


@contextmanager
def server_process(
    data: Path, command: list[str] = SERVE, **environ: str
) -> Iterator[tuple[str, subprocess.Popen[bytes]]]:
    """As `serving`; gives the process as well."""
    port = _free_port()
    log = data.parent / f"{data.name}-{port}.log"
    with log.open("wb") as output:
        process = subprocess.Popen(
            [*command, str(port)],
            cwd=ROOT,
            env={**os.environ, "JAVUMBO_DATA": str(data), **FOR_MANY_TESTS, **environ},
            stdout=output,
            stderr=subprocess.STDOUT,
        )
        try:
            base_url = f"http://127.0.0.1:{port}"
            _wait_until_healthy(base_url, process, log)
            yield base_url, process
        finally:
            process.terminate()
            process.wait(timeout=30)


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def _wait_until_healthy(base_url: str, process: subprocess.Popen[bytes], log: Path) -> None:
    deadline = time.monotonic() + START_TIMEOUT_S
    while time.monotonic() < deadline:
        assert process.poll() is None, log.read_text()
        with suppress(httpx.TransportError):
            if local_http.get(f"{base_url}/health", timeout=5).status_code == 200:
                return
        time.sleep(0.05)
    raise AssertionError(f"the server did not start: {log.read_text()}")


class Person:
    """Somebody with an account and a token; every call returns the JSON of a 200.

    Whatever the server answers is compared with its OpenAPI document.
    """

    def __init__(
        self, base_url: str, username: str, *, registered: bool = False, **registration: Any
    ) -> None:
        self.username = username
        self.http = local_http.Client(
            base_url=base_url, timeout=60, event_hooks={"response": [check_answer]}
        )
        if not registered:
            self._register(registration)
        self.log_in()

    def _register(self, registration: dict[str, Any]) -> None:
        account = {"username": self.username, "name": "A Person", "password": PASSWORD}
        self.ok("POST", "/register", json=account | registration)

    def log_in(self) -> None:
        body = {"username": self.username, "password": PASSWORD}
        token = self.ok("POST", "/login", json=body)["token"]
        self.http.headers["Authorization"] = f"Bearer {token}"

    def call(self, method: str, path: str, **kwargs: Any) -> httpx.Response:
        return self.http.request(method, path, **kwargs)

    def ok(self, method: str, path: str, **kwargs: Any) -> Any:
        response = self.call(method, path, **kwargs)
        assert response.status_code == 200, response.text
        body = response.json()
        assert body["success"] is True
        return body

    def fails(self, status: int, code: str, method: str, path: str, **kwargs: Any) -> Any:
        """The body of an error, which has the contract's one shape."""
        response = self.call(method, path, **kwargs)
        assert response.status_code == status, response.text
        assert_error_shape(response)
        assert response.json()["error"] == code
        return response.json()

    def deck(self, name: str) -> int:
        deck_id: int = self.ok("POST", "/api/decks", json={"name": name})["deck_id"]
        return deck_id

    def card(self, deck_id: int, front: str, back: str = "back", **more: Any) -> Any:
        body = {"deck_id": deck_id, "front": front, "back": back, **more}
        return self.ok("POST", "/api/cards", json=body)

    def next_cards(self, deck_id: int, limit: int = 10) -> list[dict[str, Any]]:
        query = {"limit": limit}
        cards: list[dict[str, Any]] = self.ok("GET", f"/api/review/{deck_id}", params=query)[
            "cards"
        ]
        return cards

    def answer(self, card: dict[str, Any], rating: int, **more: Any) -> Any:
        body = {
            "card_id": card["id"],
            "rating": rating,
            "answer_token": card["answer_token"],
            "time_taken_ms": 2500,
        }
        return self.ok("POST", "/api/review", json=body | more)

    def import_file(self, file: Path) -> Any:
        headers = {"Content-Type": "application/octet-stream"}
        return self.ok("POST", "/api/import", content=file.read_bytes(), headers=headers)

    def export(self, target: Path) -> Path:
        response = self.call("GET", "/api/export")
        assert response.status_code == 200, response.text
        target.write_bytes(response.content)
        return target

    def close(self) -> None:
        self.http.close()


def assert_error_shape(response: httpx.Response) -> None:
    """The one shape of the contract, with CORS headers, and nothing of our insides."""
    body = response.json()
    assert body["success"] is False
    assert set(body) <= {"success", "error", "message", "request_id", "retry", "fields"}
    assert body["error"]
    assert body["message"].endswith(".")
    assert body["request_id"]
    assert response.headers["access-control-allow-origin"]
    assert response.headers["content-type"].startswith("application/json")
    for inside in ("Traceback", "sqlite", "SELECT", "/", "chalicelib"):
        assert inside not in body["message"]
