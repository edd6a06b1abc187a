"""Days of random work through the API: whatever a person does, real Anki finds nothing wrong.

More of it: `python -m tests.e2e.test_random_operations --examples 20`.
"""

import argparse
import random
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import count
from pathlib import Path
from typing import Any

from hypothesis import HealthCheck, Phase, note, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    rule,
    run_state_machine_as_test,
)

from tests.e2e.operations import OPERATIONS, Somebody
from tests.support.anki import assert_clean
from tests.support.clocked_server import CLOCK, COMMAND, FileClock
from tests.support.content import content
from tests.support.server import Person, serving

# Together about 1,000 operations.
EXAMPLES = 4
STEPS = 250

# Long ago: Anki, which looks at the result today, must not find it in the future.
START_MS = 1_420_000_000_000
NAMES = [name for name, (weight, _) in OPERATIONS.items() for _ in range(weight)]
TAKEN_BACK = [name for name in NAMES if name not in ("undo", "redo", "travel", "wait")]
SEEDS = st.integers(0, 2**32)


@contextmanager
def world(folder: Path) -> Iterator[tuple[str, FileClock]]:
    """A running service, whose time is ours."""
    clock = FileClock(folder / "clock")
    clock.set(START_MS)
    environ = {CLOCK: str(clock.path), "MAX_BODY_BYTES": "20000000"}
    with serving(folder / "data", COMMAND, **environ) as address:
        yield address, clock


class RandomWork(RuleBasedStateMachine):
    """One person's life with a collection; `in_world` says where."""

    address: str
    clock: FileClock
    folder: Path
    numbers = count(1)

    @classmethod
    def in_world(cls, address: str, clock: FileClock, folder: Path) -> type["RandomWork"]:
        return type("RandomWork", (cls,), {"address": address, "clock": clock, "folder": folder})

    @initialize(minutes=st.sampled_from([-480, -180, 0, 330, 720]))
    def register(self, minutes: int) -> None:
        self.clock.set(START_MS)
        self.name = f"somebody{next(self.numbers)}"
        self.person = Person(self.address, self.name, utc_offset_minutes=minutes)
        self.one = Somebody(self.person, self.clock)

    @rule(seed=SEEDS)
    def work(self, seed: int) -> None:
        self._do(seed, NAMES)

    @rule(seed=SEEDS)
    def work_and_take_it_back(self, seed: int) -> None:
        before = self._content()
        self._do(seed, TAKEN_BACK)
        if self._content() == before:
            return
        self.person.ok("POST", "/api/undo")
        assert self._content() == before

    def teardown(self) -> None:
        if hasattr(self, "person"):
            self._settle()
            assert_clean(self.person.export(self.folder / f"{self.name}.anki2"))
            self.person.close()

    def _settle(self) -> None:
        """Do what Anki does to any file: unbury on a later day, and let Check Database make those
        cards of a note again that were deleted one by one, or with their deck."""
        for deck in self.one.decks():
            self.person.ok("POST", f"/api/decks/{deck['id']}/unbury", json={"kind": "all"})
        for card in {card["note_id"]: card for card in self.one.cards()}.values():
            tags = {"tags": [*card["tags"], "settled"]}
            self.one.call("PUT", f"/api/cards/{card['id']}", json=tags)

    def _do(self, seed: int, names: list[str]) -> None:
        self.clock.set(self.clock.now_ms() + 1000 + seed % 60_000)
        self.one.chance = random.Random(seed)
        name = self.one.chance.choice(names)
        note(name)
        OPERATIONS[name][1](self.one)

    def _content(self) -> Any:
        return content(self.person.export(self.folder / "content.anki2"))


def run(examples: int, steps: int, folder: Path, *, derandomize: bool) -> None:
    with world(folder) as (address, clock):
        run_state_machine_as_test(
            RandomWork.in_world(address, clock, folder),
            settings=settings(
                max_examples=examples,
                stateful_step_count=steps,
                deadline=None,
                derandomize=derandomize,
                database=None,
                suppress_health_check=list(HealthCheck),
                phases=[Phase.generate],
            ),
        )


def test_real_anki_finds_nothing_wrong_after_a_thousand_random_operations(tmp_path: Path) -> None:
    run(EXAMPLES, STEPS, tmp_path, derandomize=True)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--examples", type=int, default=20)
    parser.add_argument("--steps", type=int, default=STEPS)
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as scratch:
        run(arguments.examples, arguments.steps, Path(scratch), derandomize=False)
