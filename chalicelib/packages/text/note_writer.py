"""Adding the notes of a text file, and changing notes, with the cards that follow.

Source of the rules: Anki's rslib/src/import_export/text/import.rs, rslib/src/notetype/cardgen.rs.
"""

import hashlib
from collections.abc import Sequence

from chalicelib.collection.cardgen import CardGenerator
from chalicelib.collection.col import JsonObject
from chalicelib.collection.guid import guid_from_bits
from chalicelib.collection.new_cards import ManyNewCards
from chalicelib.collection.tags import MAX_TAG_LENGTH, TagRegister, join_tags, split_tags
from chalicelib.errors import TooLargeError
from chalicelib.packages.note_content import MOST_BYTES_A_CHARACTER, NoteContent
from chalicelib.packages.target import FreeIds, RowWriter, Target
from chalicelib.packages.text.existing_notes import ExistingNote, ExistingNotes
from chalicelib.packages.text.limits import TextLimits

# Many notes have the same tags; so many of them are remembered.
_REMEMBERED_TAGS = 5_000
_INSERT = """
    INSERT INTO notes (id, guid, mid, mod, usn, tags, flds, sfld, csum, flags, data)
    VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, 0, '')"""
_HAS_CARDS = "SELECT 1 FROM cards WHERE nid = ? LIMIT 1"


class NoteTooLargeError(Exception):
    """The note is over the limits; nothing was stored."""


class NoteWriter:
    """Writes notes into one collection, in one import.

    What it adds is certainly there after a `flush`; what it changes is there at once.
    """

    def __init__(
        self, target: Target, existing: ExistingNotes, limits: TextLimits, guid_seed: int
    ) -> None:
        self.added_cards = 0
        self._target = target
        self._existing = existing
        self._limits = limits
        self._guid_seed = guid_seed
        self._guids_made = 0
        self._tags = TagRegister(target.conn)
        ids = target.conn.execute("SELECT id FROM notes")
        self._ids = FreeIds((note_id for (note_id,) in ids), target.now_ms)
        self._notes = RowWriter(target.conn, _INSERT)
        self._cards = ManyNewCards(target.conn, target.decks, target.now_ms)
        self._spelled: dict[tuple[str, ...], list[str]] = {}
        self._generators: dict[int, CardGenerator] = {}

    def flush(self) -> None:
        """Write what was added and is left to write."""
        self._notes.flush()
        self._cards.flush()

    def save(self) -> None:
        """Write all that is left, the tags that were new included."""
        self.flush()
        if self._tags.save():
            self._target.mark_rows_changed()

    def spelled(self, tags: Sequence[str]) -> list[str]:
        """The tags as a note of this collection has them, in its order, without overlong ones."""
        key = tuple(tags)
        known = self._spelled.get(key)
        if known is None:
            known = self._registered(tags)
            if len(self._spelled) < _REMEMBERED_TAGS and sum(map(len, key)) < MAX_TAG_LENGTH:
                self._spelled[key] = known
        return known

    def _registered(self, tags: Sequence[str]) -> list[str]:
        split = [part for tag in tags for part in split_tags(tag) if len(part) <= MAX_TAG_LENGTH]
        text = join_tags(self._tags.register(split))
        if self._tags.new_count > self._limits.new_tags:
            raise TooLargeError(f"A file can bring at most {self._limits.new_tags} tags.")
        return split_tags(text)

    def add(
        self, notetype: JsonObject, deck_id: int, guid: str, fields: list[str], tags: list[str]
    ) -> None:
        """Add a note with its cards; without a guid, one follows from the seed.

        All its fields are as Anki stores them. Raises NoteTooLargeError.
        """
        tags_text = self._tags_text(fields, tags)
        content = tags_text, *NoteContent.of_clean(fields, notetype)
        note_id, guid = self._ids.take_new(), guid or self._new_guid()
        self._notes.add(
            (note_id, guid, notetype["id"], self._target.now_s, self._target.usn, *content)
        )
        self._existing.remember(guid, note_id)
        self._target.mark_rows_changed()
        wanted = self._wanted_cards(notetype, fields, tags_text)
        self._count(self._cards.add(notetype, note_id, wanted, deck_id))

    def change(
        self, note: ExistingNote, notetype: JsonObject, fields: list[str], tags: list[str]
    ) -> None:
        """Store other fields and tags. Raises NoteTooLargeError."""
        content = self._tags_text(fields, tags), *NoteContent.of(fields, notetype)
        self._target.conn.execute(
            "UPDATE notes SET mod = ?, usn = ?, tags = ?, flds = ?, sfld = ?, csum = ?"
            " WHERE id = ?",
            (self._target.now_s, self._target.usn, *content, note.id),
        )
        self._target.mark_rows_changed()

    def add_missing_cards(
        self,
        note: ExistingNote,
        notetype: JsonObject,
        deck_id: int,
        fields: list[str],
        tags: list[str],
    ) -> None:
        """Add the cards that the note lacks with these fields.

        They go where its other cards are, if that is one deck, else to the given one.
        """
        wanted = self._wanted_cards(notetype, fields, join_tags(tags))
        self._cards.flush()
        if self._target.conn.execute(_HAS_CARDS, (note.id,)).fetchone():
            self._count(self._cards.add_missing(notetype, note.id, wanted, deck_id))
        else:
            self._count(self._cards.add(notetype, note.id, wanted, deck_id))

    def _count(self, card_ids: list[int]) -> None:
        if card_ids:
            self.added_cards += len(card_ids)
            if self.added_cards > self._limits.cards:
                raise TooLargeError(f"A file can bring at most {self._limits.cards} cards.")
            self._target.mark_rows_changed()

    def _wanted_cards(self, notetype: JsonObject, fields: list[str], tags: str) -> list[int]:
        generator = self._generators.get(notetype["id"])
        if generator is None:
            generator = self._generators[notetype["id"]] = CardGenerator(notetype)
        return generator.ordinals(fields, tags=tags)

    def _tags_text(self, fields: list[str], tags: list[str]) -> str:
        """The tags as a note has them. Raises NoteTooLargeError."""
        text = join_tags(tags)
        most_bytes = MOST_BYTES_A_CHARACTER * (sum(map(len, fields)) + len(text))
        if most_bytes > min(self._limits.field_bytes, self._limits.note_bytes):
            sizes = [len(value.encode()) for value in (*fields, text)]
            if max(sizes) > self._limits.field_bytes or sum(sizes) > self._limits.note_bytes:
                raise NoteTooLargeError
        return text

    def _new_guid(self) -> str:
        """The next guid of this import: importing the same again gives the same ones."""
        while True:
            self._guids_made += 1
            identity = f"{self._guid_seed}\x1f{self._guids_made}"
            digest = hashlib.sha256(identity.encode()).digest()
            guid = guid_from_bits(int.from_bytes(digest[:8], "big"))
            if not self._existing.has_guid(guid):
                return guid
