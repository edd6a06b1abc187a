"""The zip of an .apkg file, read without trusting what it says of itself.

Names in the archive are looked up, never used as paths, and nothing but the few entries we know
is unpacked.
"""

import io
import stat
import struct
import zipfile
import zlib
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO

from chalicelib.errors import TooLargeError, UnusableFileError
from chalicelib.packages.limits import SourceLimits
from chalicelib.packages.zstd import decompressed

ZIP_MAGIC = b"PK"

_CENTRAL_ENTRY = b"PK\x01\x02"
_CHUNK_BYTES = 64 * 1024
_SCANNED_BYTES = 1024 * 1024
_ENCRYPTED_FLAG = 0x1
_UNDERSTOOD_METHODS = (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED)
_BROKEN = "This package is damaged and cannot be read."
_TOO_LARGE = "This package unpacks to more than what can be taken."
_ZIP_ERRORS = (
    zipfile.BadZipFile,
    zlib.error,
    struct.error,
    EOFError,
    NotImplementedError,
    OSError,
    RuntimeError,
    ValueError,
    OverflowError,
)


class Archive:
    """A checked zip file; `read` and `copy` enforce the limits while they unpack."""

    def __init__(self, zip_file: zipfile.ZipFile, limits: SourceLimits) -> None:
        self._zip = zip_file
        self._limits = limits
        self._entries = {info.filename: info for info in zip_file.infolist()}

    def __contains__(self, name: str) -> bool:
        return name in self._entries

    def read(self, name: str, limit: int, *, is_zstd: bool = False) -> bytes:
        """The content of a small entry. Raises TooLargeError above `limit` bytes."""
        return b"".join(self._content(name, limit, is_zstd=is_zstd))

    def copy(self, name: str, target: IO[bytes], *, is_zstd: bool = False) -> None:
        """Unpack an entry into an open file. Raises TooLargeError."""
        for chunk in self._content(name, self._limits.unpacked_bytes, is_zstd=is_zstd):
            target.write(chunk)

    def chunks(self, name: str, limit: int, *, is_zstd: bool = False) -> Iterator[bytes]:
        """The content of an entry in pieces. Raises TooLargeError above `limit` bytes."""
        return self._content(name, limit, is_zstd=is_zstd)

    def _content(self, name: str, limit: int, *, is_zstd: bool) -> Iterator[bytes]:
        """An entry in pieces; one that is zstd in itself is unpacked twice, counted both times."""
        info = self._entries[name]
        allowed = min(limit, _ratio_limit(info.compress_size, self._limits))
        chunks = _bounded(self._chunks(info), allowed)
        return _bounded(decompressed(chunks), allowed) if is_zstd else chunks

    def _chunks(self, info: zipfile.ZipInfo) -> Iterator[bytes]:
        with _readable(), self._zip.open(info) as entry:
            while chunk := entry.read(_CHUNK_BYTES):
                yield chunk


@contextmanager
def open_archive(file: bytes | Path, limits: SourceLimits) -> Iterator[Archive]:
    """Open a zip file after looking at all that its directory claims.

    Raises UnusableFileError, and TooLargeError for too many entries or too much content.
    """
    most = 2 * limits.entries
    if _entries(file, most) > most:  # before each costs an object
        raise TooLargeError(f"A package can hold at most {limits.entries} files.")
    with _readable():
        zip_file = zipfile.ZipFile(io.BytesIO(file) if isinstance(file, bytes) else file)
    with zip_file:
        _check_directory(zip_file.infolist(), limits)
        yield Archive(zip_file, limits)


def _entries(file: bytes | Path, most: int) -> int:
    """How many marks of entries there are, counted until there are more than `most`."""
    if isinstance(file, bytes):
        return file.count(_CENTRAL_ENTRY)
    count, end = 0, b""
    with file.open("rb") as opened:
        while count <= most and (piece := opened.read(_SCANNED_BYTES)):
            piece = end + piece
            count += piece.count(_CENTRAL_ENTRY)
            # A mark may lie across two pieces.
            end = piece[1 - len(_CENTRAL_ENTRY) :]
    return count


def _bounded(chunks: Iterable[bytes], allowed: int) -> Iterator[bytes]:
    for chunk in chunks:
        allowed -= len(chunk)
        if allowed < 0:
            raise TooLargeError(_TOO_LARGE)
        yield chunk


def _check_directory(entries: list[zipfile.ZipInfo], limits: SourceLimits) -> None:
    if len(entries) > limits.entries:
        raise TooLargeError(f"A package can hold at most {limits.entries} files.")
    if len({info.filename for info in entries}) != len(entries):
        raise UnusableFileError("This package holds two files of the same name.")
    for info in entries:
        _check_entry(info, limits)
    if sum(info.file_size for info in entries) > limits.unpacked_bytes:
        raise TooLargeError(_TOO_LARGE)


def _check_entry(info: zipfile.ZipInfo, limits: SourceLimits) -> None:
    if info.flag_bits & _ENCRYPTED_FLAG:
        raise UnusableFileError("This package is protected by a password.")
    if stat.S_ISLNK(info.external_attr >> 16):
        raise UnusableFileError("This package holds links, which a package never does.")
    if info.compress_type not in _UNDERSTOOD_METHODS:
        raise UnusableFileError("This package is compressed in a way that Anki does not use.")
    if info.file_size > _ratio_limit(info.compress_size, limits):
        raise TooLargeError(_TOO_LARGE)


def _ratio_limit(compressed_bytes: int, limits: SourceLimits) -> int:
    return max(limits.ratio_free_bytes, compressed_bytes * limits.ratio)


@contextmanager
def _readable() -> Iterator[None]:
    try:
        yield
    except _ZIP_ERRORS:
        raise UnusableFileError(_BROKEN) from None
