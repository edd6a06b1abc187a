"""A collection that somebody uploaded, as typed, bounded values."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import IO

from chalicelib.collection.col import Document, JsonObject
from chalicelib.errors import TooLargeError
from chalicelib.packages import archive as zip_archive
from chalicelib.packages.archive import Archive, open_archive
from chalicelib.packages.limits import SourceLimits
from chalicelib.packages.media_list import (
    MediaEntry,
    read_latest_media_list,
    read_legacy_media_list,
)
from chalicelib.packages.package_version import MEDIA_LIST, PackageVersion, package_version
from chalicelib.packages.report import ImportLog
from chalicelib.packages.scheduler_v1 import upgraded_card, upgraded_review
from chalicelib.packages.schedules import taken_home
from chalicelib.packages.source_col import read_col, read_document
from chalicelib.packages.source_decks import DecksInUse
from chalicelib.packages.source_documents import DEFAULT_EASE
from chalicelib.packages.source_rows import (
    CARD_COLUMNS,
    NOTE_COLUMNS,
    REVIEW_COLUMNS,
    SourceCard,
    SourceNote,
    SourceReview,
    card_from,
    note_from,
    review_from,
)
from chalicelib.packages.sqlite_source import SourceDatabase, open_database, private_file
from chalicelib.scheduler.timing import day_timing

_DECK_PAIRS = (
    "SELECT DISTINCT did, odid FROM cards NOT INDEXED"
    " WHERE nid IN (SELECT id FROM notes NOT INDEXED)"
    " AND typeof(did) = 'integer' AND typeof(odid) = 'integer'"
)
# Source: Anki's rslib/src/storage/card/fix_low_ease.sql.
_LOW_EASE = 2000


class SourceCollection:
    """An uploaded collection; reading it changes nothing and can be repeated.

    `col` holds its documents, `decks` those that cards or their subdecks are in, and
    `media_files` says how many files the package has beside the collection.
    """

    def __init__(self, database: SourceDatabase, limits: SourceLimits, media_files: int) -> None:
        self._database = database
        self.limits = limits
        self.media_files = media_files
        self._check_size()
        self.col = read_col(database, limits)
        self._in_use = DecksInUse(self.col.decks, self._deck_pairs())
        self.decks = self._in_use.decks
        self._needs_upgrade = self.col.is_scheduled_by_v1 and self._is_studied()

    def document(self, name: Document) -> JsonObject:
        """A document of schema 11 just as the file has it; read anew each time."""
        return read_document(self._database, self.limits, name)

    def today(self, now_s: int, local_offset: int | None) -> int:
        """The day's number in this collection, for a person `local_offset` minutes west of UTC."""
        creation_offset = self.col.creation_offset
        if self._needs_upgrade and creation_offset is None:
            creation_offset = local_offset or 0
        return day_timing(
            now_s=now_s,
            created_s=self.col.created_s,
            creation_offset=creation_offset,
            local_offset=local_offset,
            rollover=self.col.rollover,
        ).today

    def notetype_ids(self) -> list[int]:
        """The notetypes that notes are of, in the order of their ids."""
        sql = "SELECT DISTINCT mid FROM notes NOT INDEXED WHERE typeof(mid) = 'integer'"
        used = {mid for (mid,) in self._database.rows(sql)}
        return sorted(used & self.col.notetypes.keys())

    def notes(self, log: ImportLog) -> Iterator[SourceNote]:
        """The notes by id; what cannot be read is logged."""
        for row in self._database.rows(f"SELECT {NOTE_COLUMNS} FROM notes NOT INDEXED ORDER BY id"):
            note = note_from(row)
            if note is None:
                log.add("Unreadable notes left out")
            else:
                yield note

    def cards(self, log: ImportLog) -> Iterator[SourceCard]:
        """The cards by id, scheduled as a current Anki would have them."""
        for row in self._database.rows(f"SELECT {CARD_COLUMNS} FROM cards NOT INDEXED ORDER BY id"):
            card = card_from(row)
            if card is None:
                log.add("Unreadable cards left out")
                continue
            if card.repaired:
                log.add("Cards with an impossible schedule made new")
            yield self._current(card)

    def reviews(self, log: ImportLog) -> Iterator[SourceReview]:
        """The review log by time."""
        sql = f"SELECT {REVIEW_COLUMNS} FROM revlog NOT INDEXED ORDER BY id"
        for row in self._database.rows(sql):
            review = review_from(row)
            if review is None:
                log.add("Unreadable reviews left out")
            else:
                yield upgraded_review(review) if self._needs_upgrade else review

    def graves(self) -> Iterator[tuple[int, int, int]]:
        """What was deleted: (id, kind, usn); what cannot be read is left out."""
        for row in self._database.rows("SELECT oid, type, usn FROM graves NOT INDEXED"):
            if all(isinstance(cell, int) for cell in row):
                object_id, kind, usn = row
                yield object_id, kind, usn

    def _is_studied(self) -> bool:
        sql = "SELECT 1 FROM cards NOT INDEXED WHERE queue != 0 LIMIT 1"
        return any(True for _ in self._database.rows(sql))

    def _deck_pairs(self) -> set[tuple[int, int]]:
        return {(did, odid) for did, odid in self._database.rows(_DECK_PAIRS)}

    def _check_size(self) -> None:
        counts = {"notes": "notes", "cards": "cards", "reviews": "revlog"}
        for what, table in counts.items():
            ((count,),) = self._database.rows(f"SELECT count(*) FROM {table} NOT INDEXED")
            most = getattr(self.limits, what)
            if count > most:
                raise TooLargeError(f"A file can bring at most {most} {what}.")

    def _current(self, card: SourceCard) -> SourceCard:
        if 0 < card.factor <= _LOW_EASE and self._is_under_low_ease(card):
            card = replace(card, factor=DEFAULT_EASE)
        if self._needs_upgrade:
            deck = self.col.decks.get(card.did) if card.odid else None
            lent_by = deck if deck and deck["dyn"] else None
            card = upgraded_card(card, lent_by, self.col.options_of(card.odid))
        return card if self._in_use.keeps_filtered else taken_home(card)

    def _is_under_low_ease(self, card: SourceCard) -> bool:
        decks = (self.col.decks.get(card.did), self.col.decks.get(card.odid))
        return any(deck and deck.get("conf") in self.col.low_ease_options for deck in decks)


@contextmanager
def open_source(data: bytes, *, limits: SourceLimits, work_dir: Path) -> Iterator[SourceCollection]:
    """Open an uploaded .apkg, .colpkg or .anki2 file; a private copy lives in `work_dir` meanwhile.

    Raises UnusableFileError for anything but a sound collection of schema 11 or 18, alone or in a
    package, and TooLargeError above the limits.
    """
    if len(data) > limits.unpacked_bytes:
        raise TooLargeError(f"A file can have at most {limits.unpacked_bytes} bytes.")
    with private_file(work_dir) as file:
        media_files = _unpack(data, file, limits)
        with open_database(file, limits) as database:
            yield SourceCollection(database, limits, media_files)


def _unpack(data: bytes, file: IO[bytes], limits: SourceLimits) -> int:
    """Write the collection into `file`; returns how many media files are beside it."""
    if not data.startswith(zip_archive.ZIP_MAGIC):
        file.write(data)
        return 0
    with open_archive(data, limits) as archive:
        version = package_version(archive)
        archive.copy(version.collection, file, is_zstd=version.is_zstd)
        return sum(entry.member in archive for entry in media_list(archive, version, limits))


def media_list(archive: Archive, version: PackageVersion, limits: SourceLimits) -> list[MediaEntry]:
    """The media files that a package lists, whether it holds them or not.

    Raises UnusableFileError and TooLargeError.
    """
    if MEDIA_LIST not in archive:
        return []
    data = archive.read(MEDIA_LIST, limits.document_bytes, is_zstd=version.is_zstd)
    read = read_latest_media_list if version.is_zstd else read_legacy_media_list
    return read(data, limits)
