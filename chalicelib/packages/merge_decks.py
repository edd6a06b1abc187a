"""Decks and option groups of a source collection, matched by name and by id.

Source: Anki's rslib/src/import_export/package/apkg/import/decks.rs.
"""

from chalicelib.collection.col import JsonObject
from chalicelib.collection.deck_names import SEPARATOR, level
from chalicelib.collection.documents import DEFAULT_DECK_ID, DEFAULT_OPTIONS_ID, new_deck
from chalicelib.collection.ids import new_document_id
from chalicelib.errors import TooLargeError
from chalicelib.packages.gathered import Gathered
from chalicelib.packages.source_documents import FILTERED_KEYS
from chalicelib.packages.target import Target

_DAY_LIMITS = ("newLimitToday", "reviewLimitToday")
_LIMITS = ("reviewLimit", "newLimit", *_DAY_LIMITS)


def merge_options(target: Target, source: Gathered) -> None:
    """Add the option groups that imported decks use; one of a known id stays as it is here."""
    for deck in source.decks.values():
        options_id = deck.get("conf")
        if options_id is None or str(options_id) in target.options:
            continue
        target.options[str(options_id)] = source.options(options_id) | {"usn": target.usn}
        target.mark_changed("dconf")


def merge_decks(target: Target, source: Gathered, source_today: int, today: int) -> dict[int, int]:
    """Add or update the decks that cards use; for each source id, the one to use here."""
    merger = _DeckMerger(target, source_today, today, source.limits.decks)
    decks = sorted(source.decks.values(), key=lambda deck: level(deck["name"]))
    merged = {deck["id"]: merger.merge(dict(deck)) for deck in decks}
    return {DEFAULT_DECK_ID: DEFAULT_DECK_ID} | merged


class _DeckMerger:
    def __init__(self, target: Target, source_today: int, today: int, most_decks: int) -> None:
        self._target = target
        self._source_today = source_today
        self._today = today
        self._most_decks = most_decks
        self._renamed: dict[str, str] = {}

    def merge(self, deck: JsonObject) -> int:
        """The id of the deck here that takes this deck's place."""
        deck["name"] = self._below_renamed_parent(deck["name"])
        self._shift_day_limits(deck)
        existing = self._target.decks.find(deck["name"])
        if existing is not None:
            if bool(existing["dyn"]) == bool(deck["dyn"]):
                return self._update(existing, deck)
            deck["name"] = self._rename(deck["name"])
        deck["name"] = self._with_parents(deck["name"])
        return self._add(deck)

    def _below_renamed_parent(self, name: str) -> str:
        for old, new in self._renamed.items():
            if name.startswith(old + SEPARATOR):
                return new + name[len(old) :]
        return name

    def _rename(self, name: str) -> str:
        """A name beside one that a deck of the other kind has."""
        self._renamed[name] = f"{name} {self._target.now_s}"
        return self._renamed[name]

    def _shift_day_limits(self, deck: JsonObject) -> None:
        """A limit for today stays one for today, any other one must not become one."""
        for key in _DAY_LIMITS:
            limit = deck.get(key)
            if limit is None:
                continue
            if limit["today"] == self._source_today:
                deck[key] = limit | {"today": self._today}
            elif self._today > 0:
                deck[key] = limit | {"today": min(limit["today"], self._today - 1)}
            else:
                deck[key] = None

    def _with_parents(self, name: str) -> str:
        """Make the parents that are missing; returns the name in their spelling."""
        *above, own = name.split(SEPARATOR)
        path: list[str] = []
        for part in above:
            path = self._parent(SEPARATOR.join([*path, part])).split(SEPARATOR)
        return SEPARATOR.join([*path, own])

    def _parent(self, name: str) -> str:
        found = self._target.decks.find(name)
        if found is not None and found["dyn"]:
            return self._parent(self._rename(found["name"]))
        if found is None:
            deck = new_deck(deck_id=0, name=name, now_s=0, usn=0)
            self._add(deck | {"collapsed": True, "browserCollapsed": True})
        return found["name"] if found else name

    def _add(self, deck: JsonObject) -> int:
        taken = {str(deck_id) for deck_id in self._target.decks.by_id}
        if len(taken) >= self._most_decks:
            raise TooLargeError(f"A collection can have at most {self._most_decks} decks.")
        deck["id"] = new_document_id(taken, self._target.now_ms)
        while self._target.decks.find(deck["name"]):
            deck["name"] += "+"
        self._store(deck)
        return int(deck["id"])

    def _update(self, existing: JsonObject, deck: JsonObject) -> int:
        changes = _filtered_changes(deck) if deck["dyn"] else _normal_changes(deck)
        if any(existing.get(key, False) != value for key, value in changes.items()):
            self._store(existing | changes)
        return int(existing["id"])

    def _store(self, deck: JsonObject) -> None:
        self._target.decks.mark_changed(deck, self._target.now_ms)
        self._target.decks.add(deck)
        self._target.mark_changed("decks")


def _normal_changes(deck: JsonObject) -> JsonObject:
    """What an imported deck says louder than ours: its description, options and limits."""
    changes = {key: deck[key] for key in _LIMITS if deck[key] is not None}
    if deck["desc"]:
        changes |= {"desc": deck["desc"], "md": deck["md"]}
    if deck["conf"] != DEFAULT_OPTIONS_ID:
        changes["conf"] = deck["conf"]
    return changes


def _filtered_changes(deck: JsonObject) -> JsonObject:
    return {key: deck[key] for key in FILTERED_KEYS}
