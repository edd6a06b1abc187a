"""What versions of Anki find in a package that are too old for what it really holds.

Source: Anki's rslib/src/import_export/package/colpkg/export.rs (that there is such a note).
"""

from pathlib import Path

from chalicelib.collection.create import create_collection
from chalicelib.collection.documents import DEFAULT_DECK_ID
from chalicelib.collection.notes import NewNote, add_note
from chalicelib.collection.notetypes.lookup import notetype_by_name
from chalicelib.collection.notetypes.stock import BASIC
from chalicelib.packages.exporting.databases import changing

PLACEHOLDER_TEXT = (
    "This package needs a newer version of Anki. Please update Anki, and import the file again."
)

_GUID = "JAVUMBO-placeholder"


def write_placeholder(path: Path, now_ms: int) -> None:
    """Make a collection file whose only note asks for a newer version."""
    with changing(path) as conn:
        conn.execute("PRAGMA page_size = 512")
        conn.execute("BEGIN")
        create_collection(conn, now_ms=now_ms, minutes_west=0)
        notetype = notetype_by_name(conn, BASIC)
        fields = [PLACEHOLDER_TEXT, *[""] * (len(notetype["flds"]) - 1)]
        new = NewNote(
            notetype=notetype, fields=fields, tags=[], deck_id=DEFAULT_DECK_ID, guid=_GUID
        )
        add_note(conn, new, now_ms)
        conn.execute("COMMIT")
