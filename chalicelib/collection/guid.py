"""The guid of a note: what names it across collections and packages."""

import string

_DIGITS = string.ascii_letters + string.digits + "!#$%&()*+,-./:;<=>?@[]^_`{|}~"


# How many random bits make a guid.
GUID_BITS = 64


def guid_from_bits(bits: int) -> str:
    """64 random bits as a number of base 91, most significant digit first.

    Different bits give different guids. Source: Anki's pylib/anki/utils.py (`guid64`).
    """
    digits = [_DIGITS[bits % 91]]
    while bits := bits // 91:
        digits.append(_DIGITS[bits % 91])
    return "".join(reversed(digits))
