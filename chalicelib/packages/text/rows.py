"""The notes that the rows of a text file describe.

Source of the rules: Anki's rslib/src/import_export/text/csv/import.rs.
"""

import html
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice

from chalicelib.collection.text import normalize_field
from chalicelib.errors import TooLargeError
from chalicelib.packages.text.limits import TextLimits
from chalicelib.packages.text.mapping import Mapping
from chalicelib.packages.text.records import Record, read_records
from chalicelib.packages.text.text_log import TextLog
from chalicelib.packages.text.vocabulary import NameOrId, name_or_id, trimmed, words

OVERSIZED = "Rows larger than the limit left out"


@dataclass(frozen=True, slots=True)
class TextNote:
    """One row as a note; a field or tags of None are not in the row, so that they stay as they are.

    `guid` is empty where there is none.
    """

    line: int
    notetype: NameOrId
    deck: NameOrId
    guid: str
    fields: list[str | None]
    tags: list[str] | None


def check_rows(text: str, mapping: Mapping, limits: TextLimits) -> None:
    """Raises TooLargeError for too many rows, or columns, which costs much after the first rows.

    A file of fewer lines than rows are allowed is taken as it comes.
    """
    if text.count("\n") + text.count("\r") < limits.rows:
        return
    for count, _ in enumerate(_records(text, mapping, limits), start=1):
        if count > limits.rows:
            raise TooLargeError(f"A text file can have at most {limits.rows} rows.")


def read_notes(text: str, mapping: Mapping, limits: TextLimits, log: TextLog) -> Iterator[TextNote]:
    """All rows as notes, but for those with too large a value, which are left to the log."""
    for record in _records(text, mapping, limits):
        if max(map(len, record.values)) > limits.field_bytes:
            log.add(OVERSIZED, record.line)
        else:
            yield _note(record, mapping)


def _records(text: str, mapping: Mapping, limits: TextLimits) -> Iterator[Record]:
    records = read_records(text, mapping.delimiter, limits, start=mapping.start)
    return islice(records, int(mapping.has_names_row), None)


def _note(record: Record, mapping: Mapping) -> TextNote:
    tags = _cell(record, mapping.tags_column)
    deck = trimmed(_cell(record, mapping.deck_column) or "")
    return TextNote(
        line=record.line,
        notetype=_notetype(record, mapping),
        deck=name_or_id(deck) if deck else mapping.deck,
        guid=_cell(record, mapping.guid_column) or "",
        fields=[
            _field(_cell(record, column), is_html=mapping.is_html)
            for column in mapping.columns_of_fields(len(record.values))
        ],
        tags=None if tags is None else words(tags),
    )


def _cell(record: Record, column: int) -> str | None:
    return record.values[column - 1] if 0 < column <= len(record.values) else None


def _notetype(record: Record, mapping: Mapping) -> NameOrId:
    if mapping.notetype is not None:
        return int(mapping.notetype["id"])
    return name_or_id(_cell(record, mapping.notetype_column) or "")


def _field(value: str | None, *, is_html: bool) -> str | None:
    """The value as Anki stores it."""
    if value is None:
        return None
    return normalize_field(value if is_html else html.escape(value).replace("\n", "<br>"))
