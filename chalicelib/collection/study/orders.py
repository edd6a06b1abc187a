"""The orders of the study queue: how cards that are due, and new ones, follow each other.

What is random in Anki is a hash of ids that stays the same over a day, so it is the same here.
Sources: Anki's rslib/src/storage/card/mod.rs (`review_order_sql`, `NewCardSorting`) and
rslib/src/scheduler/queue/builder/ (sorting.rs, gathering.rs, intersperser.rs).
"""

from collections.abc import Callable, Iterator, Sequence
from typing import Protocol, TypeVar

from chalicelib.collection.study.queue_options import Mix, NewSortOrder, ReviewOrder
from chalicelib.scheduler.float32 import f32

T = TypeVar("T")
N = TypeVar("N", bound="NewCard")

_FNV_OFFSET, _FNV_PRIME = 0xCBF29CE484222325, 0x100000001B3
_FNV_PRIMES = tuple(pow(_FNV_PRIME, zeros, 1 << 64) for zeros in range(9))
_U32, _U64, _I64_SIGN = 0xFFFF_FFFF, 0xFFFF_FFFF_FFFF_FFFF, 1 << 63
_KNUTH = 2654435761

_OVERDUENESS = "-(1 + CAST(:today - due + 0.001 AS REAL) / ivl)"
# Columns that the reviews of an order are sorted by; `place` is that of the deck.
REVIEW_COLUMNS: dict[ReviewOrder, tuple[str, ...]] = {
    ReviewOrder.DAY: ("due",),
    ReviewOrder.DAY_THEN_DECK: ("due", "place"),
    ReviewOrder.DECK_THEN_DAY: ("place", "due"),
    ReviewOrder.INTERVALS_ASCENDING: ("ivl",),
    ReviewOrder.INTERVALS_DESCENDING: ("ivl DESC",),
    ReviewOrder.EASE_ASCENDING: ("factor",),
    ReviewOrder.EASE_DESCENDING: ("factor DESC",),
    ReviewOrder.RANDOM: (),
    ReviewOrder.ADDED: ("nid", "ord"),
    ReviewOrder.REVERSE_ADDED: ("nid DESC", "ord"),
    ReviewOrder.RELATIVE_OVERDUENESS: (_OVERDUENESS,),
}

# Whether these orders are descending.
BY_RETRIEVABILITY = {
    ReviewOrder.RETRIEVABILITY_ASCENDING: False,
    ReviewOrder.RETRIEVABILITY_DESCENDING: True,
}


class NewCard(Protocol):
    """What decides where a new card is shown."""

    @property
    def id(self) -> int: ...

    @property
    def note_id(self) -> int: ...

    @property
    def ord(self) -> int: ...


def fnv_hash(*numbers: int) -> int:
    """FNV-1a with 64 bits over the numbers, each as 8 bytes, the lowest first."""
    value = _FNV_OFFSET
    for number in numbers:
        rest, zeros = number & _U64, 8
        while rest:
            value = ((value ^ (rest & 0xFF)) * _FNV_PRIME) & _U64
            rest >>= 8
            zeros -= 1
        # The highest bytes of most numbers are zeros, which change nothing but for the product.
        value = (value * _FNV_PRIMES[zeros]) & _U64
    return value


def signed_fnv_hash(first: int, second: int) -> int:
    """The same as SQLite compares it: as a signed number."""
    value = fnv_hash(first, second)
    return value - (1 << 64) if value & _I64_SIGN else value


def gathering_salt(today: int) -> int:
    """What makes the order in which new cards are taken at random another one each day."""
    return today * _KNUTH & _U32


def sorted_new(cards: Sequence[N], order: NewSortOrder, today: int) -> list[N]:
    """The new cards that were taken, in the order in which they are shown."""
    keys: dict[NewSortOrder, Callable[[N], tuple[int, ...]]] = {
        NewSortOrder.TEMPLATE: lambda card: (card.ord,),
        NewSortOrder.NO_SORT: lambda _card: (),
        NewSortOrder.TEMPLATE_THEN_RANDOM: lambda card: (card.ord, fnv_hash(card.id, today)),
        NewSortOrder.RANDOM_NOTE_THEN_TEMPLATE: lambda card: (
            fnv_hash(card.note_id, today),
            card.ord,
        ),
        NewSortOrder.RANDOM_CARD: lambda card: (fnv_hash(card.id, today),),
    }
    return sorted(cards, key=keys[order])


def mixed(one: Sequence[T], two: Sequence[T], mix: Mix, shown: tuple[int, int] = (0, 0)) -> list[T]:
    """`two` among, after or before `one`.

    `shown` is how many of each were shown already, when they stood at the front of such a mixture.
    """
    if mix is Mix.MIXED:
        return list(_interspersed(one, two, shown))
    return [*one, *two] if mix is Mix.AFTER else [*two, *one]


def _interspersed(one: Sequence[T], two: Sequence[T], shown: tuple[int, int]) -> Iterator[T]:
    """Both in their own order, `two` spread evenly."""
    first_of_one, first_of_two = shown
    ratio = f32(f32(len(one) + first_of_one + 1) / f32(len(two) + first_of_two + 1))
    at_one = 0
    for number, item in enumerate(two, first_of_two + 1):
        place = f32(f32(number) * ratio)
        while at_one < len(one) and place >= at_one + first_of_one + 1:
            yield one[at_one]
            at_one += 1
        yield item
    yield from one[at_one:]
