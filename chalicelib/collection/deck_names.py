"""Deck names: levels joined by `::`, unique without regard to case.

Source: Anki's rslib/src/decks/name.rs.
"""

import re

from chalicelib.collection.unicode import nfc
from chalicelib.errors import BadInputError

SEPARATOR = "::"

# Deeper trees than this are an attack, or a mistake.
MAX_LEVELS = 30

_NEVER_IN_A_NAME = re.compile("[\x00-\x1f\x7f]")
# What `str.strip()` takes for a blank, and the colon.
_NOT_AT_AN_EDGE = ": \x85\xa0\u1680\u2028\u2029\u202f\u205f\u3000" + "".join(
    map(chr, range(0x2000, 0x200B))
)


def normalise_deck_name(name: str, max_level_length: int) -> str:
    """The name as Anki keeps it.

    Raises BadInputError for an empty level, one longer than `max_level_length` characters, and
    for more than `MAX_LEVELS` of them.
    """
    check_levels(name)
    levels = [clean_level(level) for level in name.split(SEPARATOR)]
    if not all(levels):
        raise BadInputError(fields={"name": "must not have an empty level"})
    if any(len(level) > max_level_length for level in levels):
        raise BadInputError(
            fields={"name": f"must have at most {max_level_length} characters per level"}
        )
    return SEPARATOR.join(levels)


def clean_level(level: str) -> str:
    """One level in NFC, without control characters, and without blanks or colons at its edges."""
    return _NEVER_IN_A_NAME.sub("", nfc(level)).strip(_NOT_AT_AN_EDGE)


def check_levels(name: str) -> None:
    """Raises BadInputError for a name with more than `MAX_LEVELS` levels."""
    if level(name) > MAX_LEVELS:
        raise BadInputError(fields={"name": f"must have at most {MAX_LEVELS} levels"})


def name_key(name: str) -> str:
    """What two names have in common when Anki takes them for the same deck."""
    return nfc(name).casefold()


def parent_name(name: str) -> str | None:
    """`A::B` for `A::B::C`; None at the top."""
    head, separator, _ = name.rpartition(SEPARATOR)
    return head if separator else None


def level(name: str) -> int:
    """1 for a deck at the top, 2 for its subdecks, ..."""
    return name.count(SEPARATOR) + 1


def ancestor_names(name: str) -> list[str]:
    """All parents, the topmost first."""
    parts = name.split(SEPARATOR)
    return [SEPARATOR.join(parts[:n]) for n in range(1, len(parts))]


def is_within(name: str, root: str) -> bool:
    """Whether `name` is `root` itself or one of its subdecks."""
    key, root_key = name_key(name), name_key(root)
    return key == root_key or key.startswith(root_key + SEPARATOR)


def tree_order(name: str) -> tuple[str, ...]:
    """Sort key that keeps subdecks right below their parent, in name order."""
    return tuple(name_key(name).split(SEPARATOR))
