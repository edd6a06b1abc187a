"""Cloze deletions: `{{c1::hidden::hint}}`, `{{c1,2::hidden}}`, nested up to ten deep.

Source of the rules: Anki's rslib/src/cloze.rs.
"""

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field

from chalicelib.collection.html_attributes import escape_attribute
from chalicelib.collection.rendering.image_occlusion import is_image_occlusion, occlusion_html
from chalicelib.collection.text import strip_tags

_TOKEN = re.compile(r"\{\{c([0-9,]+)::|\}\}")
_MATHJAX_OPEN = re.compile(r"\\[(\[]")
_MATHJAX_CLOSE = re.compile(r"\\[)\]]")

_MAX_DEPTH = 10
_MAX_NUMBER = 0xFFFF
_MAX_CARDS = 500
_MAX_HIDDEN_CHARACTERS = 1_000_000


_Content = list["str | _Cloze"]


@dataclass(slots=True)
class _Cloze:
    numbers: tuple[int, ...]
    content: "_Content" = field(default_factory=list)
    hint: str | None = None

    @property
    def ordinals(self) -> str:
        return ",".join(map(str, self.numbers))

    @property
    def shown_hint(self) -> str:
        return "..." if self.hint is None else self.hint

    @property
    def occlusion(self) -> str | None:
        """The description of a shape of an image, where this is no cloze of text."""
        first = self.content[0] if self.content else None
        return first if isinstance(first, str) and is_image_occlusion(first) else None


def cloze_ordinals(fields: Iterable[str]) -> set[int]:
    """The ordinals of the cards that the clozes in these fields ask for.

    Cloze 0 asks for none, and all beyond the 500th ask for the 500th card.
    """
    clozes = (cloze for text in fields for cloze in _all_clozes(_parse(text)))
    numbers = {number for cloze in clozes for number in cloze.numbers}
    return {min(number, _MAX_CARDS) - 1 for number in numbers if number > 0}


def has_cloze(text: str, number: int) -> bool:
    return any(number in cloze.numbers for cloze in _all_clozes(_parse(text)))


def cloze_html(text: str, *, number: int, reveal: bool) -> str:
    """The field with the clozes of one card hidden or revealed; empty if it has none of them."""
    side = _ClozeSide(number, reveal=reveal)
    html = side.html(_parse(text))
    return _strip_tags_in_mathjax(html) if side.has_number else ""


def cloze_only(text: str, *, number: int, reveal: bool) -> str:
    """What one card hides, or the hints for it, without the text around: for speech."""
    active = (cloze for cloze in _all_clozes(_parse(text)) if number in cloze.numbers)
    return ", ".join(_plain(cloze.content) if reveal else cloze.shown_hint for cloze in active)


def cloze_to_type(text: str, *, number: int) -> str:
    """What is to be typed for one card: what its clozes hide, once where it is always the same."""
    clozes = _all_clozes(_parse(text))
    hidden = [_plain(cloze.content) for cloze in clozes if number in cloze.numbers]
    return hidden[0] if len(set(hidden)) == 1 else ", ".join(hidden)


def _parse(text: str) -> _Content:
    """The text and the clozes in it; an unclosed cloze goes, with all that follows it."""
    whole_field = _Cloze(())
    opened = [whole_field]
    position = 0
    for token in _TOKEN.finditer(text):
        is_opening = token[1] is not None
        numbers = _numbers(token[1]) if is_opening else ()
        if not numbers and (is_opening or opened[-1] is whole_field):
            continue
        _add_text(opened, text[position : token.start()])
        position = token.end()
        if not is_opening:
            cloze = opened.pop()
            opened[-1].content.append(cloze)
        elif len(opened) <= _MAX_DEPTH:
            opened.append(_Cloze(numbers))
    _add_text(opened, text[position:])
    return whole_field.content


def _numbers(listed: str) -> tuple[int, ...]:
    digits = (number.lstrip("0") or "0" for number in listed.split(",") if number)
    numbers = {int(number) for number in digits if len(number) <= len(str(_MAX_NUMBER))}
    return tuple(sorted(number for number in numbers if number <= _MAX_NUMBER))


def _add_text(opened: Sequence[_Cloze], text: str) -> None:
    cloze = opened[-1]
    if len(opened) > 1 and not is_image_occlusion(text):
        text, separator, hint = text.partition("::")
        cloze.hint = hint if separator else cloze.hint
    if text:
        cloze.content.append(text)


def _all_clozes(content: _Content) -> Iterator[_Cloze]:
    """Every cloze, those in others after them."""
    for piece in content:
        if isinstance(piece, _Cloze):
            yield piece
            yield from _all_clozes(piece.content)


def _plain(content: _Content) -> str:
    return "".join(piece if isinstance(piece, str) else _plain(piece.content) for piece in content)


class _ClozeSide:
    """One side of the card that asks for one cloze number."""

    def __init__(self, number: int, *, reveal: bool) -> None:
        self._number = number
        self._reveal = reveal
        self._hidden_characters_left = _MAX_HIDDEN_CHARACTERS
        self.has_number = False

    def html(self, content: _Content) -> str:
        return "".join(
            piece if isinstance(piece, str) else self._cloze_html(piece) for piece in content
        )

    def _cloze_html(self, cloze: _Cloze) -> str:
        is_active = self._number in cloze.numbers
        self.has_number |= is_active
        if cloze.occlusion is not None:
            css_class = self._occlusion_class(cloze)
            return occlusion_html(cloze.occlusion, css_class=css_class, ordinals=cloze.ordinals)
        shown = self.html(cloze.content)
        if is_active and not self._reveal:
            return (
                f'<span class="cloze" data-cloze="{self._hidden(shown)}"'
                f' data-ordinal="{cloze.ordinals}">[{cloze.shown_hint}]</span>'
            )
        css_class = "cloze" if is_active else "cloze-inactive"
        return f'<span class="{css_class}" data-ordinal="{cloze.ordinals}">{shown}</span>'

    def _occlusion_class(self, cloze: _Cloze) -> str:
        if 0 in cloze.numbers:
            return "cloze"
        if self._number not in cloze.numbers:
            return "cloze-inactive"
        return "cloze-highlight" if self._reveal else "cloze"

    def _hidden(self, html: str) -> str:
        """The attribute's text; empty when all of them together would get out of hand.

        A cloze in one with the same number is escaped once more per level, which makes it grow
        about threefold each time.
        """
        if len(html) > self._hidden_characters_left:
            return ""
        hidden = escape_attribute(html)
        if len(hidden) > self._hidden_characters_left:
            return ""
        self._hidden_characters_left -= len(hidden)
        return hidden


def _strip_tags_in_mathjax(html: str) -> str:
    kept: list[str] = []
    position = 0
    for start, end in _mathjax_spans(html):
        kept += html[position:start], strip_tags(html[start:end])
        position = end
    kept.append(html[position:])
    return "".join(kept)


def _mathjax_spans(html: str) -> Iterator[tuple[int, int]]:
    r"""Where the insides of `\(..\)` and `\[..\]` are; Anki lets either end close either."""
    position = 0
    while opening := _MATHJAX_OPEN.search(html, position):
        closing = _MATHJAX_CLOSE.search(html, opening.end())
        if closing is None:
            return
        yield opening.end(), closing.start()
        position = closing.end()
