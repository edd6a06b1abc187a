"""Which media files go along with notes and their notetypes.

Sources: Anki's rslib/src/import_export/gather.rs and rslib/src/text.rs.
"""

import re
import sqlite3
from collections.abc import Iterator

from chalicelib.collection.col import JsonObject, read_document
from chalicelib.collection.media_references import references_in_fields

# What a template or style refers to begins with `_`, so that nobody takes it for unused. No name
# of a file is longer than these bounds, without which a hostile text would take quadratic time.
_IN_STYLE = re.compile(
    r"""@import\s+(?:"(_[^"]{0,250}.css)"|'(_[^']{0,250}.css)')"""
    r"""|url\(\s{0,100}(?:"(_[^"]{1,250})"|'(_[^']{1,250})'|(_.{1,250}?))\s{0,100}\)""",
    re.IGNORECASE,
)
_IN_TEMPLATE = re.compile(
    r"""\[sound:(_[^]]{1,250})\]|"(_[^"]{1,250})"|'(_[^']{1,250})'|\b(?:src|data)=(_[^ >]{1,250})"""
)


def referenced_media(conn: sqlite3.Connection) -> set[str]:
    """The names of all files that are referred to, whether there are such files or not."""
    notetypes = read_document(conn, "models")
    with_svg = {int(key) for key, notetype in notetypes.items() if notetype.get("latexsvg")}
    names: set[str] = set()
    for notetype_id, fields in conn.execute("SELECT mid, flds FROM notes"):
        names.update(references_in_fields(str(fields), svg=notetype_id in with_svg))
    for notetype in notetypes.values():
        names.update(_names_in_notetype(notetype))
    return names


def _names_in_notetype(notetype: JsonObject) -> Iterator[str]:
    yield from _names(_IN_STYLE, notetype.get("css"))
    for template in notetype.get("tmpls") or ():
        for side in ("qfmt", "afmt"):
            yield from _names(_IN_TEMPLATE, template.get(side))


def _names(pattern: re.Pattern[str], text: object) -> Iterator[str]:
    for match in pattern.finditer(text if isinstance(text, str) else ""):
        yield match[match.lastindex or 0]
