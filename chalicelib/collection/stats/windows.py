"""The windows of time that Anki looks at: the last month, the last year, ...

Hours, answer buttons and retention are counted for the stretches between two borders of these
windows; a window adds its stretches up.
Sources: Anki's rslib/src/stats/graphs/hours.rs, buttons.rs and retention.rs.
"""

from dataclasses import dataclass
from itertools import pairwise

from chalicelib.collection.stats.history import History
from chalicelib.collection.stats.scope import Scope
from chalicelib.collection.stats.tally import Buttons, Hours, Retention, Tally
from chalicelib.scheduler.timing import DAY_S

_DAYS_BACK = {"today": 1, "yesterday": 2, "week": 7, "month": 30, "three_months": 90, "year": 365}
_OF_RETENTION = ("today", "yesterday", "week", "month", "year", "all_time", "period")
_OF_HOURS_AND_BUTTONS = ("month", "three_months", "year", "all_time", "period")


@dataclass(frozen=True, slots=True)
class WindowStats:
    """By the name of the window; `period` is what the caller chose."""

    retention: dict[str, Retention]
    hours: dict[str, Hours]
    buttons: dict[str, Buttons]


class Windows:
    """Where each window begins; all times are epoch seconds."""

    def __init__(self, scope: Scope) -> None:
        self.cutoff_s = scope.timing.next_cutoff_s
        self.starts_s = {
            name: max(0, self.cutoff_s - days * DAY_S) for name, days in _DAYS_BACK.items()
        }
        self.starts_s |= {"all_time": 0, "period": scope.start_s}

    @property
    def borders_s(self) -> list[int]:
        """Where any window begins or ends, and the last moment that is looked at."""
        return sorted({*self.starts_s.values(), self.cutoff_s, self.cutoff_s + DAY_S})


def window_stats(windows: Windows, history: History) -> WindowStats:
    """Hours, buttons and retention of each window; the history has the windows' borders."""
    tallies = _Tallies(windows, history)
    lasting = {name: tallies.since(name) for name in _OF_HOURS_AND_BUTTONS}
    return WindowStats(
        retention={name: tallies.until_tomorrow(name).retention for name in _OF_RETENTION},
        hours={name: tally.hours for name, tally in lasting.items()},
        buttons={name: tally.buttons for name, tally in lasting.items()},
    )


class _Tallies:
    """The tally of every stretch between two borders."""

    def __init__(self, windows: Windows, history: History) -> None:
        self._windows = windows
        self._stretches = {
            borders: _tally(history, stretch)
            for stretch, borders in enumerate(pairwise(history.borders_s))
        }

    def since(self, name: str) -> Tally:
        """All of a window, with what is dated a little after today."""
        return self._sum(self._windows.starts_s[name], self._windows.cutoff_s + DAY_S)

    def until_tomorrow(self, name: str) -> Tally:
        """All of a window up to the end of its last day."""
        windows = self._windows
        end_s = windows.starts_s["today"] if name == "yesterday" else windows.cutoff_s
        return self._sum(windows.starts_s[name], end_s)

    def _sum(self, start_s: int, end_s: int) -> Tally:
        total = Tally()
        for (begin_s, until_s), tally in self._stretches.items():
            if start_s <= begin_s and until_s <= end_s:
                total.add(tally)
        return total


def _tally(history: History, stretch: int) -> Tally:
    tally = Tally()
    for answers, number in history.counted(stretch):
        tally.count(answers, number)
    return tally
