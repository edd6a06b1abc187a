"""The media files of a package: which are taken along, under which names, and what notes say then.

Real Anki is the judge; a dictionary stands in for the library.
"""

import hashlib
import sqlite3
import zipfile
from collections.abc import Callable, Iterable, Mapping
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chalicelib.errors import TooLargeError, UnusableFileError
from chalicelib.packages import ImportOptions, PackagedFile, is_static, wanted_media
from chalicelib.packages.media_renames import media_names, with_media_names
from tests.packages.judge import contents, reopen, run_anki
from tests.packages.schema18.files import latest_package, upgraded
from tests.packages.sources import collection_file, merge_source, opened, package
from tests.support.collections import make_note, new_connection


class Files:
    """A media sink in memory that names as Anki does."""

    def __init__(self, files: Mapping[str, bytes]) -> None:
        self.files = dict(files)

    def take(self, files: Iterable[PackagedFile]) -> Mapping[str, str]:
        return {file.name: self._store(file.name, b"".join(file.chunks())) for file in files}

    def _store(self, name: str, content: bytes) -> str:
        if self.files.get(name, content) != content:
            stem, _, extension = name.rpartition(".")
            digest = hashlib.sha1(content, usedforsecurity=False).hexdigest()
            name = f"{stem}-{digest}.{extension}"
        self.files[name] = content
        return name


def import_with_media(
    collection: Path, data: bytes, sink: Files, options: ImportOptions, now_ms: int
) -> None:
    """As the service does it."""
    with (
        closing(sqlite3.connect(collection, isolation_level=None)) as conn,
        opened(data) as source,
    ):
        names = wanted_media(conn, source, options)
        names = {name for name in names if not (is_static(name) and name in sink.files)}
        stored = sink.take(source.media.files(names))
        merge_source(conn, source, options, now_ms=now_ms, media=stored)


HERE = {"same.png": "same", "clash.png": "ours", "_style.css": "ours", "kept.mp3": "kept"}
BROUGHT = {
    "same.png": b"same",
    "clash.png": b"theirs",
    "_style.css": b"theirs",
    "_new.css": b"new",
    "new.png": b"picture",
    "caf\u00e9.mp3": b"sound",
    "a&b.png": b"and",
    "old.png": b"of a note that is here",
    "unused.png": b"unused",
}
FIELDS = [
    '<img src="same.png"> and <img src=new.png class=x>',
    "<img alt='clash.png' src='clash.png'> [sound:clash.png]",
    "[sound:cafe\u0301.mp3] [sound:kept.mp3] [sound:] [sound:../up.mp3]",
    '<img src="a&amp;b.png"> <img src="a:b*.png"> <img src="https://example.com/x.png">',
    '<audio src="new.png"></audio><object data="clash.png"></object> <img src=con.png>',
    "no file at all, [sound:unclosed",
]


def brought(conn: sqlite3.Connection) -> None:
    for number, field in enumerate(FIELDS):
        make_note(conn, [f"{number} {field}", field])
    make_note(conn, ["known", "<img src=old.png>"])
    conn.execute("UPDATE notes SET guid = 'known', mod = 5 WHERE flds LIKE 'known%'")


def known(conn: sqlite3.Connection) -> None:
    conn.execute("UPDATE notes SET mod = 9 WHERE guid = 'known'")
    conn.execute("DELETE FROM cards WHERE nid NOT IN (SELECT id FROM notes WHERE guid = 'known')")
    conn.execute("DELETE FROM notes WHERE guid != 'known'")


def target_file(path: Path) -> Path:
    """A collection with the note that the package has as well, and newer."""

    def fill(conn: sqlite3.Connection) -> None:
        brought(conn)
        known(conn)

    path.write_bytes(collection_file(fill))
    reopen([path])
    return path


def legacy(collection: bytes) -> bytes:
    listed = ", ".join(f'"{n}": "{name}"' for n, name in enumerate(BROUGHT))
    members = {str(number): content for number, content in enumerate(BROUGHT.values())}
    return package(collection, {"media": f"{{{listed}}}".encode(), **members})


def latest(collection: bytes) -> bytes:
    return latest_package(upgraded(collection), BROUGHT)


@pytest.mark.parametrize("pack", [legacy, latest])
@pytest.mark.parametrize("condition", ["if_newer", "always"])
def test_files_and_notes_are_as_after_an_import_of_anki(
    pack: Callable[[bytes], bytes], condition: Any, tmp_path: Path
) -> None:
    data = pack(collection_file(brought))
    (tmp_path / "media.apkg").write_bytes(data)
    ours, theirs = (target_file(tmp_path / f"{name}.anki2") for name in ("ours", "theirs"))
    options = ImportOptions(update_notes=condition)
    (result,) = run_anki(
        [
            {
                "collection": str(theirs),
                "packages": [str(tmp_path / "media.apkg")],
                "options": {"update_notes": condition},
                "media": HERE,
            }
        ]
    )
    assert result["error"] is None
    sink = Files({name: text.encode() for name, text in HERE.items()})
    import_with_media(ours, data, sink, options, result["now_ms"])
    reopen([ours])
    assert {name: text.decode("latin-1") for name, text in sink.files.items()} == result["media"]
    assert ("old.png" in sink.files) == (condition == "always")
    began_s = result["now_ms"] // 1000
    assert contents(ours, began_s) == contents(theirs, began_s)


def test_a_file_that_is_listed_and_absent_fails_the_import_only_where_it_is_wanted() -> None:
    data = package(collection_file(brought), {"media": b'{"0": "new.png", "1": "unused.png"}'})
    with opened(data) as source, closing(new_connection()) as conn:
        assert wanted_media(conn, source, ImportOptions()) == {"new.png"}
        with pytest.raises(UnusableFileError, match="does not hold"):
            list(source.media.files({"new.png"}))
        assert list(source.media.files({"other.png"})) == []


def test_all_files_together_may_unpack_to_the_limit_and_no_more() -> None:
    content = bytes(range(256)) * 4000
    data = latest_package(upgraded(collection_file(brought)), {"a.png": content, "b.png": content})
    for limit, fits in ((len(content) * 2, True), (len(content) * 2 - 1, False)):
        with opened(data, unpacked_bytes=max(limit, len(data))) as source:
            first, second = source.media.files({"a.png", "b.png"})
            for _ in range(2):  # reading one again does not count twice
                assert b"".join(first.chunks()) == content
            if fits:
                assert b"".join(second.chunks()) == content
            else:
                with pytest.raises(TooLargeError):
                    list(second.chunks())


def test_a_package_may_lie_on_the_disk(tmp_path: Path) -> None:
    path = tmp_path / "package.apkg"
    path.write_bytes(latest(collection_file(brought)))
    with opened(path) as source, closing(new_connection()) as conn:
        assert merge_source(conn, source).notes_new == len(FIELDS) + 1
        assert {file.name for file in source.media.files(BROUGHT)} == set(BROUGHT)
    (tmp_path / "bare.anki2").write_bytes(collection_file(brought))
    with opened(tmp_path / "bare.anki2") as source:
        assert source.media.names == set()


def test_a_huge_directory_on_the_disk_is_refused_before_it_is_read(tmp_path: Path) -> None:
    path = tmp_path / "package.apkg"
    with zipfile.ZipFile(path, "w") as archive:
        for number in range(50):
            archive.writestr(str(number), b"")
    with pytest.raises(TooLargeError, match="at most 20 files"), opened(path, entries=20):
        pass


NAMES = st.sampled_from(["a.png", "b&c.png", "x y.mp3", "\u00e9.png", "sub/dir.png", "..", "q"])
REFERENCES = st.builds(
    lambda shape, name: shape.replace("NAME", name.replace("&", "&amp;")),
    st.sampled_from(['<img src="NAME">', "<img src='NAME' x>", "[sound:NAME]", "NAME", "<b>"]),
    NAMES,
)


@given(parts=st.lists(REFERENCES, max_size=5), renamed=st.dictionaries(NAMES, NAMES, max_size=3))
def test_renaming_leads_each_reference_to_the_new_name_and_changes_nothing_else(
    parts: list[str], renamed: dict[str, str]
) -> None:
    renamed = {old: f"new-{new.replace('/', '')}.z" for old, new in renamed.items()}
    text = " ".join(parts)
    assert with_media_names(text, {}) == text
    after = with_media_names(text, renamed)
    expected = [renamed.get(name, name) for name in media_names(text)]
    assert list(media_names(after)) == expected
    if not any(name in renamed for name in media_names(text)):
        assert after == text


@pytest.mark.parametrize("piece", ["[sound:", "<img src=", "<img src='a", "[sound:a]<"])
def test_hostile_fields_are_read_in_a_time_that_grows_with_their_length(piece: str) -> None:
    text = piece * 60_000
    assert with_media_names(text, {"a": "b"})
    assert len(list(media_names(text))) < len(text)
