"""The commit protocol keeps its promises in every state, and each part of it is needed for that.

`python -m tests.storage.test_protocol_model` visits the larger worlds as well, or those named.
"""

import sys
import time
from dataclasses import replace
from functools import cache

import pytest

from tests.storage.protocol_model import Protocol
from tests.storage.protocol_search import Report, search
from tests.storage.protocol_worlds import (
    FOREIGN,
    LEGACY,
    Base,
    Chances,
    Config,
    Content,
    Entry,
    Flaw,
    Work,
    World,
    first_state,
)

BY_HAND = Base(FOREIGN, ("by hand",), "by hand")
AGAIN_BY_HAND = Base(FOREIGN, ("again by hand",), "again by hand")

KEYED = Work("k", 2, keyed=True)
READ = Work("r", kind="read")
NO_CHANGE = Work("n", kind="no change")

OPENING = {"cold", "opening", "foreign", "adopting"}
# More than anybody needs who is alone: to read twice, to adopt, to fold and to commit.
MANY_STEPS = 30


def changes(count: int) -> Work:
    return Work("c", count)


WORLDS = {
    "2 writers, 6 commits": Config((changes(6),)),
    "2 writers, 8 commits, 3 slots": Config((changes(8),), slots=3),
    "3 writers, 6 commits": Config((changes(6),), containers=3),
    "3 writers, 6 commits, 3 slots": Config((changes(6),), containers=3, slots=3),
    "readers": Config((changes(3), READ, NO_CHANGE), Chances(crashes=1)),
    "a crash": Config((changes(3), KEYED), Chances(crashes=1)),
    "a crash, 3 writers": Config((changes(2), KEYED), Chances(crashes=1), containers=3),
    "a crash, one gives up": Config((changes(3), KEYED), Chances(crashes=1, give_ups=1)),
    "2 lost messages": Config((changes(3), KEYED), Chances(lost=2)),
    "a delayed message": Config((changes(3), KEYED), Chances(delays=1)),
    "a delayed message, a crash": Config((changes(2), KEYED), Chances(delays=1, crashes=1)),
    "a delayed message, a lost one": Config((changes(2), KEYED), Chances(delays=1, lost=1)),
    "a slow folder": Config((changes(4),), Chances(folds=1, delays=1)),
    "a slow folder, 3 slots": Config((changes(5),), Chances(folds=1, delays=1), slots=3),
    "2 folders, 3 writers": Config((changes(4),), Chances(folds=2), containers=3),
    "cold containers": Config((changes(3), KEYED, READ), Chances(folds=1), cold=True),
    "a torn ring": Config((changes(3), KEYED), Chances(crashes=1), torn=True),
    "a torn ring, 3 slots": Config(
        (changes(2), KEYED), Chances(crashes=1, folds=1), slots=3, torn=True
    ),
    "a foreign file": Config((changes(3),), Chances(outside=(BY_HAND,), folds=1, crashes=1)),
    "a foreign file, a key": Config(
        (changes(1), KEYED), Chances(outside=(BY_HAND,), folds=1, crashes=1)
    ),
    "a foreign file, a delayed message": Config(
        (changes(3),), Chances(outside=(BY_HAND,), folds=1, delays=1)
    ),
    "2 foreign files": Config((changes(3),), Chances(outside=(BY_HAND, AGAIN_BY_HAND), folds=1)),
    "a legacy file": Config((changes(5),), Chances(folds=1), cold=True, legacy=True),
    "a legacy file, a foreign one": Config(
        (changes(3),), Chances(outside=(BY_HAND,), folds=1), cold=True, legacy=True
    ),
    "a deleted account": Config((changes(3),), Chances(deletions=1, folds=1, delays=1)),
}

# Together they take some minutes.
LARGER = {
    "3 writers, 9 commits, 3 slots": Config((changes(9),), containers=3, slots=3),
    "everything": Config((changes(1), KEYED, READ), Chances(crashes=1, lost=1, delays=1, folds=1)),
    "everything, 3 slots": Config(
        (changes(2), KEYED), Chances(crashes=1, lost=1, delays=1, folds=1), slots=3
    ),
    "3 containers, everything": Config(
        (changes(2), KEYED), Chances(crashes=1, lost=1, delays=1, folds=1), containers=3
    ),
    "3 cold containers": Config(
        (changes(2), KEYED), Chances(folds=1, crashes=1), containers=3, cold=True
    ),
    "3 containers, a torn ring": Config(
        (changes(2), KEYED), Chances(folds=1), containers=3, cold=True, torn=True
    ),
    "a foreign file, everything": Config(
        (changes(1), KEYED), Chances(1, 1, 1, 1, outside=(BY_HAND,)), cold=True
    ),
    "a foreign file, 3 containers": Config(
        (changes(3),), Chances(folds=1, crashes=1, outside=(BY_HAND,)), containers=3
    ),
    "a foreign file, a torn ring": Config(
        (changes(4),), Chances(folds=1, crashes=1, outside=(BY_HAND,)), cold=True, torn=True
    ),
    "2 foreign files, a crash": Config(
        (changes(4),), Chances(folds=2, crashes=1, outside=(BY_HAND, AGAIN_BY_HAND))
    ),
}

# Where each flaw does harm, and how that shows.
HARM = {
    Flaw.UNCONDITIONAL_APPEND: ("2 writers, 6 commits", "was acknowledged and is there 0 times"),
    Flaw.SAME_NUMBER_OVERWRITTEN: ("2 writers, 6 commits", "was acknowledged and is there 0 times"),
    Flaw.NO_RING_GUARD: ("2 writers, 6 commits", "do not give the head"),
    Flaw.FOLD_WITHOUT_IF_MATCH: ("2 folders, 3 writers", "the base went back"),
    Flaw.FOLD_OVER_FOREIGN_FILE: ("a foreign file", "the file by hand is lost"),
    Flaw.OWN_ENTRY_NOT_RECOGNISED: ("2 lost messages", "c1 is made twice"),
    Flaw.DOUBT_FORGOTTEN: ("2 lost messages", "c1 is made twice"),
    Flaw.KEY_IS_THE_TX: ("a crash", "k2 was acknowledged and is there 0 times"),
    Flaw.KEY_NOT_LOOKED_UP: ("a crash", "k is made twice"),
    Flaw.NO_UNDO: ("2 writers, 6 commits", "the copy of 1 is not state 1"),
    Flaw.READ_WITHOUT_POLL: ("readers", "r1 is answered from a stale state"),
    Flaw.NO_CHANGE_WITHOUT_POLL: ("readers", "n1 is answered from a stale state"),
    Flaw.RING_NOT_READ_ON_OPEN: ("cold containers", "r1 is answered from a stale state"),
    Flaw.RING_OLDER_THAN_BASE: ("cold containers", "k is made twice"),
    Flaw.GAP_OVERLOOKED: ("readers", "is answered from a stale state"),
    Flaw.NO_CONFLICT_COPY: ("a foreign file", "was acknowledged and is there 0 times"),
    Flaw.NO_CONFLICT_COPY_FROM_ADOPTED_FILE: (
        "a legacy file, a foreign one",
        "0 never gets to the head",
    ),
    Flaw.ADOPTION_OVERLOOKED: ("a foreign file", "is not state"),
    Flaw.ADOPTION_COUNTS_AS_FOLDED: ("a legacy file", "a conflict copy of the head cannot be made"),
    Flaw.ADOPTION_ON_ONE_LOOK: ("a foreign file", "never gets to the head"),
    Flaw.GENERATION_IGNORED: ("a deleted account", "the base is the one of a deleted account"),
}


class Promises:
    """What has to hold in every state."""

    def __init__(self, protocol: Protocol) -> None:
        self._protocol = protocol
        self._lap = protocol.config.slots
        self._by_hand = protocol.config.chances.outside
        self._files = {file.etag: file.content for file in (LEGACY, *self._by_hand)}
        self._contents = cache(self._contents_of)
        self._repeated = cache(self._repeated_in)

    def wrong(self, w: World) -> str:
        """Which one is not kept, or nothing."""
        contents = self._contents(w.history)
        return (
            w.fault
            or self._repeated(w.history)
            or answers_not_kept(w, contents[-1])
            or copies_that_differ(w, contents)
            or self._cannot_be_opened(w, contents)
            or self._lost_file(w, contents[-1])
            or self._endless_opening(w)
        )

    def _contents_of(self, history: tuple[Entry, ...]) -> tuple[Content, ...]:
        """What each state holds, by number."""
        contents: list[Content] = [()]
        for entry in history:
            changed = self._files[entry.adopts] if entry.adopts else (*contents[-1], entry.change)
            contents.append(changed)
        return tuple(contents)

    def _repeated_in(self, history: tuple[Entry, ...]) -> str:
        """No request is carried out twice; one with a key not within a lap of the ring."""
        made: dict[str, int] = {}
        for entry in history:
            keyed = self._protocol.is_keyed(entry)
            request = entry.change[:1] if keyed else entry.change
            if request in made and (not keyed or entry.seq - made[request] <= self._lap):
                return f"{request} is made twice: as {made[request]} and as {entry.seq}"
            if request:
                made[request] = entry.seq
        return ""

    def _cannot_be_opened(self, w: World, contents: tuple[Content, ...]) -> str:
        """Whoever is not disturbed gets from the base and the ring to the head at once.

        From a foreign base as well: its predecessor and the ring give the conflict copy, after
        which nothing is in the way of the adoption.
        """
        if w.base is None:
            return ""
        if first_state(w.base, w.rings[-1]) is None:
            rescued = self._protocol.rescue(w, w.rings[-1])
            return "" if rescued == contents[-1] else "a conflict copy of the head cannot be made"
        opened = self._protocol.opened(w.base, w.rings[-1])
        if opened and (opened.seq, opened.content) == (len(contents) - 1, contents[-1]):
            return ""
        return "the base and the ring do not give the head"

    def _endless_opening(self, w: World) -> str:
        """Whoever is opening a copy, and is not disturbed, gets to the head and answers."""
        for i, c in enumerate(w.containers):
            after, steps = w, 0
            while after.containers[i].step != "idle" and (steps or c.step in OPENING):
                after, steps = self._protocol.alone(after, i), steps + 1
                if steps > MANY_STEPS:
                    return f"{i} never gets to the head"
        return ""

    def _lost_file(self, w: World, head: Content) -> str:
        """A file that was put there by hand stays there or is what the head is made of."""
        file = self._by_hand[len(w.replaced) - 1] if w.replaced else None
        if w.base is None or file is None or w.base.etag == file.etag:
            return ""
        return "" if head[: len(file.content)] == file.content else f"the file {file.etag} is lost"


def answers_not_kept(w: World, head: Content) -> str:
    for change in w.acknowledged:
        count = head.count(change)
        if count > 1 or (count == 0 and change not in w.rescued):
            return f"{change} was acknowledged and is there {count} times"
    refused = [entry.change for entry in w.history if entry.change in w.refused]
    return f"{refused} was refused and is there" if refused else ""


def copies_that_differ(w: World, contents: tuple[Content, ...]) -> str:
    """Every copy, and the base, is exactly the state whose number it bears."""
    base = w.base
    if base and base.seq != FOREIGN:
        if base.generation != w.generation:
            return "the base is the one of a deleted account"
        if (base.content,) != contents[base.seq : base.seq + 1]:
            return f"the base is not state {base.seq}"
    for i, c in enumerate(w.containers):
        current = c.seq >= 0 and c.generation == w.generation
        if current and (c.content,) != contents[c.seq : c.seq + 1]:
            return f"the copy of {i} is not state {c.seq}"
    return ""


def explore(config: Config) -> Report:
    """Visit every state of a world, up to the first in which a promise is broken."""
    protocol = Protocol(config)
    return search(protocol, Promises(protocol).wrong)


@pytest.mark.parametrize("world", WORLDS)
def test_every_promise_is_kept_in_every_state(world: str) -> None:
    report = explore(WORLDS[world])
    assert not report.wrong, f"\n{report}"


@pytest.mark.parametrize("flaw", Flaw)
def test_a_promise_is_broken_without_this_part_of_the_protocol(flaw: Flaw) -> None:
    world, harm = HARM[flaw]
    report = explore(replace(WORLDS[world], flaw=flaw))
    assert harm in report.wrong, f"\n{report}"


def explore_larger(names: list[str]) -> int:
    """Explore these worlds, or all, and tell what comes out; how many of them are not sound."""
    broken = 0
    for name, config in (WORLDS | LARGER).items():
        if name in names or not names:
            start = time.process_time()
            report = explore(config)
            print(f"{name} ({time.process_time() - start:.1f} s)\n{report}", flush=True)
            broken += bool(report.wrong)
    return broken


if __name__ == "__main__":
    sys.exit(explore_larger(sys.argv[1:]))
