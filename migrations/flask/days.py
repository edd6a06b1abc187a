"""From the day numbers of the Flask version to Anki's.

It counted days from the very second of `col.crt`: `(now - crt) // 86400`. Anki's days begin at the
rollover hour of the person's own time. What was due at one moment has to be due at the same moment
under the other rule, so `crt` moves to the rollover that makes the numbers equal.
"""

from dataclasses import dataclass

from chalicelib.collection.documents import DEFAULT_ROLLOVER
from chalicelib.scheduler.timing import DAY_S, day_timing


@dataclass(frozen=True, slots=True)
class Calendar:
    """`created_s` is `col.crt`; offsets in minutes west of UTC; `rollover` an hour."""

    created_s: int
    creation_offset: int | None
    local_offset: int
    rollover: int = DEFAULT_ROLLOVER

    def today(self, now_s: int) -> int:
        """Anki's number of the day."""
        return self._timing(now_s)[0]

    def _timing(self, now_s: int) -> tuple[int, int]:
        timing = day_timing(
            now_s=now_s,
            created_s=self.created_s,
            creation_offset=self.creation_offset,
            local_offset=self.local_offset,
            rollover=self.rollover,
        )
        return timing.today, timing.next_cutoff_s

    def with_old_days(self, now_s: int) -> "Calendar":
        """The calendar whose today is what the Flask version counted at `now_s`.

        The very same one where Anki's rule gives that already.
        """
        old_today = max(0, (now_s - self.created_s) // DAY_S)
        today, next_cutoff_s = self._timing(now_s)
        if self.creation_offset is not None and today == old_today:
            return self
        day_began_s = next_cutoff_s - DAY_S
        created_s = max(0, day_began_s - old_today * DAY_S)
        return Calendar(created_s, self.local_offset, self.local_offset, self.rollover)
