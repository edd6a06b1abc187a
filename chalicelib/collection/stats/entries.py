"""SQL for the revlog's columns as statistics read them.

Only constants come out of these expressions, so that a strange file cannot make more of them.
Sources: Anki's rslib/src/revlog/mod.rs and rslib/src/storage/revlog/mod.rs.
"""

from chalicelib.collection.stats.scope import MATURE_DAYS
from chalicelib.scheduler.states import RevlogType

# Set due date, Forget and the like: changes of the schedule that are no answers.
NOT_ANSWERS = (RevlogType.MANUAL, RevlogType.RESCHEDULED)

_KNOWN_TYPES = tuple(kind for kind in RevlogType if kind != RevlogType.LEARNING)
_MAX_MS = 2**32 - 1

IS_ANSWER = f"type NOT IN ({RevlogType.MANUAL}, {RevlogType.RESCHEDULED})"
# An unknown type counts, as in Anki, as learning.
TYPE = (
    "CASE type "
    + " ".join(f"WHEN {kind} THEN {kind}" for kind in _KNOWN_TYPES)
    + f" ELSE {RevlogType.LEARNING} END"
)
# 0 is none, 5 whatever is no button.
BUTTON = (
    "CASE ease WHEN 3 THEN 3 WHEN 1 THEN 1 WHEN 2 THEN 2 WHEN 4 THEN 4 WHEN 0 THEN 0 ELSE 5 END"
)
IS_MATURE = f"(lastIvl >= {MATURE_DAYS})"
# Milliseconds; what cannot be a time counts as none.
TAKEN_MS = f"CASE WHEN time BETWEEN 0 AND {_MAX_MS} THEN CAST(time AS INTEGER) ELSE 0 END"
