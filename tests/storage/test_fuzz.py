"""Random histories of eight containers over stores that fail in every way.

Nothing acknowledged is lost, doubled or hidden, nothing refused is there, nothing is half-made; the
judge says what else. `python -m tests.storage.fuzz_world` runs much longer ones.
"""

import logging
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.storage.fuzz_containers import CONFIGS
from tests.storage.fuzz_world import SUMMARY, in_threads, interleaved
from tests.storage.memory import Fault

SEED = 1


@pytest.fixture(autouse=True)
def _quiet() -> Iterator[None]:
    """What fails in a history is logged, thousands of times."""
    logging.disable(logging.CRITICAL)
    yield
    logging.disable(logging.NOTSET)


OPERATIONS = 250


@pytest.mark.parametrize("fault_rate", [0.0, 0.05])
@pytest.mark.parametrize("name", CONFIGS)
def test_threads_keep_every_promise(tmp_path: Path, name: str, fault_rate: float) -> None:
    world = in_threads(CONFIGS[name], OPERATIONS, SEED, fault_rate, tmp_path)
    assert world.counts["acknowledged"] > OPERATIONS / 5


@pytest.mark.parametrize("name", CONFIGS)
def test_containers_that_come_between_each_other_break_no_promise(
    tmp_path: Path, name: str
) -> None:
    world = interleaved(CONFIGS[name], OPERATIONS, SEED, 0.01, tmp_path)
    assert world.counts["acknowledged"] > OPERATIONS / 5


def test_a_seed_gives_the_same_history_again(tmp_path: Path) -> None:
    worlds = [
        interleaved(CONFIGS["legacy"], 100, SEED, 0.1, tmp_path / name) for name in ("a", "b")
    ]
    first, second = (
        [commit.checksum for judge in world.judges.values() for commit in judge.commits]
        for world in worlds
    )
    assert first == second
    assert worlds[0].counts == worlds[1].counts


def test_the_histories_reach_what_they_should(tmp_path: Path) -> None:
    counts: Counter[str] = Counter()
    for name in CONFIGS:
        counts += interleaved(CONFIGS[name], OPERATIONS, SEED, 0.1, tmp_path / name).counts
    expected = {
        *SUMMARY,
        *(f"fault {fault.name}" for fault in Fault),
        "Crash",
        "IdempotencyKeyReusedError",
        "adopted",
        "conflict copies",
        "connections",
        "images",
        "own errors",
        "reads",
        "replaced",
        "sweeps",
        "unchanged",
    }
    assert {what for what in expected if not counts[what]} == set()
