"""Unicode's NFC, in time that a stranger's text cannot drive up."""

import re
import unicodedata
from functools import cache
from itertools import groupby

# Python sorts a run of combining marks by insertion: 80 KB of them took 4 seconds. Sorted
# beforehand they take a millisecond; below this length it does not matter.
_LONG = 256
_FIRST_MARK, _LAST_IN_PLANE_0 = 0x300, 0xFFFF
# A class of characters that are not all in the first plane is fast only as a range.
_OTHER_PLANES = "\U00010000-\U0010ffff"


def nfc(text: str) -> str:
    """The text in Normalization Form C."""
    if len(text) > _LONG and not text.isascii():
        text = _runs().sub(lambda run: _in_canonical_order(run[0]), text)
    return unicodedata.normalize("NFC", text)


@cache
def _runs() -> re.Pattern[str]:
    """Finds all runs of combining marks, and others; made when it is needed first."""
    characters = map(chr, range(_FIRST_MARK, _LAST_IN_PLANE_0 + 1))
    one = f"[{''.join(filter(unicodedata.combining, characters))}{_OTHER_PLANES}]"
    return re.compile(f"{one}{one}+")


def _in_canonical_order(text: str) -> str:
    """Each run of combining marks sorted by class, which canonical equivalence allows.

    Source: The Unicode Standard, section 3.11, D108 and D109.
    """
    parts: list[str] = []
    for is_mark, run in groupby(text, lambda character: unicodedata.combining(character) > 0):
        characters = list(run)
        if is_mark:
            characters.sort(key=unicodedata.combining)
        parts += characters
    return "".join(parts)
