"""Notes as a CSV file for spreadsheets: commas, and a row of names first.

The format: RFC 4180, with a byte order mark, without which some programs do not take it for UTF-8.
"""

import sqlite3
from collections.abc import Iterator, Sequence

from chalicelib.collection.notetypes.lookup import field_names
from chalicelib.packages.text.export_notes import value_of
from chalicelib.packages.text.exported_notes import ExportedNote, ExportedNotes
from chalicelib.packages.text.records import BYTE_ORDER_MARK
from chalicelib.packages.text.writing import RowWriter

# Source: OWASP's "CSV Injection".
_FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r")


def export_spreadsheet(
    conn: sqlite3.Connection,
    *,
    html: bool = False,
    is_guarded: bool = False,
    note_ids: Sequence[int] | None = None,
) -> bytes:
    """All notes, or those of `note_ids` that are there, one a row.

    Notes of one notetype have its fields' names above them, else `Field 1`, ...; then come tags,
    deck, notetype and guid. Importing with `has_names_row` understands the file.

    A spreadsheet may run a value such as `=HYPERLINK(...)`, and a shared deck may hold one. With
    `is_guarded`, an apostrophe stands before each value that could be a formula; that changes the
    data, so it is not meant to be imported again.
    """
    found = ExportedNotes(conn, note_ids)
    names = _names(found)
    rows = (_row(note, len(names), html=html) for note in found.notes())
    header = [*names, "tags", "deck", "notetype", "guid"]
    guarded = (_guarded(row) if is_guarded else row for row in _chained(header, rows))
    text = RowWriter(",", "\r\n").rows(guarded)
    return (BYTE_ORDER_MARK + text).encode(errors="replace")


def _names(found: ExportedNotes) -> list[str]:
    notetypes = found.notetypes()
    if len(notetypes) == 1:
        return field_names(notetypes[0])
    width = max((len(notetype["flds"]) for notetype in notetypes), default=0)
    return [f"Field {number}" for number in range(1, width + 1)]


def _chained(header: list[str], rows: Iterator[list[str]]) -> Iterator[list[str]]:
    yield header
    yield from rows


def _row(note: ExportedNote, width: int, *, html: bool) -> list[str]:
    fields = [value_of(field, keep_html=html) for field in note.fields[:width]]
    padding = [""] * (width - len(fields))
    return [*fields, *padding, " ".join(note.tags), note.deck, note.notetype, note.guid]


def _guarded(row: list[str]) -> list[str]:
    return [f"'{value}" if value.startswith(_FORMULA_STARTS) else value for value in row]
