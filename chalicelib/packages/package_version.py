"""The three kinds of package that Anki has written, and which of them a zip file is.

Source: Anki's rslib/src/import_export/package/meta.rs.
"""

from enum import IntEnum

from chalicelib.errors import UnusableFileError
from chalicelib.packages.archive import Archive
from chalicelib.packages.schema18 import wire

META = "meta"
MEDIA_LIST = "media"

_VERSION_FIELD = 1
_MOST_META_BYTES = 1024


class PackageVersion(IntEnum):
    """By the number that a package says of itself."""

    LEGACY_1 = 1
    LEGACY_2 = 2
    LATEST = 3

    @property
    def collection(self) -> str:
        """The name of the collection in the zip file."""
        return _COLLECTIONS[self]

    @property
    def is_zstd(self) -> bool:
        """Whether collection, media list and media files are zstd, each by itself."""
        return self is PackageVersion.LATEST


_COLLECTIONS = {
    PackageVersion.LATEST: "collection.anki21b",
    PackageVersion.LEGACY_2: "collection.anki21",
    PackageVersion.LEGACY_1: "collection.anki2",
}


def package_version(archive: Archive) -> PackageVersion:
    """What the package says that it is; where it says nothing, by the newest collection in it.

    A package for several versions of Anki holds a placeholder for the older ones. Raises
    UnusableFileError for a version that is not known, and where its collection is missing.
    """
    version = _stated(archive) if META in archive else _found(archive)
    if version is None or version.collection not in archive:
        raise UnusableFileError("This zip file is no Anki package: it holds no collection.")
    return version


def meta_bytes(version: PackageVersion) -> bytes:
    """What a package says that it is."""
    return wire.field(_VERSION_FIELD, wire.VARINT, wire.varint(version))


def _found(archive: Archive) -> PackageVersion | None:
    return next((each for each, name in _COLLECTIONS.items() if name in archive), None)


def _stated(archive: Archive) -> PackageVersion:
    fields = wire.read_fields(archive.read(META, _MOST_META_BYTES))
    try:
        stated = {number: value for number, _, value in fields}.get(_VERSION_FIELD)
        return PackageVersion(stated)  # type: ignore[arg-type]  # what is no number is no version
    except ValueError:
        raise UnusableFileError(
            "This package is in a format that is not known here; export it from Anki with"
            " “Support older Anki versions” ticked."
        ) from None
