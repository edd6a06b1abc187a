"""The two kinds of package: some notes with all that belongs to them, or a whole collection.

Sources: Anki's rslib/src/import_export/package/apkg/export.rs and colpkg/export.rs.
"""

import shutil
import tempfile
from collections.abc import Container, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from chalicelib.packages.exporting.databases import changing, reading
from chalicelib.packages.exporting.options import PackageOptions
from chalicelib.packages.exporting.placeholder import write_placeholder
from chalicelib.packages.exporting.references import referenced_media
from chalicelib.packages.exporting.subset import write_subset
from chalicelib.packages.exporting.zip_writer import PackageParts, write_package
from chalicelib.packages.media_ports import MediaFile, MediaSource
from chalicelib.packages.package_version import PackageVersion
from chalicelib.packages.schema18.to_schema18 import upgrade_to_schema18

_Contents = Iterator[tuple[MediaFile, Iterator[bytes]]]


def export_notes_package(
    source: Path,
    target: Path,
    media: MediaSource | None,
    options: PackageOptions,
    *,
    note_ids: Sequence[int] | None = None,
) -> int:
    """Make an .apkg of the collection file `source`: of all notes or of those; how many.

    Of the media go those along that the notes and their notetypes refer to; none without `media`.
    Work files are made in the directory of `target`.
    """
    with _work_dir(target) as work_dir:
        subset = work_dir / "collection"
        count = write_subset(source, subset, note_ids, options)
        contents = _contents(media, _referenced(subset) if media else set())
        _write(target, subset, contents, options.version, options.now_ms)
    return count


def export_collection_package(
    source: Path, target: Path, media: MediaSource | None, version: PackageVersion, now_ms: int
) -> None:
    """Make a .colpkg of the collection file `source`: all of it, with all of `media`.

    Work files are made in the directory of `target`.
    """
    with _work_dir(target) as work_dir:
        whole = work_dir / "collection"
        shutil.copyfile(source, whole)
        _write(target, whole, _contents(media, None), version, now_ms)


@contextmanager
def _work_dir(target: Path) -> Iterator[Path]:
    with tempfile.TemporaryDirectory(dir=target.parent) as work_dir:
        yield Path(work_dir)


def _referenced(collection: Path) -> set[str]:
    with reading(collection) as conn:
        return referenced_media(conn)


def _write(
    target: Path, collection: Path, media: _Contents, version: PackageVersion, now_ms: int
) -> None:
    """`collection` is a private file in a directory of its own, and is changed."""
    if version.is_zstd:
        with changing(collection) as conn:
            upgrade_to_schema18(conn)
    placeholder = None
    if version != PackageVersion.LEGACY_1:
        placeholder = collection.with_name("placeholder")
        write_placeholder(placeholder, now_ms)
    write_package(target, PackageParts(version, collection, placeholder), media, now_ms)


def _contents(media: MediaSource | None, names: Container[str] | None) -> _Contents:
    """The files of these names, or all; a content is not looked for before it is read."""
    if media is None:
        return
    for file in media.files():
        if names is None or file.name in names:
            yield file, media.chunks(file.name)
