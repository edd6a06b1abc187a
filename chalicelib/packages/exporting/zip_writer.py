"""The zip file of a package, written in one pass.

Source: Anki's rslib/src/import_export/package/colpkg/export.rs (order, names and compression).
"""

import itertools
import zipfile
from collections.abc import Iterable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from chalicelib.errors import NotFoundError
from chalicelib.packages.media_list import (
    MediaEntry,
    write_latest_media_list,
    write_legacy_media_list,
)
from chalicelib.packages.media_ports import MediaFile
from chalicelib.packages.package_version import MEDIA_LIST, META, PackageVersion, meta_bytes
from chalicelib.packages.zstd import compressed

_CHUNK_BYTES = 256 * 1024
_READABLE_FILE = 0o100644 << 16
_UNIX = 3
# Before this a zip file can tell no time.
_FIRST_YEAR_MS = 315_532_800_000


@dataclass(frozen=True, slots=True)
class PackageParts:
    """The files of a package: a collection in the schema that `version` asks for, and another one.

    The placeholder is for versions of Anki that do not know this one; None where there are none.
    """

    version: PackageVersion
    collection: Path
    placeholder: Path | None


def write_package(
    target: Path,
    parts: PackageParts,
    media: Iterable[tuple[MediaFile, Iterator[bytes]]],
    now_ms: int,
) -> None:
    """Make the package at `target`; the same content and time give the same bytes.

    `media` are the files that go along, each with its content in pieces.
    """
    with zipfile.ZipFile(target, "w") as archive:
        writer = _Writer(archive, parts.version, now_ms)
        writer.add_collection(parts)
        writer.add_media(media)


class _Writer:
    def __init__(self, archive: zipfile.ZipFile, version: PackageVersion, now_ms: int) -> None:
        self._archive = archive
        self._version = version
        self._now_ms = now_ms

    def add_collection(self, parts: PackageParts) -> None:
        if parts.placeholder is not None:  # before there were several versions, none was stated
            self._add(META, [meta_bytes(self._version)])
        content = _content(parts.collection)
        self._add(self._version.collection, content, is_deflated=not self._is_zstd)
        if parts.placeholder is not None:
            name = PackageVersion.LEGACY_1.collection
            self._write(name, _content(parts.placeholder), is_deflated=True)

    def add_media(self, files: Iterable[tuple[MediaFile, Iterator[bytes]]]) -> None:
        """A file that was removed meanwhile stays out."""
        entries: list[MediaEntry] = []
        for file, chunks in files:
            member = str(len(entries))
            with suppress(NotFoundError):
                self._add(member, _begun(chunks), size=file.size)
                entries.append(MediaEntry(file.name, member, file.size, file.sha1))
        write_list = write_latest_media_list if self._is_zstd else write_legacy_media_list
        self._add(MEDIA_LIST, [write_list(entries)])

    @property
    def _is_zstd(self) -> bool:
        return self._version.is_zstd

    def _add(
        self, name: str, chunks: Iterable[bytes], *, is_deflated: bool = False, size: int = 0
    ) -> None:
        """An entry in the compression of this version; all but `meta` has one."""
        packed = compressed(chunks) if self._is_zstd and name != META else chunks
        self._write(name, packed, is_deflated=is_deflated, size=size)

    def _write(
        self, name: str, chunks: Iterable[bytes], *, is_deflated: bool = False, size: int = 0
    ) -> None:
        entry = zipfile.ZipInfo(name, _zip_time(self._now_ms))
        entry.compress_type = zipfile.ZIP_DEFLATED if is_deflated else zipfile.ZIP_STORED
        entry.external_attr, entry.create_system = _READABLE_FILE, _UNIX
        entry.file_size = size
        with self._archive.open(entry, "w") as file:
            for chunk in chunks:
                file.write(chunk)


def _begun(chunks: Iterator[bytes]) -> Iterable[bytes]:
    """The same, read so far that it is known to be there."""
    first = next(chunks, b"")
    return itertools.chain((first,), chunks)


def _content(path: Path) -> Iterator[bytes]:
    with path.open("rb") as file:
        while chunk := file.read(_CHUNK_BYTES):
            yield chunk


def _zip_time(now_ms: int) -> tuple[int, int, int, int, int, int]:
    time = datetime.fromtimestamp(max(now_ms, _FIRST_YEAR_MS) // 1000, UTC)
    return time.year, time.month, time.day, time.hour, time.minute, time.second
