"""What of a source collection is merged: all of it, or what is left without its scheduling.

Source: Anki's rslib/src/import_export/gather.rs.
"""

from collections.abc import Iterator

from msgspec.structs import replace

from chalicelib.collection.col import JsonObject
from chalicelib.collection.documents import DEFAULT_DECK_ID, DEFAULT_OPTIONS_ID
from chalicelib.collection.tags import join_tags, split_tags
from chalicelib.packages.fsrs_parameters import NO_FSRS_PARAMETERS
from chalicelib.packages.import_options import ImportOptions
from chalicelib.packages.report import ImportLog
from chalicelib.packages.schedules import made_new, position_of, taken_home
from chalicelib.packages.source import SourceCollection
from chalicelib.packages.source_decks import DecksInUse, as_normal
from chalicelib.packages.source_documents import unknown_of_deck
from chalicelib.packages.source_rows import ReviewRow, SourceCard, SourceNote

_STUDY_TAGS = frozenset({"marked", "leech"})
_NOT_STUDIED: JsonObject = {
    **{key: [0, 0] for key in ("lrnToday", "revToday", "newToday", "timeToday")},
    "collapsed": False,
    "browserCollapsed": False,
    **dict.fromkeys(("reviewLimit", "newLimit", "reviewLimitToday", "newLimitToday")),
    "extendNew": 0,
    "extendRev": 0,
}


class Gathered:
    """A source collection as it is to be merged; `decks` are those in use, by id."""

    def __init__(self, source: SourceCollection, options: ImportOptions) -> None:
        self.col = source.col
        self.limits = source.limits
        self.notetype_ids = source.notetype_ids()
        self._source = source
        self._with_scheduling = options.with_scheduling
        if options.with_scheduling:
            in_use = DecksInUse(source.col.decks, source.deck_pairs())
            self._keeps_filtered = in_use.keeps_filtered
            self.decks = in_use.decks
        else:
            in_use = DecksInUse(source.col.decks, {(did, did) for did, _ in source.deck_pairs()})
            self._keeps_filtered = False
            self.decks = {
                deck_id: _not_studied(deck)
                for deck_id, deck in in_use.decks.items()
                if deck_id != DEFAULT_DECK_ID
            }
        if not options.with_deck_configs:
            self.decks = {
                deck_id: deck if deck["dyn"] else deck | {"conf": DEFAULT_OPTIONS_ID}
                for deck_id, deck in self.decks.items()
            }

    def options(self, options_id: int) -> JsonObject:
        """An option group; without scheduling, without what FSRS knows of somebody's memory."""
        options = self.col.options[options_id]
        return options if self._with_scheduling else {**options, **NO_FSRS_PARAMETERS}

    def today(self, now_s: int, local_offset: int | None) -> int:
        """As `SourceCollection.today`."""
        return self._source.today(now_s, local_offset)

    def notes(self, log: ImportLog) -> Iterator[SourceNote]:
        """The notes by id."""
        notes = self._source.notes(log)
        return notes if self._with_scheduling else map(_without_study_tags, notes)

    def cards(self, log: ImportLog) -> Iterator[SourceCard]:
        """The cards by id."""
        cards = self._source.cards(log)
        if not self._with_scheduling:
            return self._made_new(cards)
        return cards if self._keeps_filtered else map(taken_home, cards)

    def reviews(self, log: ImportLog) -> Iterator[list[ReviewRow]]:
        """The review log by time, many at once."""
        return self._source.reviews(log) if self._with_scheduling else iter(())

    def _made_new(self, cards: Iterator[SourceCard]) -> Iterator[SourceCard]:
        """At their old places in the queue of new cards, or after all others."""
        following = self._source.col.next_position
        for card in cards:
            position = position_of(card)
            yield made_new(card, following if position is None else position)
            following += position is None


def _not_studied(deck: JsonObject) -> JsonObject:
    reset = as_normal(deck) | _NOT_STUDIED
    return {key: value for key, value in reset.items() if key not in unknown_of_deck(deck)}


def _without_study_tags(note: SourceNote) -> SourceNote:
    """Without the tags that tell how somebody got on with the note."""
    tags = split_tags(note.tags)
    kept = [tag for tag in tags if tag.lower() not in _STUDY_TAGS]
    return note if kept == tags else replace(note, tags=join_tags(kept))


SourceRows = Gathered | SourceCollection
