"""Undo: what a change of a collection was, recorded while it is made, and taking it back.

The commit log keeps an inverse with each change, so no table of undos gets into the Anki file.
Taking back is a change like any other: record it too, and its inverse is the redo.

Source for what comes back: Anki's rslib/src/undo; there, too, the review of an undone answer is
gone, as are the tags, the counts and the next position that an added note brought.
"""

import json
import sqlite3
from collections.abc import Iterable
from dataclasses import dataclass

from chalicelib.collection.col import server_usn, touch
from chalicelib.collection.graves import CARD_GRAVE, DECK_GRAVE, NOTE_GRAVE
from chalicelib.collection.tags import split_tags
from chalicelib.collection.undo.documents import (
    DOCUMENTS,
    Now,
    document_change,
    reverted_document,
)
from chalicelib.collection.undo.fit import (
    Scope,
    change_references,
    flaws,
    flaws_of_documents,
)
from chalicelib.collection.undo.inverse import (
    Created,
    DocumentChange,
    Flaw,
    Inside,
    Inverse,
    Removed,
    TableInverse,
    changed_since,
    decode,
    encode,
)
from chalicelib.collection.undo.rows import (
    changed_rows,
    check_unchanged,
    revert_rows,
    watch_rows,
)

# Columns of `col` that belong to its content; the others are about when and with whom it synced.
_NUMBERS = ("crt", "scm")
_NOTHING = TableInverse([], None, [])


@dataclass(frozen=True, slots=True)
class Applied:
    """Ids of what was put back as it had been, and of what is no longer there.

    `answered_cards` are those of `cards` of which an answer was taken back, or given again.
    """

    cards: list[int]
    notes: list[int]
    removed_cards: list[int]
    removed_notes: list[int]
    answered_cards: list[int]


@dataclass(frozen=True, slots=True)
class _Col:
    numbers: dict[str, int]
    documents: dict[str, bytes]


class UndoRecorder:
    """Records what takes one transaction back: notes, cards, revlog, and the content of `col`.

    Graves are not recorded: they follow from what is deleted and what comes back. One recorder
    serves one transaction at a time; `begin` starts afresh.
    """

    def begin(self, conn: sqlite3.Connection) -> None:
        """Start, inside the transaction and before its first change.

        Until it is closed, the connection has TEMP triggers and a function more than before, and
        recursive triggers on; the file has nothing of it.
        """
        self._col = _read_col(conn)
        self._rows = watch_rows(conn)

    def end(self, conn: sqlite3.Connection) -> bytes:
        """The inverse of all changes since `begin`, before the commit; empty when there are none.

        A change of nothing but `mod` and `usn` is none.
        """
        before, after = self._col, _read_col(conn)
        documents = _document_changes(before, after)
        tables, left = changed_rows(conn, self._rows)
        inverse = Inverse(
            left=left,
            tables=tables,
            numbers=_number_changes(before, after),
            documents=documents,
            flaws=sorted(_flaws(before)) if change_references(documents) else [],
        )
        return encode(inverse) if tables or documents or inverse.numbers else b""


def apply_inverse(conn: sqlite3.Connection, inverse: bytes, now_ms: int) -> Applied:
    """Take a recorded change back, inside the caller's transaction; `now_ms` is when that happens.

    What is put back carries `now_ms` as its time and the collection's `usn`, so that Anki's other
    devices take it over; what goes gets a grave, and what comes back loses its own. Reviews go
    without a trace: a device that has synced in between keeps them.

    Raises StaleCardError when something that the change touched has been changed again since, when
    what would come back no longer fits the rest, and when the bytes are no inverse; also after it
    has changed rows: roll back. (A savepoint of its own would make the triggers of a recorder
    quadratic.) Not in the way are changes elsewhere: of other columns of the same card, of other
    members of the same document, of the day's counters, of `conf`.
    """
    undo = decode(inverse)
    check_unchanged(conn, undo.tables, undo.left)
    reviews = undo.tables.get("revlog", _NOTHING)
    answered = _cards_answered(conn, reviews.added_ids)
    _apply(conn, undo, now_ms)
    answered |= _cards_answered(conn, reviews.deleted_ids)
    return _applied(undo.tables, answered)


def _read_col(conn: sqlite3.Connection) -> _Col:
    documents = ", ".join(f"CAST({name} AS BLOB)" for name in DOCUMENTS)
    row = conn.execute(f"SELECT {', '.join(_NUMBERS)}, {documents} FROM col").fetchone()
    return _Col(
        numbers=dict(zip(_NUMBERS, row, strict=False)),
        documents=dict(zip(DOCUMENTS, row[len(_NUMBERS) :], strict=True)),
    )


def _number_changes(before: _Col, after: _Col) -> dict[str, tuple[int, int]]:
    pairs = {name: (before.numbers[name], after.numbers[name]) for name in _NUMBERS}
    return {name: (old, new) for name, (old, new) in pairs.items() if old != new}


def _document_changes(before: _Col, after: _Col) -> dict[str, DocumentChange]:
    changes = {
        name: document_change(name, before.documents[name], after.documents[name])
        for name in DOCUMENTS
    }
    return {name: change for name, change in changes.items() if change is not None}


def _flaws(col: _Col) -> Iterable[Flaw]:
    models, decks, options = (json.loads(col.documents[n]) for n in ("models", "decks", "dconf"))
    return flaws_of_documents(models, decks, options)


def _apply(conn: sqlite3.Connection, undo: Inverse, now_ms: int) -> None:
    scope = Scope.of(undo)
    known = flaws(conn, scope).union(undo.flaws)
    usn = server_usn(conn)
    for table, inverse in undo.tables.items():
        revert_rows(conn, table, inverse, now_s=now_ms // 1000, usn=usn)
    _revert_col(conn, undo, now_s=now_ms // 1000, usn=usn)
    touch(conn, now_ms)
    _settle_graves(conn, undo, usn)
    if not flaws(conn, scope) <= known:
        raise changed_since()


def _revert_col(conn: sqlite3.Connection, undo: Inverse, *, now_s: int, usn: int) -> None:
    """A number that was changed since stays."""
    for name, (before, after) in undo.numbers.items():
        conn.execute(f"UPDATE col SET {name} = ? WHERE {name} = ?", (before, after))
    if not undo.documents:
        return
    texts = _read_col(conn).documents
    now = Now(now_s, usn, _tags_in_use(conn) if "tags" in undo.documents else ())
    for name, change in undo.documents.items():
        text = reverted_document(name, texts[name], change, now)
        conn.execute(f"UPDATE col SET {name} = CAST(? AS TEXT)", (text,))


def _tags_in_use(conn: sqlite3.Connection) -> frozenset[str]:
    rows = conn.execute("SELECT DISTINCT tags FROM notes WHERE typeof(tags) = 'text'").fetchall()
    return frozenset(tag.casefold() for (tags,) in rows for tag in split_tags(tags))


def _settle_graves(conn: sqlite3.Connection, undo: Inverse, usn: int) -> None:
    """A grave for everything that goes, and none for what comes back."""
    gone, back = _comings_and_goings(undo)
    if not gone and not back:
        return
    rows = conn.execute("SELECT rowid, oid, type FROM graves").fetchall()
    filled = [(rowid,) for rowid, oid, kind in rows if (oid, kind) in back]
    conn.executemany("DELETE FROM graves WHERE rowid = ?", filled)
    dug = sorted(gone - {(oid, kind) for _, oid, kind in rows})
    conn.executemany(
        "INSERT INTO graves (usn, oid, type) VALUES (?, ?, ?)",
        [(usn, oid, kind) for oid, kind in dug],
    )


def _comings_and_goings(undo: Inverse) -> tuple[set[tuple[int, int]], set[tuple[int, int]]]:
    """What goes and what comes back, as (id, kind of grave)."""
    gone, back = set[tuple[int, int]](), set[tuple[int, int]]()
    for table, kind in (("cards", CARD_GRAVE), ("notes", NOTE_GRAVE)):
        if inverse := undo.tables.get(table):
            gone.update((row_id, kind) for row_id in inverse.added_ids)
            back.update((row_id, kind) for row_id in inverse.deleted_ids)
    gone.update((deck_id, DECK_GRAVE) for deck_id in _decks(undo, Created))
    back.update((deck_id, DECK_GRAVE) for deck_id in _decks(undo, Removed))
    return gone, back


def _decks(undo: Inverse, kind: type[Created] | type[Removed]) -> Iterable[int]:
    decks = undo.documents.get("decks")
    members = decks.members if isinstance(decks, Inside) else {}
    return [int(key) for key, change in members.items() if isinstance(change, kind)]


def _cards_answered(conn: sqlite3.Connection, review_ids: list[int]) -> set[int]:
    """The cards of these reviews; what a reset or a new due date logs is no answer."""
    rows = conn.execute(
        "SELECT DISTINCT cid FROM revlog WHERE id IN (SELECT value FROM json_each(?)) AND ease > 0",
        (json.dumps(review_ids),),
    )
    return {card_id for (card_id,) in rows}


def _applied(tables: dict[str, TableInverse], answered: set[int]) -> Applied:
    cards, notes = tables.get("cards", _NOTHING), tables.get("notes", _NOTHING)
    return Applied(
        cards=sorted(cards.deleted_ids + cards.changed_ids),
        notes=sorted(notes.deleted_ids + notes.changed_ids),
        removed_cards=cards.added_ids,
        removed_notes=notes.added_ids,
        # A card that came or went with its reviews was imported or deleted.
        answered_cards=sorted(answered.intersection(cards.changed_ids)),
    )
