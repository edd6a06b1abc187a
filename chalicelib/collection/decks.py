"""Decks: the tree, adding, renaming and deleting. `col.decks` in the file."""

import sqlite3
from collections.abc import Sequence
from dataclasses import dataclass

from chalicelib.collection import graves
from chalicelib.collection.col import (
    JsonObject,
    dump,
    read_document,
    server_usn,
    write_document,
)
from chalicelib.collection.deck_names import (
    SEPARATOR,
    check_levels,
    is_within,
    name_key,
    parent_name,
    tree_order,
)
from chalicelib.collection.documents import DEFAULT_DECK_ID, new_deck
from chalicelib.collection.entries import entries_of
from chalicelib.collection.filtered import return_cards_home
from chalicelib.errors import BadInputError, DeckExistsError, NotFoundError

NO_SUCH_DECK = "There is no such deck."

_BLANK = "blank"


@dataclass(frozen=True, slots=True)
class Deletion:
    """How much went with a deleted deck."""

    decks: int
    cards: int
    notes: int


def decks_by_id(document: JsonObject) -> dict[int, JsonObject]:
    """The decks of `col.decks`, each with a name and with `dyn`, whatever the file says."""
    return {deck_id: _named(deck) for deck_id, deck in entries_of(document)}


def _named(deck: JsonObject) -> JsonObject:
    if isinstance(deck.get("name"), str) and "dyn" in deck:
        return deck
    name = deck.get("name")
    return {"dyn": 0, **deck, "name": name if isinstance(name, str) else _BLANK}


class Decks:
    """All decks of a collection, read once; `save` writes them back.

    A value of one transaction: read it, change it, save it, drop it.
    """

    def __init__(self, conn: sqlite3.Connection) -> None:
        self._conn = conn
        self.by_id = decks_by_id(read_document(conn, "decks"))
        self._keys = {deck_id: name_key(deck["name"]) for deck_id, deck in self.by_id.items()}
        self._ids = {key: deck_id for deck_id, key in self._keys.items()}

    def get(self, deck_id: int) -> JsonObject:
        """The deck. Raises NotFoundError."""
        deck = self.by_id.get(deck_id)
        if deck is None:
            raise NotFoundError(NO_SUCH_DECK)
        return deck

    def find(self, name: str) -> JsonObject | None:
        """The deck of this name in any case."""
        deck_id = self._ids.get(name_key(name))
        return None if deck_id is None else self.by_id[deck_id]

    def parent(self, deck: JsonObject) -> JsonObject | None:
        name = parent_name(deck["name"])
        return None if name is None else self.find(name)

    def with_ancestors(self, deck_id: int) -> list[JsonObject]:
        """The deck and all its parents, nearest first."""
        found = []
        deck: JsonObject | None = self.get(deck_id)
        while deck is not None:
            found.append(deck)
            deck = self.parent(deck)
        return found

    def within(self, deck_id: int) -> list[JsonObject]:
        """The deck and all its subdecks, in tree order. Raises NotFoundError."""
        self.get(deck_id)
        root = self._keys[deck_id]
        subdecks = [other for other, key in self._keys.items() if key.startswith(root + SEPARATOR)]
        subdecks.sort(key=lambda subdeck_id: self._keys[subdeck_id].split(SEPARATOR))
        return [self.by_id[found] for found in (deck_id, *subdecks) if found in self.by_id]

    def in_tree_order(self) -> list[JsonObject]:
        return sorted(self.by_id.values(), key=lambda deck: tree_order(deck["name"]))

    def add(self, deck: JsonObject) -> None:
        key = name_key(deck["name"])
        self.by_id[deck["id"]], self._keys[deck["id"]], self._ids[key] = deck, key, deck["id"]

    def mark_changed(self, deck: JsonObject, now_ms: int) -> None:
        deck["mod"] = now_ms // 1000
        deck["usn"] = server_usn(self._conn)

    def save(self, now_ms: int) -> None:
        document = {str(deck_id): deck for deck_id, deck in self.by_id.items()}
        # One statement, because each rewrites the whole row of `col`.
        self._conn.execute(
            "UPDATE col SET decks = ?, mod = max(mod + 1, ?)", (dump(document), now_ms)
        )


def add_deck(
    conn: sqlite3.Connection,
    name: str,
    *,
    now_ms: int,
    max_decks: int,
    description: str = "",
) -> JsonObject:
    """Make a deck and the parents it lacks; `name` is normalised.

    Raises DeckExistsError, and BadInputError when there would be more than `max_decks`.
    """
    decks = Decks(conn)
    if decks.find(name) is not None:
        raise DeckExistsError
    made = _with_parents(conn, decks, name, now_ms, max_decks)
    made["desc"] = description
    decks.save(now_ms)
    return made


def _with_parents(
    conn: sqlite3.Connection, decks: Decks, name: str, now_ms: int, max_decks: int
) -> JsonObject:
    """The deck of this name, made where it or a parent is missing.

    A parent that is there keeps its own spelling, as in Anki.
    """
    deck: JsonObject = {}
    for part in name.split(SEPARATOR):
        if deck:
            _refuse_filtered(deck)
        wanted = f"{deck['name']}{SEPARATOR}{part}" if deck else part
        deck = decks.find(wanted) or _make(conn, decks, wanted, now_ms, max_decks)
    return deck


def _refuse_filtered(parent: JsonObject) -> None:
    if parent["dyn"]:
        raise BadInputError(fields={"name": "a filtered deck cannot have subdecks"})


def _make(
    conn: sqlite3.Connection, decks: Decks, name: str, now_ms: int, max_decks: int
) -> JsonObject:
    if len(decks.by_id) >= max_decks:
        raise BadInputError(f"A collection can have at most {max_decks} decks.")
    deck_id = now_ms
    while deck_id in decks.by_id:
        deck_id += 1
    deck = new_deck(deck_id=deck_id, name=name, now_s=now_ms // 1000, usn=server_usn(conn))
    decks.add(deck)
    return deck


def change_deck(
    conn: sqlite3.Connection,
    deck_id: int,
    *,
    now_ms: int,
    max_decks: int,
    name: str | None = None,
    description: str | None = None,
) -> None:
    """Change what is given; a new name, which is normalised, moves the subdecks along.

    Raises NotFoundError, DeckExistsError, and BadInputError for too deep a tree and for too many
    decks.
    """
    decks = Decks(conn)
    deck = decks.get(deck_id)
    before = dict(deck)
    if name is not None:
        _rename(conn, decks, deck, name, now_ms, max_decks)
    if description is not None:
        deck["desc"] = description
    if deck != before:
        decks.mark_changed(deck, now_ms)
        decks.save(now_ms)


def _rename(
    conn: sqlite3.Connection,
    decks: Decks,
    deck: JsonObject,
    name: str,
    now_ms: int,
    max_decks: int,
) -> None:
    old = deck["name"]
    if name == old:
        return
    taken = decks.find(name)
    if taken is not None and taken is not deck:
        raise DeckExistsError
    if name_key(name).startswith(name_key(old) + SEPARATOR):
        raise BadInputError(fields={"name": "a deck cannot be moved into itself"})
    moving = [child for child in decks.by_id.values() if is_within(child["name"], old)]
    parent = parent_name(name)
    if parent is not None:
        found = _with_parents(conn, decks, parent, now_ms, max_decks)
        _refuse_filtered(found)
        name = found["name"] + name[len(parent) :]
    for child in moving:
        child["name"] = name + child["name"][len(old) :]
        check_levels(child["name"])
        decks.mark_changed(child, now_ms)


def delete_deck(conn: sqlite3.Connection, deck_id: int, now_ms: int) -> Deletion:
    """Delete a deck, its subdecks, their cards and the notes left without one, with graves.

    A filtered deck gives its cards back first. Raises NotFoundError, and BadInputError for the
    default deck.
    """
    decks = Decks(conn)
    doomed = decks.within(deck_id)
    if any(deck["id"] == DEFAULT_DECK_ID for deck in doomed):
        raise BadInputError("The default deck, here or among the subdecks, cannot be deleted.")
    for deck in doomed:
        if deck["dyn"]:
            return_cards_home(conn, deck["id"], now_ms)
    gone = [deck["id"] for deck in doomed]
    removed = graves.delete_cards_of_decks(conn, gone)
    for gone_id in gone:
        graves.bury_deck(conn, gone_id)
        del decks.by_id[gone_id]
    decks.save(now_ms)
    _forget_current(conn, gone)
    return Deletion(decks=len(gone), cards=removed.cards, notes=removed.notes)


def _forget_current(conn: sqlite3.Connection, gone: Sequence[int]) -> None:
    conf = read_document(conn, "conf")
    active = conf.get("activeDecks")
    chosen = [conf.get("curDeck"), *(active if isinstance(active, list) else ())]
    if any(deck_id in chosen for deck_id in gone):
        conf["curDeck"] = DEFAULT_DECK_ID
        conf["activeDecks"] = [DEFAULT_DECK_ID]
        write_document(conn, "conf", conf)
