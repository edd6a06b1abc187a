"""Signed addresses on this very server, and what lies behind them."""

import base64
import binascii
import hashlib
import hmac
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import msgspec

from chalicelib.errors import NotFoundError, StorageUnavailableError, TooLargeError
from chalicelib.storage.disk import disk_errors
from chalicelib.storage.ports import AmbiguousOutcomeError, BaseStore, PreconditionFailedError
from chalicelib.transfers.addresses import UploadAddress
from chalicelib.transfers.scratch import scratch_folder

UPLOADS, DOWNLOADS = "/uploads/", "/downloads/"

_PURPOSE = b"javumbo: addresses of transfers"
_MAX_TOKEN = 2048
_TRIES = 4


class Grant(msgspec.Struct, frozen=True, array_like=True):
    """What the holder of a token may do: send or fetch one object until `expires_ms`."""

    kind: Literal["upload", "download"]
    key: str
    expires_ms: int
    max_bytes: int = 0
    filename: str = ""


class LocalTransferAddresses:
    """Addresses whose token is a grant with an HMAC-SHA256 over it."""

    def __init__(self, secret: bytes) -> None:
        """The signing key is derived from `secret`, which signs other things too."""
        self._key = hmac.digest(secret, _PURPOSE, hashlib.sha256)

    def for_upload(self, key: str, *, max_bytes: int, expires_ms: int) -> UploadAddress:
        token = self._signed(Grant("upload", key, expires_ms, max_bytes))
        return UploadAddress(f"{UPLOADS}{token}", "PUT", {})

    def for_download(self, key: str, *, filename: str, expires_ms: int) -> str:
        return DOWNLOADS + self._signed(Grant("download", key, expires_ms, filename=filename))

    def grant(self, kind: Literal["upload", "download"], token: str, now_ms: int) -> Grant | None:
        """None for a token that is forged, expired or for something else."""
        payload, _, mac = token.partition(".")
        try:
            content, given = _decoded(payload), _decoded(mac)
        except (ValueError, binascii.Error):
            return None
        if len(token) > _MAX_TOKEN or not hmac.compare_digest(given, self._mac(content)):
            return None
        grant = msgspec.json.decode(content, type=Grant)
        return grant if grant.kind == kind and now_ms < grant.expires_ms else None

    def _signed(self, grant: Grant) -> str:
        content = msgspec.json.encode(grant)
        return f"{_encoded(content)}.{_encoded(self._mac(content))}"

    def _mac(self, content: bytes) -> bytes:
        return hmac.digest(self._key, content, hashlib.sha256)


@dataclass(frozen=True, slots=True)
class OpenedDownload:
    """A file at `path`, there for a moment, and the name to save it under."""

    path: Path
    filename: str

    @property
    def headers(self) -> dict[str, str]:
        """What an answer with the file says of it."""
        return {
            "Content-Type": "application/octet-stream",
            "Content-Disposition": f'attachment; filename="{self.filename}"',
            "Cache-Control": "no-store",
            "X-Content-Type-Options": "nosniff",
        }


class LocalDoor:
    """Takes and gives the files of signed addresses. Raises NotFoundError for a bad token."""

    def __init__(
        self,
        base: BaseStore,
        addresses: LocalTransferAddresses,
        *,
        now_ms: Callable[[], int],
        work_dir: Path | None = None,
    ) -> None:
        self._base = base
        self._addresses = addresses
        self._now_ms = now_ms
        self._work_dir = work_dir

    def max_bytes(self, token: str) -> int:
        """How large a body the token allows; 0 for a bad one."""
        grant = self._addresses.grant("upload", token, self._now_ms())
        return grant.max_bytes if grant else 0

    def receive(self, token: str, chunks: Iterable[bytes]) -> int:
        """Store what comes; its size in bytes. Sending it again replaces it.

        Raises TooLargeError as soon as it is more than was agreed; nothing is stored then.
        """
        grant = self._grant("upload", token)
        with scratch_folder(self._work_dir) as folder:
            path = folder / "file"
            size = _written(path, chunks, grant.max_bytes)
            self._store(grant.key, path)
        return size

    @contextmanager
    def opened(self, token: str) -> Iterator[OpenedDownload]:
        """The file that the token stands for."""
        grant = self._grant("download", token)
        with scratch_folder(self._work_dir) as folder:
            path = folder / "file"
            if self._base.download(grant.key, path) is None:
                raise NotFoundError("This file is gone.")
            yield OpenedDownload(path, grant.filename)

    def _grant(self, kind: Literal["upload", "download"], token: str) -> Grant:
        grant = self._addresses.grant(kind, token, self._now_ms())
        if grant is None:
            raise NotFoundError("This address has expired, or never was one.")
        return grant

    def _store(self, key: str, path: Path) -> None:
        for _ in range(_TRIES):
            head = self._base.head(key)
            try:
                self._base.put(key, path, metadata={}, if_match=head.etag if head else None)
            except (PreconditionFailedError, AmbiguousOutcomeError):
                continue
            return
        raise StorageUnavailableError


def _written(path: Path, chunks: Iterable[bytes], max_bytes: int) -> int:
    size = 0
    with disk_errors(), path.open("wb") as file:
        for chunk in chunks:
            size += len(chunk)
            if size > max_bytes:
                raise TooLargeError(f"The file is larger than the {max_bytes} bytes agreed on.")
            file.write(chunk)
    return size


def _encoded(content: bytes) -> str:
    return base64.urlsafe_b64encode(content).rstrip(b"=").decode()


def _decoded(text: str) -> bytes:
    """Raises ValueError for what is not the one text of some bytes."""
    content = base64.b64decode(text + "=" * (-len(text) % 4), altchars=b"-_", validate=True)
    if _encoded(content) != text:
        raise ValueError("not canonical")
    return content
