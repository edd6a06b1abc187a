"""Random histories of several containers over a store that fails in every way, against a model.

Each transaction adds its own name. What was acknowledged is there exactly once, what was refused
is not, what is in doubt is there at most once, and every reading sees at least everything that
was acknowledged before it.
"""

import random
import sqlite3
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field

import pytest

from chalicelib.errors import ConflictError, StorageUnavailableError
from chalicelib.storage import CollectionStorage
from tests.storage.conftest import OpenStorage
from tests.storage.memory import Crash, Fault, FaultyBaseStore, MemoryBaseStore
from tests.storage.tally import add, build, names

CONTAINERS = 3
OPERATIONS = 300


class OwnError(Exception):
    pass


@dataclass
class Model:
    acknowledged: set[str] = field(default_factory=set)
    doubtful: set[str] = field(default_factory=set)

    def check(self, seen: Counter[str]) -> None:
        assert set(seen.values()) <= {1}, "doubled"
        assert self.acknowledged <= set(seen), "lost"
        assert set(seen) <= self.acknowledged | self.doubtful, "refused, and yet there"


class World:
    """The containers, their store, and the dice that decide what happens."""

    def __init__(self, seed: int, fault_rate: float, open_storage: OpenStorage) -> None:
        self.dice = random.Random(seed)
        self.model = Model()
        self.counts: Counter[str] = Counter()
        self.base = MemoryBaseStore()
        open_storage(self.base).create("ada", build)
        self._fault_rate = fault_rate
        self._faulty = FaultyBaseStore(self.base, self._plan)
        self._open = open_storage
        self._containers = [self._new() for _ in range(CONTAINERS)]
        self._serial = 0

    def step(self) -> None:
        if self.dice.random() < 0.1:
            self._faulty.land()
        self.dice.choice([self._change, self._change, self._fail, self._read])()

    def settle(self) -> Counter[str]:
        self._faulty.land()
        return self._open(self.base).read("ada", names)

    def _new(self) -> CollectionStorage:
        return self._open(self._faulty, retries=1, sleep=self._wait, cache_bytes=20_000)

    def _wait(self, _: float) -> None:
        """Time passes: late writes arrive, others come in between."""
        if self.dice.random() < 0.3:
            self._faulty.land()
        if self.dice.random() < 0.3:
            self._change()

    def _plan(self, method: str) -> Fault | None:
        if self.dice.random() >= self._fault_rate:
            return None
        self.counts["faults"] += 1
        faults = list(Fault) if method == "put" else [Fault.OUTAGE, Fault.CRASH_BEFORE]
        return self.dice.choice(faults)

    def _change(self) -> None:
        self._transact(lambda conn, name: add(name)(conn))

    def _fail(self) -> None:
        def fn(conn: sqlite3.Connection, name: str) -> None:
            add(name)(conn)
            raise OwnError

        self._transact(fn)

    def _transact(self, fn: Callable[[sqlite3.Connection, str], object]) -> None:
        self._serial += 1
        name = str(self._serial)
        rivals = self.dice.choice([0, 0, 0, 1, 2])
        acknowledged = set(self.model.acknowledged)

        def with_rivals(conn: sqlite3.Connection) -> None:
            nonlocal rivals
            assert acknowledged <= set(names(conn)), "stale"
            if rivals:
                rivals -= 1
                self._change()
            fn(conn, name)

        self._run(name, lambda storage: storage.transact("ada", with_rivals))

    def _read(self) -> None:
        self._run(None, lambda storage: self.model.check(storage.read("ada", names)))

    def _run(self, name: str | None, use: Callable[[CollectionStorage], object]) -> None:
        number = self.dice.randrange(CONTAINERS)
        try:
            use(self._containers[number])
        except (OwnError, ConflictError) as error:
            self.counts[type(error).__name__] += 1
        except (StorageUnavailableError, Crash) as error:
            self.counts[type(error).__name__] += 1
            if name:
                self.model.doubtful.add(name)
            if isinstance(error, Crash):
                self._containers[number] = self._new()
        else:
            if name:
                self.model.acknowledged.add(name)


@pytest.mark.parametrize("fault_rate", [0.01, 0.1, 0.3])
@pytest.mark.parametrize("seed", range(2))
def test_no_history_loses_doubles_halves_or_hides_a_change(
    open_storage: OpenStorage, seed: int, fault_rate: float
) -> None:
    world = World(seed, fault_rate, open_storage)
    for _ in range(OPERATIONS):
        world.step()
    world.model.check(world.settle())
    assert min(world.counts[kind] for kind in ("faults", "OwnError", "ConflictError")) > 0
    assert len(world.model.acknowledged) > OPERATIONS / 20
