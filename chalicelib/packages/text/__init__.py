"""Text files that people bring and take: CSV, TSV and Anki's own text exports."""

from chalicelib.packages.text.export_cards import export_cards
from chalicelib.packages.text.export_notes import NoteColumns, export_notes
from chalicelib.packages.text.limits import TextLimits
from chalicelib.packages.text.merging import import_text
from chalicelib.packages.text.options import TextOptions
from chalicelib.packages.text.preview import TextPreview, preview_text
from chalicelib.packages.text.spreadsheet import export_spreadsheet

__all__ = [
    "NoteColumns",
    "TextLimits",
    "TextOptions",
    "TextPreview",
    "export_cards",
    "export_notes",
    "export_spreadsheet",
    "import_text",
    "preview_text",
]
