"""A fuzzed world: containers over shared stores that fail, and what all of them know."""

import itertools
import random
import sqlite3
import tempfile
from collections import Counter
from collections.abc import Callable
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

from chalicelib.storage import CollectionStorage, Owner, StorageOptions
from tests.storage.fuzz_driver import Driver, Submission
from tests.storage.fuzz_stores import FaultPlan, JudgedBaseStore, JudgedCommitLog
from tests.storage.judge import Judge
from tests.storage.ledger import build, demand
from tests.storage.memory import FaultyBaseStore
from tests.storage.memory_log import FaultyCommitLog

CONTAINERS = 8
# How often somebody uses the neighbour's container, which may have crashed meanwhile.
_SHARED = 0.05
_LANDING = 0.06


@dataclass(frozen=True)
class Config:
    """What a world is like.

    `legacy` begins with a file of an earlier version, `outside` lets somebody overwrite base
    files by hand; without `folds` a fold that is due is not made until it must be.
    """

    name: str
    slots: int = 128
    usernames: tuple[str, ...] = ("ada",)
    legacy: bool = False
    outside: bool = False
    folds: bool = True
    cache_bytes: int = 10_000_000


CONFIGS = {
    config.name: config
    for config in [
        Config("steady", usernames=("ada", "bob"), cache_bytes=300_000),
        Config("lapping", slots=8, folds=False),
        Config("legacy", slots=16, legacy=True),
        Config("outside", slots=32, outside=True),
    ]
}


def _nobody(*_: object) -> None:
    """Nothing comes in between."""


class World:
    """Containers, their stores and their judges.

    `pause` is called where a thread waits or thinks, `surprise` before each call of a store, and
    `meet` with a request that is to be sent by somebody else as well.
    """

    def __init__(self, config: Config, seed: int, fault_rate: float, directory: Path) -> None:
        self.config = config
        self.outside = config.outside
        self.fault_rate = fault_rate
        directory.mkdir(exist_ok=True)
        self.directory = directory
        self.counts: Counter[str] = Counter()
        self.again: list[Submission] = []
        self.recent: list[Submission] = []
        self._taken_home: dict[str, bytes] = {}
        self._names = itertools.count(1)
        self._now_ms = 1_700_000_000_000
        self._dice = random.Random(f"{seed} {config.name} {fault_rate}")
        self.base = JudgedBaseStore(self.counts)
        self.log = JudgedCommitLog(config.slots)
        self.judges = {name: self._new_judge(Owner(name)) for name in config.usernames}
        self.quiet()
        self._faults = FaultPlan(self._dice, fault_rate, self.counts, self._before_call)
        self._faulty_base = FaultyBaseStore(self.base, self._faults)
        self._faulty_log = FaultyCommitLog(self.log, self._faults)
        self.containers = [self.open() for _ in range(CONTAINERS)]
        self.drivers = [Driver(self, number, self.new_dice()) for number in range(CONTAINERS)]
        self._begin()
        self._faults.enabled = True

    def quiet(self) -> None:
        """Nobody comes in between."""
        self.pause: Callable[[random.Random], None] = _nobody
        self.meet: Callable[[Submission], None] = _nobody
        self.surprise: Callable[[], None] = _nobody

    def calm(self) -> None:
        """From now on nothing fails."""
        self.fault_rate = 0
        self._faults.enabled = False
        self.land()

    def new_dice(self) -> random.Random:
        return random.Random(self._dice.random())

    def pass_time(self, ms: int) -> None:
        self._now_ms += ms

    def step(self, number: int, dice: random.Random) -> None:
        """One call to a container."""
        if dice.random() < _LANDING:
            self.land()
        self.drivers[number].step()

    def land(self) -> None:
        """Late writes arrive."""
        self._faulty_base.land()
        self._faulty_log.land()

    def open(self) -> CollectionStorage:
        """Another container."""
        options = StorageOptions(
            cache_dir=self.directory / "cache",
            cache_bytes=self.config.cache_bytes,
            retries=2,
            now_ms=lambda: self._now_ms,
            sleep=lambda _: self.pause(self._dice),
            random=self._dice.random,
        )
        storage = CollectionStorage(self._faulty_base, self._faulty_log, options)
        if not self.config.folds:
            storage.on_fold_due(_nobody)
        return storage

    def _before_call(self) -> None:
        self.surprise()

    # What drivers need

    def judge(self, username: str) -> Judge:
        return self.judges[username]

    def username(self, dice: random.Random) -> str:
        return dice.choice(self.config.usernames)

    def new_name(self) -> str:
        return str(next(self._names))

    def count(self, what: str) -> None:
        self.counts[what] += 1

    def container(self, number: int) -> CollectionStorage:
        """A container, mostly that one."""
        neighbour = (number + 1) % CONTAINERS
        return self.containers[neighbour if self._dice.random() < _SHARED else number]

    def crashed(self, number: int) -> None:
        self.containers[number] = self.open()

    def overwrite(self, username: str, edit: Callable[[sqlite3.Connection], object]) -> None:
        """Put an edited copy of the base file in its place, as if by hand.

        That is the present one, or one that was taken a while ago.
        """
        key = Owner(username).base_key
        path = Path(tempfile.mkdtemp(dir=self.directory)) / "foreign.anki2"
        present = self.base.objects[key].data
        path.write_bytes(self._dice.choice([present, self._taken_home.get(key, present)]))
        self._taken_home[key] = present
        with closing(sqlite3.connect(path, isolation_level=None)) as conn:
            edit(conn)
        self.base.overwrite(key, path.read_bytes())

    def _new_judge(self, owner: Owner) -> Judge:
        def fetch(key: str) -> bytes:
            demand(key in self.base.objects, f"{key} is needed and was removed")
            return self.base.objects[key].data

        judge = Judge(owner, self.config.slots, fetch, self.counts)
        self.base.judges[owner.base_key] = self.log.judges[owner.ring] = judge
        return judge

    def _begin(self) -> None:
        for username, judge in self.judges.items():
            if self.config.legacy:
                self.base.overwrite(judge.owner.base_key, self._legacy_file())
            else:
                self.containers[0].create(username, build)

    def _legacy_file(self) -> bytes:
        """Small pages, a file that shrinks by itself, left in WAL mode."""
        path = self.directory / "legacy.anki2"
        with closing(sqlite3.connect(path, isolation_level=None)) as conn:
            conn.execute("PRAGMA page_size = 512")
            conn.execute("PRAGMA auto_vacuum = FULL")
            build(conn)
            conn.execute("PRAGMA journal_mode = WAL")
        return path.read_bytes()
