"""Doing the same for many, so many at a time."""

from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor, as_completed
from typing import TypeVar

S = TypeVar("S")
T = TypeVar("T")


def each_of(
    subjects: Sequence[S],
    work: Callable[[S], T],
    jobs: int,
    done: Callable[[int], None] = lambda _number: None,
) -> list[T]:
    """The results of `work` in the order of the subjects; `done(n)` after the nth to end.

    What `work` raises ends it all, once those under way are finished.
    """
    with ThreadPoolExecutor(max_workers=jobs) as pool:
        futures = [pool.submit(work, subject) for subject in subjects]
        try:
            for number, future in enumerate(as_completed(futures), 1):
                future.result()
                done(number)
        except BaseException:
            pool.shutdown(cancel_futures=True)
            raise
    return [future.result() for future in futures]
