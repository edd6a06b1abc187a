"""Data of cards that is taken for clean is what cleaning it would leave."""

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from chalicelib.packages.card_data import clean_card_data
from chalicelib.packages.source_rows import CLEAN_DATA

KEYS = ["pos", "s", "d", "dr", "decay", "lrt", "cd", "x"]
# Of each length: where cleaning begins to change a number, it has just one digit too many.
WHOLE = st.integers(0, 22).flatmap(lambda most: st.integers(-1, 10**most)).map(str)
FRACTION = st.integers(1, 6).flatmap(lambda n: st.text("0123456789", min_size=n, max_size=n))
DECIMAL = st.builds("{}.{}".format, st.integers(0, 10**7), FRACTION)


@pytest.mark.parametrize("key", KEYS)
@given(WHOLE | DECIMAL)
def test_cleaning_leaves_what_is_taken_for_clean(key: str, number: str) -> None:
    data = f'{{"{key}":{number}}}'
    if CLEAN_DATA.fullmatch(data):
        assert clean_card_data(data) == data


@settings(suppress_health_check=[HealthCheck.filter_too_much])
@given(st.from_regex(CLEAN_DATA, fullmatch=True))
def test_cleaning_leaves_several_keys_that_are_taken_for_clean(data: str) -> None:
    assert clean_card_data(data) == data


@pytest.mark.parametrize(
    "data",
    [
        '{"pos":12,"s":3.1416,"d":5.25,"dr":0.9,"decay":0.5,"lrt":1700000000}',
        '{"pos":0,"lrt":1700000000}',
        '{"s":0.0001,"d":1.0}',
        "{}",
    ],
)
def test_what_anki_writes_is_taken_for_clean(data: str) -> None:
    assert CLEAN_DATA.fullmatch(data)


@pytest.mark.parametrize(
    "data", ["", "{,}", '{"pos":1,}', '{"pos":01}', '{"lrt":1,"pos":1}', '{"s":1.00}', '{"x":1}']
)
def test_anything_else_is_cleaned(data: str) -> None:
    assert not CLEAN_DATA.fullmatch(data)
