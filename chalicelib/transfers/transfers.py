"""Offers of uploads and downloads, and the files behind them."""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

from chalicelib.errors import NotFoundError, TooLargeError, TooManyRequestsError
from chalicelib.storage import Owner
from chalicelib.storage.ports import BaseStore
from chalicelib.storage.spills import store_once
from chalicelib.transfers.addresses import Addresses, UploadAddress
from chalicelib.transfers.uploads import RANDOM_BITS, FileFormat, UploadId

HOUR_MS = 60 * 60 * 1000
LIFETIME_MS = HOUR_MS
# An import that stands still is tried again until then.
KEPT_MS = 48 * HOUR_MS
MAX_WAITING = 5

_FOLDERS = ("uploads/", "downloads/")
_MADE_MS = re.compile(r"(\d{1,15})-", re.ASCII)


@dataclass(frozen=True, slots=True)
class UploadOffer:
    upload_id: str
    address: UploadAddress
    max_bytes: int
    expires_at_ms: int


@dataclass(frozen=True, slots=True)
class DownloadOffer:
    url: str = field(repr=False)
    expires_at_ms: int


class Transfers:
    """Files on their way in and out, each in the folder of one registration.

    Those on their way in lie under `uploads/<username>/<generation>/`, the others under
    `downloads/`. Their addresses work for an hour; what nobody came back for goes after two days.
    All methods raise StorageUnavailableError when the store does not answer.
    """

    def __init__(
        self,
        base: BaseStore,
        addresses: Addresses,
        *,
        max_bytes: int,
        now_ms: Callable[[], int],
        random_bits: Callable[[int], int],
    ) -> None:
        """`max_bytes` is the largest upload."""
        self._base = base
        self._addresses = addresses
        self._max_bytes = max_bytes
        self._now_ms = now_ms
        self._random_bits = random_bits

    def offer_upload(self, owner: Owner, size: int, file_format: FileFormat) -> UploadOffer:
        """An address for a file of at most `size` bytes.

        Raises TooLargeError over the limit, and TooManyRequestsError while the owner has several
        files waiting to be imported.
        """
        if size > self._max_bytes:
            raise TooLargeError(f"A file has at most {self._max_bytes} bytes.")
        if len(self._base.keys(_folder(owner, "uploads"))) >= MAX_WAITING:
            raise TooManyRequestsError(
                "Several files are waiting to be imported already.",
                retry_after_s=LIFETIME_MS // 1000,
            )
        now_ms = self._now_ms()
        upload_id = UploadId(now_ms, size, file_format, self._random_bits(RANDOM_BITS))
        expires_ms = now_ms + LIFETIME_MS
        address = self._addresses.for_upload(
            _upload_key(owner, upload_id), max_bytes=size, expires_ms=expires_ms
        )
        return UploadOffer(str(upload_id), address, size, expires_ms)

    def offer_download(self, owner: Owner, file: Path, filename: str) -> DownloadOffer:
        """An address of a copy of `file`, to be saved as `filename`."""
        now_ms = self._now_ms()
        key = f"{_folder(owner, 'downloads')}{now_ms}-{self._random_bits(RANDOM_BITS):x}"
        store_once(self._base, key, file)
        expires_ms = now_ms + LIFETIME_MS
        url = self._addresses.for_download(key, filename=filename, expires_ms=expires_ms)
        return DownloadOffer(url, expires_ms)

    def etag(self, owner: Owner, upload_id: UploadId) -> str:
        """Which file was uploaded. Raises NotFoundError when none was."""
        head = self._base.head(_upload_key(owner, upload_id))
        if head is None:
            raise NotFoundError("No file was uploaded under this id.")
        return head.etag

    def fetch(self, owner: Owner, upload_id: UploadId, path: Path) -> str:
        """Write the uploaded file to `path`; its etag. Raises NotFoundError when it is gone."""
        head = self._base.download(_upload_key(owner, upload_id), path)
        if head is None:
            raise NotFoundError("The uploaded file is gone.")
        return head.etag

    def remove(self, owner: Owner, upload_id: UploadId) -> None:
        self._base.delete(_upload_key(owner, upload_id))

    def delete_all(self, owner: Owner) -> None:
        """Remove what one registration has under way."""
        for folder in ("uploads", "downloads"):
            for key in self._base.keys(_folder(owner, folder)):
                self._base.delete(key)

    def sweep(self) -> None:
        """Remove what nobody came back for."""
        for key in self._old_keys():
            self._base.delete(key)

    def _old_keys(self) -> Iterator[str]:
        for folder in _FOLDERS:
            for key in self._base.keys(folder):
                made = _MADE_MS.match(key.rpartition("/")[2])
                if made and int(made[1]) <= self._now_ms() - KEPT_MS:
                    yield key


def _folder(owner: Owner, kind: str) -> str:
    return f"{kind}/{owner.username}/{owner.generation or '-'}/"


def _upload_key(owner: Owner, upload_id: UploadId) -> str:
    return f"{_folder(owner, 'uploads')}{upload_id}"
