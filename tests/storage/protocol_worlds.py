"""The states of the model of the commit protocol: stores, containers, and what is on its way."""

from dataclasses import dataclass
from enum import Enum, auto
from typing import Any, Literal, NamedTuple

Content = tuple[str, ...]
FOREIGN = -1


class Flaw(Enum):
    """What a wrong protocol does otherwise."""

    UNCONDITIONAL_APPEND = auto()
    SAME_NUMBER_OVERWRITTEN = auto()
    NO_RING_GUARD = auto()
    FOLD_WITHOUT_IF_MATCH = auto()
    FOLD_OVER_FOREIGN_FILE = auto()
    OWN_ENTRY_NOT_RECOGNISED = auto()
    DOUBT_FORGOTTEN = auto()
    KEY_IS_THE_TX = auto()
    KEY_NOT_LOOKED_UP = auto()
    NO_UNDO = auto()
    READ_WITHOUT_POLL = auto()
    NO_CHANGE_WITHOUT_POLL = auto()
    RING_NOT_READ_ON_OPEN = auto()
    RING_OLDER_THAN_BASE = auto()
    GAP_OVERLOOKED = auto()
    NO_CONFLICT_COPY = auto()
    NO_CONFLICT_COPY_FROM_ADOPTED_FILE = auto()
    ADOPTION_OVERLOOKED = auto()
    ADOPTION_COUNTS_AS_FOLDED = auto()
    ADOPTION_ON_ONE_LOOK = auto()
    GENERATION_IGNORED = auto()


class Entry(NamedTuple):
    """What a slot holds: a change, or the adoption of the file `adopts`; 0 is an empty slot.

    `folded` is the state that its writer knew to be folded.
    """

    seq: int
    tx: str = ""
    change: str = ""
    adopts: str = ""
    folded: int = 0


class Base(NamedTuple):
    """A version of the base file; a foreign one has no number and nobody's generation."""

    seq: int
    content: Content
    etag: str
    generation: int = 0


LEGACY = Base(FOREIGN, ("legacy",), "legacy")


class Container(NamedTuple):
    """A process: its copy (number -1: none) and what it knows, its request, where it is in it.

    `base_seq` is folded for certain, `adopted` the foreign file that the copy was opened from,
    `keyed` the entries with a key among the last lap; `floor` is what a request may not miss.
    """

    seq: int = -1
    content: Content = ()
    base_seq: int = -1
    adopted: str = ""
    keyed: tuple[Entry, ...] = ()
    generation: int = 0
    request: str = ""
    floor: int = 0
    step: str = "idle"
    held: tuple[Any, ...] = ()


class Chances(NamedTuple):
    """How often what may still happen; `outside` are the files that are put there by hand."""

    crashes: int = 0
    lost: int = 0
    delays: int = 0
    folds: int = 0
    give_ups: int = 0
    deletions: int = 0
    outside: tuple[Base, ...] = ()

    def less(self, name: str) -> "Chances":
        return self._replace(**{name: getattr(self, name) - 1})


NO_CHANCES = Chances()
Ring = tuple[Entry, ...]


class World(NamedTuple):
    """The stores, the containers, the network, and what was done and promised so far.

    There is a ring for each generation, the last one is in use. `replaced` are the versions whose
    place a foreign file took, the newest first, `rescued` the changes in conflict copies, `shown`
    the latest state that somebody was told of.
    """

    base: Base | None
    rings: tuple[Ring, ...]
    containers: tuple[Container, ...]
    left: tuple[int, ...]
    chances: Chances
    under_way: tuple[tuple[int, Entry | Base, str], ...] = ()
    replaced: tuple[Base, ...] = ()
    history: tuple[Entry, ...] = ()
    acknowledged: Content = ()
    refused: Content = ()
    rescued: Content = ()
    shown: int = 0
    fault: str = ""

    @property
    def generation(self) -> int:
        return len(self.rings) - 1

    def put(self, i: int, container: Container, **changes: Any) -> "World":
        containers = (*self.containers[:i], container, *self.containers[i + 1 :])
        return self._replace(containers=containers, **changes)


Step = tuple[str, World]


@dataclass(frozen=True)
class Work:
    """`count` requests; with a key, one request that is sent so often. Its name is one letter."""

    name: str
    count: int = 1
    kind: Literal["change", "read", "no change"] = "change"
    keyed: bool = False


@dataclass(frozen=True)
class Config:
    """How large the world is, and what may happen in it.

    `cold` containers begin without a copy, a `legacy` collection with a foreign base, and in a
    `torn` world the slots of a ring are read one by one, in any order.
    """

    work: tuple[Work, ...]
    chances: Chances = NO_CHANCES
    slots: int = 2
    containers: int = 2
    cold: bool = False
    legacy: bool = False
    torn: bool = False
    flaw: Flaw | None = None


def newest(ring: Ring) -> int:
    return max(entry.seq for entry in ring)


def first_state(base: Base, ring: Ring) -> int | None:
    """Which state a base file is; None where it is foreign and not adopted."""
    if base.seq != FOREIGN:
        return base.seq
    return max((entry.seq for entry in ring if entry.adopts == base.etag), default=None)


def added(changes: Content, *more: str) -> Content:
    return tuple(sorted({*changes, *more}))


def gone(c: Container) -> Container:
    """The container without its copy; its request gets no answer."""
    return Container(generation=c.generation)


def fresh(c: Container) -> Container:
    """The container without its copy, about to open one for its request."""
    step = "cold" if c.request else "idle"
    return Container(generation=c.generation, request=c.request, floor=c.floor, step=step)


def resumed(c: Container) -> Container:
    return c._replace(step="ready" if c.request else "idle", held=())


def idle(c: Container) -> Container:
    return gone(c) if c.seq < 0 else c._replace(request="", floor=0, step="idle", held=())


def acknowledged(w: World, i: int, c: Container, entry: Entry) -> World:
    """The request is answered: its change is this entry."""
    if c.generation != w.generation:
        return w.put(i, idle(c))
    changes, shown = added(w.acknowledged, entry.change), max(w.shown, entry.seq)
    return w.put(i, idle(c), acknowledged=changes, shown=shown)


def answered(w: World, i: int, c: Container) -> World:
    """The request is answered from the state that the container has."""
    if c.generation != w.generation:
        return w.put(i, idle(c))
    fault = f"{c.request} is answered from a stale state" if c.seq < c.floor else w.fault
    return w.put(i, idle(c), shown=max(w.shown, c.seq), fault=fault)


def delayed(w: World, c: Container, message: Entry | Base, seen: str = "") -> World:
    under_way = (*w.under_way, (c.generation, message, seen))
    return w._replace(under_way=under_way, chances=w.chances.less("delays"))
