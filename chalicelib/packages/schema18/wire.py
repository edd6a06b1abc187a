"""Protobuf's wire format, read without trusting the writer.

Source: protobuf.dev, "Encoding"; where readers differ, this one refuses what Anki's refuses.
"""

import struct
from collections.abc import Iterator

VARINT, FIXED64, LENGTH, FIXED32 = 0, 1, 2, 5

# More fields, or list elements, than any message of Anki has.
MOST_VALUES = 10_000

_FIXED_BYTES = {FIXED64: 8, FIXED32: 4}
_MOST_VARINT_BYTES = 10
_LAST_BYTE_MOST = 1
_MORE = 0x80
_SEVEN_BITS = 0x7F
_WIRE_TYPE_BITS = 3
_MOST_KEY = 2**32 - 1
_U64 = 2**64
_I64_END = 2**63


class WireError(ValueError):
    """These bytes are no message, or no value of the kind that a field asks for."""


def read_fields(data: bytes, most: int = MOST_VALUES) -> Iterator[tuple[int, int, int | bytes]]:
    """The fields in their order as (number, wire type, value); a varint is an unsigned number.

    Raises WireError for a broken message and for one of more than `most` fields.
    """
    position, count = 0, 0
    while position < len(data):
        count += 1
        if count > most:
            raise WireError
        key, position = read_varint(data, position)
        number, wire_type = key >> _WIRE_TYPE_BITS, key & 0b111
        if number == 0 or key > _MOST_KEY:
            raise WireError
        value, position = _read_value(data, position, wire_type)
        yield number, wire_type, value


def _read_value(data: bytes, position: int, wire_type: int) -> tuple[int | bytes, int]:
    if wire_type == VARINT:
        return read_varint(data, position)
    if wire_type == LENGTH:
        length, position = read_varint(data, position)
    elif wire_type in _FIXED_BYTES:
        length = _FIXED_BYTES[wire_type]
    else:
        raise WireError
    end = position + length
    if end > len(data):
        raise WireError
    return data[position:end], end


def read_varint(data: bytes, position: int) -> tuple[int, int]:
    """An unsigned number of up to 64 bits at `position`, and where it ends. Raises WireError."""
    value = 0
    for index, byte in enumerate(data[position : position + _MOST_VARINT_BYTES]):
        value |= (byte & _SEVEN_BITS) << 7 * index
        if byte < _MORE:
            if index == _MOST_VARINT_BYTES - 1 and byte > _LAST_BYTE_MOST:
                raise WireError
            return value, position + index + 1
    raise WireError


def read_varints(data: bytes) -> Iterator[int]:
    """The numbers of a packed list. Raises WireError."""
    position = 0
    while position < len(data):
        value, position = read_varint(data, position)
        yield value


def signed(value: int) -> int:
    """An unsigned 64-bit number read as a signed one."""
    return value - _U64 if value >= _I64_END else value


def varint(value: int) -> bytes:
    """A number of up to 64 bits; a negative one takes ten bytes."""
    value %= _U64
    encoded = bytearray()
    while value >= _MORE:
        encoded.append(value & _SEVEN_BITS | _MORE)
        value >>= 7
    encoded.append(value)
    return bytes(encoded)


def field(number: int, wire_type: int, payload: bytes) -> bytes:
    """One encoded field; `payload` is the encoded number, or content that gets its length."""
    key = varint(number << _WIRE_TYPE_BITS | wire_type)
    return key + (varint(len(payload)) + payload if wire_type == LENGTH else payload)


def float32(value: float) -> float:
    """The nearest single-precision number. Raises OverflowError."""
    single: float = struct.unpack("<f", struct.pack("<f", value))[0]
    return single


def shortest(single: float) -> float:
    """The number of fewest digits that is stored as the same single: 1.2 for 1.2000000476837158."""
    for digits in range(6, 9):
        candidate = float(f"{single:.{digits}g}")
        if float32(candidate) == single:
            return candidate
    return float(f"{single:.9g}")
