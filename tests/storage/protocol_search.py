"""A search that visits every state of the model of the commit protocol, the near ones first."""

from collections import deque
from collections.abc import Callable
from dataclasses import dataclass

from tests.storage.protocol_model import Protocol
from tests.storage.protocol_worlds import World


@dataclass(frozen=True)
class Report:
    """What a search found: how many states there are, and the shortest way to a wrong one."""

    states: int
    steps: int
    wrong: str = ""
    trace: tuple[str, ...] = ()

    def __str__(self) -> str:
        trace = [f"{n:4}  {label}" for n, label in enumerate(self.trace, 1)]
        return "\n".join([*trace, self.wrong, f"{self.states} states, {self.steps} steps"])


def search(protocol: Protocol, wrong: Callable[[World], str]) -> Report:
    """Visit every state, near ones first, until `wrong` says of one what is wrong with it."""
    start = protocol.start()
    came_from: dict[World, tuple[World, str] | None] = {_name(start): None}
    waiting = deque([start])
    steps = 0
    while waiting:
        w = waiting.popleft()
        for label, after in protocol.steps(w):
            steps += 1
            name = _name(after)
            if name in came_from:
                continue
            came_from[name] = (_name(w), label)
            if found := wrong(after):
                return Report(len(came_from), steps, found, _trace(came_from, name))
            waiting.append(after)
    return Report(len(came_from), steps)


def _name(w: World) -> World:
    """The same for all states that differ only in which container is which."""
    return w._replace(containers=tuple(sorted(w.containers)))


def _trace(came_from: dict[World, tuple[World, str] | None], end: World) -> tuple[str, ...]:
    labels: list[str] = []
    step = came_from[end]
    while step:
        labels.append(step[1])
        step = came_from[step[0]]
    return tuple(reversed(labels))
