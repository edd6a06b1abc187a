"""Text without accents, and text whose cloze deletions are shown.

Sources of the rules: Anki's rslib/src/text.rs (`without_combining`) and rslib/src/cloze.rs
(`strip_clozes`).
"""

import re
import unicodedata
from dataclasses import dataclass
from functools import cache

_LETTERS = str.maketrans(
    {
        "€": "E", "Æ": "AE", "Ð": "D", "Ø": "O", "Þ": "TH", "ß": "s", "æ": "ae", "ð": "d",
        "ø": "o", "þ": "th", "Đ": "D", "đ": "d", "Ħ": "H", "ħ": "h", "\u0131": "i", "ĸ": "k",
        "Ł": "L", "ł": "l", "Ŋ": "N", "ŋ": "n", "Œ": "OE", "œ": "oe", "Ŧ": "T", "ŧ": "t", "Ə": "E",
        "ǝ": "e", "\u0251": "a",
    }
)  # fmt: skip
_SPECIAL = re.compile(f"[{''.join(map(chr, _LETTERS))}]")
_CLOZE_START = re.compile(r"\{\{c[\d,]+::")
_CLOZE_END = "}}"
_HINT = "::"
_HIGH = re.compile("[\U00010000-\U0010ffff]")
# Python sorts a run of combining marks by insertion; no letter has more than these.
_MARKS_AT_ONCE = 64


def without_accents(text: str) -> str:
    """Compatible letters in place of the special ones, and no combining marks."""
    if text.isascii():
        return text
    marks = _low_marks()
    shorter = marks.too_many.sub("", _without_high_marks(text))
    plain = marks.some.sub("", _without_high_marks(unicodedata.normalize("NFKD", shorter)))
    return plain.translate(_LETTERS) if _SPECIAL.search(plain) else plain


def _without_high_marks(text: str) -> str:
    return _HIGH.sub(lambda one: "" if _is_mark(one[0]) else one[0], text)


@dataclass(frozen=True, slots=True)
class _Marks:
    """A regular expression is fast with sets of characters below 65,536 only."""

    some: re.Pattern[str]
    too_many: re.Pattern[str]


@cache
def _low_marks() -> _Marks:
    one = f"[{''.join(filter(_is_mark, map(chr, range(0x10000))))}]"
    return _Marks(re.compile(f"{one}+"), re.compile(f"{one}{{{_MARKS_AT_ONCE},}}"))


def _is_mark(character: str) -> bool:
    return unicodedata.category(character)[0] == "M"


def without_clozes(text: str) -> str:
    """Every deletion replaced by what it hides; hints are left out."""
    kept: list[str] = []
    position = 0
    while start := _CLOZE_START.search(text, position):
        end = text.find(_CLOZE_END, start.end())
        if end == -1:
            break
        hidden = text[start.end() : end].split(_HINT, 1)[0]
        kept += [text[position : start.start()], hidden]
        position = end + len(_CLOZE_END)
    return "".join([*kept, text[position:]])
