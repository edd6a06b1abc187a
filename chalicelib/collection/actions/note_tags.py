"""Adding tags to many notes, and removing them.

Sources: Anki's rslib/src/tags/bulkadd.rs, remove.rs and matcher.rs.
"""

import json
import re
import sqlite3
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from chalicelib.collection.actions.card_changes import cards_to_change
from chalicelib.collection.col import server_usn, touch
from chalicelib.collection.tags import TagRegister, join_tags, split_tags
from chalicelib.errors import TooLargeError


@dataclass(frozen=True, slots=True)
class _Tagged:
    """A note with its tags as they stand in its row, and how large its fields are, in bytes."""

    note_id: int
    tags: str
    field_bytes: int


def add_tags(
    conn: sqlite3.Connection,
    card_ids: Sequence[int],
    tags: Sequence[str],
    *,
    max_note_bytes: int,
    now_ms: int,
) -> int:
    """Tag the cards' notes with what they lack, whatever its case; how many notes that changed.

    `tags` were checked. Raises NotFoundError, and TooLargeError for a note over the limit.
    """
    notes = _notes_of(conn, card_ids, now_ms)
    register = TagRegister(conn)
    wanted = register.register(tags)
    if register.save():
        touch(conn, now_ms)
    changed = []
    for note in notes:
        present = split_tags(note.tags)
        known = {tag.casefold() for tag in present}
        if all(tag.casefold() in known for tag in wanted):
            continue
        text = join_tags([*present, *wanted])
        if note.field_bytes + len(text.encode(errors="replace")) > max_note_bytes:
            raise TooLargeError(f"The note is larger than {max_note_bytes} bytes.")
        changed.append((text, note.note_id))
    return _write(conn, changed, now_ms)


def remove_tags(
    conn: sqlite3.Connection, card_ids: Sequence[int], tags: Sequence[str], now_ms: int
) -> int:
    """Take tags off the cards' notes, in any case and with the tags below them: `a` and `a::b`.

    How many notes that changed. Raises NotFoundError.
    """
    matcher = _matcher(tags)
    changed = []
    for note in _notes_of(conn, card_ids, now_ms):
        present = split_tags(note.tags)
        kept = [tag for tag in present if not matcher.match(tag)]
        if len(kept) < len(present):
            changed.append((f" {' '.join(kept)} " if kept else "", note.note_id))
    return _write(conn, changed, now_ms)


def _matcher(tags: Iterable[str]) -> re.Pattern[str]:
    either = "|".join(re.escape(tag) for tag in tags)
    return re.compile(f"(?:{either})(?:::|$)", re.IGNORECASE)


def _notes_of(conn: sqlite3.Connection, card_ids: Sequence[int], now_ms: int) -> list[_Tagged]:
    note_ids = {card.nid for card in cards_to_change(conn, card_ids, now_ms)}
    rows = conn.execute(
        "SELECT id, tags, length(CAST(flds AS BLOB)) FROM notes"
        " WHERE id IN (SELECT value FROM json_each(?)) ORDER BY id",
        (json.dumps(sorted(note_ids)),),
    )
    return [_Tagged(note_id, str(tags), size) for note_id, tags, size in rows.fetchall()]


def _write(conn: sqlite3.Connection, changed: Sequence[tuple[str, int]], now_ms: int) -> int:
    stamp = (now_ms // 1000, server_usn(conn))
    conn.executemany(
        "UPDATE notes SET tags = ?, mod = ?, usn = ? WHERE id = ?",
        [(text, *stamp, note_id) for text, note_id in changed],
    )
    if changed:
        touch(conn, now_ms)
    return len(changed)
