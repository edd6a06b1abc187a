"""AWS on this machine: MiniStack, which runs Lambda's zip files and API Gateway's REST APIs.

It lives in an environment of its own (`make test-aws` makes it), keeps to 127.0.0.1, and runs the
functions with its own Python, so that this Python packs them.
"""

import os
import platform
import signal
import socket
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from subprocess import STDOUT, Popen

from tests.emulators.moto_server import aws_environment

ROOT = Path(__file__).parents[2]
VARIABLE = "JAVUMBO_TEST_AWS"
ARCHITECTURE = {"aarch64": "arm64", "arm64": "arm64"}.get(platform.machine(), "x86_64")
_START_S = 60


@dataclass(frozen=True, slots=True)
class MiniStack:
    address: str
    python: str


def environment_folder() -> Path | None:
    """Where MiniStack is installed, None where the tests that need it are not asked for."""
    given = os.environ.get(VARIABLE)
    return ROOT / given if given else None


@contextmanager
def ministack(folder: Path) -> Iterator[MiniStack]:
    """An empty account, with a folder of its own for what the functions keep in /tmp."""
    environment = environment_folder()
    assert environment is not None
    port = _free_port()
    environ = {name: value for name, value in os.environ.items() if not name.startswith("AWS_")}
    environ |= aws_environment() | {
        # Without these it listens on all addresses, and on a second port.
        "BIND_HOST": "127.0.0.1",
        "IOT_MTLS_ENABLED": "0",
        "GATEWAY_PORT": str(port),
        "TMPDIR": str(folder),
    }
    command = [str(environment / "bin" / "ministack")]
    with (
        (folder / "ministack.log").open("wb") as log,
        Popen(
            command, cwd=folder, env=environ, stdout=log, stderr=STDOUT, start_new_session=True
        ) as process,
    ):
        try:
            address = f"http://127.0.0.1:{port}"
            _wait(address, process, folder / "ministack.log")
            yield MiniStack(address, str(environment / "bin" / "python"))
        finally:
            # The functions' processes outlive it otherwise.
            os.killpg(process.pid, signal.SIGTERM)


def _free_port() -> int:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port: int = free.getsockname()[1]
    return port


def _wait(address: str, process: "Popen[bytes]", log: Path) -> None:
    for _ in range(_START_S * 10):
        assert process.poll() is None, log.read_text()
        try:
            with urllib.request.urlopen(f"{address}/_ministack/health"):
                return
        except OSError:
            time.sleep(0.1)
    raise AssertionError(f"MiniStack did not start: {log.read_text()}")
