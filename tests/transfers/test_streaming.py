"""Large files through a real server: they never lie in its memory whole."""

import hashlib
import secrets
import time
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from subprocess import Popen
from typing import Any

import pytest

from chalicelib.accounts.secrets import local_secret
from chalicelib.storage import Owner
from chalicelib.storage.directory import DirectoryBaseStore
from chalicelib.transfers import LocalTransferAddresses, Transfers, UploadId
from tests.support import local_http
from tests.support.server import Person, server_process
from tests.transfers.packages import write_package

MEGABYTE = 1024 * 1024
SIZE = 96 * MEGABYTE
# What the server may need beyond what it needed before; a file in memory would take it all.
ROOM = 24 * MEGABYTE
PATIENCE_S = 60
ADA = Owner("ada", "gen1")
PIECE = secrets.token_bytes(MEGABYTE)


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("large") / "data"


@pytest.fixture(scope="module")
def server(data: Path) -> Iterator[tuple[str, Popen[bytes]]]:
    with server_process(data) as serving:
        yield serving


@pytest.fixture
def transfers(server: object, data: Path) -> Transfers:
    return transfers_over(data)


def transfers_over(data: Path) -> Transfers:
    """What the server over this folder has."""
    return Transfers(
        DirectoryBaseStore(data),
        LocalTransferAddresses(local_secret(data / "secret_key")),
        max_bytes=SIZE,
        now_ms=lambda: time.time_ns() // 1_000_000,
        random_bits=secrets.randbits,
    )


def peak_memory(process: Popen[bytes]) -> int:
    """The most that the process had in memory so far, in bytes."""
    status = Path(f"/proc/{process.pid}/status").read_text()
    line = next(line for line in status.splitlines() if line.startswith("VmHWM"))
    return int(line.split()[1]) * 1024


def content(size: int = SIZE) -> Iterator[bytes]:
    return (PIECE for _ in range(size // MEGABYTE))


@pytest.mark.parametrize("is_chunked", [True, False])
def test_an_upload_is_taken_piece_by_piece(
    server: tuple[str, Popen[bytes]], transfers: Transfers, tmp_path: Path, is_chunked: bool
) -> None:
    url, process = server
    offer = transfers.offer_upload(ADA, SIZE, "apkg")
    before = peak_memory(process)
    length = {} if is_chunked else {"Content-Length": str(SIZE)}
    headers = {"Content-Type": "application/octet-stream", **length}
    answer = local_http.put(url + offer.address.url, content=content(), headers=headers, timeout=60)
    assert answer.json() == {"success": True, "bytes": SIZE}
    assert peak_memory(process) - before < ROOM
    upload_id = UploadId.parse(offer.upload_id)
    assert upload_id
    transfers.fetch(ADA, upload_id, tmp_path / "fetched")
    assert digest((tmp_path / "fetched").read_bytes()) == digest(*content())
    transfers.remove(ADA, upload_id)


def test_a_download_is_given_piece_by_piece(
    server: tuple[str, Popen[bytes]], transfers: Transfers, tmp_path: Path
) -> None:
    url, process = server
    file = tmp_path / "given"
    with file.open("wb") as target:
        target.writelines(content())
    address = transfers.offer_download(ADA, file, "ada.apkg").url
    before = peak_memory(process)
    got = hashlib.sha256()
    with local_http.stream("GET", url + address, timeout=60) as answer:
        assert answer.headers["content-length"] == str(SIZE)
        assert answer.headers["content-disposition"] == 'attachment; filename="ada.apkg"'
        assert answer.headers["access-control-allow-origin"]
        for piece in answer.iter_bytes():
            got.update(piece)
    assert got.digest() == digest(*content())
    assert peak_memory(process) - before < ROOM


def test_a_package_with_media_is_imported_piece_by_piece(
    server: tuple[str, Popen[bytes]], tmp_path: Path
) -> None:
    url, process = server
    package = write_package(tmp_path / "given.apkg", files=SIZE // MEGABYTE, size=MEGABYTE)
    size = package.stat().st_size
    with closing(Person(url, "grace", sample_deck=False)) as person:
        before = peak_memory(process)
        offer = person.ok("POST", "/api/uploads", json={"bytes": size, "format": "apkg"})
        with package.open("rb") as content:
            headers = {"Content-Type": "application/octet-stream"}
            person.ok("PUT", offer["url"], content=content, headers=headers)
        started = person.call("POST", "/api/imports", json={"upload_id": offer["upload_id"]})
        assert started.status_code == 202
        result = finished(person, offer["upload_id"])["result"]
        assert (result["notes"]["new"], result["media"]) == (96, 96)
        assert person.ok("GET", "/api/media")["usage"]["bytes"] == SIZE
        assert peak_memory(process) - before < 2 * ROOM


def finished(person: Person, import_id: str) -> Any:
    deadline = time.monotonic() + PATIENCE_S
    while True:
        shown = person.ok("GET", f"/api/imports/{import_id}")
        if shown["state"] in {"done", "failed"}:
            return shown
        assert time.monotonic() < deadline, shown
        time.sleep(0.1)


def test_no_file_of_a_moment_is_left(tmp_path: Path) -> None:
    data, work = tmp_path / "data", tmp_path / "work"
    with server_process(data, JAVUMBO_CACHE=str(work)) as (url, _):
        transfers = transfers_over(data)
        offer = transfers.offer_upload(ADA, SIZE, "apkg")
        headers = {"Content-Type": "application/octet-stream"}
        local_http.put(url + offer.address.url, content=b"x", headers=headers)
        (tmp_path / "given").write_bytes(b"y")
        address = transfers.offer_download(ADA, tmp_path / "given", "a.apkg").url
        assert local_http.get(url + address).content == b"y"
        assert work.is_dir()
        assert list(work.glob("javumbo-file-*")) == []


def digest(*pieces: bytes) -> bytes:
    hashed = hashlib.sha256()
    for piece in pieces:
        hashed.update(piece)
    return hashed.digest()
