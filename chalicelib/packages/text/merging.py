"""Importing a text file into the open collection, as Anki does.

Source of the rules: Anki's rslib/src/import_export/text/import.rs. Otherwise than there:
- a row whose guid an earlier row brought is about the note of that row, as a guid must be unique;
- a row without a first field makes no note;
- a name in the deck column is that of a deck also where its spelling is not quite the deck's, or
  an earlier row made it as a parent, and a row that names none, or a filtered deck, goes where the
  file goes; Anki makes decks called `New+` and `blank` of these.
"""

import sqlite3
from collections import Counter

from chalicelib.collection.col import JsonObject, write_document
from chalicelib.packages.report import ImportReport
from chalicelib.packages.target import Target
from chalicelib.packages.text.deck_finder import DeckFinder, FilteredDeckError, NoDeckError
from chalicelib.packages.text.existing_notes import ExistingNote, ExistingNotes
from chalicelib.packages.text.limits import TextLimits
from chalicelib.packages.text.lookup import Lookup
from chalicelib.packages.text.mapping import (
    CONF_IF_MATCHES,
    CONF_MATCH_SCOPE,
    Mapping,
    understand,
)
from chalicelib.packages.text.note_writer import NoteTooLargeError, NoteWriter
from chalicelib.packages.text.options import TextOptions
from chalicelib.packages.text.records import decode
from chalicelib.packages.text.rows import OVERSIZED, TextNote, check_rows, read_notes
from chalicelib.packages.text.text_log import TextLog
from chalicelib.packages.text.vocabulary import IF_MATCHES, MATCH_SCOPES

_LONGEST_GUID = 128
_NEW, _UPDATED, _UNCHANGED, _CONFLICTING = "new", "updated", "unchanged", "conflicting"
# Of several notes that one row is about, the row counts as what weighs most.
_WEIGHTS = (_CONFLICTING, _UNCHANGED, _UPDATED)


def import_text(
    conn: sqlite3.Connection,
    data: bytes,
    options: TextOptions,
    *,
    limits: TextLimits,
    now_ms: int,
    guid_seed: int,
) -> ImportReport:
    """Merge the rows of a text file into the collection, inside the caller's transaction.

    Notes are matched by guid where the row has one, else by their first field; what then happens
    is `if_matches`. Existing cards stay where they are. Rows that cannot be taken are left out and
    named in the report's log by their lines. `guid_seed` is random; the same one gives the same
    guids to notes that come without.

    Raises UnusableFileError, TooLargeError and BadInputError, also after it has changed rows: roll
    back.
    """
    lookup = Lookup(conn)
    text = decode(data, limits)
    mapping = understand(text, lookup, options, limits)
    check_rows(text, mapping, limits)
    target = Target(conn, now_ms)
    _remember_choices(target, lookup, mapping)
    log = TextLog()
    merger = _TextMerger(target, lookup, mapping, limits, guid_seed, log)
    for note in read_notes(text, mapping, limits, log):
        merger.merge(note)
    return merger.finish()


def _remember_choices(target: Target, lookup: Lookup, mapping: Mapping) -> None:
    """Anki offers them the next time."""
    choices = {
        CONF_IF_MATCHES: IF_MATCHES.index(mapping.if_matches),
        CONF_MATCH_SCOPE: MATCH_SCOPES.index(mapping.match_scope),
    }
    if any(lookup.conf.get(key, 0) != value for key, value in choices.items()):
        write_document(target.conn, "conf", lookup.conf | choices)
        target.mark_rows_changed()


class _TextMerger:
    def __init__(
        self,
        target: Target,
        lookup: Lookup,
        mapping: Mapping,
        limits: TextLimits,
        guid_seed: int,
        log: TextLog,
    ) -> None:
        self._target = target
        self._lookup = lookup
        self._mapping = mapping
        self._log = log
        self._counts: Counter[str] = Counter()
        self._decks = DeckFinder(target, limits)
        self._existing = ExistingNotes(target.conn, mapping.match_scope, limits)
        self._writer = NoteWriter(target, self._existing, limits, guid_seed)

    def merge(self, note: TextNote) -> None:
        """Add or update notes by one row, or leave it out."""
        notetype = self._lookup.notetype(note.notetype)
        if note.fields and note.fields[0] == "":
            self._log.add("Rows with an empty first field left out", note.line)
        elif notetype is None:
            self._log.add("Rows for want of their notetype left out", note.line)
        elif len(note.guid) > _LONGEST_GUID:
            self._log.add("Rows with too long a guid left out", note.line)
        else:
            self._place_somewhere(note, notetype)

    def finish(self) -> ImportReport:
        """Write what is left to write."""
        self._writer.save()
        self._target.save()
        return ImportReport(
            notes_new=self._counts[_NEW],
            notes_updated=self._counts[_UPDATED],
            notes_unchanged=self._counts[_UNCHANGED],
            notes_conflicting=self._counts[_CONFLICTING],
            cards=self._writer.added_cards,
            revlog=0,
            media=0,
            log=self._log.lines(),
        )

    def _place_somewhere(self, note: TextNote, notetype: JsonObject) -> None:
        try:
            deck_id = self._deck_id(note)
            outcome = self._place(note, notetype, deck_id)
        except NoDeckError as error:
            self._log.add(str(error), note.line)
        except NoteTooLargeError:
            self._log.add(OVERSIZED, note.line)
        else:
            self._counts[outcome] += outcome != ""

    def _deck_id(self, note: TextNote) -> int:
        try:
            return self._decks.deck_id(note.deck)
        except FilteredDeckError:
            self._log.add("Rows that name a filtered deck, which takes no new cards", note.line)
            return self._decks.deck_id(self._mapping.deck)

    def _place(self, note: TextNote, notetype: JsonObject, deck_id: int) -> str:
        """What became of the row; nothing if it was left out."""
        found = self._matches(note, notetype, deck_id)
        if_matches = self._mapping.if_matches
        if not found or (if_matches == "duplicate" and not note.guid):
            return self._add(note, notetype, deck_id)
        if if_matches == "update":
            outcomes = [self._update(match, note, notetype, deck_id) for match in found]
            return max(outcomes, key=_WEIGHTS.index)
        return _UNCHANGED

    def _matches(self, note: TextNote, notetype: JsonObject, deck_id: int) -> list[ExistingNote]:
        if note.guid and self._existing.has_guid(note.guid):
            self._writer.flush()
            return self._existing.of_guid(note.guid)
        if note.guid:
            return []
        first = note.fields[0] if note.fields else None
        if first is None:
            return []
        return self._existing.of_first_field(notetype["id"], deck_id, first)

    def _add(self, note: TextNote, notetype: JsonObject, deck_id: int) -> str:
        if not note.fields or note.fields[0] is None:
            self._log.add("Rows without a first field left out", note.line)
            return ""
        fields = _filled([""] * len(notetype["flds"]), note)
        tags = self._writer.spelled([*(note.tags or ()), *self._mapping.tags])
        self._writer.add(notetype, deck_id, note.guid, fields, tags)
        return _NEW

    def _update(
        self, match: ExistingNote, note: TextNote, notetype: JsonObject, deck_id: int
    ) -> str:
        if match.notetype_id != notetype["id"]:
            return _CONFLICTING
        fields = _filled(match.fields, note)
        tags = match.tags if note.tags is None else self._writer.spelled(note.tags)
        is_same = fields == match.fields and tags == match.tags
        if not is_same:
            extra_tags = (*self._mapping.tags, *self._mapping.updated_tags)
            tags = self._writer.spelled([*tags, *extra_tags])
            self._writer.change(match, notetype, fields, tags)
        self._writer.add_missing_cards(match, notetype, deck_id, fields, tags)
        return _UNCHANGED if is_same else _UPDATED


def _filled(fields: list[str], note: TextNote) -> list[str]:
    """The fields with those of the row in their places."""
    pairs = zip(fields, [*note.fields, *[None] * len(fields)], strict=False)
    return [old if new is None else new for old, new in pairs]
