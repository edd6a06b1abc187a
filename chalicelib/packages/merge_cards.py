"""Cards of a source collection, for notes that were merged.

Source: Anki's rslib/src/import_export/package/apkg/import/cards.rs. A card that is here already
stays as it is, with its own history.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from operator import attrgetter

from chalicelib.collection.col import JsonObject
from chalicelib.collection.documents import DEFAULT_DECK_ID
from chalicelib.collection.notetypes.lookup import is_cloze
from chalicelib.packages.merge_notes import MergedNote
from chalicelib.packages.report import ImportLog
from chalicelib.packages.schedules import rebased, within_reason
from chalicelib.packages.source import SourceCollection
from chalicelib.packages.source_rows import CARD_COLUMNS, SourceCard
from chalicelib.packages.target import FreeIds, Target
from chalicelib.scheduler.states import CardType

_columns_of = attrgetter(*CARD_COLUMNS.split(", "))
_INSERT = (
    f"INSERT INTO cards ({CARD_COLUMNS}, usn)"
    f" VALUES ({', '.join('?' * len(CARD_COLUMNS.split(', ')))}, ?)"
)


@dataclass(slots=True)
class MergedCards:
    """Added cards: their ids here by their source ids, and `data` of those not new, by id here."""

    by_source_id: dict[int, int] = field(default_factory=dict)
    studied: dict[int, str] = field(default_factory=dict)


def merge_cards(
    target: Target,
    source: SourceCollection,
    notes: Mapping[int, MergedNote],
    decks: Mapping[int, int],
    days: tuple[int, int],
    log: ImportLog,
) -> MergedCards:
    """Add the cards that are not here yet; `days` are today's number there and here."""
    merger = _CardMerger(target, decks, days, log)
    for card in source.cards(log):
        note = notes.get(card.nid)
        if note is not None:
            merger.merge(card, note)
    if merger.merged.by_source_id:
        target.mark_rows_changed()
    return merger.merged


class _CardMerger:
    def __init__(
        self, target: Target, decks: Mapping[int, int], days: tuple[int, int], log: ImportLog
    ) -> None:
        self.merged = MergedCards()
        self._target = target
        self._decks = decks
        source_today, self._today = days
        self._days_ahead = source_today - self._today
        self._log = log
        rows = target.conn.execute("SELECT nid, ord, id FROM cards").fetchall()
        self._present = {(nid, ordinal) for nid, ordinal, _ in rows}
        self._added: set[tuple[int, int]] = set()
        self._ids = FreeIds((card_id for _, _, card_id in rows), target.now_ms)

    def merge(self, card: SourceCard, note: MergedNote) -> None:
        """Add one card unless its note has one of that template already."""
        place = (note.id, card.ord)
        if not _has_template(note.notetype, card.ord):
            self._log.add("Cards of no template of their notetype left out")
        elif place in self._added:
            self._log.add("Doubled cards left out")
        elif place not in self._present:
            self._added.add(place)
            self._insert(self._settled(replace(card, nid=note.id)))

    def _settled(self, card: SourceCard) -> SourceCard:
        """The card in our decks and by our calendar."""
        card = self._in_our_deck(card)
        reasonable = within_reason(rebased(card, self._days_ahead), self._today)
        return replace(reasonable, mod=min(card.mod, self._target.now_s))

    def _in_our_deck(self, card: SourceCard) -> SourceCard:
        deck_id = self._decks.get(card.did)
        if deck_id is None:
            self._log.add("Cards without a deck put into the default deck")
            return replace(card, did=DEFAULT_DECK_ID, odid=0, odue=0)
        if not card.odid or not self._target.decks.get(deck_id)["dyn"]:
            return replace(card, did=deck_id, odid=0, odue=0 if card.odid else card.odue)
        return replace(card, did=deck_id, odid=self._decks.get(card.odid, DEFAULT_DECK_ID))

    def _insert(self, card: SourceCard) -> None:
        card_id = self._ids.take(card.id)
        self.merged.by_source_id[card.id] = card_id
        if card.type != CardType.NEW:
            self.merged.studied[card_id] = card.data
        columns = _columns_of(replace(card, id=card_id))
        self._target.conn.execute(_INSERT, (*columns, self._target.usn))


def _has_template(notetype: JsonObject, ordinal: int) -> bool:
    return is_cloze(notetype) or ordinal < len(notetype["tmpls"])
