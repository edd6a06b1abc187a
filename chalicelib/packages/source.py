"""A collection that somebody uploaded, as typed, bounded values."""

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Any

from msgspec.structs import astuple, replace

from chalicelib.collection.col import Document, JsonObject
from chalicelib.collection.graves import CARD_GRAVE, DECK_GRAVE, NOTE_GRAVE
from chalicelib.errors import TooLargeError
from chalicelib.packages.archive import ZIP_MAGIC, open_archive
from chalicelib.packages.limits import SourceLimits
from chalicelib.packages.package_version import package_version
from chalicelib.packages.report import ImportLog
from chalicelib.packages.scheduler_v1 import upgraded_card, upgraded_review
from chalicelib.packages.source_col import read_col, read_document
from chalicelib.packages.source_documents import DEFAULT_EASE
from chalicelib.packages.source_media import NO_MEDIA, PackageMedia, package_media
from chalicelib.packages.source_rows import (
    CARD_COLUMNS,
    NOTE_COLUMNS,
    REVIEW_COLUMNS,
    ReviewRow,
    SourceCard,
    SourceNote,
    are_sound_reviews,
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
_GRAVE_KINDS = (CARD_GRAVE, NOTE_GRAVE, DECK_GRAVE)


class SourceCollection:
    """An uploaded collection; reading it changes nothing and can be repeated.

    `col` holds its documents, `media` the files that are beside it.
    """

    def __init__(
        self, database: SourceDatabase, limits: SourceLimits, media: PackageMedia = NO_MEDIA
    ) -> None:
        self._database = database
        self.limits = limits
        self.media = media
        self._check_size()
        self.col = read_col(database, limits)
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

    def reviews(self, log: ImportLog) -> Iterator[list[ReviewRow]]:
        """The review log by time, many at once."""
        sql = f"SELECT {REVIEW_COLUMNS} FROM revlog NOT INDEXED ORDER BY id"
        for rows in self._database.blocks(sql):
            if not self._needs_upgrade and are_sound_reviews(rows):
                yield rows
            else:
                yield list(self._mended_reviews(rows, log))

    def graves(self) -> Iterator[tuple[int, int]]:
        """What was deleted: (id, kind); what cannot be read is left out."""
        for object_id, kind in self._database.rows("SELECT oid, type FROM graves NOT INDEXED"):
            if isinstance(object_id, int) and kind in _GRAVE_KINDS:
                yield object_id, kind

    def _mended_reviews(self, rows: list[tuple[Any, ...]], log: ImportLog) -> Iterator[ReviewRow]:
        for row in rows:
            review = review_from(row)
            if review is None:
                log.add("Unreadable reviews left out")
            else:
                yield astuple(upgraded_review(review) if self._needs_upgrade else review)

    def _is_studied(self) -> bool:
        sql = "SELECT 1 FROM cards NOT INDEXED WHERE queue != 0 LIMIT 1"
        return any(True for _ in self._database.rows(sql))

    def deck_pairs(self) -> set[tuple[int, int]]:
        """Where cards are: each deck, with the one that it has the cards from, or 0."""
        return {(did, odid) for did, odid in self._database.rows(_DECK_PAIRS)}

    def _check_size(self) -> None:
        counts = {"notes": "notes", "cards": "cards", "reviews": "revlog", "graves": "graves"}
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
        return card

    def _is_under_low_ease(self, card: SourceCard) -> bool:
        decks = (self.col.decks.get(card.did), self.col.decks.get(card.odid))
        return any(deck and deck.get("conf") in self.col.low_ease_options for deck in decks)


@contextmanager
def open_source(
    file: bytes | Path, *, limits: SourceLimits, work_dir: Path
) -> Iterator[SourceCollection]:
    """Open an uploaded .apkg, .colpkg or .anki2 file; a private copy lives in `work_dir` meanwhile.

    Raises UnusableFileError for anything but a sound collection of schema 11 or 18, alone or in a
    package, and TooLargeError above the limits.
    """
    size = len(file) if isinstance(file, bytes) else file.stat().st_size
    if size > limits.unpacked_bytes:
        raise TooLargeError(f"A file can have at most {limits.unpacked_bytes} bytes.")
    with (
        private_file(work_dir) as copy,
        _unpacked(file, copy, limits) as media,
        open_database(copy, limits) as database,
    ):
        yield SourceCollection(database, limits, media)


def first_bytes(file: bytes | Path, count: int) -> bytes:
    """What the file begins with."""
    if isinstance(file, bytes):
        return file[:count]
    with file.open("rb") as opened:
        return opened.read(count)


@contextmanager
def _unpacked(file: bytes | Path, copy: IO[bytes], limits: SourceLimits) -> Iterator[PackageMedia]:
    """Write the collection into `copy`; the media files that are beside it."""
    if first_bytes(file, len(ZIP_MAGIC)) != ZIP_MAGIC:
        _copy(file, copy)
        yield NO_MEDIA
        return
    with open_archive(file, limits) as archive:
        version = package_version(archive)
        archive.copy(version.collection, copy, is_zstd=version.is_zstd)
        yield package_media(archive, version, limits)


def _copy(file: bytes | Path, copy: IO[bytes]) -> None:
    if isinstance(file, bytes):
        copy.write(file)
        return
    with file.open("rb") as opened:
        shutil.copyfileobj(opened, copy)
