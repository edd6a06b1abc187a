"""Notes of a source collection, matched by guid; the newer one wins.

Source: Anki's rslib/src/import_export/package/apkg/import/notes.rs.
"""

from collections import Counter
from dataclasses import dataclass, field, replace
from typing import NamedTuple

from chalicelib.collection.col import JsonObject
from chalicelib.collection.tags import MAX_TAG_LENGTH, TagRegister, join_tags, split_tags
from chalicelib.collection.text import FIELD_SEPARATOR
from chalicelib.errors import TooLargeError
from chalicelib.packages.guids import has_usable_guid, replacement_guid
from chalicelib.packages.limits import SourceLimits
from chalicelib.packages.note_content import NoteContent
from chalicelib.packages.report import ImportLog
from chalicelib.packages.source import SourceCollection
from chalicelib.packages.source_rows import SourceNote
from chalicelib.packages.target import DAY_MS, FreeIds, Target

NEW, UPDATED, UNCHANGED, CONFLICTING = "new", "updated", "unchanged", "conflicting"


class _Existing(NamedTuple):
    id: int
    modified_s: int
    notetype_id: int


class MergedNote(NamedTuple):
    """Where a source note is now."""

    id: int
    notetype: JsonObject


@dataclass(slots=True)
class MergedNotes:
    """How many notes went which way, and the notes here by their source ids."""

    by_source_id: dict[int, MergedNote] = field(default_factory=dict)
    counts: Counter[str] = field(default_factory=Counter)


def merge_notes(
    target: Target,
    source: SourceCollection,
    notetypes: dict[int, JsonObject],
    log: ImportLog,
) -> MergedNotes:
    """Add notes of unknown guids, update those that are newer in the source, keep the others."""
    merger = _NoteMerger(target, source.limits, notetypes, log)
    for note in source.notes(log):
        merger.merge(note)
    merger.save()
    return merger.merged


class _NoteMerger:
    def __init__(
        self,
        target: Target,
        limits: SourceLimits,
        notetypes: dict[int, JsonObject],
        log: ImportLog,
    ) -> None:
        self.merged = MergedNotes()
        self._target = target
        self._limits = limits
        self._notetypes = notetypes
        self._log = log
        self._tags = TagRegister(target.conn)
        rows = target.conn.execute("SELECT guid, id, mod, mid FROM notes").fetchall()
        self._existing = {guid: _Existing(*rest) for guid, *rest in rows}
        self._ids = FreeIds((row[1] for row in rows), target.now_ms)
        self._seen_guids: set[str] = set()

    def merge(self, note: SourceNote) -> None:
        """Add, update or skip one note."""
        notetype = self._notetypes.get(note.notetype_id)
        if notetype is None:
            self._log.add("Notes left out for want of their notetype")
        elif self._is_too_large(note):
            self._log.add("Notes larger than the limit left out")
        else:
            self._place(self._repaired(note, notetype), notetype)

    def save(self) -> None:
        if self._tags.save() or self.merged.counts[NEW] or self.merged.counts[UPDATED]:
            self._target.mark_rows_changed()

    def _is_too_large(self, note: SourceNote) -> bool:
        if len(note.flds.encode()) + len(note.tags.encode()) > self._limits.note_bytes:
            return True
        values = (*note.flds.split(FIELD_SEPARATOR), note.tags)
        return max(len(value.encode()) for value in values) > self._limits.field_bytes

    def _repaired(self, note: SourceNote, notetype: JsonObject) -> SourceNote:
        if not has_usable_guid(note) or note.guid in self._seen_guids:
            self._log.add("Notes given a guid of their own")
            note = replace(note, guid=replacement_guid(note))
        self._seen_guids.add(note.guid)
        if note.flds.count(FIELD_SEPARATOR) + 1 != len(notetype["flds"]):
            self._log.add("Notes fitted to the fields of their notetype")
        if note.modified_s * 1000 > self._target.now_ms + DAY_MS:
            # It would win over every later change, and again at each import.
            note = replace(note, modified_s=0)
        return note

    def _place(self, note: SourceNote, notetype: JsonObject) -> None:
        existing = self._existing.get(note.guid)
        if existing is None:
            outcome, note_id = NEW, self._ids.take(note.id)
            self._insert(note, note_id, notetype)
        elif existing.notetype_id != notetype["id"]:
            self.merged.counts[CONFLICTING] += 1
            return
        else:
            outcome, note_id = UNCHANGED, existing.id
            if existing.modified_s < note.modified_s:
                outcome = UPDATED
                self._update(note, note_id, notetype)
        self.merged.counts[outcome] += 1
        self.merged.by_source_id[note.id] = MergedNote(note_id, notetype)

    def _insert(self, note: SourceNote, note_id: int, notetype: JsonObject) -> None:
        self._target.conn.execute(
            "INSERT INTO notes (id, guid, mid, mod, usn, tags, flds, sfld, csum, flags, data)"
            " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, 0, '')",
            (note_id, note.guid, *self._content(note, notetype)),
        )

    def _update(self, note: SourceNote, note_id: int, notetype: JsonObject) -> None:
        self._target.conn.execute(
            "UPDATE notes SET mid = ?, mod = ?, usn = ?, tags = ?, flds = ?, sfld = ?, csum = ?"
            " WHERE id = ?",
            (*self._content(note, notetype), note_id),
        )

    def _content(
        self, note: SourceNote, notetype: JsonObject
    ) -> tuple[int, int, int, str, str, str, int]:
        return (
            notetype["id"],
            note.modified_s,
            self._target.usn,
            self._tags_here(note),
            *NoteContent.of(note.flds.split(FIELD_SEPARATOR), notetype),
        )

    def _tags_here(self, note: SourceNote) -> str:
        """The note's tags in the spelling of this collection, without overlong ones."""
        tags = [tag for tag in split_tags(note.tags) if len(tag) <= MAX_TAG_LENGTH]
        text = join_tags(self._tags.register(tags))
        if self._tags.new_count > self._limits.new_tags:
            raise TooLargeError(f"A file can bring at most {self._limits.new_tags} tags.")
        return text
