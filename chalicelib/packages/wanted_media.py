"""Which files of a package an import takes along.

Source: Anki's rslib/src/import_export/package/apkg/import/media.rs and notes.rs.
"""

import sqlite3

from chalicelib.collection.col import read_document
from chalicelib.packages.import_options import ImportOptions, should_update
from chalicelib.packages.media_renames import media_names
from chalicelib.packages.merge_notetypes import counterpart
from chalicelib.packages.report import ImportLog
from chalicelib.packages.source import SourceCollection

_STATIC_PREFIXES = ("_", "latex-")


def is_static(name: str) -> bool:
    """Whether templates and styles refer to the file, whose name may therefore not change.

    Where such a name is taken, the file that has it stays and is used.
    """
    return name.startswith(_STATIC_PREFIXES)


def wanted_media(
    conn: sqlite3.Connection, source: SourceCollection, options: ImportOptions
) -> set[str]:
    """The listed files that notes refer to which are new here or will be updated.

    Those for templates and styles are always wanted.
    """
    listed = source.media.names
    wanted = {name for name in listed if is_static(name)}
    if listed == wanted:
        return wanted
    taken_over = _TakenOver(conn, source, options)
    for note in source.notes(ImportLog()):
        if taken_over.has(note.guid, note.notetype_id, note.modified_s):
            wanted.update(name for name in media_names(note.flds) if name in listed)
    return wanted


class _TakenOver:
    """Foretells which notes an import takes over, as merge_notes.py does it."""

    def __init__(
        self, conn: sqlite3.Connection, source: SourceCollection, options: ImportOptions
    ) -> None:
        self._options = options
        rows = conn.execute("SELECT guid, mod, mid FROM notes")
        self._existing = {guid: (modified_s, notetype_id) for guid, modified_s, notetype_id in rows}
        notetypes = read_document(conn, "models")
        found = {
            notetype_id: counterpart(notetypes, source.col.notetypes[notetype_id])
            for notetype_id in source.notetype_ids()
        }
        self._ids = {key: notetype["id"] for key, notetype in found.items() if notetype}

    def has(self, guid: str, notetype_id: int, modified_s: int) -> bool:
        existing_s, existing_id = self._existing.get(guid, (None, 0))
        if existing_s is None:
            return True
        if not self._options.merge_notetypes and existing_id != self._ids.get(notetype_id):
            return False
        return should_update(self._options.update_notes, existing_s, modified_s)
