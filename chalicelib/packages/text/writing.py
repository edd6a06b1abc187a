"""Rows of values as the lines of a text file.

Source of the rules: the Rust crate csv-core, as Anki uses it: a value is quoted where it has to
be, which a `#` anywhere in it also makes necessary.
"""

import re
from collections.abc import Iterable, Sequence

_MARK = '"'


class RowWriter:
    """Writes rows with one delimiter and one line end."""

    def __init__(self, delimiter: str, line_end: str) -> None:
        self._delimiter = delimiter
        self._line_end = line_end
        self._needs_marks = re.compile(f'[{re.escape(delimiter)}"#\r\n]')

    def rows(self, rows: Iterable[Sequence[str]]) -> str:
        """The lines of these rows, the last one ended too."""
        return "".join(self._row(row) for row in rows)

    def _row(self, row: Sequence[str]) -> str:
        """A row of one empty value is quoted: as an empty line it would be none."""
        line = self._delimiter.join(map(self._value, row)) or _MARK * 2
        return line + self._line_end

    def _value(self, value: str) -> str:
        if not self._needs_marks.search(value):
            return value
        return _MARK + value.replace(_MARK, _MARK * 2) + _MARK
