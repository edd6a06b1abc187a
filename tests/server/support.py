"""Servers to talk to, and sockets to talk through."""

import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from http.client import HTTPResponse
from pathlib import Path
from urllib.parse import urlsplit

import httpx

from javumbo.http_server import HttpServer
from javumbo.wsgi import wsgi_app
from tests.server.apps import ORIGIN, Gate, make_app

ROOT = Path(__file__).resolve().parents[2]
MAX_BODY_BYTES = 4 * 1024 * 1024

# A server that answers, answers at once; the rest of this is for a machine that is busy.
TIMEOUT_S = 60


@contextmanager
def running_server(gate: Gate | None = None) -> Iterator[HttpServer]:
    """The app of the tests behind the server of `javumbo serve`, on a free port."""
    app = wsgi_app(make_app(gate), cors_origin=ORIGIN, max_body_bytes=MAX_BODY_BYTES)
    server = HttpServer(app, "127.0.0.1", 0)
    server.start()
    try:
        yield server
    finally:
        server.stop(grace_s=0)


@contextmanager
def running_process(
    command: Sequence[str], cwd: Path, environ: Mapping[str, str]
) -> Iterator[subprocess.Popen[str]]:
    """A process that is gone afterwards, whatever happens."""
    process = subprocess.Popen(
        command,
        cwd=cwd,
        env={**os.environ, "PYTHONPATH": str(ROOT), **environ},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    with process:
        try:
            yield process
        finally:
            process.kill()


@contextmanager
def chalice_local(project: Path, environ: Mapping[str, str]) -> Iterator[str]:
    """The address of plain `chalice local` for the project in that folder."""
    port = free_port()
    chalice = str(Path(sys.executable).with_name("chalice"))
    command = [chalice, "local", "--no-autoreload", "--port", str(port)]
    with running_process(command, project, environ) as process:
        wait_until_open(port, process)
        yield f"http://127.0.0.1:{port}"


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port: int = listener.getsockname()[1]
        return port


def port_of(url: str) -> int:
    return int(url.rpartition(":")[2])


def is_open(port: int) -> bool:
    try:
        socket.create_connection(("127.0.0.1", port), TIMEOUT_S).close()
    except ConnectionRefusedError:
        return False
    return True


def wait_until_open(port: int, process: subprocess.Popen[str]) -> None:
    while not is_open(port):
        if process.poll() is not None:
            _, complaint = process.communicate()
            raise AssertionError(f"it ended with {process.returncode}: {complaint}")
        time.sleep(0.02)


def connect(url: str) -> socket.socket:
    address = urlsplit(url)
    assert address.hostname
    assert address.port
    return socket.create_connection((address.hostname, address.port), TIMEOUT_S)


def exchange(url: str, request: bytes) -> httpx.Response:
    """The answer to bytes of any kind, sent as they are."""
    with connect(url) as connection:
        connection.sendall(request)
        return read_answer(connection)


def read_answer(connection: socket.socket, method: str = "GET") -> httpx.Response:
    with HTTPResponse(connection, method=method) as answer:
        answer.begin()
        return httpx.Response(answer.status, headers=answer.getheaders(), content=answer.read())
