"""The media files of a package that somebody uploaded.

Source: Anki's rslib/src/import_export/package/media.rs.
"""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass

from chalicelib.errors import TooLargeError, UnusableFileError
from chalicelib.packages.archive import Archive
from chalicelib.packages.limits import SourceLimits
from chalicelib.packages.media_list import (
    MediaEntry,
    read_latest_media_list,
    read_legacy_media_list,
)
from chalicelib.packages.package_version import MEDIA_LIST, PackageVersion


@dataclass(frozen=True, slots=True)
class PackagedFile:
    """A file by the name that it is to be stored under."""

    name: str
    _open: Callable[[], Iterator[bytes]]

    def chunks(self) -> Iterator[bytes]:
        """The content in pieces, unpacked within the limits.

        Raises UnusableFileError and TooLargeError.
        """
        return self._open()


class PackageMedia:
    """The files that a package lists; none for a collection that is in no package."""

    def __init__(
        self, archive: Archive | None, entries: Iterable[MediaEntry], *, limit: int, is_zstd: bool
    ) -> None:
        """All files together may unpack to `limit` bytes."""
        self._archive = archive
        self._members = {entry.name: entry.member for entry in entries}
        self._limit = limit
        self._is_zstd = is_zstd
        self._sizes: dict[str, int] = {}
        self._unpacked = 0

    @property
    def names(self) -> set[str]:
        """The names of all files that are listed."""
        return set(self._members)

    def files(self, names: Iterable[str]) -> Iterator[PackagedFile]:
        """Of the listed files those of these names, in the order of the list.

        Raises UnusableFileError for one that is listed and not there.
        """
        wanted = set(names)
        for name, member in self._members.items():
            if name not in wanted:
                continue
            if self._archive is None or member not in self._archive:
                raise UnusableFileError("This package lists a media file that it does not hold.")
            yield PackagedFile(name, lambda name=name: self._chunks(name))  # type: ignore[misc]

    def _chunks(self, name: str) -> Iterator[bytes]:
        assert self._archive  # noqa: S101  # there is no file without one
        others = self._unpacked - self._sizes.get(name, 0)
        size = 0
        member = self._members[name]
        for chunk in self._archive.chunks(member, self._limit, is_zstd=self._is_zstd):
            size += len(chunk)
            if others + size > self._limit:
                raise TooLargeError("The media files unpack to more than what can be taken.")
            yield chunk
        self._unpacked, self._sizes[name] = others + size, size


NO_MEDIA = PackageMedia(None, [], limit=0, is_zstd=False)


def package_media(archive: Archive, version: PackageVersion, limits: SourceLimits) -> PackageMedia:
    """The media files of a package. Raises UnusableFileError and TooLargeError."""
    entries = media_list(archive, version, limits)
    return PackageMedia(archive, entries, limit=limits.unpacked_bytes, is_zstd=version.is_zstd)


def media_list(archive: Archive, version: PackageVersion, limits: SourceLimits) -> list[MediaEntry]:
    """The media files that a package lists, whether it holds them or not.

    Raises UnusableFileError and TooLargeError.
    """
    if MEDIA_LIST not in archive:
        return []
    data = archive.read(MEDIA_LIST, limits.document_bytes, is_zstd=version.is_zstd)
    read = read_latest_media_list if version.is_zstd else read_legacy_media_list
    return read(data, limits)
