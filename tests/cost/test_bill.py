"""From quantities to dollars."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from javumbo.cost.bill import bill
from javumbo.cost.month import Line
from javumbo.cost.prices import Price

PRICES = {"lambda.request": Price(0.20, 1_000_000), "s3.write": Price(0.005, 1_000)}
ITEMS = st.sampled_from(sorted(PRICES))
LINES = st.lists(
    st.builds(Line, ITEMS, st.just("x"), st.floats(0, 1e12, allow_subnormal=False)), max_size=8
)
FREE = st.dictionaries(ITEMS, st.floats(0, 1e12, allow_subnormal=False))


def test_a_quantity_costs_its_price() -> None:
    made = bill([Line("lambda.request", "requests", 3_000_000)], PRICES, {})
    assert made.usd == made.list_usd == pytest.approx(0.60)


def test_what_is_free_is_taken_off_once_and_shared_by_the_lines_of_an_item() -> None:
    lines = [Line("lambda.request", "a", 1_500_000), Line("lambda.request", "b", 500_000)]
    made = bill(lines, PRICES, {"lambda.request": 1_000_000})
    assert made.list_usd == pytest.approx(0.40)
    assert [charge.usd for charge in made.charges] == pytest.approx([0.15, 0.05])


def test_what_is_less_than_free_costs_nothing() -> None:
    made = bill([Line("lambda.request", "a", 999_999)], PRICES, {"lambda.request": 1_000_000})
    assert made.usd == 0
    assert made.list_usd > 0


def test_charges_are_summed_by_service_in_the_order_of_the_table() -> None:
    lines = [Line("s3.write", "a", 1_000), Line("lambda.request", "b", 1_000_000)]
    components = bill(lines, PRICES, {"s3.write": 500}).by_component()
    assert list(components) == ["Lambda", "S3"]
    assert components["S3"] == pytest.approx((0.005, 0.0025))


@given(lines=LINES, free=FREE)
def test_services_add_up_and_nothing_free_makes_it_dearer(
    lines: list[Line], free: dict[str, float]
) -> None:
    made = bill(lines, PRICES, free)
    assert 0 <= made.usd <= made.list_usd * (1 + 1e-9)
    assert sum(due for _, due in made.by_component().values()) == pytest.approx(made.usd)


@given(lines=LINES, free=FREE, more=st.floats(0, 1e12), item=ITEMS)
def test_more_of_anything_never_costs_less(
    lines: list[Line], free: dict[str, float], more: float, item: str
) -> None:
    before = bill(lines, PRICES, free).usd
    after = bill([*lines, Line(item, "more", more)], PRICES, free).usd
    assert after >= before * (1 - 1e-9)
