"""A sample of hostile files against a real server: refused, or taken in whole and sound."""

from pathlib import Path

from tests.e2e.hostile.__main__ import KINDS, attacks
from tests.e2e.hostile.driver import arena

SEED = 1
SAMPLE = 150
# Only with `python -m tests.e2e.hostile`: what takes long to make, or much work to take in.
HEAVY = ("rows, too many rows", "rows, very many rows", "text, clozes", "text, the same row")


def test_no_hostile_file_does_harm(tmp_path: Path) -> None:
    kinds = [kind for kind in KINDS if kind.name not in HEAVY]
    assert len({kind.name for kind in KINDS}) == len(KINDS) <= SAMPLE
    with arena(tmp_path / "arena") as target:
        outcomes = [target.send(attack) for attack in attacks(SAMPLE, SEED, kinds)]
        found = [
            (outcome.attack.kind, outcome.attack.door, outcome.problems)
            for outcome in outcomes
            if outcome.problems
        ]
        assert found == []
        assert target.judge_accepted() == {}
        assert target.marked_files() == []
        refused = [outcome for outcome in outcomes if outcome.status >= 400]
        assert len(refused) > SAMPLE // 3
        assert target.accepted > SAMPLE // 5
