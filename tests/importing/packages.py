"""Packages with media, made to measure."""

import json
import sqlite3
from collections.abc import Callable, Mapping

from tests.packages.sources import collection_file, package
from tests.support.collections import make_note


def with_media(
    media: Mapping[str, bytes], change: Callable[[sqlite3.Connection], object] = lambda _: None
) -> bytes:
    """A package with these files and a note for each, that `change` was let loose on."""

    def fill(conn: sqlite3.Connection) -> None:
        for name in media:
            make_note(conn, [f"{name} <img src='{name}'>", "back"])
        change(conn)

    names = {str(number): name for number, name in enumerate(media)}
    files = {str(number): content for number, content in enumerate(media.values())}
    return package(collection_file(fill), {"media": json.dumps(names).encode(), **files})


def lacking_its_last_file(media: Mapping[str, bytes]) -> bytes:
    """As `with_media`, but the list has one file more than there is, at its end."""
    names = {str(number): name for number, name in enumerate([*media, "absent.png"])}
    files = {str(number): content for number, content in enumerate(media.values())}

    def fill(conn: sqlite3.Connection) -> None:
        for name in names.values():
            make_note(conn, [f"{name} <img src='{name}'>", "back"])

    return package(collection_file(fill), {"media": json.dumps(names).encode(), **files})
