"""The decks that the rows of a text file go to; those that are missing are made.

Source of the rules: Anki's rslib/src/import_export/text/import.rs, rslib/src/decks/addupdate.rs.
"""

from chalicelib.collection.col import JsonObject
from chalicelib.collection.deck_names import MAX_LEVELS, SEPARATOR
from chalicelib.collection.documents import new_deck
from chalicelib.collection.ids import new_document_id
from chalicelib.errors import TooLargeError
from chalicelib.packages.target import Target
from chalicelib.packages.text.limits import TextLimits
from chalicelib.packages.text.lookup import deck_name
from chalicelib.packages.text.vocabulary import NameOrId


class NoDeckError(Exception):
    """The row's deck cannot be had; its text says what the log is to say."""


class FilteredDeckError(NoDeckError):
    """The row names a filtered deck, or one below it."""


class DeckFinder:
    """Finds decks by name or id, or makes them, in one import."""

    def __init__(self, target: Target, limits: TextLimits) -> None:
        self._target = target
        self._limits = limits
        self._found: dict[NameOrId, int] = {}

    def deck_id(self, wanted: NameOrId) -> int:
        """The deck for new cards.

        Raises NoDeckError, FilteredDeckError, and TooLargeError for too many decks.
        """
        if wanted not in self._found:
            self._found[wanted] = self._id_of(wanted)
        return self._found[wanted]

    def _id_of(self, wanted: NameOrId) -> int:
        decks = self._target.decks
        name = deck_name(str(wanted))
        by_id = decks.by_id.get(wanted) if isinstance(wanted, int) else None
        deck = by_id or decks.find(name)
        if deck is None and isinstance(wanted, int):
            raise NoDeckError("Rows for a deck that is not there left out")
        return int(_taking_cards(deck or self._make(name))["id"])

    def _make(self, name: str) -> JsonObject:
        """The deck of this name with the parents it lacks; those it has keep their spelling."""
        levels = name.split(SEPARATOR)
        longest = max(len(level) for level in levels)
        if len(levels) > MAX_LEVELS or longest > self._limits.deck_name_length:
            raise NoDeckError("Rows for a deck with too long a name left out")
        deck = self._child("", levels[0])
        for level in levels[1:]:
            deck = self._child(_taking_cards(deck)["name"] + SEPARATOR, level)
        return deck

    def _child(self, prefix: str, level: str) -> JsonObject:
        target = self._target
        found = target.decks.find(prefix + level)
        if found is not None:
            return found
        if len(target.decks.by_id) >= self._limits.decks:
            raise TooLargeError(f"A collection can have at most {self._limits.decks} decks.")
        taken = {str(deck_id) for deck_id in target.decks.by_id}
        deck = new_deck(
            deck_id=new_document_id(taken, target.now_ms),
            name=prefix + level,
            now_s=target.now_s,
            usn=target.usn,
        )
        target.decks.add(deck | {"collapsed": True, "browserCollapsed": True})
        target.mark_changed("decks")
        return target.decks.get(deck["id"])


def _taking_cards(deck: JsonObject) -> JsonObject:
    if deck["dyn"]:
        raise FilteredDeckError("Rows for a filtered deck left out")
    return deck
