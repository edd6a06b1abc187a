"""Text inside a double-quoted HTML attribute, written as Anki writes it."""

import re

_ESCAPED = re.compile(r"[^0-9A-Za-z\u0100-\U0010ffff]")
_NAMED = {"&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;"}


def escape_attribute(text: str) -> str:
    """Every character below U+0100 that is no ASCII letter or digit becomes an entity."""
    return _ESCAPED.sub(_entity, text)


def _entity(match: re.Match[str]) -> str:
    character = match[0]
    return _NAMED.get(character) or f"&#x{ord(character):02X};"
