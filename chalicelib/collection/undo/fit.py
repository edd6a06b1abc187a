"""Whether what an undo puts back fits what has become of the collection meanwhile.

Undoing the latest operation first, it always does. Otherwise a card could come back without its
note or deck, or a notetype lose a field that later notes use: what Anki's Check Database would
repair by deleting or renaming.
"""

import sqlite3
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Self

from chalicelib.collection.col import JsonObject, read_document
from chalicelib.collection.deck_names import name_key, parent_name
from chalicelib.collection.decks import decks_by_id
from chalicelib.collection.entries import entries_of
from chalicelib.collection.notetypes.lookup import is_cloze
from chalicelib.collection.notetypes.shape import shaped
from chalicelib.collection.text import FIELD_SEPARATOR, text_of
from chalicelib.collection.undo.inverse import (
    Counted,
    Created,
    DocumentChange,
    Flaw,
    Inside,
    Inverse,
)
from chalicelib.collection.undo.rows import ids_with, select_by_id

_REFERRING = ("models", "decks", "dconf")


@dataclass(frozen=True, slots=True)
class Scope:
    """What taking a change back can leave without its counterpart: ids by kind."""

    cards: list[int]
    notes: list[int]
    removed_notes: list[int]
    removed_decks: list[int]
    notetypes: list[int]
    documents: bool

    @classmethod
    def of(cls, inverse: Inverse) -> Self:
        notes, cards = inverse.tables.get("notes"), inverse.tables.get("cards")
        decks = _entries(inverse.documents, "decks")
        return cls(
            cards=ids_with("cards", cards, ("nid", "did", "ord", "odid")) if cards else [],
            notes=ids_with("notes", notes, ("mid", "flds")) if notes else [],
            removed_notes=notes.added_ids if notes else [],
            removed_decks=[int(key) for key in decks if isinstance(decks[key], Created)],
            notetypes=[int(key) for key in _entries(inverse.documents, "models")],
            documents=change_references(inverse.documents),
        )


def change_references(documents: Mapping[str, DocumentChange]) -> bool:
    """Whether the changes are more than what an answer does to the documents."""
    return any(_entries(documents, name) for name in _REFERRING)


def flaws(conn: sqlite3.Connection, scope: Scope) -> set[Flaw]:
    """What is wrong in the scope: asked before and after, it tells what an undo would break."""
    found: set[Flaw] = set()
    notes = {*scope.notes, *_ids(conn, "SELECT id FROM notes WHERE mid", scope.notetypes)}
    cards = {*scope.cards, *_cards_of(conn, scope, notes)}
    if scope.documents or notes or cards:
        models, decks = read_document(conn, "models"), read_document(conn, "decks")
        notetypes = _notetypes(models)
        found.update(_flaws_of_cards(conn, cards, notetypes, decks))
        found.update(_flaws_of_notes(conn, notes, notetypes))
    if scope.documents:
        found.update(flaws_of_documents(models, decks, read_document(conn, "dconf")))
    return found


def flaws_of_documents(
    models: JsonObject, decks: JsonObject, options: JsonObject
) -> Iterator[Flaw]:
    """Repeated names, decks without their parents, and decks without their options."""
    yield from (("notetype name", name) for name in _repeated_names(models))
    yield from (("deck name", name) for name in _repeated_names(decks))
    by_id = decks_by_id(decks)
    names = {name_key(deck["name"]) for deck in by_id.values()}
    for deck_id, deck in by_id.items():
        parent = parent_name(deck["name"])
        if parent is not None and name_key(parent) not in names:
            yield "parent", str(deck_id)
        if not deck["dyn"] and str(deck.get("conf")) not in options:
            yield "options", str(deck_id)


def _repeated_names(entries: JsonObject) -> list[str]:
    counts = Counter(name_key(str(entry.get("name"))) for _, entry in entries_of(entries))
    return [name for name, count in counts.items() if count > 1]


def _notetypes(models: JsonObject) -> dict[int, JsonObject]:
    return {notetype_id: shaped(stored, notetype_id) for notetype_id, stored in entries_of(models)}


def _entries(documents: Mapping[str, DocumentChange], name: str) -> Mapping[str, DocumentChange]:
    """The entries of a document that change by more than the counters of a day."""
    change = documents.get(name)
    members = change.members if isinstance(change, Inside) else {}
    return {key: entry for key, entry in members.items() if not _only_counts(entry)}


def _only_counts(change: DocumentChange) -> bool:
    return isinstance(change, Inside) and all(
        isinstance(member, Counted) for member in change.members.values()
    )


def _ids(conn: sqlite3.Connection, query: str, wanted: Iterable[int]) -> Iterator[int]:
    for (found,) in select_by_id(conn, f"{query} IN ({{ids}})", wanted):
        yield found


def _cards_of(conn: sqlite3.Connection, scope: Scope, notes: Iterable[int]) -> Iterator[int]:
    """Cards that could lose the note, the template or the deck that they belong to."""
    if scope.notetypes:
        yield from _ids(conn, "SELECT id FROM cards WHERE nid", notes)
    yield from _ids(conn, "SELECT id FROM cards WHERE nid", scope.removed_notes)
    yield from _ids(conn, "SELECT id FROM cards WHERE did", scope.removed_decks)
    yield from _ids(conn, "SELECT id FROM cards WHERE odid", scope.removed_decks)


def _flaws_of_cards(
    conn: sqlite3.Connection, ids: set[int], notetypes: Mapping[int, JsonObject], decks: JsonObject
) -> Iterator[Flaw]:
    rows = select_by_id(
        conn,
        "SELECT cards.id, did, odid, CAST(ord AS integer), mid"
        " FROM cards LEFT JOIN notes ON notes.id = nid WHERE cards.id IN ({ids})",
        ids,
    )
    for card_id, did, odid, ordinal, mid in rows:
        notetype = notetypes.get(mid)
        if str(did) not in decks or (odid and str(odid) not in decks):
            yield "deck", str(card_id)
        if notetype is None:
            yield "note", str(card_id)
        elif not is_cloze(notetype) and ordinal >= len(notetype["tmpls"]):
            yield "template", str(card_id)
    twice = select_by_id(
        conn,
        "SELECT nid, ord FROM cards WHERE nid IN (SELECT nid FROM cards WHERE id IN ({ids}))"
        " GROUP BY nid, ord HAVING count(*) > 1",
        ids,
    )
    yield from (("sibling", f"{nid} {ordinal}") for nid, ordinal in twice)


def _flaws_of_notes(
    conn: sqlite3.Connection, ids: set[int], notetypes: Mapping[int, JsonObject]
) -> Iterator[Flaw]:
    for note_id, mid, flds in select_by_id(
        conn, "SELECT id, mid, flds FROM notes WHERE id IN ({ids})", ids
    ):
        notetype = notetypes.get(mid)
        if notetype is None or len(notetype["flds"]) != text_of(flds).count(FIELD_SEPARATOR) + 1:
            yield "fields", str(note_id)
