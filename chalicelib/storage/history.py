"""The history of a collection: which of its commits can be taken back, or done again.

The ring is all there is to it. A commit that takes another one back carries what takes itself
back, so that walking the ring gives the two stacks, whichever container made the commits.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from chalicelib.storage.ports import LogEntry
from chalicelib.storage.segments import Segment, decode_segment, only_part

Way = Literal["undo", "redo"]

# How many operations are offered to be taken back.
MAX_STEPS = 30


@dataclass(frozen=True, slots=True)
class Reversible:
    """A commit that can be taken back: its operation's name, and the segment with the means.

    These are its part `undo`, or its part `before` where it put a whole image in.
    """

    operation: str
    segment: Segment

    @property
    def puts_image_back(self) -> bool:
        return self.segment.kind == "replace"


@dataclass(frozen=True, slots=True)
class History:
    """What can be undone and what redone, the newest first."""

    undo: list[Reversible]
    redo: list[Reversible]

    def next(self, way: Way) -> Reversible | None:
        """What the next step in this direction takes back."""
        steps = self.undo if way == "undo" else self.redo
        return steps[0] if steps else None


def history_of(entries: Sequence[LogEntry]) -> History:
    """The history that a ring's entries, by number, make."""
    done: list[Reversible] = []
    undone: list[Reversible] = []
    for entry in entries:
        segment = decode_segment(entry.segment)
        if segment.kind == "adopt":
            # Somebody put another file there: what was before it does not fit to it.
            done, undone = [], []
        else:
            _walk(segment, done, undone)
    return History(done[::-1][:MAX_STEPS], undone[::-1])


def _walk(segment: Segment, done: list[Reversible], undone: list[Reversible]) -> None:
    means = only_part(segment, "before" if segment.kind == "replace" else "undo")
    if not means.parts and not means.spilled:
        return
    step = Reversible(segment.operation, means)
    match segment.step:
        case "do":
            done.append(step)
            undone.clear()
        case "undo":
            # The commit it took back may have left the ring: then nothing older is there either.
            del done[-1:]
            undone.append(step)
        case "redo":
            del undone[-1:]
            done.append(step)
