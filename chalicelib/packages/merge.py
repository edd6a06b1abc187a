"""Merging an uploaded collection into the open one, as Anki imports an .apkg file.

Source: Anki's rslib/src/import_export/package/apkg/import/mod.rs.
"""

import sqlite3
from collections.abc import Iterator, Mapping

from chalicelib.collection.col import read_document
from chalicelib.collection.day import timing_at
from chalicelib.packages.gathered import Gathered
from chalicelib.packages.import_options import ImportOptions
from chalicelib.packages.join_notetypes import NotetypeJoiner
from chalicelib.packages.merge_cards import MergedCards, add_cards, merge_cards
from chalicelib.packages.merge_decks import merge_decks, merge_options
from chalicelib.packages.merge_notes import MergedNotes, NoteRules, merge_notes
from chalicelib.packages.merge_notetypes import merge_notetypes
from chalicelib.packages.note_places import Places
from chalicelib.packages.report import ImportLog, ImportReport
from chalicelib.packages.review_log import AddedReviews, with_card_ids
from chalicelib.packages.source import SourceCollection
from chalicelib.packages.source_rows import ReviewRow
from chalicelib.packages.target import Target
from chalicelib.packages.wanted_media import is_static


def import_package(
    conn: sqlite3.Connection,
    source: SourceCollection,
    options: ImportOptions,
    *,
    now_ms: int,
    media: Mapping[str, str],
) -> ImportReport:
    """Merge `source` into the collection of `conn`, inside the caller's transaction.

    It touches nothing but `conn` and may be run again on another state of it. Notes are matched
    by guid, notetypes by id and structure, decks by name. Cards that are here already keep their
    schedule. `media` are the files that were stored, each with its name here.

    Raises UnusableFileError and TooLargeError, also after it has changed rows: roll back.
    """
    return _Import(Target(conn, now_ms), Gathered(source, options), options, media).run()


class _Import:
    def __init__(
        self, target: Target, source: Gathered, options: ImportOptions, media: Mapping[str, str]
    ) -> None:
        self._target = target
        self._source = source
        self._options = options
        self._media = media
        self._log = ImportLog()

    def run(self) -> ImportReport:
        notes, cards, reviews = self._merge()
        return ImportReport.of(
            notes.counts,
            cards=len(cards.by_source_id),
            revlog=reviews,
            media=len(self._media),
            log=self._log,
        )

    def _merge(self) -> tuple[MergedNotes, MergedCards, int]:
        joiner = NotetypeJoiner(self._target, self._options.update_notetypes)
        notetypes = (
            joiner.merge(self._source)
            if self._options.merge_notetypes
            else merge_notetypes(self._target, self._source, self._options.update_notetypes)
        )
        renamed = {name: here for name, here in self._media.items() if not is_static(name)}
        rules = NoteRules(notetypes, self._options.update_notes, renamed)
        notes = merge_notes(self._target, self._source, rules, self._log)
        cards = self._merge_cards(notes, notetypes.places)
        reviews = AddedReviews(self._target, cards.added)
        reviews.add(self._reviews_of(cards))
        add_cards(self._target, cards, reviews)
        self._target.save()
        joiner.remove_given_up()
        return notes, cards, reviews.count

    def _merge_cards(self, notes: MergedNotes, places: Places) -> MergedCards:
        days = self._days()
        merge_options(self._target, self._source)
        decks = merge_decks(self._target, self._source, *days)
        return merge_cards(
            self._target, self._source, notes.by_source_id, places, decks, days, self._log
        )

    def _reviews_of(self, cards: MergedCards) -> Iterator[list[ReviewRow]]:
        """Of cards that are here already, our own reviews are all there are."""
        ids = cards.by_source_id
        for reviews in self._source.reviews(self._log):
            yield with_card_ids([review for review in reviews if review[1] in ids], ids)

    def _days(self) -> tuple[int, int]:
        """Today's number in the source and here, both where the person is now."""
        target = self._target
        local_offset = read_document(target.conn, "conf").get("localOffset")
        today = timing_at(target.conn, target.now_ms).today
        return self._source.today(target.now_s, local_offset), today
