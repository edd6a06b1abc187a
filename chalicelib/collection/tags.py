"""Tags: in a note, space-separated with a space at both ends; every tag also in `col.tags`."""

import sqlite3
from collections.abc import Iterable

from chalicelib.collection.col import read_document, server_usn, write_document
from chalicelib.collection.unicode import nfc
from chalicelib.errors import BadInputError

MAX_TAG_LENGTH = 200


def split_tags(text: str) -> list[str]:
    """The tags of a note, as they stand in its row."""
    return text.split()


def join_tags(tags: Iterable[str]) -> str:
    """The text of a note's row: sorted and without duplicates, both regardless of case.

    Source: Anki's rslib/src/tags/mod.rs.
    """
    unique = {tag.casefold(): tag for tag in tags}
    if not unique:
        return ""
    return f" {' '.join(unique[key] for key in sorted(unique))} "


def check_tags(tags: Iterable[str]) -> list[str]:
    """The tags in NFC. Raises BadInputError for an empty one or one with a space in it."""
    checked = [nfc(tag) for tag in tags]
    for tag in checked:
        if not tag or len(tag) > MAX_TAG_LENGTH or len(tag.split()) != 1 or not tag.isprintable():
            reason = f"a tag is 1 to {MAX_TAG_LENGTH} characters without spaces"
            raise BadInputError(fields={"tags": reason})
        if tag != tag.strip():
            raise BadInputError(fields={"tags": "a tag has no spaces"})
    return checked


def register_tags(conn: sqlite3.Connection, tags: Iterable[str]) -> None:
    """Add tags to `col.tags` that are not there yet in any case."""
    known = read_document(conn, "tags")
    present = {tag.casefold() for tag in known}
    fresh = {tag.casefold(): tag for tag in tags if tag.casefold() not in present}
    if fresh:
        usn = server_usn(conn)
        write_document(conn, "tags", known | dict.fromkeys(fresh.values(), usn))
