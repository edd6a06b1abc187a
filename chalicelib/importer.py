"""Importing files: packages and collections, merged or in the whole place, and text files."""

import sqlite3
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path
from typing import Any, Literal, TypeVar, get_args

from chalicelib.backups import Backups
from chalicelib.collection.undo.recording import UndoRecorder
from chalicelib.errors import (
    BadInputError,
    JavumboError,
    TooLargeError,
    UnusableFileError,
)
from chalicelib.media import MediaIntake, MediaLibrary
from chalicelib.packages import (
    SQLITE_MAGIC,
    ZIP_MAGIC,
    ImportOptions,
    ImportReport,
    Predecessor,
    SourceCollection,
    SourceLimits,
    first_bytes,
    import_package,
    is_static,
    make_replacement,
    open_source,
    wanted_media,
)
from chalicelib.packages.text import TextLimits, TextOptions, TextPreview, import_text, preview_text
from chalicelib.settings import Settings
from chalicelib.storage import CollectionStorage, Owner, Request
from chalicelib.transfers.scratch import scratch_folder

PackageFormat = Literal["anki2", "apkg", "colpkg"]
TextFormat = Literal["csv", "tsv", "txt"]
ImportFormat = PackageFormat | TextFormat
ImportMode = Literal["merge", "replace"]

_OPERATION = "Import"
_GUID_BITS = 64
# So many media files are stored at a time; each time costs a commit of the list of files.
_BATCH = 200
Answer = dict[str, Any]
Progress = Callable[[str, int, int], None]
T = TypeVar("T")


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """What is to be done with a file. Without a `format`, it is a package or a collection."""

    format: ImportFormat | None = None
    mode: ImportMode = "merge"
    options: ImportOptions = field(default_factory=ImportOptions)
    text: TextOptions = field(default_factory=TextOptions)


def no_progress(phase: str, done: int, total: int) -> None:
    """For whoever does not wait for it."""


@dataclass(frozen=True, slots=True)
class Importer:
    """Imports files, in memory or on the disk, each in one commit that can be undone.

    Other than the collection, media files that came in stay when the import is undone. All
    methods raise UnusableFileError, TooLargeError, BadInputError for wishes that do not fit the
    file, ConflictError and StorageUnavailableError; then the collection is as it was.
    """

    storage: CollectionStorage
    backups: Backups
    media: Callable[[Owner], MediaLibrary]
    settings: Settings
    now_ms: Callable[[], int]
    random_bits: Callable[[int], int]

    def run(
        self,
        owner: Owner,
        file: bytes | Path,
        wanted: Wanted,
        request: Request | None,
        progress: Progress = no_progress,
    ) -> Answer:
        """Import a file; a report.

        A `request` that was made before gets its first report. `progress` is told the phase, and
        how much of it is done of how much.
        """
        _check_format(file, wanted)
        self.backups.make(owner, "import")
        if wanted.format in get_args(TextFormat):
            return self._import_text(owner, file, wanted.text, request)
        limits = SourceLimits.from_settings(self.settings)
        with (
            scratch_folder(self.settings.cache_dir) as work_dir,
            open_source(file, limits=limits, work_dir=work_dir) as source,
        ):
            if wanted.mode == "replace":
                return self._replace(owner, source, work_dir / "new.anki2", request, progress)
            return self._merge(owner, source, wanted.options, request, progress)

    def preview(self, owner: Owner, file: bytes | Path, options: TextOptions) -> TextPreview:
        """What importing a text file under these options would do; nothing is changed."""
        limits = TextLimits.from_settings(self.settings)
        data = _text_bytes(file, limits)
        return self.storage.read(owner, lambda conn: preview_text(conn, data, options, limits))

    def _import_text(
        self, owner: Owner, file: bytes | Path, options: TextOptions, request: Request | None
    ) -> Answer:
        limits = TextLimits.from_settings(self.settings)
        data, guid_seed = _text_bytes(file, limits), self.random_bits(_GUID_BITS)
        now_ms = self.now_ms()

        def change(conn: sqlite3.Connection) -> ImportReport:
            return import_text(
                conn, data, options, limits=limits, now_ms=now_ms, guid_seed=guid_seed
            )

        return self._transact(owner, change, request)

    def _merge(
        self,
        owner: Owner,
        source: SourceCollection,
        options: ImportOptions,
        request: Request | None,
        progress: Progress,
    ) -> Answer:
        names = self.storage.read(owner, lambda conn: wanted_media(conn, source, options))
        now_ms = self.now_ms()
        with self._stored(owner, source, names, progress) as media:
            progress("collection", 0, 1)
            return self._transact(
                owner,
                lambda conn: import_package(conn, source, options, now_ms=now_ms, media=media),
                request,
            )

    @contextmanager
    def _stored(
        self, owner: Owner, source: SourceCollection, names: set[str], progress: Progress
    ) -> Iterator[Mapping[str, str]]:
        """The name of each file as it is stored; where the import fails they are taken back."""
        if not names:
            yield {}
            return
        library = self.media(owner)
        present = {entry.name for entry in library.files()}
        names = {name for name in names if not (is_static(name) and name in present)}
        taking = _Taking(library, progress)
        try:
            yield taking.take(source, names)
        except JavumboError as error:
            # What is tried again finds them there; and after an outage it may have happened.
            if not error.retry:
                taking.take_back()
            raise

    def _replace(
        self,
        owner: Owner,
        source: SourceCollection,
        path: Path,
        request: Request | None,
        progress: Progress,
    ) -> Answer:
        progress("collection", 0, 1)
        names = source.media.names
        before = self.storage.read(owner, Predecessor.of)
        now_ms = self.now_ms()
        report = make_replacement(path, source, before, now_ms=now_ms, media=len(names))
        if names:
            self._replace_media(owner, source, names, progress)
        return self.storage.replace(
            owner, path, operation=_OPERATION, request=request, answer=report_json(report)
        )

    def _replace_media(
        self, owner: Owner, source: SourceCollection, names: set[str], progress: Progress
    ) -> None:
        """Store all files under their own names; what had one of these is gone, as in Anki."""
        library = self.media(owner)
        stored = _Taking(library, progress).take(source, names)
        others = {name: other for name, other in stored.items() if name != other}
        if others:
            library.remove(others)
        for name, other in others.items():
            library.rename(other, name)

    def _transact(
        self,
        owner: Owner,
        change: Callable[[sqlite3.Connection], ImportReport],
        request: Request | None,
    ) -> Answer:
        return self.storage.transact(
            owner,
            lambda conn: report_json(change(conn)),
            request,
            recorder=UndoRecorder(),
            operation=_OPERATION,
        )


def report_json(report: ImportReport) -> Answer:
    """The report as callers of the API see it."""
    return {
        "notes": {
            "new": report.notes_new,
            "updated": report.notes_updated,
            "unchanged": report.notes_unchanged,
            "conflicting": report.notes_conflicting,
        },
        "cards": report.cards,
        "revlog": report.revlog,
        "media": report.media,
        "log": list(report.log),
    }


def _check_format(file: bytes | Path, wanted: Wanted) -> None:
    is_text = wanted.format in get_args(TextFormat)
    if wanted.mode == "replace" and (is_text or wanted.format == "apkg"):
        reason = f"an .{wanted.format} file cannot take the place of a collection"
        raise BadInputError(fields={"mode": reason})
    if wanted.format is None or is_text:
        return
    magic = SQLITE_MAGIC if wanted.format == "anki2" else ZIP_MAGIC
    if first_bytes(file, len(magic)) != magic:
        raise UnusableFileError(f"This is not an .{wanted.format} file.")


def _text_bytes(file: bytes | Path, limits: TextLimits) -> bytes:
    if isinstance(file, bytes):
        return file
    if file.stat().st_size > limits.file_bytes:
        raise TooLargeError(f"A text file can have at most {limits.file_bytes} bytes.")
    return file.read_bytes()


class _Taking:
    """Stores media files in batches: what was stored before an import is cut short stays."""

    def __init__(self, library: MediaLibrary, progress: Progress) -> None:
        self._library = library
        self._progress = progress
        self._intakes: list[MediaIntake] = []

    def take(self, source: SourceCollection, names: set[str]) -> dict[str, str]:
        """The name of each file as it is stored."""
        files, stored = source.media.files(names), dict[str, str]()
        self._progress("media", 0, len(names))
        while batch := list(islice(files, _BATCH)):
            intake = self._library.intake()
            stored |= intake.take(batch)
            self._intakes.append(intake)
            self._progress("media", len(stored), len(names))
        return stored

    def take_back(self) -> None:
        """Remove the names that were not there before, as far as that can be done."""
        with suppress(JavumboError):
            for intake in self._intakes:
                intake.take_back()
