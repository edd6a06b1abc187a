"""Random cards, options and moments for the scheduler's properties."""

from typing import Any

from hypothesis import strategies as st

from chalicelib.scheduler.options import SchedulingOptions
from chalicelib.scheduler.states import CardQueue, CardState, CardType
from chalicelib.scheduler.timing import DAY_S, Timing

U32 = st.integers(0, 2**32 - 1)
STEPS = st.lists(st.floats(0, 20_000, width=32), max_size=4).map(tuple)

cards = st.builds(
    CardState,
    card_id=st.integers(0, 2**63 - 1),
    type=st.sampled_from(CardType),
    queue=st.sampled_from(CardQueue),
    due=st.integers(-(2**31), 2**31 - 1),
    interval=st.integers(0, 40_000) | U32,
    factor=st.integers(0, 65_535),
    reps=st.integers(0, 10_000),
    lapses=st.integers(0, 100),
    left=st.integers(0, 5) | U32,
)

options = st.builds(
    SchedulingOptions,
    learn_steps=STEPS,
    relearn_steps=STEPS,
    graduating_interval=st.integers(1, 100),
    easy_interval=st.integers(1, 100),
    initial_factor=st.integers(1310, 5000),
    hard_factor=st.floats(0.5, 1.3),
    easy_bonus=st.floats(1, 5),
    interval_factor=st.floats(0.5, 2),
    maximum_interval=st.integers(1, 10_000),
    lapse_multiplier=st.floats(0, 1),
    minimum_interval=st.integers(1, 40),
    leech_threshold=st.integers(1, 20),
    leech_suspends=st.booleans(),
)

timings = st.builds(
    lambda now_s, today, left_s: Timing(now_s, today, now_s + left_s),
    st.integers(1_000_000_000, 4_000_000_000),
    st.integers(0, 20_000),
    st.integers(1, DAY_S),
)


def json_values() -> st.SearchStrategy[Any]:
    """Anything that Python reads out of a JSON text."""
    scalars = st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5)
    return st.recursive(
        scalars, lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner)
    )
