"""Names of media files, as Anki keeps them.

Source: Anki's rslib/src/media/files.rs and rslib/io/src/lib.rs.
"""

import re

from chalicelib.collection.unicode import nfc
from chalicelib.collection.unicode10 import without_newer_characters
from chalicelib.errors import UnusableFileError

MAX_NAME_BYTES = 120

_MAX_EXTENSION_BYTES = 10
# For the point before the extension, and for a `_` at the end.
_RESERVED_BYTES = 2
_NEVER_IN_A_NAME = re.compile(r'[\[\]<>:"/?*^\\|\x00-\x1f\x7f]')
_DEVICE = re.compile(r"^(CON|PRN|AUX|NUL|COM[1-9]|LPT[1-9])(\.|$)", re.IGNORECASE | re.ASCII)
_ENDINGS_WINDOWS_DROPS = (" ", ".")
_NOT_A_FILE_NAME = ("", ".", "..")


def normalised_media_name(name: str) -> str:
    """The name as Anki would store the file; empty where nothing is left of it."""
    text = without_newer_characters(_NEVER_IN_A_NAME.sub("", nfc(name)))
    text = text.replace("\xa0", " ")
    text = _DEVICE.sub(r"\1_\2", text)
    return _cut(_safely_ended(text))


def checked_media_name(name: str) -> str:
    """The normalised name of a file in a package. Raises UnusableFileError for a path."""
    normalised = "" if "/" in name or name in _NOT_A_FILE_NAME else normalised_media_name(name)
    if not normalised:
        raise UnusableFileError("This package holds a media file whose name is not a valid file.")
    return normalised


def _safely_ended(name: str) -> str:
    return f"{name}_" if name.endswith(_ENDINGS_WINDOWS_DROPS) else name


def _cut(name: str) -> str:
    if len(name.encode()) <= MAX_NAME_BYTES:
        return name
    stem, _, extension = name.rpartition(".")
    if not stem and not name.startswith("."):
        stem, extension = name, ""
    extension = _first_bytes(extension, _MAX_EXTENSION_BYTES)
    most = MAX_NAME_BYTES - len(extension.encode()) - _RESERVED_BYTES
    stem = _first_bytes(stem, most)
    return _safely_ended(f"{stem}.{extension}" if extension else stem)


def _first_bytes(text: str, most: int) -> str:
    return text.encode()[:most].decode(errors="ignore")
