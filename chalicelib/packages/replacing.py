"""Making a collection of an uploaded one that takes the whole place of the one that is here.

The file itself is never taken: typed rows are copied into one of our own.
Source: Anki's rslib/src/import_export/package/colpkg/import.rs, which keeps all there is and makes
every client sync in one direction.
"""

import sqlite3
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Self

from chalicelib.collection.col import dump, read_document
from chalicelib.collection.day import timing_at
from chalicelib.collection.schema import SCHEMA_VERSION, create_bare_tables, create_indices
from chalicelib.packages.merge_cards import add_cards, merge_cards
from chalicelib.packages.merge_notes import NoteRules, merge_notes
from chalicelib.packages.note_places import MergedNotetypes, Places
from chalicelib.packages.replacing_documents import ReplacingDocuments
from chalicelib.packages.report import ImportLog, ImportReport
from chalicelib.packages.review_log import AddedReviews, with_card_ids
from chalicelib.packages.source import SourceCollection
from chalicelib.packages.target import Target

# Nobody sees the file before it is whole. The cache, in KB, is what indices are sorted in.
_NEW_FILE = ("journal_mode = OFF", "synchronous = OFF", "cache_size = -16000")


@dataclass(frozen=True, slots=True)
class Predecessor:
    """What stays of the collection that gives way: where the person is, and that time goes on."""

    local_offset: int | None
    modified_ms: int
    schema_ms: int

    @classmethod
    def of(cls, conn: sqlite3.Connection) -> Self:
        """Read it off the collection."""
        offset = read_document(conn, "conf").get("localOffset")
        modified_ms, schema_ms = conn.execute("SELECT mod, scm FROM col").fetchone()
        return cls(offset if isinstance(offset, int) else None, modified_ms, schema_ms)


def make_replacement(
    path: Path, source: SourceCollection, before: Predecessor, *, now_ms: int, media: int
) -> ImportReport:
    """Write a collection with all that is in `source` to the new file at `path`.

    `media` is how many files were stored. Raises UnusableFileError and TooLargeError.
    """
    with closing(sqlite3.connect(path, isolation_level=None)) as conn:
        for pragma in _NEW_FILE:
            conn.execute(f"PRAGMA {pragma}")
        conn.execute("BEGIN")
        create_bare_tables(conn)
        _insert_col(conn, source, before, now_ms)
        report = _merge_all(conn, source, now_ms, media)
        graves = "INSERT INTO graves (oid, type, usn) VALUES (?, ?, 0)"
        conn.executemany(graves, source.graves())
        for table in ("notes", "cards"):
            create_indices(conn, table)
        conn.execute("UPDATE col SET usn = ?", (source.col.usn,))
        conn.execute("COMMIT")
    return report


def _merge_all(
    conn: sqlite3.Connection, source: SourceCollection, now_ms: int, media: int
) -> ImportReport:
    """Merge the rows into a collection that has their notetypes and decks, and nothing else."""
    log = ImportLog()
    target = Target(conn, now_ms)
    notetypes = {notetype["id"]: notetype for notetype in target.notetypes.values()}
    rules = NoteRules(MergedNotetypes(notetypes, Places(), {}, are_joined=False), "never", None)
    notes = merge_notes(target, source, rules, log)
    today = timing_at(conn, now_ms).today
    decks = {deck_id: deck_id for deck_id in target.decks.by_id}
    cards = merge_cards(
        target, source, notes.by_source_id, rules.notetypes.places, decks, (today, today), log
    )
    reviews = (with_card_ids(reviews, cards.by_source_id) for reviews in source.reviews(log))
    added = AddedReviews(target, cards.added)
    added.add(reviews)
    create_indices(conn, "revlog")
    add_cards(target, cards, added)
    return ImportReport.of(
        notes.counts, cards=len(cards.by_source_id), revlog=added.count, media=media, log=log
    )


def _insert_col(
    conn: sqlite3.Connection, source: SourceCollection, before: Predecessor, now_ms: int
) -> None:
    """Its `usn` is 0 for now, so that all rows have that: every client takes all of them anew."""
    documents = ReplacingDocuments(source, before.local_offset, now_ms)
    by_text = [
        dump({str(key): each for key, each in objects.items()})
        for objects in (documents.notetypes, documents.decks, documents.options)
    ]
    conn.execute(
        "INSERT INTO col (id, crt, mod, scm, ver, dty, usn, ls, conf, tags, models, decks, dconf)"
        " VALUES (1, ?, ?, ?, ?, 0, 0, ?, ?, ?, ?, ?, ?)",
        (
            source.col.created_s,
            max(now_ms, before.modified_ms + 1),
            max(now_ms, before.schema_ms + 1),
            SCHEMA_VERSION,
            source.col.last_sync_ms,
            dump(documents.conf),
            dump(documents.tags),
            *by_text,
        ),
    )
