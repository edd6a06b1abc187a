"""Looking ahead in a text, again and again, in linear time all the same."""

import re


class Lookahead:
    """Searches forward in one text and remembers what comes next.

    A scan that asks at each opening where the next closing is would read a hostile text once per
    opening; here each stretch is searched once per pattern.
    """

    def __init__(self, text: str) -> None:
        self._text = text
        self._next: dict[re.Pattern[str], re.Match[str] | None] = {}

    def find(self, pattern: re.Pattern[str], start: int) -> re.Match[str] | None:
        """The first match at or after `start`, which must not go back between calls."""
        known = self._next.get(pattern)
        if pattern in self._next and (known is None or known.start() >= start):
            return known
        found = pattern.search(self._text, start)
        self._next[pattern] = found
        return found
