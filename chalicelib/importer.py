"""Importing files: packages and collections, merged or in the whole place, and text files."""

import hashlib
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal, NoReturn, get_args

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
    PackagedFile,
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
Answer = dict[str, Any]
Progress = Callable[[str, int, int], None]


class _NotMadeError(Exception):
    """The request was not made before."""


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

    Other than the collection, media files that came in stay when the import is undone. What is
    there is backed up just before the change. All methods raise UnusableFileError, TooLargeError,
    BadInputError for wishes that do not fit the file, ConflictError and StorageUnavailableError;
    then the collection is as it was, and so are its media unless it is to be tried again.
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

        A `request` that was made before gets its first report, and the file is not looked at.
        `progress` is told the phase, and how much of it is done of how much.
        """
        check_mode(wanted.format, wanted.mode)
        made = self._first_report(owner, request)
        if made is not None:
            return made
        _check_format(file, wanted.format)
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

    def _first_report(self, owner: Owner, request: Request | None) -> Answer | None:
        if request is None:
            return None
        try:
            return self.storage.transact(owner, _not_made, request)
        except _NotMadeError:
            return None

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

        # What is refused at a glance leaves no backup.
        self.storage.read(owner, lambda conn: preview_text(conn, data, options, limits))
        self.backups.make(owner, "import")
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
        library = self.media(owner)
        kept = _kept_static(library, source, names)
        same = {name: name for name, is_same in kept.items() if is_same}
        now_ms = self.now_ms()
        with _stored(library, source, names - kept.keys(), progress) as intake:
            progress("collection", 0, 1)
            self.backups.make(owner, "import")
            media = {**intake.stored, **same}
            return self._transact(
                owner,
                lambda conn: import_package(conn, source, options, now_ms=now_ms, media=media),
                request,
            )

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
        with _stored(self.media(owner), source, names, progress) as intake:
            self.backups.make(owner, "import")
            # Before the collection, as a repetition of one that is replaced already does nothing
            # more. If it ends here, either collection has all of its files: what had one of these
            # names shows the package's, and is there under another one.
            intake.put_in_place()
            return self.storage.replace(
                owner, path, operation=_OPERATION, request=request, answer=report_json(report)
            )

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


def check_mode(file_format: ImportFormat | None, mode: ImportMode) -> None:
    """Raises BadInputError for a format whose files hold no whole collection to put in place."""
    if mode == "replace" and file_format not in (None, "anki2", "colpkg"):
        reason = f"a file of the format {file_format} cannot take the place of a collection"
        raise BadInputError(fields={"mode": reason})


def _check_format(file: bytes | Path, file_format: ImportFormat | None) -> None:
    if file_format is None or file_format in get_args(TextFormat):
        return
    magic = SQLITE_MAGIC if file_format == "anki2" else ZIP_MAGIC
    if first_bytes(file, len(magic)) != magic:
        raise UnusableFileError(f"This is not an .{file_format} file.")


def _not_made(_: sqlite3.Connection) -> NoReturn:
    raise _NotMadeError


def _text_bytes(file: bytes | Path, limits: TextLimits) -> bytes:
    if isinstance(file, bytes):
        return file
    if file.stat().st_size > limits.file_bytes:
        raise TooLargeError(f"A text file can have at most {limits.file_bytes} bytes.")
    return file.read_bytes()


def _kept_static(
    library: MediaLibrary, source: SourceCollection, names: set[str]
) -> dict[str, bool]:
    """Files for templates whose names are taken and may not change; whether they are the same."""
    static = {name for name in names if is_static(name)}
    if not static:
        return {}
    present = {entry.name: entry.sha256 for entry in library.files() if entry.name in static}
    return {file.name: _sha256(file) == present[file.name] for file in source.media.files(present)}


def _sha256(file: PackagedFile) -> bytes:
    digest = hashlib.sha256()
    for chunk in file.chunks():
        digest.update(chunk)
    return digest.digest()


@contextmanager
def _stored(
    library: MediaLibrary, source: SourceCollection, names: set[str], progress: Progress
) -> Iterator[MediaIntake]:
    """With these files of the source stored; where the import fails they are taken back."""
    intake = library.intake()
    try:
        if names:
            progress("media", 0, len(names))
            intake.take_in_batches(
                source.media.files(names), lambda done: progress("media", done, len(names))
            )
        yield intake
    except JavumboError as error:
        # What is tried again finds them there; and after an outage it may have happened.
        if not error.retry:
            with suppress(JavumboError):
                intake.take_back()
        raise
