"""Names of media files where other files have them already.

Source: Anki's rslib/src/media/files.rs.
"""

import hashlib
from collections.abc import Iterator
from itertools import count

from chalicelib.collection.media_names import MAX_NAME_BYTES, normalised_media_name
from chalicelib.errors import BadInputError

_MAX_EXTENSION_BYTES = 10
_HASH_DIGITS = 40


def stored_name(name: str) -> str:
    """The name that Anki would store the file under. Raises BadInputError where nothing is left."""
    readable = name.encode(errors="replace").decode()
    normalised = normalised_media_name(readable)
    if not normalised:
        raise BadInputError(fields={"name": "is not a name of a file"})
    return normalised


def possible_names(name: str, sha1: bytes, sha256: bytes) -> Iterator[str]:
    """The names to try for a file, in turn, until one is free or has this very content.

    There is always another one. The second is Anki's. It may be taken as well by whoever foresaw
    it, and so may any other.
    """
    yield name
    yield _with_hash(name, sha1.hex())
    for number in count():
        digest = hashlib.sha256(sha256 + str(number).encode()).hexdigest()
        yield _with_hash(name, digest[:_HASH_DIGITS])


def _with_hash(name: str, digits: str) -> str:
    """`cat.jpg` as `cat-<digits>.jpg`, within the length of a name.

    Without an extension Anki puts a point at the end, which its own rules forbid; we do not.
    """
    stem, point, extension = name.rpartition(".")
    if not point:
        stem, extension = name, ""
    extension = _first_bytes(extension, _MAX_EXTENSION_BYTES)
    most = MAX_NAME_BYTES - _HASH_DIGITS - len(extension.encode()) - len("-._")
    hashed = f"{_first_bytes(stem, most)}-{digits}"
    return f"{hashed}.{extension}" if extension else hashed


def _first_bytes(text: str, most: int) -> str:
    return text.encode()[:most].decode(errors="ignore")
