"""A field as one line of plain text, and the parts of a card that are not text.

Source of the rules: Anki's rslib/src/text.rs (`html_to_text_line`) and
rslib/src/import_export/text/csv/export.rs. All in linear time, whatever the text.
"""

import re

from chalicelib.collection.scanning import Lookahead
from chalicelib.collection.text import strip_html, strip_html_preserving_media

# ASCII, because Python takes more letters for an i or an s than Anki does; U+017F is one to both.
_IGNORE_CASE = re.ASCII | re.IGNORECASE
_SPACE = "[\t-\r \x85\xa0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000]"
_LINE_BREAK = re.compile(f"<br{_SPACE}*/?>|<div>|\n", _IGNORE_CASE)
_BRACKET = re.compile("]")
_TYPE = re.compile(r"\[\[type:")
_TYPE_IN_ANY_CASE = re.compile(r"\[\[type:", _IGNORE_CASE)
_SOUND = re.compile(r"\[sound:")
_STYLE = re.compile("<[s\u017f]tyle>", _IGNORE_CASE)
_STYLE_END = re.compile("</[s\u017f]tyle>", _IGNORE_CASE)
_ANSWER_LINE = re.compile("<hr id=an[s\u017f]wer>\n*", _IGNORE_CASE)


def text_line(html: str, *, keep_media_names: bool) -> str:
    """The text in one line; sounds and images are left out, or leave their file names.

    Blanks at its ends are kept.
    """
    text = _LINE_BREAK.sub(" ", html)
    text = _replace_marked(text, _TYPE, "]]")
    text = _replace_marked(text, _SOUND, "]", keep_content=keep_media_names)
    strip = strip_html_preserving_media if keep_media_names else strip_html
    return strip(text)


def without_redundant_sections(html: str) -> str:
    """The HTML without its styles and the places to type an answer in."""
    return _replace_marked(_without_styles(html), _TYPE_IN_ANY_CASE, "]]")


def without_question(answer: str) -> str:
    """The answer from below its last `<hr id=answer>`, above which the question is repeated."""
    start = 0
    for line in _ANSWER_LINE.finditer(answer):
        start = line.end()
    return answer[start:]


def _without_styles(html: str) -> str:
    ahead = Lookahead(html)
    kept: list[str] = []
    position = 0
    while (opening := ahead.find(_STYLE, position)) and (
        closing := ahead.find(_STYLE_END, opening.end())
    ):
        kept.append(html[position : opening.start()])
        position = closing.end()
    return "".join((*kept, html[position:]))


def _replace_marked(
    text: str, opening: re.Pattern[str], closing: str, *, keep_content: bool = False
) -> str:
    """The text without its marks like `[sound:a.mp3]`, which hold anything but a bracket."""
    ahead = Lookahead(text)
    kept: list[str] = []
    position = 0
    for start in opening.finditer(text):
        end = ahead.find(_BRACKET, start.end())
        if end is None:
            break
        is_empty = end.start() == start.end()
        if start.start() < position or is_empty or not text.startswith(closing, end.start()):
            continue
        kept.append(text[position : start.start()])
        if keep_content:
            kept.append(text[start.end() : end.start()])
        position = end.start() + len(closing)
    return "".join((*kept, text[position:]))
