"""Parsing of bodies, queries and ids into typed values, naming every bad field at once."""

from collections.abc import Mapping
from typing import Annotated, Any, TypeVar

import msgspec

from chalicelib.errors import BadInputError

MAX_ID = 2**63 - 1
MAX_ID_DIGITS = len(str(MAX_ID))

Id = Annotated[int, msgspec.Meta(ge=1, le=MAX_ID)]
Model = TypeVar("Model", bound=msgspec.Struct)


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
    return _convert(dict(values), model, strict=False)


def parse_id(text: str, name: str) -> int:
    """An id in an address: plain decimal digits. Raises BadInputError with `fields`."""
    is_number = text.isascii() and text.isdigit() and len(text) <= MAX_ID_DIGITS
    if not is_number or not 0 < int(text) <= MAX_ID:
        raise BadInputError("The id is not valid.", fields={name: "must be a whole number"})
    return int(text)


def _convert(values: dict[str, Any], model: type[Model], *, strict: bool) -> Model:
    try:
        converted = msgspec.convert(values, model, strict=strict)
    except (msgspec.ValidationError, OverflowError):
        converted = None
    # msgspec stops at the first error: only then is the slow, complete look worth it.
    problems = _problems(values, model, strict=strict, accepted=converted is not None)
    if converted is None or problems:
        raise BadInputError(fields=problems)
    return converted


def _problems(
    values: dict[str, Any], model: type[Model], *, strict: bool, accepted: bool
) -> dict[str, str]:
    known = {field.encode_name: field for field in msgspec.structs.fields(model)}
    problems = dict.fromkeys(values.keys() - known.keys(), "is not known here")
    if accepted:
        return problems
    for name, field in known.items():
        if name not in values:
            if field.required:
                problems[name] = "is missing"
            continue
        try:
            msgspec.convert(values[name], field.type, strict=strict)
        except (msgspec.ValidationError, OverflowError) as error:
            problems[name] = str(error).replace("`", "'")
    return problems
