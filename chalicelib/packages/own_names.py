"""Names of which each is to be another one, however many are the same in a file."""

from collections.abc import Callable, Iterable


class OwnNames:
    """The names that are taken; one that is taken gets as many marks as it needs.

    What was found of a name is remembered, so that thousands of the same one take no longer than
    thousands of others. Two names are the same if `key` makes the same of them.
    """

    def __init__(self, mark: str, key: Callable[[str], str], taken: Iterable[str] = ()) -> None:
        self._mark = mark
        self._key = key
        # By key: with how many marks more the name may be free.
        self._marks = {key(name): 1 for name in taken}

    def take(self, name: str) -> str:
        """The name, with marks where it is taken."""
        passed: dict[str, int] = {}
        added = 0
        while (key := self._key(name + self._mark * added)) in self._marks:
            passed[key] = added
            added += self._marks[key]
        for earlier, at in passed.items():
            self._marks[earlier] = added + 1 - at
        self._marks[key] = 1
        return name + self._mark * added

    def give_back(self, name: str) -> None:
        """The name is free again, for itself; with marks it may still be passed over."""
        self._marks.pop(self._key(name), None)
