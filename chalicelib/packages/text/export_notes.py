"""Notes as a text file that Anki imports: its "Notes in Plain Text".

Source of the format: Anki's rslib/src/import_export/text/csv/export.rs. Values are written as they
are, also where a spreadsheet would take one for a formula; see `spreadsheet.py`.
"""

import sqlite3
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from chalicelib.packages.text.exported_notes import ExportedNote, ExportedNotes
from chalicelib.packages.text.plain_text import text_line, without_redundant_sections
from chalicelib.packages.text.vocabulary import trimmed
from chalicelib.packages.text.writing import RowWriter


@dataclass(frozen=True, slots=True, kw_only=True)
class NoteColumns:
    """Which columns there are beside the fields, and whether these keep their HTML."""

    html: bool = True
    tags: bool = True
    deck: bool = True
    notetype: bool = True
    guid: bool = True


def export_notes(
    conn: sqlite3.Connection, columns: NoteColumns, *, note_ids: Sequence[int] | None = None
) -> bytes:
    """All notes, or those of `note_ids` that are there, as Anki writes them.

    With all columns, importing the file again changes nothing.
    """
    found = ExportedNotes(conn, note_ids)
    width = max((len(notetype["flds"]) for notetype in found.notetypes()), default=0)
    rows = RowWriter("\t", "\n").rows(_row(note, columns, width) for note in found.notes())
    return (_headers(columns, width) + rows).encode(errors="replace")


def file_headers(*, html: bool) -> str:
    """The header lines of every text file that Anki writes."""
    return f"#separator:tab\n#html:{str(html).lower()}\n"


def value_of(html: str, *, keep_html: bool) -> str:
    """A field as a value in a text file; only what was HTML loses the blanks at its ends."""
    text = without_redundant_sections(html)
    line = text if keep_html else text_line(text, keep_media_names=False)
    return text if line == text else trimmed(line)


def _headers(columns: NoteColumns, width: int) -> str:
    shown = {"guid": columns.guid, "notetype": columns.notetype, "deck": columns.deck}
    leading = [name for name, is_shown in shown.items() if is_shown]
    lines = [f"#{name} column:{number}\n" for number, name in enumerate(leading, start=1)]
    if columns.tags:
        lines.append(f"#tags column:{len(leading) + width + 1}\n")
    return file_headers(html=columns.html) + "".join(lines)


def _row(note: ExportedNote, columns: NoteColumns, width: int) -> list[str]:
    return list(_values(note, columns, width))


def _values(note: ExportedNote, columns: NoteColumns, width: int) -> Iterator[str]:
    if columns.guid:
        yield note.guid
    if columns.notetype:
        yield note.notetype
    if columns.deck:
        yield note.deck
    for field in note.fields:
        yield value_of(field, keep_html=columns.html)
    yield from [""] * (width - len(note.fields))
    if columns.tags:
        yield " ".join(note.tags)
