"""Standing between a storage and its stores: what is called, what goes wrong, what comes between.

Every pair of stores can be watched. A place in a use is a call of the store: the how-manieth one
of which method.
"""

from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from tests.storage.conftest import Stores
from tests.storage.memory import Fault, FaultyBaseStore
from tests.storage.memory_log import FaultyCommitLog

Plan = Callable[[str], Fault | None]
READS = frozenset({"get", "head", "download", "keys", "earlier", "following", "entries", "marks"})
WRITES = frozenset({"put", "delete", "append", "mark", "unmark"})


class Watch:
    """`stores` are the same stores, seen through; `calls` are the methods called so far.

    What goes wrong is for `plan` to say, and whatever else happens before a call is for it to do.
    """

    def __init__(self, stores: Stores, plan: Plan = lambda _: None) -> None:
        self.calls: list[str] = []
        self.plan = plan
        self._base = FaultyBaseStore(stores.base, self._asked)
        self._log = FaultyCommitLog(stores.log, self._asked)
        self.stores = Stores(self._base, self._log)

    def since(self, use: Callable[[], object]) -> list[str]:
        """The calls that one use takes."""
        before = len(self.calls)
        use()
        return self.calls[before:]

    def land(self) -> None:
        """Let what is late arrive."""
        self._base.land()
        self._log.land()

    def _asked(self, method: str) -> Fault | None:
        self.calls.append(method)
        return self.plan(method)


@dataclass(frozen=True)
class Place:
    """Before the `nth` call, from 0, of one method."""

    method: str
    nth: int


def places(calls: list[str]) -> Iterator[Place]:
    for method, count in sorted(Counter(calls).items()):
        for nth in range(count):
            yield Place(method, nth)


class At:
    """A plan: at one place something happens, or goes wrong, once; `reached` tells whether."""

    def __init__(self, place: Place, fault: Fault | None, act: Callable[[], object]) -> None:
        self.reached = False
        self._place = place
        self._fault = fault
        self._act = act
        self._left = place.nth

    def __call__(self, method: str) -> Fault | None:
        if self.reached or method != self._place.method:
            return None
        self._left -= 1
        if self._left >= 0:
            return None
        self.reached = True
        self._act()
        return self._fault


def failing_at(place: Place, fault: Fault) -> At:
    return At(place, fault, lambda: None)


def acting_at(place: Place, act: Callable[[], object]) -> At:
    return At(place, None, act)
