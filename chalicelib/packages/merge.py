"""Merging an uploaded collection into the open one, as Anki imports an .apkg file.

Source: Anki's rslib/src/import_export/package/apkg/import/mod.rs, with scheduling and deck
options taken over, notes and notetypes updated where they are newer.
"""

import sqlite3

from chalicelib.collection.col import read_document
from chalicelib.collection.day import timing_at
from chalicelib.packages.merge_cards import merge_cards
from chalicelib.packages.merge_decks import merge_decks, merge_options
from chalicelib.packages.merge_notes import (
    CONFLICTING,
    NEW,
    UNCHANGED,
    UPDATED,
    merge_notes,
)
from chalicelib.packages.merge_notetypes import merge_notetypes
from chalicelib.packages.merge_reviews import merge_reviews, record_last_reviews
from chalicelib.packages.report import ImportLog, ImportReport
from chalicelib.packages.source import SourceCollection
from chalicelib.packages.target import Target


def import_package(
    conn: sqlite3.Connection, source: SourceCollection, *, now_ms: int
) -> ImportReport:
    """Merge `source` into the collection of `conn`, inside the caller's transaction.

    It touches nothing but `conn` and may be run again on another state of it. Notes are matched
    by guid, and the newer one wins; notetypes by id and structure; decks by name. Cards that are
    here already keep their schedule. Media files are not stored.

    Raises UnusableFileError and TooLargeError, also after it has changed rows: roll back.
    """
    log = ImportLog()
    target = Target(conn, now_ms)
    notetypes = merge_notetypes(target, source)
    notes = merge_notes(target, source, notetypes, log)
    days = _days(target, source)
    merge_options(target, source)
    decks = merge_decks(target, source, *days)
    cards = merge_cards(target, source, notes.by_source_id, decks, days, log)
    reviews = merge_reviews(target, source, cards.by_source_id, log)
    record_last_reviews(target, cards.studied)
    target.save()
    log.add("Media files not stored", source.media_files)
    return ImportReport(
        notes_new=notes.counts[NEW],
        notes_updated=notes.counts[UPDATED],
        notes_unchanged=notes.counts[UNCHANGED],
        notes_conflicting=notes.counts[CONFLICTING],
        cards=len(cards.by_source_id),
        revlog=reviews,
        media=0,
        log=log.lines(),
    )


def _days(target: Target, source: SourceCollection) -> tuple[int, int]:
    """Today's number in the source and here, both where the person is now."""
    local_offset = read_document(target.conn, "conf").get("localOffset")
    return source.today(target.now_s, local_offset), timing_at(target.conn, target.now_ms).today
