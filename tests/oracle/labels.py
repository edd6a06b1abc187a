#!/usr/bin/env python3
"""Label oracle: every label of an answer button, as the delays at which it changes.

    labels.py LEARN_AHEAD_SECS      prints {"seconds": [[delay, label], ...], "days": [...]}

`seconds` covers steps of 0..86,399 seconds, `days` intervals of 1..40,000 days; each pair is the
first delay in seconds that has the label.  The clock stands at the start of a day, because a
step that ends on another day is shown in days.
"""

import os
import sys
import tempfile

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
import _oracle as o

DAY_BEGINS = o.DEFAULT_NOW - 6 * 3600  # 04:00 UTC


def describe(col, states: list) -> list[str]:
    from anki.scheduler.v3 import SchedulingStates

    names = ("again", "hard", "good", "easy")
    return o.labels(col, SchedulingStates(current=states[0], **dict(zip(names, states))))


def breakpoints(col, delays: range, make, unit: int) -> list[list]:
    out = []
    for first in range(delays.start, delays.stop, 4):
        four = [min(d, delays.stop - 1) for d in range(first, first + 4)]
        for delay, label in zip(four, describe(col, [make(d) for d in four])):
            if not out or out[-1][1] != label:
                out.append([delay * unit, label])
    return out


def main() -> None:
    from anki.collection import Collection
    from anki.scheduler.v3 import SchedulingState

    def step(secs):
        state = SchedulingState()
        state.normal.learning.scheduled_secs = secs
        return state

    def days(count):
        state = SchedulingState()
        state.normal.review.scheduled_days = count
        return state

    with tempfile.TemporaryDirectory(prefix="anki-oracle-") as folder:
        col = Collection(os.path.join(folder, "c.anki2"))
        col.set_config("collapseTime", int(sys.argv[1]))
        print(
            o.dump(
                {
                    "seconds": breakpoints(col, range(86_400), step, 1),
                    "days": breakpoints(col, range(1, 40_001), days, 86_400),
                }
            )
        )
        col.close()
    o.stop_clock()


if __name__ == "__main__":
    if len(sys.argv) != 2:
        sys.exit(__doc__)
    o.with_frozen_clock(fuzz=True, now=DAY_BEGINS)
    main()
