"""The guid of a note: what names it across collections and packages."""

import string

_DIGITS = string.ascii_letters + string.digits + "!#$%&()*+,-./:;<=>?@[]^_`{|}~"
# Two digits at once, as an import makes very many.
_PAIRS = [first + second for first in _DIGITS for second in _DIGITS]

# How many random bits make a guid.
GUID_BITS = 64


def guid_from_bits(bits: int) -> str:
    """64 random bits as a number of base 91, most significant digit first.

    Different bits give different guids. Source: Anki's pylib/anki/utils.py (`guid64`).
    """
    pairs = []
    while bits:
        bits, pair = divmod(bits, len(_PAIRS))
        pairs.append(_PAIRS[pair])
    return "".join(reversed(pairs)).lstrip(_DIGITS[0]) or _DIGITS[0]
