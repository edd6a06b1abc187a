"""Which decks of a source collection are taken over.

Source: Anki's rslib/src/import_export/gather.rs.
"""

from collections.abc import Collection

from chalicelib.collection.col import JsonObject
from chalicelib.collection.deck_names import ancestor_names, name_key
from chalicelib.collection.documents import DEFAULT_DECK_ID, DEFAULT_OPTIONS_ID, new_deck


class DecksInUse:
    """The decks that cards are in or were lent from, with their parents, by id.

    `keeps_filtered` says whether all lent cards can go home. Packages for old versions of Anki
    leave out the decks they came from; then filtered decks become normal ones with their cards.
    """

    def __init__(self, decks: dict[int, JsonObject], pairs: Collection[tuple[int, int]]) -> None:
        used = {deck_id for pair in pairs for deck_id in pair}
        self.decks = {deck_id: deck for deck_id, deck in decks.items() if deck_id in used}
        self._add_parents(decks)
        self.keeps_filtered = all(self._can_go_home(*pair) for pair in pairs)
        if not self.keeps_filtered:
            self.decks = {deck_id: as_normal(deck) for deck_id, deck in self.decks.items()}

    def _add_parents(self, decks: dict[int, JsonObject]) -> None:
        by_name = {name_key(deck["name"]): deck for deck in decks.values()}
        for deck in list(self.decks.values()):
            for name in reversed(ancestor_names(deck["name"])):
                parent = by_name.get(name_key(name))
                if parent is None:
                    break
                self.decks[parent["id"]] = parent

    def _can_go_home(self, deck_id: int, home_deck_id: int) -> bool:
        if home_deck_id == 0:
            return deck_id in self.decks and not self.decks[deck_id]["dyn"]
        return home_deck_id == DEFAULT_DECK_ID or home_deck_id in self.decks


def as_normal(deck: JsonObject) -> JsonObject:
    """The deck, as a normal one with Anki's own options where it was a filtered one."""
    if not deck["dyn"]:
        return deck
    normal = new_deck(
        deck_id=deck["id"],
        name=deck["name"],
        now_s=deck["mod"],
        usn=deck["usn"],
        options_id=DEFAULT_OPTIONS_ID,
    )
    kept = ("lrnToday", "revToday", "newToday", "timeToday", "collapsed", "browserCollapsed")
    return normal | {key: deck[key] for key in kept}
