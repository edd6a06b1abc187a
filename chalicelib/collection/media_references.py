"""Which media files a collection refers to.

Source of the rules: Anki's rslib/src/media/check.rs, rslib/src/text.rs (`extract_media_refs`) and
rslib/src/latex.rs.
"""

import re
import sqlite3
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from chalicelib.collection.col import read_document
from chalicelib.collection.html_entities import decode_entities
from chalicelib.collection.latex import latex_images
from chalicelib.collection.media_tags import names_in_tags
from chalicelib.collection.text import FIELD_SEPARATOR
from chalicelib.collection.unicode import nfc

_SOUND = re.compile(r"\[sound:([^\]]*)\]")
# What is elsewhere, or in the text itself.
_NO_FILE = re.compile(r"https?://|data:", re.IGNORECASE | re.ASCII)
_IN_STYLES = re.compile(r"""url\(\s*["']?([^()"']+)|@import\s+["']([^"'\n]+)""")


@dataclass(frozen=True, slots=True)
class MediaReferences:
    """`in_notes` maps what notes refer to to the ids of those notes.

    `in_notetypes` is what templates and styles refer to.
    """

    in_notes: dict[str, set[int]]
    in_notetypes: set[str]


def media_references(conn: sqlite3.Connection) -> MediaReferences:
    """All references of a collection, in NFC and with their entities decoded."""
    notetypes = read_document(conn, "models")
    with_svg = {int(key) for key, notetype in notetypes.items() if notetype.get("latexsvg")}
    in_notes: dict[str, set[int]] = {}
    for note_id, notetype_id, fields in conn.execute("SELECT id, mid, flds FROM notes"):
        for name in references_in_fields(str(fields), svg=notetype_id in with_svg):
            in_notes.setdefault(name, set()).add(note_id)
    in_notetypes = {name for each in notetypes.values() for name in _in_notetype(each)}
    return MediaReferences(in_notes, in_notetypes)


def references_in_fields(fields: str, *, svg: bool) -> Iterator[str]:
    """What a note's fields refer to; `svg` is whether its notetype makes such images of LaTeX."""
    if "<" not in fields and "[" not in fields:
        return
    for field in fields.split(FIELD_SEPARATOR):
        yield from references_in_text(field)
        yield from latex_images(field, svg=svg)


def references_in_text(text: str) -> Iterator[str]:
    """The files in tags and `[sound:...]`; what is on another computer is none."""
    for name in (*names_in_tags(text), *_sounds(text)):
        if not _NO_FILE.match(name):
            yield nfc(decode_entities(name))


def _sounds(text: str) -> list[str]:
    # Without a closing bracket each opening one would be searched for it in vain.
    return _SOUND.findall(text, 0, text.rfind("]") + 1)


def _in_notetype(notetype: dict[str, Any]) -> Iterator[str]:
    for template in notetype.get("tmpls") or []:
        for side in ("qfmt", "afmt"):
            yield from references_in_text(str(template.get(side, "")))
    for in_url, imported in _IN_STYLES.findall(str(notetype.get("css", ""))):
        yield nfc((in_url or imported).strip())
