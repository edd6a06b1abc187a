import re

from hypothesis import given
from hypothesis import strategies as st

from chalicelib.scheduler.labels import interval_label

UNITS = {"s": 1, "m": 60, "h": 3600, "d": 86_400, "mo": 86_400 * 365 / 12, "y": 86_400 * 365}
DELAYS = st.integers(1, 10_000) | st.integers(1, 2**32 - 1)


def shown_s(label: str) -> float:
    match = re.fullmatch(r"<?(\d+(?:\.[1-9])?)(s|m|h|d|mo|y)", label)
    assert match, label
    return float(match[1]) * UNITS[match[2]]


@given(DELAYS, DELAYS)
def test_a_longer_delay_never_looks_shorter(one: int, other: int) -> None:
    shorter, longer = sorted((one, other))
    assert shown_s(interval_label(shorter)) <= shown_s(interval_label(longer)) * (1 + 1e-6)


@given(DELAYS)
def test_a_label_is_off_by_at_most_half_of_its_last_digit(delay_s: int) -> None:
    label = interval_label(delay_s)
    unit = UNITS[label.lstrip("<0123456789.")]
    last_digit = unit if unit in (1, 60, 86_400) else unit / 10
    assert abs(shown_s(label) - delay_s) <= last_digit / 2 + delay_s * 1e-6


@given(DELAYS, st.integers(0, 100_000))
def test_only_delays_within_the_learn_ahead_limit_may_come_earlier(
    delay_s: int, learn_ahead_s: int
) -> None:
    assert interval_label(delay_s, learn_ahead_s).startswith("<") == (delay_s < learn_ahead_s)


def test_no_delay_is_the_end_of_learning() -> None:
    assert interval_label(0) == "(end)"


def test_delays_beyond_32_bits_all_look_the_same() -> None:
    assert interval_label(2**40) == interval_label(2**32 - 1) == "136.2y"
