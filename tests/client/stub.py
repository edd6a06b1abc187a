"""A service that answers what a real one cannot be made to, and writes down what it was asked."""

import json
import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlsplit


@dataclass(frozen=True)
class Asked:
    method: str
    path: str
    query: dict[str, str]
    headers: dict[str, str]
    body: bytes

    @property
    def json(self) -> Any:
        return json.loads(self.body)


@dataclass(frozen=True)
class Answer:
    """`cut` bytes of the body are not sent; all of the answer is kept back with `silent`.

    After it the connection is held until the client goes away, but not longer than `held_s`.
    """

    status: int = 200
    body: bytes = b""
    headers: dict[str, str] = field(default_factory=dict)
    cut: int = 0
    silent: bool = False
    held_s: float = 0


def ok(**members: Any) -> Answer:
    return Answer(body=json.dumps({"success": True, **members}).encode())


def refused(status: int, code: str, *, retry_after: str | None = None, **members: Any) -> Answer:
    body = {"success": False, "error": code, "message": "No.", "request_id": "1", **members}
    headers = {} if retry_after is None else {"Retry-After": retry_after}
    return Answer(status, json.dumps(body).encode(), headers)


def file(content: bytes, name: str = "ada.anki2", **more: Any) -> Answer:
    headers = {
        "Content-Type": "application/octet-stream",
        "Content-Disposition": f'attachment; filename="{name}"',
    }
    return Answer(body=content, headers=headers, **more)


SILENT = Answer(silent=True)


@dataclass
class Stub:
    """`answer` may be changed while it runs."""

    url: str
    answer: Callable[[Asked], Answer]
    asked: list[Asked] = field(default_factory=list)

    def answers(self, *answers: Answer) -> None:
        """One after the other; the last one from then on."""
        waiting = list(answers)
        self.answer = lambda _: waiting.pop(0) if len(waiting) > 1 else waiting[0]


@contextmanager
def serving_stub() -> Iterator[Stub]:
    stub = Stub("", lambda _: ok())
    server = _Server(("127.0.0.1", 0), _handler(stub))
    stub.url = f"http://127.0.0.1:{server.server_port}"
    thread = threading.Thread(target=server.serve_forever, args=(0.02,))
    thread.start()
    try:
        yield stub
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


class _Server(ThreadingHTTPServer):
    daemon_threads = False  # so that the end waits for them

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A client that goes away is part of the tests."""


def _handler(stub: Stub) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            parts = urlsplit(self.path)
            body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
            query = {name: values[0] for name, values in parse_qs(parts.query).items()}
            headers = {name.lower(): value for name, value in self.headers.items()}
            asked = Asked(self.command, parts.path, query, headers, body)
            stub.asked.append(asked)
            self._send(stub.answer(asked))

        do_POST = do_PUT = do_GET  # noqa: N815

        def _send(self, answer: Answer) -> None:
            self.close_connection = True
            if answer.silent:
                self.connection.shutdown(socket.SHUT_RDWR)
                return
            self.send_response(answer.status)
            for name, value in {"Content-Type": "application/json", **answer.headers}.items():
                self.send_header(name, value)
            self.send_header("Content-Length", str(len(answer.body)))
            self.end_headers()
            self.wfile.write(answer.body[: len(answer.body) - answer.cut])
            if answer.held_s:
                self.connection.settimeout(answer.held_s)
                self.connection.recv(1)

        def log_message(self, *_: Any) -> None:
            """Nothing to say."""

    return Handler
