from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chalicelib.scheduler.answers import next_states
from chalicelib.scheduler.options import SchedulingOptions, options_from_dconf
from chalicelib.scheduler.states import CardState
from chalicelib.scheduler.timing import Timing
from tests.scheduler import golden
from tests.scheduler import strategies as some

FRESH = golden.load("transitions")["dconf"]
MEMBERS = {
    "new": ["delays", "initialFactor", "ints", "order", "perDay", "bury"],
    "rev": ["ease4", "hardFactor", "ivlFct", "maxIvl", "perDay", "bury"],
    "lapse": ["delays", "leechAction", "leechFails", "minInt", "mult"],
}


def blocks() -> st.SearchStrategy[dict[str, Any]]:
    names = st.sampled_from(sorted({name for block in MEMBERS.values() for name in block}))
    return st.dictionaries(names, some.json_values())


def test_a_fresh_group_and_an_empty_one_mean_ankis_defaults() -> None:
    assert options_from_dconf(FRESH) == SchedulingOptions()
    assert options_from_dconf({}) == SchedulingOptions()


@given(
    st.fixed_dictionaries(
        {}, optional={name: blocks() | some.json_values() for name in (*MEMBERS, "maxTaken")}
    ),
    some.cards,
    some.timings,
)
def test_whatever_a_group_holds_its_options_are_in_range_and_schedule(
    changes: dict[str, Any], card: CardState, timing: Timing
) -> None:
    dconf = dict(FRESH)
    for name, change in changes.items():
        mixed = name in MEMBERS and isinstance(change, dict)
        dconf[name] = FRESH[name] | change if mixed else change
    options = options_from_dconf(dconf)
    assert 1 <= options.maximum_interval <= 36_500
    assert 1310 <= options.initial_factor <= 5000
    assert 0.5 <= options.interval_factor <= 2
    assert 1 <= options.leech_threshold <= 9999
    assert 1 <= options.maximum_answer_s <= 9999
    assert len(next_states(card, options, timing)) == 4


@pytest.mark.parametrize(
    ("block", "name"),
    [
        (block, name)
        for block, names in MEMBERS.items()
        for name in names
        if name not in ("bury", "hardFactor")
    ],
)
def test_a_block_without_a_mandatory_member_is_all_default(block: str, name: str) -> None:
    changed = {
        "new": {"delays": [3], "initialFactor": 2000, "ints": [7, 9, 0]},
        "rev": {"ease4": 2, "ivlFct": 1.5, "maxIvl": 50},
        "lapse": {"delays": [3], "leechFails": 3, "minInt": 4, "mult": 0.5, "leechAction": 0},
    }[block]
    whole = FRESH | {block: FRESH[block] | changed}
    broken = FRESH | {block: {key: whole[block][key] for key in whole[block] if key != name}}
    assert options_from_dconf(whole) != options_from_dconf(FRESH)
    assert options_from_dconf(broken) == options_from_dconf(FRESH | {block: {}})


def test_a_range_ends_where_it_does_in_single_precision() -> None:
    """Anki takes 1.30000001 for 1.3, the largest hardFactor; 1.3000002 is beyond it."""
    at_the_end = FRESH | {"rev": FRESH["rev"] | {"hardFactor": 1.30000001}}
    beyond = FRESH | {"rev": FRESH["rev"] | {"hardFactor": 1.3000002}}
    assert options_from_dconf(at_the_end).hard_factor == 1.30000001
    assert options_from_dconf(beyond).hard_factor == 1.2
