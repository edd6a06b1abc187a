"""Parsing of bodies, queries and ids into typed values, naming every bad field at once."""

import re
from collections.abc import Iterable, Iterator, Mapping
from itertools import islice
from types import UnionType
from typing import Annotated, Any, Literal, TypeVar, Union, get_args, get_origin

import msgspec

from chalicelib.errors import BadInputError

MAX_ID = 2**63 - 1
MAX_ID_DIGITS = len(str(MAX_ID))

# More of them tell nobody anything.
MAX_PROBLEMS = 100

Id = Annotated[int, msgspec.Meta(ge=1, le=MAX_ID)]
Model = TypeVar("Model", bound=msgspec.Struct)

# Reasons by where the value stands: "name", "templates.0.name".
_Found = dict[str, str]

_REFUSED = (msgspec.ValidationError, OverflowError)
_UNKNOWN = "is not known here"
# How msgspec begins a refusal, and what a person is told instead.
_REASONS = [
    (re.compile(pattern), reason)
    for pattern, reason in (
        ("Expected `(?:int|float)` >= (.+)", "must be at least {}"),
        ("Expected `(?:int|float)` <= (.+)", "must be at most {}"),
        ("Expected `str` of length >= (.+)", "is too short: at least {} characters"),
        ("Expected `str` of length <= (.+)", "is too long: at most {} characters"),
        ("Expected `array` of length >= (.+)", "has too few entries: at least {}"),
        ("Expected `array` of length <= (.+)", "has too many entries: at most {}"),
        ("Integer value out of range", "is too large"),
    )
]
_KINDS_WANTED = re.compile("Expected `([^`]*)`")
_KIND_NAMES = {
    "int": "a whole number",
    "float": "a number",
    "str": "text",
    "bool": "true or false",
    "array": "a list",
    "object": "an object",
}


def parse_json(raw: bytes, model: type[Model]) -> Model:
    """A JSON body as `model`. Raises BadInputError with `fields`."""
    return _convert(parse_object(raw), model, strict=True)


def parse_object(raw: bytes) -> dict[str, Any]:
    """A JSON body that must be an object. Raises BadInputError."""
    try:
        values = msgspec.json.decode(raw)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        raise BadInputError("The body is not valid JSON.") from None
    if not isinstance(values, dict):
        raise BadInputError("The body must be a JSON object.")
    return values


def parse_query(values: Mapping[str, str], model: type[Model]) -> Model:
    """Query parameters as `model`; numbers come as text. Raises BadInputError with `fields`."""
    converted = _convert(dict(values), model, strict=False)
    # To msgspec the word is a null, which an address has no way to say.
    nulls = [name for name in values if getattr(converted, name) is None]
    if nulls:
        raise BadInputError(fields=dict.fromkeys(nulls, "must not be null"))
    return converted


def parse_id(text: str, name: str) -> int:
    """An id in an address: plain decimal digits. Raises BadInputError with `fields`."""
    is_number = text.isascii() and text.isdigit() and len(text) <= MAX_ID_DIGITS
    if not is_number or not 0 < int(text) <= MAX_ID:
        raise BadInputError("The id is not valid.", fields={name: "must be a whole number"})
    return int(text)


def _convert(values: dict[str, Any], model: type[Model], *, strict: bool) -> Model:
    try:
        converted = msgspec.convert(values, model, strict=strict)
    except _REFUSED:
        converted = None
    unknown = values.keys() - {field.encode_name for field in msgspec.structs.fields(model)}
    problems = dict.fromkeys(unknown, _UNKNOWN)
    # msgspec stops at the first error: only then is the slow, complete look worth it.
    if converted is None:
        problems |= _members(values, model, "", strict)
    if converted is None or problems:
        raise BadInputError(fields=dict(islice(problems.items(), MAX_PROBLEMS)))
    return converted


def _members(values: dict[Any, Any], model: type[msgspec.Struct], at: str, strict: bool) -> _Found:
    """What is wrong with the members of an object; `at` is where it stands, with its dot."""
    found: _Found = {}
    known = {field.encode_name: field for field in msgspec.structs.fields(model)}
    if model.__struct_config__.forbid_unknown_fields:
        found |= {f"{at}{name}": _UNKNOWN for name in values if name not in known}
    for name, field in known.items():
        if name in values:
            found |= _problems(values[name], field.type, f"{at}{name}", strict)
        elif field.required:
            found[f"{at}{name}"] = "is missing"
    return found


def _problems(value: Any, wanted: Any, at: str, strict: bool) -> _Found:
    """What is wrong with a value and with all that is in it, by where it stands."""
    try:
        msgspec.convert(value, wanted, strict=strict)
    except _REFUSED as error:
        return _inside(value, wanted, at, strict) or {at: _reason(str(error), wanted)}
    return {}


def _inside(value: Any, wanted: Any, at: str, strict: bool) -> _Found:
    found: _Found = {}
    for kind in _alternatives(wanted):
        if isinstance(value, dict) and isinstance(kind, type) and issubclass(kind, msgspec.Struct):
            found |= _members(value, kind, f"{at}.", strict)
        elif isinstance(value, list) and get_origin(kind) is list:
            found |= _each(enumerate(value), get_args(kind)[0], f"{at}.", strict)
        elif isinstance(value, dict) and get_origin(kind) is dict:
            found |= _each(value.items(), get_args(kind)[1], f"{at}.", strict)
    return found


def _each(items: Iterable[tuple[Any, Any]], wanted: Any, at: str, strict: bool) -> _Found:
    found: _Found = {}
    for name, item in items:
        if len(found) >= MAX_PROBLEMS:
            break
        found |= _problems(item, wanted, f"{at}{name}", strict)
    return found


def _alternatives(wanted: Any) -> Iterator[Any]:
    """The types that a union is made of, without their limits."""
    origin = get_origin(wanted)
    if origin is Annotated:
        yield from _alternatives(get_args(wanted)[0])
    elif origin in (Union, UnionType):
        for one in get_args(wanted):
            yield from _alternatives(one)
    else:
        yield wanted


def _reason(message: str, wanted: Any) -> str:
    """What msgspec says of a value, in words for a person."""
    choices = [one for kind in _alternatives(wanted) for one in _choices(kind)]
    if choices:
        return f"must be one of {', '.join(choices)}"
    for pattern, reason in _REASONS:
        if found := pattern.match(message):
            return reason.format(*found.groups())
    kinds = " | ".join(_KINDS_WANTED.findall(message)).split(" | ")
    names = [_KIND_NAMES[kind] for kind in kinds if kind in _KIND_NAMES]
    return f"must be {' or '.join(names)}" if names else "cannot be used"


def _choices(kind: Any) -> tuple[str, ...]:
    return get_args(kind) if get_origin(kind) is Literal else ()
