"""Messages as tables: which field stands where in a JSON value of schema 11."""

from collections.abc import Callable, Iterable, Sequence
from copy import deepcopy
from dataclasses import dataclass
from enum import Enum, auto
from typing import Any

from chalicelib.packages.schema18 import wire
from chalicelib.packages.schema18.kinds import AS_IS, OMITTED, Form, Kind

Path = tuple[str | int, ...]
_NOT_THERE = object()
_FIXED_FLOAT_BYTES = 4


class Presence(Enum):
    """How protobuf says that a field is not there.

    An implicit one is left out at its default; only an optional one tells absent from default.
    """

    IMPLICIT = auto()
    OPTIONAL = auto()
    REPEATED = auto()


@dataclass(frozen=True, slots=True)
class Field:
    """A field of a message and its place in JSON; `missing` stands for a key that JSON lacks."""

    number: int
    path: Path
    kind: Kind
    form: Form = AS_IS
    presence: Presence = Presence.IMPLICIT
    missing: Any = None


@dataclass(frozen=True, slots=True)
class Message:
    """The fields by number. `blank` is the JSON value before any of them is filled in."""

    fields: tuple[Field, ...]
    blank: Callable[[], Any]


def message(blank: Any, fields: Iterable[Field]) -> Message:
    """A message whose JSON starts as a copy of `blank`."""
    in_order = sorted(fields, key=lambda field: field.number)
    return Message(tuple(in_order), lambda: deepcopy(blank))


def kind_of(inner: Message) -> Kind:
    """Messages inside messages."""
    return Kind(
        wire.LENGTH,
        default=_NOT_THERE,  # left out only where it is absent
        read=lambda data: decode(inner, data),
        write=lambda value: encode(inner, value),
        rule=lambda value: _of_type(type(inner.blank()), value),
    )


def decode(shape: Message, data: bytes) -> Any:
    """The JSON value of an encoded message. Raises WireError."""
    values = _values(shape, data)
    result = shape.blank()
    for field in shape.fields:
        shown = field.form.show(values[field.number])
        if shown is not OMITTED:
            _put(result, field.path, shown)
    return result


def encode(shape: Message, value: Any) -> bytes:
    """The message for a JSON value: fields in order, defaults left out, numbers packed.

    What is missing or makes no sense is taken for what Anki takes where a key is missing.
    """
    return b"".join(_encoded_field(field, value) for field in shape.fields)


def _of_type(expected: type, value: Any) -> Any:
    if not isinstance(value, expected):
        raise TypeError
    return value


def _values(shape: Message, data: bytes) -> dict[int, Any]:
    by_number = {field.number: field for field in shape.fields}
    values = {field.number: _absent(field) for field in shape.fields}
    room = wire.MOST_VALUES
    for number, wire_type, raw in wire.read_fields(data):
        field = by_number.get(number)
        if field is None:
            continue
        if field.presence is Presence.REPEATED:
            elements = _elements(field.kind, wire_type, raw, room)
            room -= len(elements)
            values[number] += elements
        else:
            values[number] = _single(field.kind, wire_type, raw)
    return values


def _absent(field: Field) -> Any:
    if field.presence is Presence.REPEATED:
        return []
    return None if _may_be_absent(field) else field.kind.default


def _may_be_absent(field: Field) -> bool:
    return field.presence is Presence.OPTIONAL or field.kind.default is _NOT_THERE


def _single(kind: Kind, wire_type: int, raw: int | bytes) -> Any:
    if wire_type != kind.wire_type:
        raise wire.WireError
    return kind.read(raw)


def _elements(kind: Kind, wire_type: int, raw: int | bytes, room: int) -> list[Any]:
    """The elements of a list, packed or one by one. Raises WireError for more than `room`."""
    if wire_type != wire.LENGTH or kind.wire_type == wire.LENGTH or not isinstance(raw, bytes):
        return [_single(kind, wire_type, raw)]
    if len(raw) > room * _FIXED_FLOAT_BYTES:
        raise wire.WireError
    parts = _unpacked(kind, raw)
    if len(parts) > room:
        raise wire.WireError
    return [kind.read(part) for part in parts]


def _unpacked(kind: Kind, raw: bytes) -> Sequence[int | bytes]:
    if kind.wire_type == wire.VARINT:
        return list(wire.read_varints(raw))
    if len(raw) % _FIXED_FLOAT_BYTES:
        raise wire.WireError
    return [raw[at : at + _FIXED_FLOAT_BYTES] for at in range(0, len(raw), _FIXED_FLOAT_BYTES)]


def _put(target: Any, path: Path, value: Any) -> None:
    for step in path[:-1]:
        target = target[step]
    target[path[-1]] = value


def _pick(value: Any, path: Path) -> Any:
    """What is at `path`; raises LookupError or TypeError where there is nothing."""
    for step in path:
        value = value[step]
    return value


def _encoded_field(field: Field, value: Any) -> bytes:
    parsed = _parsed(field, value)
    if field.presence is Presence.REPEATED:
        return _encoded_list(field, parsed)
    if parsed is None or (field.presence is Presence.IMPLICIT and parsed == field.kind.default):
        return b""
    return wire.field(field.number, field.kind.wire_type, field.kind.write(parsed))


def _encoded_list(field: Field, elements: list[Any]) -> bytes:
    payloads = [field.kind.write(element) for element in elements]
    if field.kind.wire_type == wire.LENGTH:
        return b"".join(wire.field(field.number, wire.LENGTH, payload) for payload in payloads)
    return wire.field(field.number, wire.LENGTH, b"".join(payloads)) if payloads else b""


def _parsed(field: Field, value: Any) -> Any:
    """The value to write; what stands for a missing one where it cannot be written."""
    try:
        return _fitting(field, _pick(value, field.path))
    except (LookupError, TypeError, ValueError, OverflowError):
        missing: Any = [] if field.presence is Presence.REPEATED else None
        return missing if field.missing is None else _fitting(field, field.missing)


def _fitting(field: Field, shown: Any) -> Any:
    parsed = field.form.parse(shown)
    if field.presence is Presence.REPEATED:
        return [field.kind.rule(element) for element in _of_type(list, parsed)]
    return None if parsed is None and _may_be_absent(field) else field.kind.rule(parsed)
