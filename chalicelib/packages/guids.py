"""Guids for notes whose own cannot be used.

A guid is what tells that two notes are the same one, so an empty or doubled one is replaced, and
always by the same: importing the file again must find the note again.
"""

import hashlib

from chalicelib.collection.guid import guid_from_bits
from chalicelib.packages.source_rows import SourceNote

_LONGEST_GUID = 128


def has_usable_guid(note: SourceNote) -> bool:
    return 0 < len(note.guid) <= _LONGEST_GUID


def replacement_guid(note: SourceNote) -> str:
    """A guid that follows from what the note is."""
    identity = f"{note.guid}\x1f{note.id}\x1f{note.notetype_id}"
    digest = hashlib.sha256(identity.encode()).digest()
    return guid_from_bits(int.from_bytes(digest[:8], "big"))
