"""A large package through a real `javumbo serve`: the upload, the import, the server's memory."""

import os
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

import httpx

from benchmarks.figures import rounded
from benchmarks.packages_anki import Anki
from benchmarks.packages_figures import UploadFigures
from benchmarks.packages_files import Package
from benchmarks.packages_memory import peak_megabytes

_PATIENCE_S = 120
_POLL_S = 0.1
_CREDENTIALS = {"username": "reader", "password": "correct horse battery"}


def measure_upload(package: Package, anki: Anki, work_dir: Path) -> UploadFigures:
    """Send and import the package once. Raises RuntimeError when not all of it came in."""
    with serving(work_dir / "served") as (base_url, process_id):
        with httpx.Client(base_url=base_url, timeout=_PATIENCE_S) as http:
            _log_in(http)
            idle = peak_megabytes(process_id)
            began = time.perf_counter()
            upload_id = _sent(http, package.path)
            sent = time.perf_counter()
            _check(_imported(http, upload_id), package)
            done = time.perf_counter()
        peak = peak_megabytes(process_id)
    return UploadFigures(
        file_bytes=package.path.stat().st_size,
        media_files=package.notes,
        upload_s=rounded(sent - began),
        import_s=rounded(done - sent),
        anki_s=_anki_s(package, anki, work_dir),
        idle_megabytes=idle,
        peak_megabytes=peak,
    )


@contextmanager
def serving(data_dir: Path) -> Iterator[tuple[str, int]]:
    """`javumbo serve` over the directory; its address and its process."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    with tempfile.TemporaryFile() as log:
        process = subprocess.Popen(  # noqa: S603
            [sys.executable, "-m", "javumbo", "serve", "--port", str(port)],
            cwd=Path(__file__).parent.parent,
            env={**os.environ, "JAVUMBO_DATA": str(data_dir)},
            stdout=log,
            stderr=subprocess.STDOUT,
        )
        try:
            base_url = f"http://127.0.0.1:{port}"
            _wait_until_healthy(base_url, process)
            yield base_url, process.pid
        finally:
            process.terminate()
            process.wait(timeout=_PATIENCE_S)


def _wait_until_healthy(base_url: str, process: subprocess.Popen[bytes]) -> None:
    deadline = time.monotonic() + _PATIENCE_S
    while process.poll() is None and time.monotonic() < deadline:
        with suppress(httpx.TransportError):
            if httpx.get(f"{base_url}/health").is_success:
                return
        time.sleep(_POLL_S)
    raise RuntimeError("the server did not start")


def _log_in(http: httpx.Client) -> None:
    _ok(http.post("/register", json=_CREDENTIALS | {"name": "A Reader"}))
    token = _ok(http.post("/login", json=_CREDENTIALS))["token"]
    http.headers["Authorization"] = f"Bearer {token}"


def _sent(http: httpx.Client, file: Path) -> str:
    body = {"bytes": file.stat().st_size, "format": "apkg"}
    offer = _ok(http.post("/api/uploads", json=body))
    headers = {"Content-Type": "application/octet-stream"}
    with file.open("rb") as content:
        _ok(http.request(offer["method"], offer["url"], content=content, headers=headers))
    upload_id: str = offer["upload_id"]
    return upload_id


def _imported(http: httpx.Client, upload_id: str) -> dict[str, Any]:
    """What the import says when it has ended."""
    shown = _ok(http.post("/api/imports", json={"upload_id": upload_id}))
    while shown["state"] not in {"done", "failed"}:
        time.sleep(_POLL_S)
        shown = _ok(http.get(f"/api/imports/{shown['import_id']}"))
    return shown


def _ok(response: httpx.Response) -> dict[str, Any]:
    response.raise_for_status()
    body: dict[str, Any] = response.json()
    return body


def _check(shown: dict[str, Any], package: Package) -> None:
    result = shown.get("result") or {}
    if result.get("media") != package.notes or result["notes"]["new"] != package.notes:
        raise RuntimeError(f"the package did not come in whole: {shown}")


def _anki_s(package: Package, anki: Anki, work_dir: Path) -> float:
    profile = work_dir / "anki-with-media"
    profile.mkdir()
    collection = str(profile / "collection.anki2")
    took_ms: float = anki.ask("merge", collection=collection, file=str(package.path))["ms"]
    anki.ask("close", collection=collection)
    return rounded(took_ms / 1000)
