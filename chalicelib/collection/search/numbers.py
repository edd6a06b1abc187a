"""Numbers as Anki reads them: no blanks, no underscores, only ASCII digits, and bounded.

Source: Rust's FromStr for integers and f32, which Anki's rslib/src/search/parser.rs uses.
"""

import re
from math import isfinite

from chalicelib.scheduler.float32 import f32

U8_MAX, U16_MAX, U32_MAX = 2**8 - 1, 2**16 - 1, 2**32 - 1
I32_MIN, I32_MAX = -(2**31), 2**31 - 1
I64_MIN, I64_MAX = -(2**63), 2**63 - 1

_MAX_DIGITS = 40
_UNSIGNED = re.compile(r"\+?[0-9]+")
_SIGNED = re.compile(r"[+-]?[0-9]+")
_FLOAT = re.compile(
    r"[+-]?(?:inf|infinity|nan|(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:e[+-]?[0-9]+)?)",
    re.IGNORECASE | re.ASCII,
)
_FLOAT32_DIGITS = 9


def unsigned(text: str, maximum: int) -> int | None:
    """A whole number from 0 to `maximum`; None when it is none."""
    return _bounded(_UNSIGNED, text, 0, maximum)


def signed(text: str, minimum: int, maximum: int) -> int | None:
    return _bounded(_SIGNED, text, minimum, maximum)


def _bounded(shape: re.Pattern[str], text: str, minimum: int, maximum: int) -> int | None:
    if not shape.fullmatch(text):
        return None
    sign = "-" if text.startswith("-") else ""
    digits = text.lstrip("+-").lstrip("0")
    if len(digits) > _MAX_DIGITS:  # Python refuses to read thousands of digits
        return None
    number = int(f"{sign}{digits or '0'}")
    return number if minimum <= number <= maximum else None


def single(text: str) -> float | None:
    """A number of single precision, rounded to it; None when it is none."""
    return f32(float(text)) if _FLOAT.fullmatch(text) else None


def shortest(number: float) -> float:
    """The double nearest to the shortest decimals that mean this single-precision number.

    Anki writes such a number into its SQL by these decimals.
    """
    for digits in range(1, _FLOAT32_DIGITS):
        if f32(shorter := float(f"{number:.{digits}g}")) == number:
            return shorter
    return float(f"{number:.{_FLOAT32_DIGITS}g}") if isfinite(number) else number
