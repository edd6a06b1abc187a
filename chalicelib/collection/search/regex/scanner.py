"""A pattern's text, read from left to right."""

from chalicelib.collection.search.regex.characters import is_blank
from chalicelib.collection.search.regex.syntax import RegexError


class Scanner:
    """The text and the place where reading goes on."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.at = 0
        # With the flag `x` blanks and comments mean nothing.
        self.skips_blanks = False

    def error(self, reason: str, position: int | None = None) -> RegexError:
        return RegexError(reason, self.at if position is None else position)

    def peek(self) -> str:
        """The next character; empty at the end."""
        self._skip()
        return self.text[self.at : self.at + 1]

    def sees(self, text: str) -> bool:
        self._skip()
        return self.text.startswith(text, self.at)

    def take(self) -> str:
        """The next character. Raises RegexError at the end."""
        character = self.peek()
        if not character:
            raise self.error("the pattern ends too early")
        self.at += 1
        return character

    def accept(self, text: str) -> bool:
        """Go past `text` if it comes next."""
        found = self.sees(text)
        self.at += len(text) * found
        return found

    def until(self, end: str, reason: str) -> str:
        """The text before `end`, going past both. Raises RegexError when it never comes."""
        found = self.text.find(end, self.at)
        if found == -1:
            raise self.error(reason)
        begin, self.at = self.at, found + len(end)
        return self.text[begin:found]

    def _skip(self) -> None:
        while self.skips_blanks and self.at < len(self.text):
            if self.text[self.at] == "#":
                end = self.text.find("\n", self.at)
                self.at = len(self.text) if end == -1 else end + 1
            elif is_blank(self.text[self.at]):
                self.at += 1
            else:
                return
