"""Many register one name at once, from threads of several processes: one of them gets it."""

from collections import Counter
from concurrent.futures import ProcessPoolExecutor, ThreadPoolExecutor
from multiprocessing import get_context
from threading import Barrier
from typing import Any

from chalicelib.accounts.users import UserRepository
from chalicelib.errors import UsernameTakenError
from tests.accounts.places import Place, stored, user

THREADS = 20
PROCESSES = 4
NAMES = [f"name{number}" for number in range(10)]
TIMEOUT_S = 60

_start: Any  # the barrier, in a process that takes part


def test_one_of_twenty_threads_creates_a_name(users: UserRepository) -> None:
    start = Barrier(THREADS)
    for name in NAMES[:5]:

        def create(generation: str, name: str = name) -> bool:
            start.wait(TIMEOUT_S)
            return _creates(users, name, generation)

        with ThreadPoolExecutor(THREADS) as pool:
            generations = [f"thread {number}" for number in range(THREADS)]
            wins = dict(zip(generations, pool.map(create, generations), strict=True))
        assert sum(wins.values()) == 1
        assert wins[stored(users, name).generation]


def test_one_of_four_processes_creates_a_name(place: Place) -> None:
    users = place.open()
    context = get_context("spawn")
    start = context.Barrier(PROCESSES)
    generations = [f"process {number}" for number in range(PROCESSES)]
    with ProcessPoolExecutor(PROCESSES, context, _remember, (start,)) as pool:
        won = list(pool.map(_create_all, [place] * PROCESSES, generations))
    assert Counter(name for names in won for name in names) == Counter(NAMES)
    for generation, names in zip(generations, won, strict=True):
        assert {stored(users, name).generation for name in names} <= {generation}


def _remember(start: Any) -> None:
    """In a fresh process: keep what can only be handed over at its birth."""
    global _start  # noqa: PLW0603
    _start = start


def _create_all(place: Place, generation: str) -> list[str]:
    """The names that this process was the one to create."""
    users = place.open()
    won = []
    for name in NAMES:
        _start.wait(TIMEOUT_S)
        if _creates(users, name, generation):
            won.append(name)
    return won


def _creates(users: UserRepository, name: str, generation: str) -> bool:
    try:
        users.create(user(name, password_hash="$2b$04$", generation=generation))
    except UsernameTakenError:
        return False
    return True
