"""Notes: adding, changing, finding duplicates, and the cards that follow from their fields."""

import sqlite3
from collections.abc import Sequence
from dataclasses import dataclass

from chalicelib.collection.cardgen import ordinals_to_generate
from chalicelib.collection.col import JsonObject, server_usn, touch
from chalicelib.collection.decks import Decks
from chalicelib.collection.ids import new_row_id
from chalicelib.collection.new_cards import NewCards
from chalicelib.collection.notetypes.lookup import get_notetype, is_cloze
from chalicelib.collection.tags import join_tags, register_tags, split_tags
from chalicelib.collection.text import (
    FIELD_SEPARATOR,
    field_checksum,
    normalize_field,
    sort_field,
    strip_html_preserving_media,
    text_of,
)
from chalicelib.errors import BadInputError, DuplicateNoteError, NotFoundError, TooLargeError


@dataclass(frozen=True, slots=True)
class Note:
    """One row of `notes`, its fields and tags split; `modified_s` epoch seconds."""

    id: int
    guid: str
    notetype_id: int
    modified_s: int
    fields: list[str]
    tags: list[str]


@dataclass(frozen=True, slots=True, kw_only=True)
class NewNote:
    """A note to be added; its fields and tags were checked."""

    notetype: JsonObject
    fields: Sequence[str]
    tags: Sequence[str]
    deck_id: int
    guid: str


@dataclass(frozen=True, slots=True)
class NoteLimits:
    """Sizes in UTF-8 bytes."""

    max_field_bytes: int
    max_note_bytes: int


@dataclass(frozen=True, slots=True)
class AddedNote:
    """What adding a note made; `duplicate_of` is a note with the same first field."""

    note_id: int
    card_ids: list[int]
    duplicate_of: int | None


def get_note(conn: sqlite3.Connection, note_id: int) -> Note:
    """The note. Raises NotFoundError."""
    row = conn.execute(
        "SELECT id, guid, mid, mod, flds, tags FROM notes WHERE id = ?", (note_id,)
    ).fetchone()
    if row is None:
        raise NotFoundError("There is no such note.")
    note_id, guid, notetype_id, modified_s, fields, tags = row
    return Note(
        note_id,
        guid,
        notetype_id,
        modified_s,
        text_of(fields).split(FIELD_SEPARATOR),
        split_tags(text_of(tags)),
    )


def check_fields(
    fields: Sequence[str], notetype: JsonObject, *, before: Sequence[str] | None = None
) -> list[str]:
    """The fields as Anki stores them.

    Raises BadInputError for an empty first field and for a cloze note that would hide nothing,
    unless the note was like that `before` it was changed.
    """
    clean = [normalize_field(value) for value in fields]
    problems = _problems(clean, notetype)
    if problems and (before is None or not _problems(before, notetype)):
        raise BadInputError(fields=problems)
    return clean


def check_size(fields: Sequence[str], tags: Sequence[str], limits: NoteLimits) -> None:
    """Raises TooLargeError for too large a field, or note, its tags included."""
    sizes = [len(value.encode(errors="replace")) for value in (*fields, " ".join(tags))]
    if max(sizes) > limits.max_field_bytes:
        raise TooLargeError(f"A field is larger than {limits.max_field_bytes} bytes.")
    if sum(sizes) > limits.max_note_bytes:
        raise TooLargeError(f"The note is larger than {limits.max_note_bytes} bytes.")


def _problems(fields: Sequence[str], notetype: JsonObject) -> dict[str, str]:
    first = notetype["flds"][0]["name"]
    if not strip_html_preserving_media(fields[0]).strip():
        return {f"fields.{first}": "the first field must not be empty"}
    if is_cloze(notetype) and not ordinals_to_generate(notetype, fields):
        return {f"fields.{first}": "needs a deletion like {{c1::word}}"}
    return {}


def find_duplicate(conn: sqlite3.Connection, notetype_id: int, first_field: str) -> int | None:
    """A note of this notetype whose first field says the same; the oldest one."""
    wanted = strip_html_preserving_media(first_field)
    rows = conn.execute(
        "SELECT id, flds FROM notes WHERE csum = ? AND mid = ? ORDER BY id",
        (field_checksum(first_field), notetype_id),
    )
    for note_id, flds in rows.fetchall():
        if strip_html_preserving_media(text_of(flds).split(FIELD_SEPARATOR)[0]) == wanted:
            return int(note_id)
    return None


def add_note(
    conn: sqlite3.Connection, new: NewNote, now_ms: int, *, allow_duplicate: bool = True
) -> AddedNote:
    """Add a note and its cards.

    Raises NotFoundError for the deck, BadInputError for a filtered one, and DuplicateNoteError
    where a duplicate is not allowed.
    """
    decks = Decks(conn)
    if decks.get(new.deck_id)["dyn"]:
        raise BadInputError(fields={"deck_id": "a filtered deck takes no new cards"})
    notetype, fields = new.notetype, new.fields
    duplicate = find_duplicate(conn, notetype["id"], fields[0])
    if duplicate and not allow_duplicate:
        raise DuplicateNoteError
    tags = register_tags(conn, new.tags)
    note_id = new_row_id(conn, "notes", now_ms)
    conn.execute(
        "INSERT INTO notes (id, guid, mid, mod, usn, tags, flds, sfld, csum, flags, data)"
        " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, 0, '')",
        (
            note_id,
            new.guid,
            notetype["id"],
            now_ms // 1000,
            server_usn(conn),
            *_content(notetype, fields, tags),
        ),
    )
    ordinals = ordinals_to_generate(notetype, fields, tags=join_tags(tags))
    card_ids = NewCards(conn, decks, now_ms).add(notetype, note_id, ordinals, new.deck_id)
    touch(conn, now_ms)
    return AddedNote(note_id=note_id, card_ids=card_ids, duplicate_of=duplicate)


def change_note(
    conn: sqlite3.Connection,
    note: Note,
    *,
    fields: Sequence[str],
    tags: Sequence[str],
    now_ms: int,
) -> list[int]:
    """Store checked fields and tags; returns the ids of cards that the new fields call for.

    Cards that are no longer called for stay, as in Anki.
    """
    notetype = get_notetype(conn, note.notetype_id)
    tags = register_tags(conn, tags)
    conn.execute(
        "UPDATE notes SET mod = ?, usn = ?, tags = ?, flds = ?, sfld = ?, csum = ? WHERE id = ?",
        (
            now_ms // 1000,
            server_usn(conn),
            *_content(notetype, fields, tags),
            note.id,
        ),
    )
    wanted = ordinals_to_generate(notetype, fields, tags=join_tags(tags))
    added = NewCards(conn, Decks(conn), now_ms).add_missing(notetype, note.id, wanted)
    touch(conn, now_ms)
    return added


def _content(
    notetype: JsonObject, fields: Sequence[str], tags: Sequence[str]
) -> tuple[str, str, str, int]:
    """The columns tags, flds, sfld and csum of a note."""
    return (
        join_tags(tags),
        FIELD_SEPARATOR.join(fields),
        sort_field(fields[notetype["sortf"]]),
        field_checksum(fields[0]),
    )


def add_tag(conn: sqlite3.Connection, note_id: int, tag: str, now_ms: int) -> None:
    """Tag a note unless it has that tag in any case."""
    note = get_note(conn, note_id)
    if tag.casefold() in {present.casefold() for present in note.tags}:
        return
    tags = [*note.tags, *register_tags(conn, [tag])]
    conn.execute(
        "UPDATE notes SET tags = ?, mod = ?, usn = ? WHERE id = ?",
        (join_tags(tags), now_ms // 1000, server_usn(conn), note_id),
    )
