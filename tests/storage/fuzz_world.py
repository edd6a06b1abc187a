"""Random histories of many containers over stores that fail in every way, judged as they happen.

    python -m tests.storage.fuzz_world --operations 10000 --seed 1

Each container is a storage with replicas of its own. In the *threads* mode each works in a thread.
In the *interleaved* mode there is one thread: others come in between at the calls of the stores,
inside transactions and while somebody waits, and the same arguments give the same history.
"""

import argparse
import logging
import random
import sys
import tempfile
import threading
import time
import uuid
from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import Future
from contextlib import AbstractContextManager, contextmanager
from functools import partial
from pathlib import Path
from typing import Any

from chalicelib.storage import opening
from tests.storage.fuzz_containers import CONFIGS, CONTAINERS, Config, World
from tests.storage.fuzz_driver import Submission
from tests.storage.fuzz_ending import finish
from tests.storage.ledger import ViolationError

# How many calls may be nested by others that come in between, and how many may come at once.
_DEPTH = 3
_MANY = 12
# A call takes no time where one is left to count; that of threads is short beside half an hour.
_BETWEEN_CALLS_MS = 120_000
_CALL_MS = 2_000


def interleaved(
    config: Config, operations: int, seed: int, fault_rate: float, directory: Path
) -> World:
    """The world after a history in one thread; the same one for the same arguments.

    Raises ViolationError.
    """
    dice = random.Random(f"{seed} {config.name} {fault_rate}")
    new_id = partial(_new_id, dice)
    with one_thread(lambda: dice.random() < 0.5), replaced(uuid, "uuid4", new_id):
        world = World(config, seed, fault_rate, directory)
        _Interleaving(world, dice).run(operations)
        finish(world)
    return world


def in_threads(
    config: Config, operations: int, seed: int, fault_rate: float, directory: Path
) -> World:
    """The world after a history of threads: what they do is drawn by the seed, when is not.

    Raises ViolationError.
    """
    world = World(config, seed, fault_rate, directory)
    with _switching_often():
        _Threads(world).run(operations)
    finish(world)
    return world


MODES = {"threads": in_threads, "interleaved": interleaved}


class _Interleaving:
    """Lets others come in where it is least convenient."""

    def __init__(self, world: World, dice: random.Random) -> None:
        self._world = world
        self._dice = dice
        self._left = 0
        self._depth = 0
        world.pause = lambda _: self._between(0.25)
        world.surprise = lambda: self._between(0.03)
        world.meet = self._meet

    def run(self, operations: int) -> None:
        self._left = operations
        while self._left > 0:
            self._world.pass_time(self._dice.randrange(_BETWEEN_CALLS_MS))
            self._step()

    def _step(self) -> None:
        self._left -= 1
        self._depth += 1
        try:
            self._world.step(self._dice.randrange(CONTAINERS), self._dice)
        finally:
            self._depth -= 1

    def _between(self, chance: float) -> None:
        if self._depth > _DEPTH or self._dice.random() >= chance:
            return
        for _ in range(self._dice.choices([1, 2, _MANY], weights=[80, 19, 1])[0]):
            self._step()

    def _meet(self, submission: Submission) -> None:
        """The same request through another container, in the middle of the first."""
        self._world.drivers[self._dice.randrange(CONTAINERS)].submit(submission)


class _Threads:
    """A thread for each container."""

    def __init__(self, world: World) -> None:
        self._world = world
        self._requests: list[tuple[Submission, threading.Event]] = []
        self._errors: list[BaseException] = []
        world.pause = self._pause
        world.meet = self._meet

    def run(self, operations: int) -> None:
        share = operations // CONTAINERS
        threads = [
            threading.Thread(target=self._work, args=(number, share, self._world.new_dice()))
            for number in range(CONTAINERS)
        ]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        broken = [error for error in self._errors if isinstance(error, ViolationError)]
        for error in sorted(broken, key=lambda error: error.number) or self._errors:
            raise error

    def _work(self, number: int, operations: int, dice: random.Random) -> None:
        try:
            for _ in range(operations):
                if self._errors:
                    return
                self._join(number)
                self._world.pass_time(dice.randrange(_CALL_MS))
                self._world.step(number, dice)
        except BaseException as error:
            self._errors.append(error)

    def _pause(self, dice: random.Random) -> None:
        if dice.random() < 0.3:
            time.sleep(dice.random() * 0.004)

    def _meet(self, submission: Submission) -> None:
        """Give the request to another thread, and go on when that one begins with it."""
        begun = threading.Event()
        self._requests.append((submission, begun))
        begun.wait(0.02)

    def _join(self, number: int) -> None:
        """Send what another thread is sending at this moment."""
        try:
            submission, begun = self._requests.pop()
        except IndexError:
            return
        begun.set()
        self._world.drivers[number].submit(submission)


class _Later(Future[Any]):
    """What a pool of threads does at some time, at the latest when somebody asks for it."""

    def __init__(self, call: Callable[[], object]) -> None:
        super().__init__()
        self._call = call

    def result(self, timeout: float | None = None) -> Any:
        if not self.done():
            self.do()
        return super().result(timeout)

    def do(self) -> None:
        try:
            self.set_result(self._call())
        except BaseException as error:
            self.set_exception(error)


class _NoPool:
    """Stands for a pool of threads."""

    def __init__(self, at_once: Callable[[], bool], workers: int) -> None:
        self._at_once = at_once

    def __enter__(self) -> "_NoPool":
        return self

    def __exit__(self, *_: object) -> None:
        """Nothing is left to wait for."""

    def submit(self, call: Callable[..., object], *args: object) -> _Later:
        later = _Later(partial(call, *args))
        if self._at_once():
            later.do()
        return later


def _new_id(dice: random.Random) -> uuid.UUID:
    return uuid.UUID(int=dice.getrandbits(128))


def one_thread(at_once: Callable[[], bool]) -> AbstractContextManager[None]:
    """The ring is not asked for in another thread: before the base file if `at_once`, or after."""
    return replaced(opening, "ThreadPoolExecutor", partial(_NoPool, at_once))


@contextmanager
def replaced(place: object, name: str, value: object) -> Iterator[None]:
    """Something else under a name of a module or a class, inside the block."""
    own = getattr(place, name)
    setattr(place, name, value)
    try:
        yield
    finally:
        setattr(place, name, own)


@contextmanager
def _switching_often() -> Iterator[None]:
    interval = sys.getswitchinterval()
    sys.setswitchinterval(0.0002)
    try:
        yield
    finally:
        sys.setswitchinterval(interval)


def main() -> int:
    """Run histories of every kind and say what happened in them.

    1 when a promise was broken, or something that has to happen did not.
    """
    options = _options()
    logging.disable(logging.CRITICAL)
    runs = [
        (mode, CONFIGS[name], rate)
        for mode in options.mode or MODES
        for rate in options.fault_rate or (0.01, 0.05)
        for name in options.config or CONFIGS
    ]
    operations = options.operations // len(options.config or CONFIGS)
    total: Counter[str] = Counter()
    broken = 0
    for mode, config, rate in runs:
        counts, promise = _told(mode, config, operations, options.seed, rate)
        total += counts
        broken += promise is not None
    print("all", *(f"{what}: {total[what]}," for what in sorted(total)))
    print(f"{len(runs)} histories of {operations} operations, {broken} broke a promise")
    absent = [what for what in SUMMARY if not total[what]]
    print(*(f"{what}: never happened" for what in absent), sep="\n", end="")
    return 1 if broken or absent else 0


def _told(
    mode: str, config: Config, operations: int, seed: int, rate: float
) -> tuple[Counter[str], str | None]:
    """What happened in one history, and which promise was broken; printed as well."""
    begun = time.perf_counter()
    with tempfile.TemporaryDirectory() as directory:
        counts: Counter[str] = Counter()
        promise = None
        try:
            counts = MODES[mode](config, operations, seed, rate, Path(directory)).counts
        except ViolationError as error:
            promise = str(error)
    told = promise or " ".join(f"{what}: {counts[what]}," for what in SUMMARY)
    seconds = time.perf_counter() - begun
    print(f"{mode} {config.name} p={rate} seed={seed} {operations} in {seconds:.0f} s: {told}")
    return counts, promise


# Each of these has to happen in a run that is worth its time.
SUMMARY = (
    "acknowledged",
    "doubtful",
    "doubts resolved",
    "replayed",
    "ConflictError",
    "folds",
    "spills",
    "cold opens",
    "faults",
)


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m tests.storage.fuzz_world")
    parser.add_argument(
        "--operations", type=int, default=10_000, help="for each mode and fault rate"
    )
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--fault-rate", type=float, action="append", help="0.01 and 0.05")
    parser.add_argument("--config", choices=CONFIGS, action="append", help="all of them")
    parser.add_argument("--mode", choices=MODES, action="append", help="both")
    return parser.parse_args()


if __name__ == "__main__":
    sys.exit(main())
