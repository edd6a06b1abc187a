"""Tags: in a note, space-separated with a space at both ends; every tag also in `col.tags`.

Sources: Anki's rslib/src/tags/mod.rs and rslib/src/tags/register.rs.
"""

import re
import sqlite3
from collections.abc import Iterable, Sequence

from chalicelib.collection.col import read_document, server_usn, write_document
from chalicelib.collection.unicode import nfc
from chalicelib.errors import BadInputError

MAX_TAG_LENGTH = 200

_SEPARATOR = re.compile("[ \u3000]")
_NEVER_IN_A_TAG = re.compile("[\x00-\x1f\x7f]")
LEVELS = "::"


def split_tags(text: str) -> list[str]:
    """The tags of a note, as they stand in its row."""
    return [tag for tag in _SEPARATOR.split(text) if tag]


def join_tags(tags: Iterable[str]) -> str:
    """The text of a note's row: sorted and without duplicates, both regardless of case."""
    unique: dict[str, str] = {}
    for tag in tags:
        unique.setdefault(tag.casefold(), tag)
    if not unique:
        return ""
    return f" {' '.join(unique[key] for key in sorted(unique))} "


def check_tags(tags: Sequence[str]) -> Sequence[str]:
    """The same tags. Raises BadInputError for one that is empty, too long or has a space."""
    for tag in tags:
        is_one = tag and not _SEPARATOR.search(tag) and not _NEVER_IN_A_TAG.search(tag)
        if not is_one or len(tag) > MAX_TAG_LENGTH:
            reason = f"a tag is 1 to {MAX_TAG_LENGTH} characters without spaces"
            raise BadInputError(fields={"tags": reason})
    return tags


class TagRegister:
    """The tags that the collection knows; new ones are remembered until `save`."""

    def __init__(self, conn: sqlite3.Connection) -> None:
        self._conn = conn
        self._usn = server_usn(conn)
        self._known = read_document(conn, "tags")
        self._spellings = {tag.casefold(): tag for tag in self._known}
        self.new_count = 0

    def register(self, tags: Iterable[str]) -> list[str]:
        """The tags as the collection spells them, its own spelling of a parent included."""
        return [self._register(_normalised(tag)) for tag in tags]

    def save(self) -> bool:
        """Write `col.tags` if it changed, and say so."""
        if self.new_count:
            write_document(self._conn, "tags", self._known)
        return self.new_count > 0

    def _register(self, tag: str) -> str:
        known = self._spellings.get(tag.casefold())
        if known is not None:
            return known
        spelled = self._below_known_parent(tag)
        self._known[spelled] = self._usn
        self._spellings[spelled.casefold()] = spelled
        self.new_count += 1
        return spelled

    def _below_known_parent(self, tag: str) -> str:
        levels = tag.split(LEVELS)
        for count in range(len(levels) - 1, 0, -1):
            parent = self._spellings.get(LEVELS.join(levels[:count]).casefold())
            if parent is not None:
                return LEVELS.join([parent, *levels[count:]])
        return tag


def register_tags(conn: sqlite3.Connection, tags: Iterable[str]) -> list[str]:
    """The tags as the collection spells them; new ones are added to `col.tags`."""
    register = TagRegister(conn)
    spelled = register.register(tags)
    register.save()
    return spelled


def _normalised(tag: str) -> str:
    return LEVELS.join(_normalised_level(level) for level in tag.split(LEVELS))


def _normalised_level(level: str) -> str:
    return _NEVER_IN_A_TAG.sub("", nfc(level)).strip() or "blank"
