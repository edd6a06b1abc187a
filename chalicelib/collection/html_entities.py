"""Entities in HTML, decoded strictly: all of them or none."""

import re
from html.entities import name2codepoint

_NUMBER = re.compile(r"#(?:0*([0-9]{1,7})|x0*([0-9a-fA-F]{1,6}))")
_SURROGATE = re.compile(r"[\ud800-\udfff]")


def decode_entities(text: str) -> str:
    """Decode all entities and make no-break spaces plain ones; or nothing if one is malformed.

    The names are those of HTML 4. Source: Anki's rslib/src/text.rs (`decode_entities`).
    """
    first, *others = text.split("&")
    if not others:
        return text
    decoded = [first]
    for other in others:
        name, semicolon, rest = other.partition(";")
        character = _character(name) if semicolon else None
        if character is None:
            return text
        decoded += character, rest
    return "".join(decoded).replace("\xa0", " ")


def _character(entity: str) -> str | None:
    number = _NUMBER.fullmatch(entity)
    if number is None:
        return chr(name2codepoint[entity]) if entity in name2codepoint else None
    try:
        character = chr(int(number[1]) if number[1] else int(number[2], 16))
    except ValueError:
        return None
    return None if _SURROGATE.match(character) else character
