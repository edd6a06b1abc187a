"""What takes a change of a collection back, as a value and as bytes.

An inverse holds what was there before, only where the change made a difference, and enough of what
the change left to tell whether something else has changed it since.
"""

import zlib
from collections.abc import Iterable, Sequence
from itertools import accumulate
from typing import Any, Self

import msgspec

from chalicelib.errors import CannotUndoError

# A kind of flaw, and what has it.
Flaw = tuple[str, str]

# A larger one is that of an import, where the time counts: a level of 9 takes ten times as long.
_LARGE, _FAST_LEVEL, _BEST_LEVEL = 64 * 1024, 1, 9

# The first byte; another layout, or other typical bytes, need another number.
_VERSION = 1

# Pieces of encoded inverses, the likeliest last; Deflate refers to them instead of repeating them.
# It takes a third off an answer.
_TYPICAL = (
    b"crtscmmodelsdconftagsfldstmplsname"
    b'"usn":0,"mod":17,"collapsed":false,"dyn":0,"conf":1,"desc":""curModelactiveDeckscurDeck'
    b"\xa5notes\x93\x91\xcf\x00\x00\x01\x9a\xc0\x90\xa4conf\x92\x00\x81\xaclastUnburied\x93\x02"
    b'\xa7nextPos\x93\x02\xa3{}\x90\xa2\xb9{"pos":1,"lrt":17'
    b"\x94\xc4\x08\x82\xa5cards\x93\x90\xc0\x91\x93\xcdA\xe0\x91\xcf\x00\x00\x01\x9a\x91\xcd\x09\xc4"
    b"\xa6revlog\x93\x91\xcf\x00\x00\x01\x9a\xc0\x90\x80\x81\xa5decks\x92\x00\x83\xad17\x92\x00\x82"
    b"\xa8lrnToday\x95\x04\xa8revToday\x95\x04\xa8newToday\x95\x04\xa9timeToday\x95\x04\xcd"
)


class Rows(msgspec.Struct, array_like=True, frozen=True):
    """What some columns of some rows held, column by column.

    Bit n of `mask` is the table's n-th column of content; `steps` are the ids in rising order,
    each one less the one before it.
    """

    mask: int
    steps: list[int]
    values: list[list[Any]]

    @classmethod
    def of(cls, mask: int, rows: dict[int, Sequence[Any]]) -> Self:
        """The values of `rows`, by id, which are those of the columns in `mask`."""
        ids = sorted(rows)
        columns = zip(*(rows[row_id] for row_id in ids), strict=True)
        return cls(mask, to_steps(ids), [list(column) for column in columns])

    @property
    def ids(self) -> list[int]:
        return from_steps(self.steps)

    def by_row(self) -> Iterable[tuple[int, tuple[Any, ...]]]:
        """Each id with its values."""
        return zip(self.ids, zip(*self.values, strict=True), strict=True)


class TableInverse(msgspec.Struct, array_like=True, frozen=True):
    """One table: rows that were `added` (their ids as steps), `deleted` ones and changed values."""

    added: list[int]
    deleted: Rows | None
    changed: list[Rows]

    @property
    def added_ids(self) -> list[int]:
        return from_steps(self.added)

    @property
    def deleted_ids(self) -> list[int]:
        return self.deleted.ids if self.deleted else []

    @property
    def changed_ids(self) -> list[int]:
        return [row_id for rows in self.changed for row_id in rows.ids]


class Inside(msgspec.Struct, array_like=True, frozen=True, tag=0):
    """An object of which some members changed."""

    members: dict[str, "DocumentChange"]


class Created(msgspec.Struct, array_like=True, frozen=True, tag=1):
    """A value that was not there; `left` is the checksum of what was written."""

    left: int


class Replaced(msgspec.Struct, array_like=True, frozen=True, tag=2):
    """A value, as its JSON, in whose place something with the checksum `left` was written."""

    old: bytes
    left: int


class Removed(msgspec.Struct, array_like=True, frozen=True, tag=3):
    """A value, as JSON, that was taken out; it was the object's member number `position`."""

    old: bytes
    position: int


class Counted(msgspec.Struct, array_like=True, frozen=True, tag=4):
    """A counter of one day: `old` of `old_day` before, `left` of `left_day` after."""

    old_day: int
    old: int
    left_day: int
    left: int


DocumentChange = Inside | Created | Replaced | Removed | Counted


class Inverse(msgspec.Struct, array_like=True, frozen=True):
    """All that takes one change back.

    `left` is the fingerprint of the rows as the change left them. `numbers` are columns of `col`
    as (before, after), `documents` its JSON columns; `flaws` is what was wrong with them before.
    """

    left: bytes
    tables: dict[str, TableInverse]
    numbers: dict[str, tuple[int, int]]
    documents: dict[str, DocumentChange]
    flaws: list[Flaw]


def encode(inverse: Inverse) -> bytes:
    """The inverse in as few bytes as possible."""
    unpacked = msgspec.msgpack.encode(inverse)
    level = _BEST_LEVEL if len(unpacked) < _LARGE else _FAST_LEVEL
    deflate = zlib.compressobj(level, zlib.DEFLATED, -zlib.MAX_WBITS, zdict=_TYPICAL)
    packed = deflate.compress(unpacked) + deflate.flush()
    return bytes([_VERSION]) + packed


def decode(data: bytes) -> Inverse:
    """The inverse that `encode` packed. Raises CannotUndoError when these bytes are none."""
    inflate = zlib.decompressobj(-zlib.MAX_WBITS, zdict=_TYPICAL)
    try:
        packed = inflate.decompress(data[1:])
        if data[:1] == bytes([_VERSION]) and inflate.eof:
            return msgspec.msgpack.decode(packed, type=Inverse)
    except (zlib.error, msgspec.MsgspecError):
        pass
    raise changed_since()


def changed_since() -> CannotUndoError:
    """The error for a change that cannot be taken back (any more)."""
    return CannotUndoError()


def to_steps(ids: Sequence[int]) -> list[int]:
    """Ids in rising order, each as the difference to the one before it."""
    return [after - before for before, after in zip([0, *ids], ids, strict=False)]


def from_steps(steps: Iterable[int]) -> list[int]:
    return list(accumulate(steps))
