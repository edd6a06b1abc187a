"""The kinds of value that a protobuf field holds, and how schema 11 shows them.

`Kind` is about bytes: what is read from the wire, and what is written there. `Form` is about
JSON: a value of the wire as schema 11 has it, and back.
"""

import math
import struct
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from chalicelib.packages.schema18 import wire
from chalicelib.packages.shapes import I32, I64, U16, U32, Rule, decimal, flag, text, whole

OMITTED = object()
"""What a form shows of a value whose key is left out in schema 11."""

_U8 = 255
_LARGEST_FLOAT32 = 3.4028235e38


@dataclass(frozen=True, slots=True)
class Kind:
    """One kind of value: `read` from a wire value, `write` as a payload, `rule` for the JSON."""

    wire_type: int
    default: Any
    read: Callable[[Any], Any]
    write: Callable[[Any], bytes]
    rule: Rule


def _read_signed32(value: int) -> int:
    low = value & U32
    return low - 2**32 if low > I32 else low


def _read_text(value: bytes) -> str:
    try:
        return value.decode()
    except UnicodeDecodeError:
        raise wire.WireError from None


def _write_text(value: str) -> bytes:
    return value.encode(errors="replace")  # what JSON can hold and UTF-8 cannot


def _read_float(value: bytes) -> float:
    single: float = struct.unpack("<f", value)[0]
    return wire.shortest(single) if math.isfinite(single) else 0.0


def _write_float(value: float) -> bytes:
    return struct.pack("<f", value)


def _write_unsigned32(value: int) -> bytes:
    return wire.varint(value & U32)


def _at_least_zero(value: Any) -> int:
    return max(0, int(whole(-I32 - 1, I32)(value)))


def _number(read: Callable[[int], int], rule: Rule) -> Kind:
    return Kind(wire.VARINT, 0, read, wire.varint, rule)


BOOL = Kind(wire.VARINT, default=False, read=bool, write=wire.varint, rule=flag)
U32_KIND = _number(lambda value: value & U32, whole(0, U32))
# Schema 11 keeps these in fewer bits, and cuts the rest off.
U16_KIND = _number(lambda value: value & U16, whole(0, U16))
U8_KIND = _number(lambda value: value & _U8, whole(0, _U8))
I32_KIND = _number(_read_signed32, whole(-I32 - 1, I32))
I64_KIND = _number(wire.signed, whole(-I64 - 1, I64))
# Signed in schema 11, unsigned on the wire: a day keeps its bits, an amount becomes 0.
DAY = Kind(wire.VARINT, 0, _read_signed32, _write_unsigned32, whole(-I32 - 1, I32))
AMOUNT = Kind(wire.VARINT, 0, _read_signed32, wire.varint, _at_least_zero)
FLOAT = Kind(
    wire.FIXED32, 0.0, _read_float, _write_float, decimal(-_LARGEST_FLOAT32, _LARGEST_FLOAT32)
)
TEXT = Kind(wire.LENGTH, "", _read_text, _write_text, text)
BYTES = Kind(wire.LENGTH, b"", bytes, bytes, bytes)


@dataclass(frozen=True, slots=True)
class Form:
    """How JSON shows a value, and what it parses back to; None is a field that is not there."""

    show: Callable[[Any], Any]
    parse: Callable[[Any], Any]


def _same(value: Any) -> Any:
    return value


def _negated(value: Any) -> bool:
    return not flag(value)


def _times(factor: int) -> Form:
    """A decimal of the wire as a whole number of its `factor`th parts."""

    def show(single: float | None) -> int | None:
        return None if single is None else int(wire.float32(wire.float32(single) * factor))

    def parse(value: Any) -> float:
        """The nearest single that shows as `value`: Anki cuts, where rounding would be safer."""
        parts: int = whole(0, U16)(value)
        single = wire.float32(parts / factor)
        return single if show(single) == parts else float(_next_single(single))

    return Form(show, parse)


def _next_single(single: float) -> float:
    bits: int = struct.unpack("<I", struct.pack("<f", single))[0]
    following: float = struct.unpack("<f", struct.pack("<I", bits + 1))[0]
    return following


def one_of(*names: Any) -> Form:
    """An enumeration: its numbers stand for `names`, and any other number for the first."""

    def show(number: int) -> Any:
        return names[number] if 0 <= number < len(names) else names[0]

    return Form(show, names.index)


AS_IS = Form(_same, _same)
NEGATED = Form(_negated, _negated)
NULL_IF_ZERO = Form(lambda value: value or None, lambda value: value or 0)
NULL_IF_EMPTY = Form(lambda value: value or None, lambda value: value or [])
OMIT_IF_DEFAULT = Form(lambda value: value or OMITTED, _same)
OMIT_IF_ABSENT = Form(lambda value: OMITTED if value is None else value, _same)
THOUSANDTHS = _times(1000)
HUNDREDTHS = _times(100)
