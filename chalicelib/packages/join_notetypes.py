"""Notetypes of a source collection joined with ours of the same id: "merge notetypes".

Source: Anki's rslib/src/import_export/package/apkg/import/notes.rs. Otherwise than there, notes of
ours whose notetype gives way to one that is here already keep their fields in their places, and
cards are told apart by the templates they have afterwards.
"""

from collections import defaultdict
from collections.abc import Iterable

from chalicelib.collection.cardgen import CardGenerator
from chalicelib.collection.col import JsonObject, mark_schema_changed
from chalicelib.collection.new_cards import NewCards
from chalicelib.collection.notetypes.lifecycle import remove_notetype
from chalicelib.collection.notetypes.lookup import is_cloze
from chalicelib.collection.text import FIELD_SEPARATOR
from chalicelib.errors import UnusableFileError
from chalicelib.packages.gathered import Gathered
from chalicelib.packages.import_options import UpdateCondition
from chalicelib.packages.note_content import NoteContent
from chalicelib.packages.note_places import MergedNotetypes, Places, moved_fields
from chalicelib.packages.notetype_store import NotetypeStore
from chalicelib.packages.notetype_structure import Layout
from chalicelib.packages.report import ImportLog
from chalicelib.packages.target import Target


class NotetypeJoiner:
    """Joins the notetypes of one import with ours."""

    def __init__(self, target: Target, condition: UpdateCondition) -> None:
        self._places = Places()
        self._target = target
        self._condition = condition
        self._store = NotetypeStore(target)
        self._given_up: set[int] = set()
        self._modified_before: dict[int, int] = {}
        self._siblings = _by_original_id(target.notetypes.values())

    def merge(self, source: Gathered) -> MergedNotetypes:
        """Add the notetypes that notes use or join them with ours.

        Raises UnusableFileError where a cloze notetype would meet one that is none.
        """
        merged = {
            notetype_id: self._merge(dict(source.col.notetypes[notetype_id]))
            for notetype_id in source.notetype_ids
        }
        for (ours_id, theirs_id), note_ids in self._conflicts(source).items():
            merged[theirs_id] = self._resolve(ours_id, theirs_id, note_ids)
        return MergedNotetypes(merged, self._places, self._modified_before, are_joined=True)

    def remove_given_up(self) -> None:
        """Remove the notetypes that gave way and that no note has any more."""
        conn = self._target.conn
        used = {mid for (mid,) in conn.execute("SELECT DISTINCT mid FROM notes")}
        for notetype_id in self._given_up - used:
            remove_notetype(conn, notetype_id, self._target.now_ms)

    def _merge(self, incoming: JsonObject) -> JsonObject:
        existing = self._target.notetypes.get(str(incoming["id"]))
        if existing is None:
            return self._store.add(incoming)
        _check_kinds(existing, incoming)
        siblings = [
            sibling
            for sibling in self._siblings[incoming["id"]]
            if is_cloze(sibling) == is_cloze(existing)
        ]
        ours, theirs = Layout(existing), Layout(incoming)
        for sibling in siblings:
            ours.take_in(Layout(sibling))
        theirs.take_in(ours)
        ours.take_in(theirs)
        self._places.record(incoming["id"], theirs)
        wins = self._condition == "always" or (
            self._condition == "if_newer" and existing["mod"] < incoming["mod"]
        )
        joined = theirs.with_origins_of(ours) if wins else ours
        joined.reposition_sort_field()
        updated = self._store.rearrange(existing, joined, _renamed(existing, joined))
        for sibling in siblings:
            self._give_up(sibling, updated)
        return updated

    def _give_up(self, sibling: JsonObject, joined: JsonObject) -> None:
        layout = Layout(sibling)
        layout.take_in(Layout(joined))
        rows = self._target.conn.execute("SELECT id FROM notes WHERE mid = ?", (sibling["id"],))
        self._change_notetype([note_id for (note_id,) in rows], layout, joined)
        self._given_up.add(sibling["id"])

    def _conflicts(self, source: Gathered) -> dict[tuple[int, int], list[int]]:
        """Our notes that are in the source with another notetype, by both notetypes."""
        rows = self._target.conn.execute("SELECT guid, id, mid, mod FROM notes")
        ours = {guid: rest for guid, *rest in rows}
        found: dict[tuple[int, int], list[int]] = defaultdict(list)
        for note in source.notes(ImportLog()):
            # Of several with one guid, which is none of Anki's making, the first one counts.
            note_id, ours_id, modified_s = ours.pop(note.guid, (0, note.notetype_id, 0))
            both_known = {str(ours_id), str(note.notetype_id)} <= self._target.notetypes.keys()
            if ours_id != note.notetype_id and both_known:
                found[ours_id, note.notetype_id].append(note_id)
                self._modified_before[note_id] = modified_s
        return found

    def _resolve(self, ours_id: int, theirs_id: int, note_ids: list[int]) -> JsonObject:
        """Give our notes the notetype that they have in the source."""
        existing = self._target.notetypes[str(ours_id)]
        incoming = self._target.notetypes[str(theirs_id)]
        _check_kinds(existing, incoming)
        ours, theirs = Layout(existing), Layout(incoming)
        ours.take_in(theirs)
        theirs.take_in(ours)
        self._places.record(theirs_id, theirs)
        renamed = _renamed(existing, theirs.with_origins_of(ours))
        theirs.reposition_sort_field()
        updated = self._store.rearrange(incoming, theirs, renamed)
        self._change_notetype(note_ids, ours, updated)
        self._given_up.add(ours_id)
        return updated

    def _change_notetype(self, note_ids: list[int], old: Layout, new: JsonObject) -> None:
        """Give notes another notetype that has all of their fields and templates."""
        mark_schema_changed(self._target.conn, self._target.now_ms)
        generator = CardGenerator(new)
        cards = NewCards(self._target.conn, self._target.decks, self._target.now_ms)
        moved = {
            before: now for now, before in enumerate(old.template_origins) if before is not None
        }
        for note_id in note_ids:
            fields, tags = self._note(note_id)
            self._renumber_cards(note_id, moved)
            fields = self._store_note(note_id, moved_fields(old.field_origins, fields), new)
            cards.add_missing(new, note_id, generator.ordinals(fields, tags=tags))

    def _note(self, note_id: int) -> tuple[list[str], str]:
        sql = "SELECT CAST(flds AS TEXT), CAST(tags AS TEXT) FROM notes WHERE id = ?"
        flds, tags = self._target.conn.execute(sql, (note_id,)).fetchone()
        return flds.split(FIELD_SEPARATOR), tags

    def _renumber_cards(self, note_id: int, moved: dict[int, int]) -> None:
        rows = self._target.conn.execute("SELECT id, ord FROM cards WHERE nid = ?", (note_id,))
        for card_id, ordinal in rows.fetchall():
            if moved.get(ordinal, ordinal) != ordinal:
                self._target.conn.execute(
                    "UPDATE cards SET ord = ?, mod = ?, usn = ? WHERE id = ?",
                    (moved[ordinal], self._target.now_s, self._target.usn, card_id),
                )

    def _store_note(self, note_id: int, fields: list[str], notetype: JsonObject) -> list[str]:
        content = NoteContent.of(fields, notetype)
        self._target.conn.execute(
            "UPDATE notes SET mid = ?, mod = ?, usn = ?, flds = ?, sfld = ?, csum = ? WHERE id = ?",
            (notetype["id"], self._target.now_s, self._target.usn, *content, note_id),
        )
        return content.flds.split(FIELD_SEPARATOR)


def _by_original_id(notetypes: Iterable[JsonObject]) -> dict[int, list[JsonObject]]:
    """The notetypes that earlier imports added beside others, by the ids of those."""
    found: dict[int, list[JsonObject]] = defaultdict(list)
    for notetype in notetypes:
        original_id = notetype.get("originalId")
        if isinstance(original_id, int) and original_id != notetype["id"]:
            found[original_id].append(notetype)
    return found


def _check_kinds(one: JsonObject, other: JsonObject) -> None:
    if is_cloze(one) != is_cloze(other):
        raise UnusableFileError(
            "A cloze notetype of this file cannot be merged with a standard one, or the reverse."
        )


def _renamed(existing: JsonObject, joined: Layout) -> dict[str, str]:
    """The new names of our fields."""
    return {
        existing["flds"][each["ord"]]["name"]: each["name"]
        for each in joined.notetype["flds"]
        if each["ord"] is not None and existing["flds"][each["ord"]]["name"] != each["name"]
    }
