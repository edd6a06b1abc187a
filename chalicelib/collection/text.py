"""What the fields of a note look like as stored, as plain text, as sort key and as checksum.

Source of the rules: Anki's rslib/src/text.rs and rslib/src/notes/mod.rs.
"""

import hashlib
import re
from collections.abc import Iterator

from chalicelib.collection.html_entities import decode_entities
from chalicelib.collection.media_tags import media_names_for_tags
from chalicelib.collection.scanning import Lookahead
from chalicelib.collection.unicode import nfc

FIELD_SEPARATOR = "\x1f"

_MARKUP = re.compile("[<&]")
_NOT_STORED = re.compile(r"[\x00-\x08\x0b-\x1f\x7f]")
_LONE_SURROGATE = re.compile(r"[\ud800-\udfff]")
# ASCII, because Python takes U+0130 and U+0131 for an i. Anki does not; to it, U+017F is an s.
_IGNORE_CASE = re.ASCII | re.IGNORECASE

_BLANK = re.compile(r"(?:[ \t\n\v\f\r]|</?(?:br|div) ?/?>)*", _IGNORE_CASE)

_TAG_END = re.compile(r">")
_COMMENT_END = re.compile(r"-->")
_STYLE_END = re.compile(r"</[s\u017f]tyle>", _IGNORE_CASE)
_SCRIPT_END = re.compile(r"</[s\u017f]cript>", _IGNORE_CASE)
_TAG_WITH_CONTENT = re.compile(r"<(?:[s\u017f]tyle|([s\u017f]cript))", _IGNORE_CASE)


def text_of(value: object) -> str:
    """A cell of a column of text; one that holds anything else counts as empty."""
    return value if isinstance(value, str) else ""


def normalize_field(value: str) -> str:
    """A field as Anki stores it: NFC, no control characters but tab and newline.

    A lone surrogate, which no file can hold, becomes U+FFFD.
    """
    kept = _NOT_STORED.sub("", _LONE_SURROGATE.sub("\ufffd", value))
    return nfc(kept)


def is_blank(value: str) -> bool:
    """Whether a field counts as empty: only ASCII space and bare `br` and `div` tags.

    Source: Anki's rslib/src/template.rs (`field_is_empty`).
    """
    return _BLANK.fullmatch(value) is not None


def field_checksum(first_field: str) -> int:
    """`csum` of a note: 32 bits of the SHA-1 of its first field's text."""
    text = strip_html_preserving_media(first_field)
    return int(hashlib.sha1(text.encode(), usedforsecurity=False).hexdigest()[:8], 16)


def sort_field(value: str) -> str:
    """`sfld` of a note; bind it as text: the column turns numbers into numbers by itself."""
    return strip_html_preserving_media(value)


def strip_html(html: str) -> str:
    """The plain text: no comments, styles, scripts or tags, and entities decoded."""
    return decode_entities(strip_tags(html))


def strip_html_preserving_media(html: str) -> str:
    """As `strip_html`, with ` name ` in place of each tag that shows a media file."""
    return strip_html(media_names_for_tags(html)) if _MARKUP.search(html) else html


def strip_tags(html: str) -> str:
    """The text without comments, styles, scripts and tags; entities stay as they are."""
    kept: list[str] = []
    position = 0
    for start, end in _tags(html):
        kept.append(html[position:start])
        position = end
    kept.append(html[position:])
    return "".join(kept)


def _tags(html: str) -> Iterator[tuple[int, int]]:
    ahead = Lookahead(html)
    start = html.find("<")
    while start != -1:
        tag_end = ahead.find(_TAG_END, start)
        if tag_end is None:
            return
        end = _end_with_content(html, start, tag_end.end(), ahead) or tag_end.end()
        yield start, end
        start = html.find("<", end)


def _end_with_content(html: str, start: int, tag_end: int, ahead: Lookahead) -> int | None:
    """Where a comment, style or script ends; none where it is a mere tag or is not closed."""
    if html.startswith("<!--", start):
        closing = ahead.find(_COMMENT_END, start + len("<!--"))
    elif tag := _TAG_WITH_CONTENT.match(html, start):
        closing = ahead.find(_SCRIPT_END if tag[1] else _STYLE_END, tag_end)
    else:
        return None
    return closing.end() if closing else None
