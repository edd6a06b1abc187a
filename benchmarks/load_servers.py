"""Several server processes over one store: a directory, or AWS as an emulator has it."""

import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

import httpx

from benchmarks.operations import emulated_stage
from benchmarks.storage import ROOT

_PATIENCE_S = 120
_POLL_S = 0.1
# All people of a benchmark come from one address.
_ONE_ADDRESS = {
    "ADDRESS_MAX_REGISTRATIONS": "1000000",
    "ADDRESS_MAX_FAILURES": "1000000",
    "ADDRESS_MAX_PASSWORD_CHECKS": "1000000",
}


@dataclass(frozen=True, slots=True)
class Servers:
    """Running processes of `javumbo serve`, and where they are asked."""

    addresses: list[str]
    processes: list[int]

    def cpu_s(self) -> float:
        """The processor time that they have taken so far, in seconds."""
        return sum(map(_cpu_s, self.processes))


@contextmanager
def over_a_directory(
    directory: Path, count: int, environment: dict[str, str] | None = None
) -> Iterator[Servers]:
    """Servers of one machine over one data directory."""
    settings = {"JAVUMBO_DATA": str(directory / "data"), **(environment or {})}
    with _serving(directory, count, settings) as servers:
        yield servers


@contextmanager
def over_aws(directory: Path, count: int) -> Iterator[Servers]:
    """Servers with the AWS adapters over one emulator that takes a request at a time."""
    with emulated_stage() as environment, _serving(directory, count, environment) as servers:
        yield servers


@contextmanager
def _serving(directory: Path, count: int, settings: dict[str, str]) -> Iterator[Servers]:
    with ExitStack() as stack:
        started = [stack.enter_context(_server(directory, settings)) for _ in range(count)]
        for url, process in started:
            _wait_until_healthy(url, process)
        yield Servers([url for url, _ in started], [process.pid for _, process in started])


@contextmanager
def _server(
    directory: Path, settings: dict[str, str]
) -> Iterator[tuple[str, subprocess.Popen[bytes]]]:
    """A server on its way up."""
    port = _free_port()
    with (directory / f"{port}.log").open("wb") as log:
        process = subprocess.Popen(  # noqa: S603
            [sys.executable, "-m", "javumbo", "serve", "--port", str(port)],
            cwd=ROOT,
            env={**os.environ, **_ONE_ADDRESS, **settings},
            stdout=log,
            stderr=subprocess.STDOUT,
        )
        try:
            yield f"http://127.0.0.1:{port}", process
        finally:
            process.terminate()
            process.wait(timeout=_PATIENCE_S)


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def _wait_until_healthy(url: str, process: subprocess.Popen[bytes]) -> None:
    deadline = time.monotonic() + _PATIENCE_S
    while process.poll() is None and time.monotonic() < deadline:
        with suppress(httpx.TransportError):
            if httpx.get(f"{url}/health").is_success:
                return
        time.sleep(_POLL_S)
    raise RuntimeError("the server did not start")


def _cpu_s(process: int) -> float:
    """User and system time of a process. Source: proc(5), `/proc/[pid]/stat`."""
    fields = Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")
