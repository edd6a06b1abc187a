"""Splitting a text file into rows of values.

Source of the rules: Anki's rslib/src/import_export/text/csv/import.rs (`build_csv_reader`) and the
Rust crate csv-core: a value in quotation marks may hold anything, a mark inside of it doubled;
what follows the closing mark is part of the value; a mark further on in a value is just a mark.
Lines without anything and lines that start with `#` are left out.
"""

import re
from collections.abc import Iterator
from typing import NamedTuple

from chalicelib.errors import TooLargeError, UnusableFileError
from chalicelib.packages.text.limits import TextLimits
from chalicelib.packages.text.vocabulary import DELIMITERS, Delimiter

BYTE_ORDER_MARK = "\ufeff"
_LINE_ENDS = re.compile("[\r\n]+")
_LINE = re.compile('[^\r\n"]*')


class Record(NamedTuple):
    """One row: the number of the line it starts in, 1 for the first, and its values."""

    line: int
    values: list[str]


def decode(data: bytes, limits: TextLimits) -> str:
    """The text of a file. Raises TooLargeError, and UnusableFileError if it is not UTF-8."""
    if len(data) > limits.file_bytes:
        raise TooLargeError(f"A text file can have at most {limits.file_bytes} bytes.")
    try:
        return data.decode()
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        raise UnusableFileError(f"Line {line} is not text in UTF-8; save it as UTF-8.") from error


def read_records(
    text: str, delimiter: Delimiter, limits: TextLimits, *, start: int = 0
) -> Iterator[Record]:
    """The rows from position `start` on. Raises TooLargeError for too many columns."""
    lines = _LineCounter(text)
    splitter = _Splitter(text, delimiter, limits)
    position = start + text.startswith(BYTE_ORDER_MARK, start)
    while position < len(text):
        if ends := _LINE_ENDS.match(text, position):
            position = ends.end()
        elif text[position] == "#":
            end = text.find("\n", position)
            position = len(text) if end == -1 else end
        else:
            line = lines.at(position)
            values, position = splitter.record(position, line)
            yield Record(line, values)


def split_line(line: str, delimiter: Delimiter, limits: TextLimits) -> list[str]:
    """The values in one line, which may start with `#`."""
    if not line:
        return []
    values, _ = _Splitter(line, delimiter, limits).record(0, 1)
    return values


class _LineCounter:
    """The number of the line at a position that only goes forward."""

    def __init__(self, text: str) -> None:
        self._text = text
        self._line_end = "\n" if "\n" in text else "\r"
        self._position = 0
        self._line = 1

    def at(self, position: int) -> int:
        self._line += self._text.count(self._line_end, self._position, position)
        self._position = position
        return self._line


class _Splitter:
    def __init__(self, text: str, delimiter: Delimiter, limits: TextLimits) -> None:
        self._text = text
        self._delimiter = DELIMITERS[delimiter]
        self._plain = re.compile(f"[^{self._delimiter}\r\n]*")
        self._most_columns = limits.columns

    def record(self, position: int, line: int) -> tuple[list[str], int]:
        """The values of the row at `position`, and where it ends."""
        plain = _LINE.match(self._text, position)
        if plain and not self._text.startswith('"', plain.end()):
            return self._checked(
                plain[0].split(self._delimiter, self._most_columns), line
            ), plain.end()
        values: list[str] = []
        while True:
            value, position = self._value(position)
            values.append(value)
            if not self._text.startswith(self._delimiter, position):
                return values, position
            self._checked(values, line, more=1)
            position += 1

    def _checked(self, values: list[str], line: int, more: int = 0) -> list[str]:
        if len(values) + more > self._most_columns:
            raise TooLargeError(f"Line {line} has more than {self._most_columns} columns.")
        return values

    def _value(self, position: int) -> tuple[str, int]:
        if not self._text.startswith('"', position):
            return self._unquoted(position)
        closing = self._closing_mark(position + 1)
        quoted = self._text[position + 1 : closing].replace('""', '"')
        rest, end = self._unquoted(closing + 1)
        return quoted + rest, end

    def _unquoted(self, position: int) -> tuple[str, int]:
        found = self._plain.match(self._text, position)
        return (found[0], found.end()) if found else ("", len(self._text))

    def _closing_mark(self, position: int) -> int:
        """Where the first mark is that is not doubled; the end of the text if there is none."""
        while (mark := self._text.find('"', position)) != -1:
            if not self._text.startswith('"', mark + 1):
                return mark
            position = mark + 2
        return len(self._text)
