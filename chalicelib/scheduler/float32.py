"""Single-precision arithmetic as Anki's backend does it.

Two singles are added, subtracted, multiplied or divided in double precision and the result is
brought to the nearest single: for one operation that gives what single precision itself gives.
"""

import math
import struct

_SINGLE = struct.Struct("<f")
U32_MAX = 0xFFFF_FFFF


def f32(value: float) -> float:
    """The single nearest to `value`; an infinity where a single cannot hold it."""
    try:
        nearest: float = _SINGLE.unpack(_SINGLE.pack(value))[0]
    except OverflowError:
        return math.inf if value > 0 else -math.inf
    return nearest


def product(first: float, *factors: float) -> float:
    """Multiply from left to right, in single precision after each step."""
    result = f32(first)
    for factor in factors:
        result = f32(result * f32(factor))
    return result


def round_half_away(value: float) -> int:
    """The nearest integer; halves go away from zero (Python's `round` takes them to even)."""
    return int(math.copysign(math.floor(abs(value) + 0.5), value))


def to_u32(value: float) -> int:
    """Cut off the fraction; what does not fit in 32 bits without a sign becomes the nearest end."""
    return int(min(value, U32_MAX)) if value > 0 else 0
