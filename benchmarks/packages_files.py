"""The files that are imported: packages that real Anki wrote, one with media, and text."""

import shutil
import sqlite3
import zipfile
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from random import Random

import msgspec

from benchmarks.collections import CollectionSize, make
from benchmarks.packages_anki import Anki
from benchmarks.packages_export import Kind, ask_for_package
from benchmarks.packages_import import Chain, Step
from chalicelib.collection.text import FIELD_SEPARATOR

_TEXT_HEADERS = "#separator:tab\n#html:true\n#notetype:Basic\n#deck:Text\n#tags column:3\n"
_LONG_FIELD = 10_000
_CLIP_SEED = 5


@dataclass(frozen=True, slots=True)
class Package:
    """A package and what it has when it is unpacked."""

    name: str
    path: Path
    unpacked_bytes: int
    notes: int


def chains(source: Path, anki: Anki, work_dir: Path, notes: int) -> list[Chain]:
    """Files of what the collection `source` has, and of a later version where all is edited."""
    later = work_dir / "later.anki2"
    shutil.copy(source, later)
    with _changing(later) as conn:
        conn.execute("UPDATE notes SET mod = mod + 1000, flds = flds || ' later'")
    made = {
        (path.stem, kind): _packed(anki, kind, path)
        for path in (source, later)
        for kind in (_LEGACY, _LATEST)
    }
    colpkg = _packed(anki, _WHOLE, source)
    text = _text(source, work_dir / "notes.csv")
    of, edited = source.stem, later.stem
    return [
        [
            Step("apkg, legacy", made[of, _LEGACY], notes),
            Step("apkg, legacy, all notes changed", made[edited, _LEGACY], notes),
        ],
        [
            Step("apkg", made[of, _LATEST], notes),
            Step("apkg, nothing changed", made[of, _LATEST], 0),
            Step("apkg, all notes changed", made[edited, _LATEST], notes),
        ],
        [Step("colpkg, in the collection's place", colpkg, notes, how="replace")],
        [Step("text, tab-separated", text, notes, how="text")],
    ]


_LEGACY, _LATEST = Kind("legacy.apkg", legacy=True), Kind("latest.apkg", legacy=False)
_WHOLE = Kind("latest.colpkg", legacy=False, whole=True)


def _packed(anki: Anki, kind: Kind, source: Path) -> Path:
    """A package of a copy: Anki changes the collection that it opens."""
    copy, file = source.with_suffix(".copy.anki2"), source.with_suffix(f".{kind.name}")
    shutil.copy(source, copy)
    ask_for_package(anki, kind, copy, file)
    anki.ask("close", collection=str(copy))
    return file


def _text(source: Path, file: Path) -> Path:
    with closing(sqlite3.connect(source)) as conn, file.open("w", encoding="utf-8") as lines:
        lines.write(_TEXT_HEADERS)
        for number, (flds, tags) in enumerate(conn.execute("SELECT flds, tags FROM notes")):
            front, back = flds.split(FIELD_SEPARATOR)
            # Text is matched by the first field, which few notes may share.
            lines.write(f"{front} {number}\t{back}\t{tags.strip()}\n")
    return file


def long_notes(source: Path, file: Path, notes: int) -> Package:
    """A package of the collection in which each note has ten thousand characters more."""
    collection = file.with_suffix(".anki2")
    shutil.copy(source, collection)
    with _changing(collection) as conn:
        repeated = "substr(replace(hex(zeroblob(?)), '00', flds), instr(flds, char(31)) + 1, ?)"
        conn.execute(f"UPDATE notes SET flds = flds || {repeated}", (_LONG_FIELD, _LONG_FIELD))
    return _zipped("10,000 characters a note", collection, file, [], notes)


def with_media(file: Path, size: CollectionSize, clip_bytes: int) -> Package:
    """A package in which each note has a file of its own, of `clip_bytes` that no zip shortens."""
    collection = file.with_suffix(".anki2")
    make(collection, size)
    with _changing(collection) as conn:
        ids = [note_id for (note_id,) in conn.execute("SELECT id FROM notes ORDER BY id")]
        clips = [(f"[sound:clip-{number}.mp3]", note_id) for number, note_id in enumerate(ids)]
        conn.executemany("UPDATE notes SET flds = flds || ? WHERE id = ?", clips)
    rng = Random(_CLIP_SEED)  # noqa: S311
    media = (rng.randbytes(clip_bytes) for _ in ids)
    return _zipped("media", collection, file, media, size.notes)


def _zipped(
    name: str, collection: Path, file: Path, media: Iterator[bytes] | list[bytes], notes: int
) -> Package:
    """As older versions of Anki pack: the collection, the files by number, and their names."""
    names = dict[str, str]()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_STORED) as archive:
        archive.write(collection, "collection.anki2", zipfile.ZIP_DEFLATED, compresslevel=1)
        for number, content in enumerate(media):
            names[str(number)] = f"clip-{number}.mp3"
            archive.writestr(str(number), content)
        archive.writestr("media", msgspec.json.encode(names))
        unpacked_bytes = sum(info.file_size for info in archive.infolist())
    collection.unlink()
    return Package(name, file, unpacked_bytes, notes)


@contextmanager
def _changing(path: Path) -> Iterator[sqlite3.Connection]:
    with closing(sqlite3.connect(path, isolation_level=None)) as conn:
        conn.execute("BEGIN")
        yield conn
        conn.execute("COMMIT")
