"""What an import did, counted while it goes on."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Self

NEW, UPDATED, UNCHANGED, CONFLICTING = "new", "updated", "unchanged", "conflicting"


@dataclass(frozen=True, slots=True)
class ImportReport:
    """How many rows an import added or changed.

    `cards` and `revlog` count added rows, `media` files that were stored. `log` says in one
    sentence each what was left out or repaired.
    """

    notes_new: int
    notes_updated: int
    notes_unchanged: int
    notes_conflicting: int
    cards: int
    revlog: int
    media: int
    log: tuple[str, ...]

    @classmethod
    def of(
        cls, notes: Mapping[str, int], *, cards: int, revlog: int, media: int, log: "ImportLog"
    ) -> Self:
        """With the notes counted by what became of them."""
        return cls(
            notes_new=notes.get(NEW, 0),
            notes_updated=notes.get(UPDATED, 0),
            notes_unchanged=notes.get(UNCHANGED, 0),
            notes_conflicting=notes.get(CONFLICTING, 0),
            cards=cards,
            revlog=revlog,
            media=media,
            log=log.lines(),
        )


class ImportLog:
    """Counts repairs by their sentence, so that a broken file does not make a long log."""

    def __init__(self) -> None:
        self._counts: Counter[str] = Counter()

    def add(self, what: str, count: int = 1) -> None:
        """Count one more of `what`: "Doubled cards left out"."""
        self._counts[what] += count

    def lines(self) -> tuple[str, ...]:
        return tuple(f"{what}: {count}." for what, count in self._counts.items() if count)
