"""What follows from a note's fields when they are stored."""

from collections.abc import Sequence
from typing import NamedTuple, Self

from chalicelib.collection.col import JsonObject
from chalicelib.collection.text import (
    FIELD_SEPARATOR,
    field_checksum,
    normalize_field,
    sort_field,
)

# Of UTF-8: what is short enough by that need not be encoded to be measured.
MOST_BYTES_A_CHARACTER = 4


class NoteContent(NamedTuple):
    """The columns `flds`, `sfld` and `csum`."""

    flds: str
    sfld: str
    csum: int

    @classmethod
    def of(cls, fields: Sequence[str], notetype: JsonObject) -> Self:
        """As Anki stores these fields, as many as the notetype has."""
        count = len(notetype["flds"])
        return cls.of_clean([normalize_field(value) for value in fitted(fields, count)], notetype)

    @classmethod
    def of_clean(cls, clean: Sequence[str], notetype: JsonObject) -> Self:
        """Of as many fields as the notetype has, which are as Anki stores them."""
        return cls(
            flds=FIELD_SEPARATOR.join(clean),
            sfld=sort_field(clean[notetype["sortf"]]),
            csum=field_checksum(clean[0]),
        )


def fitted(fields: Sequence[str], count: int) -> list[str]:
    """As many fields as the notetype has: padded, or the rest joined to the last one.

    Source: Anki's rslib/src/notes/mod.rs, which Check Database uses.
    """
    padded = [*fields, *[""] * (count - len(fields))]
    return [*padded[: count - 1], "; ".join(padded[count - 1 :])]
