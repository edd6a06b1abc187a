"""Notes of a source collection, matched by guid.

Source: Anki's rslib/src/import_export/package/apkg/import/notes.rs.
"""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import NamedTuple

from msgspec.structs import replace

from chalicelib.collection.col import JsonObject
from chalicelib.collection.tags import MAX_TAG_LENGTH, TagRegister, join_tags, split_tags
from chalicelib.collection.text import FIELD_SEPARATOR
from chalicelib.errors import TooLargeError
from chalicelib.packages.gathered import SourceRows
from chalicelib.packages.guids import has_usable_guid, replacement_guid
from chalicelib.packages.import_options import UpdateCondition, should_update
from chalicelib.packages.limits import SourceLimits
from chalicelib.packages.media_renames import with_media_names
from chalicelib.packages.note_content import MOST_BYTES_A_CHARACTER, NoteContent
from chalicelib.packages.note_places import MergedNotetypes
from chalicelib.packages.report import CONFLICTING, NEW, UNCHANGED, UPDATED, ImportLog
from chalicelib.packages.source_rows import SourceNote
from chalicelib.packages.target import DAY_MS, FreeIds, RowWriter, Target

# Many notes have the same tags; so many texts of them are remembered.
_REMEMBERED_TAGS = 5_000
_INSERT = """
    INSERT INTO notes (mid, mod, usn, tags, flds, sfld, csum, id, guid, flags, data)
    VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, 0, '')"""
_UPDATE = """
    UPDATE notes SET mid = ?, mod = ?, usn = ?, tags = ?, flds = ?, sfld = ?, csum = ?
    WHERE id = ?"""


class _Existing(NamedTuple):
    id: int
    modified_s: int
    notetype_id: int


class MergedNote(NamedTuple):
    """Where a source note is now, and which notetype it had there."""

    id: int
    notetype: JsonObject
    source_notetype_id: int


@dataclass(frozen=True, slots=True)
class NoteRules:
    """How notes are merged.

    `renamed` are media files that have another name here; None where fields stay as they are.
    """

    notetypes: MergedNotetypes
    condition: UpdateCondition
    renamed: Mapping[str, str] | None


@dataclass(slots=True)
class MergedNotes:
    """How many notes went which way, and the notes here by their source ids."""

    by_source_id: dict[int, MergedNote] = field(default_factory=dict)
    counts: Counter[str] = field(default_factory=Counter)


def merge_notes(
    target: Target, source: SourceRows, rules: NoteRules, log: ImportLog
) -> MergedNotes:
    """Add notes of unknown guids, update others under the rules' condition, keep the rest."""
    merger = _NoteMerger(target, source.limits, rules, log)
    for note in source.notes(log):
        merger.merge(note)
    merger.save()
    return merger.merged


class _NoteMerger:
    def __init__(
        self, target: Target, limits: SourceLimits, rules: NoteRules, log: ImportLog
    ) -> None:
        self.merged = MergedNotes()
        self._target = target
        self._limits = limits
        self._rules = rules
        self._log = log
        self._tags = TagRegister(target.conn)
        self._new = RowWriter(target.conn, _INSERT)
        self._updated = RowWriter(target.conn, _UPDATE)
        rows = target.conn.execute("SELECT guid, id, mod, mid FROM notes").fetchall()
        before = rules.notetypes.modified_before
        self._existing = {
            guid: _Existing(note_id, before.get(note_id, modified_s), notetype_id)
            for guid, note_id, modified_s, notetype_id in rows
        }
        self._ids = FreeIds((row[1] for row in rows), target.now_ms)
        self._seen_guids: set[str] = set()
        self._joined_tags: dict[str, str] = {}

    def merge(self, note: SourceNote) -> None:
        """Add, update or skip one note."""
        notetype = self._rules.notetypes.by_source_id.get(note.notetype_id)
        if notetype is None:
            self._log.add("Notes left out for want of their notetype")
        elif is_too_large(note, self._limits):
            self._log.add("Notes larger than the limit left out")
        else:
            self._place(self._repaired(note), notetype)

    def save(self) -> None:
        self._new.flush()
        self._updated.flush()
        if self._tags.save() or self.merged.counts[NEW] or self.merged.counts[UPDATED]:
            self._target.mark_rows_changed()

    def _repaired(self, note: SourceNote) -> SourceNote:
        if not has_usable_guid(note) or note.guid in self._seen_guids:
            self._log.add("Notes given a guid of their own")
            note = replace(note, guid=replacement_guid(note))
        self._seen_guids.add(note.guid)
        if note.modified_s * 1000 > self._target.now_ms + DAY_MS:
            # It would win over every later change, and again at each import.
            note = replace(note, modified_s=0)
        return note

    def _place(self, note: SourceNote, notetype: JsonObject) -> None:
        existing = self._existing.get(note.guid)
        if existing is None:
            outcome, note_id = NEW, self._ids.take(note.id)
            self._new.add((*self._content(note, notetype), note_id, note.guid))
        elif self._is_conflicting(existing, notetype):
            self.merged.counts[CONFLICTING] += 1
            return
        else:
            outcome, note_id = UNCHANGED, existing.id
            if should_update(self._rules.condition, existing.modified_s, note.modified_s):
                outcome = UPDATED
                self._updated.add((*self._content(note, notetype), note_id))
        self.merged.counts[outcome] += 1
        self.merged.by_source_id[note.id] = MergedNote(note_id, notetype, note.notetype_id)

    def _is_conflicting(self, existing: _Existing, notetype: JsonObject) -> bool:
        is_other = existing.notetype_id != notetype["id"]
        return is_other and not self._rules.notetypes.are_joined

    def _content(
        self, note: SourceNote, notetype: JsonObject
    ) -> tuple[int, int, int, str, str, str, int]:
        return (
            notetype["id"],
            note.modified_s,
            self._target.usn,
            self._tags_here(note),
            *NoteContent.of(self._fields_here(note, notetype), notetype),
        )

    def _fields_here(self, note: SourceNote, notetype: JsonObject) -> list[str]:
        renamed = self._rules.renamed
        flds = note.flds if renamed is None else with_media_names(note.flds, renamed)
        values = flds.split(FIELD_SEPARATOR)
        fields = self._rules.notetypes.places.fields_of(note.notetype_id, values)
        if len(fields) != len(notetype["flds"]):
            self._log.add("Notes fitted to the fields of their notetype")
        return fields

    def _tags_here(self, note: SourceNote) -> str:
        """The note's tags in the spelling of this collection, without overlong ones."""
        known = self._joined_tags.get(note.tags)
        if known is None:
            known = self._registered(note.tags)
            if len(self._joined_tags) < _REMEMBERED_TAGS and len(note.tags) < MAX_TAG_LENGTH:
                self._joined_tags[note.tags] = known
        return known

    def _registered(self, text: str) -> str:
        tags = [tag for tag in split_tags(text) if len(tag) <= MAX_TAG_LENGTH]
        joined = join_tags(self._tags.register(tags))
        if self._tags.new_count > self._limits.new_tags:
            raise TooLargeError(f"A file can bring at most {self._limits.new_tags} tags.")
        return joined


def is_too_large(note: SourceNote, limits: SourceLimits) -> bool:
    """Whether a field, the tags or the whole note are over the limits."""
    most_bytes = MOST_BYTES_A_CHARACTER * (len(note.flds) + len(note.tags))
    if most_bytes <= min(limits.note_bytes, limits.field_bytes):
        return False
    if len(note.flds.encode()) + len(note.tags.encode()) > limits.note_bytes:
        return True
    values = (*note.flds.split(FIELD_SEPARATOR), note.tags)
    return max(len(value.encode()) for value in values) > limits.field_bytes
