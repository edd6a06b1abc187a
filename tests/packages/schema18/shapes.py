"""Random values for the messages, drawn from the tables themselves."""

from typing import Any

from hypothesis import strategies as st

from chalicelib.packages.schema18 import kinds, wire
from chalicelib.packages.schema18.kinds import HUNDREDTHS, OMITTED, THOUSANDTHS, Kind
from chalicelib.packages.schema18.message import Field, Message, Presence
from chalicelib.packages.schema18.tables import (
    DAY_LIMIT,
    FILTERED_DECK,
    NORMAL_DECK,
    NOTETYPE,
    OTHER_KEY,
    REQUIREMENT,
    SEARCH_TERM,
)

I32 = 2**31 - 1
I64 = 2**63 - 1
U32 = 2**32 - 1

TEXTS = st.text(st.characters(codec="utf-8"), max_size=12)
SCALARS: dict[int, st.SearchStrategy[Any]] = {
    id(kinds.BOOL): st.booleans(),
    id(kinds.U32_KIND): st.integers(0, U32),
    id(kinds.U16_KIND): st.integers(0, 2**16 - 1),
    id(kinds.U8_KIND): st.integers(0, 255),
    id(kinds.I32_KIND): st.integers(-I32 - 1, I32),
    id(kinds.I64_KIND): st.integers(-I64 - 1, I64),
    id(kinds.DAY): st.integers(-I32 - 1, I32),
    id(kinds.AMOUNT): st.integers(0, I32),
    id(kinds.FLOAT): st.floats(width=32, allow_nan=False, allow_infinity=False).map(
        lambda value: wire.shortest(value) + 0.0
    ),
    id(kinds.TEXT): TEXTS,
}
NESTED: dict[tuple[int, int], Message] = {
    (id(NOTETYPE), 8): REQUIREMENT,
    (id(NORMAL_DECK), 8): DAY_LIMIT,
    (id(NORMAL_DECK), 9): DAY_LIMIT,
    (id(FILTERED_DECK), 2): SEARCH_TERM,
}
UNKNOWN = st.dictionaries(
    TEXTS.map(lambda key: f"~{key}"),
    st.recursive(
        st.none() | st.booleans() | st.integers(-I64, I64) | TEXTS,
        lambda inner: st.lists(inner, max_size=3) | st.dictionaries(TEXTS, inner, max_size=3),
        max_leaves=5,
    ),
    max_size=2,
)


@st.composite
def values(draw: st.DrawFn, shape: Message) -> Any:
    """A JSON value of schema 11 that the message can say."""
    value = shape.blank()
    for field in shape.fields:
        if field.path != (OTHER_KEY,):
            put(value, field, draw(shown(shape, field)))
    return value


def shown(shape: Message, field: Field) -> st.SearchStrategy[Any]:
    single = st.one_of(raw(shape, field.number, field.kind))
    if field.presence is Presence.REPEATED:
        return st.lists(single, max_size=4).map(field.form.show)
    if field.form in (THOUSANDTHS, HUNDREDTHS):
        parts: st.SearchStrategy[Any] = st.integers(0, 2**16 - 1)
        return parts | st.none() if field.presence is Presence.OPTIONAL else parts
    if field.presence is Presence.OPTIONAL or (id(shape), field.number) in NESTED:
        return (st.none() | single).map(field.form.show)
    return single.map(field.form.show)


def raw(shape: Message, number: int, kind: Kind) -> st.SearchStrategy[Any]:
    inner = NESTED.get((id(shape), number))
    return SCALARS[id(kind)] if inner is None else values(inner)


def put(value: Any, field: Field, item: Any) -> None:
    if item is OMITTED:
        return
    for step in field.path[:-1]:
        value = value[step]
    value[field.path[-1]] = item
