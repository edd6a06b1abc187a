from hypothesis import assume, given
from hypothesis import strategies as st

from chalicelib.scheduler.fuzz import DayPicker, fuzz_range, fuzzed_step_s

DAYS = st.floats(0, 4000, width=32)
MAXIMA = st.integers(1, 4000)
FACTORS = st.floats(0, 0.999)


@given(DAYS, st.integers(0, 5000), MAXIMA, st.none() | FACTORS)
def test_days_are_within_the_minimum_and_the_maximum_which_wins(
    days: float, minimum: int, maximum: int, factor: float | None
) -> None:
    picked = DayPicker(factor, maximum).pick(days, minimum)
    assert min(max(1, minimum), maximum) <= picked <= maximum


@given(DAYS, MAXIMA, FACTORS)
def test_fuzz_stays_in_its_range_around_the_days_without_fuzz(
    days: float, maximum: int, factor: float
) -> None:
    low, high = fuzz_range(days, 1, maximum)
    assert low <= DayPicker(factor, maximum).pick(days, 1) <= high
    assert low <= DayPicker(None, maximum).pick(days, 1) <= high


@given(DAYS, MAXIMA)
def test_the_ends_of_the_range_are_both_picked(days: float, maximum: int) -> None:
    low, high = fuzz_range(days, 1, maximum)
    assume(high > low)
    assert DayPicker(0.0, maximum).pick(days, 1) == low
    assert DayPicker(0.999, maximum).pick(days, 1) == high


@given(st.integers(0, 86_400), st.integers(0, 2**63))
def test_a_step_gets_up_to_a_quarter_but_at_most_five_minutes_on_top(
    delay_s: int, seed: int
) -> None:
    extra = fuzzed_step_s(delay_s, seed) - delay_s
    assert extra == 0 or 0 <= extra < min(delay_s / 4, 300)
    assert fuzzed_step_s(delay_s, None) == delay_s
