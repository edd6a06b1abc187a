"""The file names in `img`, `audio`, `video`, `object` and `source` tags.

Source of the rules: Anki's rslib/src/text.rs (`HTML_MEDIA_TAGS`), told apart here by hand because
a backtracking expression takes exponential time on a hostile field.
"""

import re
from collections.abc import Callable, Iterator
from typing import NamedTuple

# ASCII, as in text.py; the word boundaries are Unicode's.
_TAG = re.compile(r"<(?ai:img|audio|video|object|[s\u017f]ource)\b")
_ATTRIBUTE = re.compile(r"\b(?ai:[s\u017f]rc|data)\b=")


class _Name(NamedTuple):
    name: str
    tag_end: int


def media_names_for_tags(html: str) -> str:
    """The text with each tag that names a media file replaced by ` name `."""
    kept: list[str] = []
    position = 0
    for start, found in _media_tags(html):
        kept += html[position:start], f" {found.name} "
        position = found.tag_end
    kept.append(html[position:])
    return "".join(kept)


def names_in_tags(html: str) -> list[str]:
    """The names as they are written in the tags."""
    return [found.name for _, found in _media_tags(html)]


def with_renamed_media(html: str, new_name: Callable[[str], str]) -> str:
    """The text with other names in its tags; `new_name` gets each as it is written there.

    As in Anki, whatever in the tag reads like the name is replaced with it.
    """
    kept: list[str] = []
    position = 0
    for start, found in _media_tags(html):
        tag = html[start : found.tag_end]
        kept += html[position:start], tag.replace(found.name, new_name(found.name))
        position = found.tag_end
    kept.append(html[position:])
    return "".join(kept)


def _media_tags(html: str) -> Iterator[tuple[int, _Name]]:
    scan = _AttributeScan(html)
    tag = _TAG.search(html)
    while tag:
        found = scan.first_name(tag.end())
        if found:
            yield tag.start(), found
        tag = _TAG.search(html, found.tag_end if found else tag.end())


class _AttributeScan:
    """Looks for the naming attribute inside of tags, reading each stretch of text only once.

    A tag ends at the next `>`, unless taking quotation marks as such leads further: a stretch is
    what lies before a `>`, and one that held no name once will not hold one the next time.
    """

    def __init__(self, html: str) -> None:
        self._html = html
        self._last_end = html.rfind(">")
        self._stretch = range(0)
        self._searched_from: dict[int, int] = {}

    def first_name(self, start: int) -> _Name | None:
        starts = [start]
        while starts:
            start = starts.pop()
            end = self._stretch_end(start)
            searched_from = self._searched_from.get(end, end)
            if start >= searched_from:
                continue
            self._searched_from[end] = start
            for attribute in _ATTRIBUTE.finditer(self._html, start, searched_from):
                if found := self._name_at(attribute.end()):
                    return found
            starts += self._after_open_quotes(start, end)
        return None

    def _stretch_end(self, start: int) -> int:
        """Where the next `>` is; `start` itself if there is none, which makes an empty stretch."""
        if start > self._last_end:
            return start
        if start not in self._stretch:
            self._stretch = range(start, self._html.index(">", start) + 1)
        return self._stretch[-1]

    def _after_open_quotes(self, start: int, end: int) -> list[int]:
        """Where the quotations end that a `>` at `end` may be part of; the nearest one last."""
        opens = [self._html.rfind(quote, start, end) for quote in "\"'"]
        closes = [self._html.find(self._html[at], at + 1) for at in sorted(opens) if at != -1]
        return [close + 1 for close in closes if close > end]

    def _name_at(self, start: int) -> _Name | None:
        return self._quoted_name(start) or self._bare_name(start)

    def _quoted_name(self, start: int) -> _Name | None:
        quote = self._html[start]
        close = self._html.find(quote, start + 1) if quote in "\"'" else -1
        tag_end = self._html.find(">", close)
        if close <= start + 1 or tag_end == -1:
            return None
        return _Name(self._html[start + 1 : close], tag_end + 1)

    def _bare_name(self, start: int) -> _Name | None:
        """A name without quotation marks: at least one character, then to a space or `>`."""
        tag_end = self._html.find(">", start)
        if tag_end == start:
            return None
        space = self._html.find(" ", start + 1, tag_end)
        return _Name(self._html[start : tag_end if space == -1 else space], tag_end + 1)
