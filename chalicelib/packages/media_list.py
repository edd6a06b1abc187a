"""The list of media files in a package, in both forms that Anki writes.

Legacy packages have JSON that maps entries of the zip file to names. The latest ones have a
protobuf message whose n-th element describes entry n. Source: Anki's
rslib/src/import_export/package/media.rs.
"""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from chalicelib.collection.media_names import checked_media_name
from chalicelib.errors import TooLargeError, UnusableFileError
from chalicelib.packages.limits import SourceLimits
from chalicelib.packages.schema18 import wire
from chalicelib.packages.schema18.kinds import BYTES, TEXT, U32_KIND
from chalicelib.packages.schema18.message import Field, decode, encode, message
from chalicelib.packages.schema18.objects import json_bytes
from chalicelib.packages.shapes import parse_document, values_at_most

_SHA1_BYTES = 20
# There may be commas and brackets in names.
_MOST_VALUES_AN_ENTRY = 4
_ENTRIES_FIELD = 1
_MEDIA_ENTRY = message(
    {},
    [Field(1, ("name",), TEXT), Field(2, ("size",), U32_KIND), Field(3, ("sha1",), BYTES)],
)
_MEMBER = re.compile(r"[0-9]{1,9}")
_UNREADABLE = "The list of media of this package cannot be read."


@dataclass(frozen=True, slots=True)
class MediaEntry:
    """A media file of a package.

    `name` is the one that cards use, `member` that of the entry in the zip file. Legacy packages
    do not tell `size` (bytes, unpacked) and `sha1` (20 bytes).
    """

    name: str
    member: str
    size: int | None = None
    sha1: bytes | None = None


def read_legacy_media_list(data: bytes, limits: SourceLimits) -> list[MediaEntry]:
    """Entries from JSON, their names put right.

    Raises UnusableFileError for anything else, and for names that are paths, and TooLargeError.
    """
    text = data.decode(errors="replace")
    if values_at_most(text) > _MOST_VALUES_AN_ENTRY * limits.entries:
        raise TooLargeError(f"A package can hold at most {limits.entries} files.")
    listed = parse_document(text, "list of media", limits.document_depth)
    if len(listed) > limits.entries:
        raise TooLargeError(f"A package can hold at most {limits.entries} files.")
    return [_legacy_entry(member, name) for member, name in listed.items()]


def read_latest_media_list(data: bytes, limits: SourceLimits) -> list[MediaEntry]:
    """Entries from protobuf, already decompressed; their names must be right.

    Raises UnusableFileError for anything else.
    """
    try:
        fields = wire.read_fields(data, most=limits.entries)
        elements = [value for number, _, value in fields if number == _ENTRIES_FIELD]
        return [_latest_entry(index, element) for index, element in enumerate(elements)]
    except wire.WireError:
        raise UnusableFileError(_UNREADABLE) from None


def write_legacy_media_list(entries: Iterable[MediaEntry]) -> bytes:
    """JSON for a legacy package."""
    return json_bytes({entry.member: entry.name for entry in entries})


def write_latest_media_list(entries: Sequence[MediaEntry]) -> bytes:
    """Protobuf for a latest package, not yet compressed.

    The n-th entry must be member n; size and SHA-1 must be known.
    """
    return b"".join(
        wire.field(_ENTRIES_FIELD, wire.LENGTH, encode(_MEDIA_ENTRY, _described(entry)))
        for entry in entries
    )


def _legacy_entry(member: str, name: object) -> MediaEntry:
    if not _MEMBER.fullmatch(member) or not isinstance(name, str):
        raise UnusableFileError(_UNREADABLE)
    return MediaEntry(name=checked_media_name(name), member=str(int(member)))


def _latest_entry(index: int, element: int | bytes) -> MediaEntry:
    if not isinstance(element, bytes):
        raise wire.WireError
    entry = decode(_MEDIA_ENTRY, element)
    name, sha1 = entry["name"], entry["sha1"]
    if len(sha1) != _SHA1_BYTES or checked_media_name(name) != name:
        raise UnusableFileError(_UNREADABLE)
    return MediaEntry(name=name, member=str(index), size=entry["size"], sha1=sha1)


def _described(entry: MediaEntry) -> dict[str, object]:
    return {"name": entry.name, "size": entry.size, "sha1": entry.sha1}
