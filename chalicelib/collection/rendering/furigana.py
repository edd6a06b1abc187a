"""Readings written after a word, as in ` 日本[にほん]`.

Source of the rules: Anki's rslib/src/template_filters.rs.
"""

import re
from collections.abc import Callable, Iterator
from typing import NamedTuple

from chalicelib.collection.scanning import Lookahead

_WORD_START = re.compile(r"[^ >]")
_GAP = re.compile(r"[ >]")
_CLOSE = re.compile(r"\]")
_NEWLINE = re.compile(r"\n")


class _Reading(NamedTuple):
    start: int
    word: str
    reading: str
    end: int


def as_ruby(text: str) -> str:
    """`日本[にほん]` as HTML that shows the reading above the word."""
    return _replaced(text, lambda it: f"<ruby><rb>{it.word}</rb><rt>{it.reading}</rt></ruby>")


def only_readings(text: str) -> str:
    return _replaced(text, lambda it: it.reading)


def only_words(text: str) -> str:
    return _replaced(text, lambda it: it.word)


def _replaced(text: str, shown: Callable[[_Reading], str]) -> str:
    text = text.replace("&nbsp;", " ")
    kept: list[str] = []
    position = 0
    for found in _readings(text):
        is_sound = found.reading.startswith("sound:")
        kept += (
            text[position : found.start],
            text[found.start : found.end] if is_sound else shown(found),
        )
        position = found.end
    kept.append(text[position:])
    return "".join(kept)


def _readings(text: str) -> Iterator[_Reading]:
    ahead = Lookahead(text)
    position = 0
    while word := _WORD_START.search(text, position):
        start = word.start()
        gap = ahead.find(_GAP, start)
        end = gap.start() if gap else len(text)
        brackets = _brackets(text, start, end, ahead)
        if brackets is None:
            position = end
            continue
        has_space = start > position and text[start - 1] == " "
        opening, closing = brackets
        position = closing + 1
        yield _Reading(
            start - has_space, text[start:opening], text[opening + 1 : closing], position
        )


def _brackets(text: str, start: int, end: int, ahead: Lookahead) -> tuple[int, int] | None:
    """The first `[` within a word that is closed on its line, with something before and inside."""
    opening = text.find("[", start + 1, end)
    while opening != -1:
        closing = ahead.find(_CLOSE, opening + 2)
        newline = ahead.find(_NEWLINE, opening + 1)
        if closing is None:
            return None
        if newline is None or closing.start() < newline.start():
            return opening, closing.start()
        opening = text.find("[", opening + 1, end)
    return None
