"""Cards of a source collection, for notes that were merged.

Source: Anki's rslib/src/import_export/package/apkg/import/cards.rs. A card that is here already
stays as it is, with its own history.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field

from msgspec.structs import astuple, replace

from chalicelib.collection.col import JsonObject
from chalicelib.collection.documents import DEFAULT_DECK_ID
from chalicelib.collection.notetypes.lookup import is_cloze
from chalicelib.packages.gathered import SourceRows
from chalicelib.packages.merge_notes import MergedNote
from chalicelib.packages.note_places import Places
from chalicelib.packages.report import ImportLog
from chalicelib.packages.review_log import AddedReviews, with_last_reviews
from chalicelib.packages.schedules import rebased, within_reason
from chalicelib.packages.source_rows import CARD_COLUMNS, SourceCard
from chalicelib.packages.target import FreeIds, RowWriter, Target

_COLUMNS = len(CARD_COLUMNS.split(", "))
_INSERT = f"INSERT INTO cards ({CARD_COLUMNS}, usn) VALUES ({', '.join('?' * _COLUMNS)}, ?)"


@dataclass(slots=True)
class MergedCards:
    """Cards to be added, and their ids here by their source ids."""

    added: list[SourceCard] = field(default_factory=list)
    by_source_id: dict[int, int] = field(default_factory=dict)


def merge_cards(
    target: Target,
    source: SourceRows,
    notes: Mapping[int, MergedNote],
    places: Places,
    decks: Mapping[int, int],
    days: tuple[int, int],
    log: ImportLog,
) -> MergedCards:
    """Find the cards that are not here yet; `days` are today's number there and here."""
    merger = _CardMerger(target, decks, days, log)
    for card in source.cards(log):
        note = notes.get(card.nid)
        if note is not None:
            ordinal = places.ordinal_of(note.source_notetype_id, card.ord)
            merger.merge(card if ordinal == card.ord else replace(card, ord=ordinal), note)
    return merger.merged


def add_cards(target: Target, cards: MergedCards, reviews: AddedReviews) -> None:
    """Add cards, whose reviews were added: what a card tells of the last one follows from them."""
    rows = RowWriter(target.conn, _INSERT)
    for card in with_last_reviews(cards.added, reviews):
        rows.add((*astuple(card)[:_COLUMNS], target.usn))
    rows.flush()
    if cards.added:
        target.mark_rows_changed()


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
            self.merged.added.append(self._settled(card, note.id))

    def _settled(self, card: SourceCard, note_id: int) -> SourceCard:
        """The card of our note in our decks and by our calendar."""
        did, odid, odue = self._our_decks(card)
        card = replace(
            card,
            id=self._new_id(card.id),
            nid=note_id,
            did=did,
            odid=odid,
            odue=odue,
            mod=min(card.mod, self._target.now_s),
        )
        return within_reason(rebased(card, self._days_ahead), self._today)

    def _new_id(self, source_id: int) -> int:
        card_id = self.merged.by_source_id[source_id] = self._ids.take(source_id)
        return card_id

    def _our_decks(self, card: SourceCard) -> tuple[int, int, int]:
        """`did`, `odid` and `odue` of the card here."""
        deck_id = self._decks.get(card.did)
        if deck_id is None:
            self._log.add("Cards without a deck put into the default deck")
            return DEFAULT_DECK_ID, 0, 0
        if not card.odid or not self._target.decks.get(deck_id)["dyn"]:
            return deck_id, 0, 0 if card.odid else card.odue
        return deck_id, self._decks.get(card.odid, DEFAULT_DECK_ID), card.odue


def _has_template(notetype: JsonObject, ordinal: int) -> bool:
    return is_cloze(notetype) or ordinal < len(notetype["tmpls"])
