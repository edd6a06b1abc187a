"""Zip files that lie about themselves, or hold what a package never holds."""

import io
import struct
import zipfile
from pathlib import Path

import pytest

from chalicelib.errors import TooLargeError, UnusableFileError
from chalicelib.packages import open_source
from tests.packages.judge import DATA
from tests.packages.sources import LIMITS, collection_file, edit, opened, package

LEGACY_2 = b"\x08\x02"


@pytest.fixture(scope="module")
def collection() -> bytes:
    return collection_file(lambda conn: None)


def zipped(entries: list[tuple[str | zipfile.ZipInfo, bytes]], method: int = 8) -> bytes:
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w", method) as archive:
        for name, content in entries:
            archive.writestr(name, content, compress_type=method)
    return target.getvalue()


def marked(name: str) -> bytes:
    """A collection that can be told from others by a deck's name."""
    return collection_file(lambda conn: edit(conn, "decks", lambda d: d["1"].update(name=name)))


def test_the_newer_collection_is_preferred_to_the_placeholder_for_old_versions() -> None:
    entries: list[tuple[str | zipfile.ZipInfo, bytes]] = [
        ("collection.anki2", marked("placeholder")),
        ("collection.anki21", marked("real")),
        ("meta", LEGACY_2),
    ]
    with opened(zipped(entries)) as source:
        assert source.col.decks[1]["name"] == "real"


@pytest.mark.parametrize(
    "data",
    [
        zipped([]),
        zipped([("readme.txt", b"hello")]),
        zipped([("../collection.anki2", b"x"), ("/collection.anki2", b"x")]),
        b"PK\x03\x04",
        b"PK",
        b"",
        b"hello",
        b"SQLite format 3\x00",
    ],
)
def test_what_holds_no_collection_is_refused(data: bytes) -> None:
    with pytest.raises(UnusableFileError), opened(data):
        pass


def test_names_in_the_archive_are_never_used_as_paths(collection: bytes, tmp_path: Path) -> None:
    others = {"../escaped": b"x", str(tmp_path / "absolute"): b"x", "a/../../b": b"x"}
    with opened(package(collection, others)) as source:
        assert list(source.notetype_ids()) == []
    assert list(tmp_path.rglob("*")) == []


def test_a_password_is_refused(collection: bytes) -> None:
    data = bytearray(package(collection))
    for signature, offset in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        data[data.index(signature) + offset] |= 1
    with pytest.raises(UnusableFileError, match="password"), opened(bytes(data)):
        pass


def test_links_are_refused(collection: bytes) -> None:
    link = zipfile.ZipInfo("0")
    link.external_attr = 0o120777 << 16
    data = zipped([("collection.anki2", collection), (link, b"/etc/passwd")])
    with pytest.raises(UnusableFileError, match="links"), opened(data):
        pass


@pytest.mark.filterwarnings("ignore:Duplicate name")
def test_two_entries_of_one_name_are_refused(collection: bytes) -> None:
    data = zipped([("collection.anki2", collection), ("collection.anki2", collection)])
    with pytest.raises(UnusableFileError, match="same name"), opened(data):
        pass


@pytest.mark.parametrize("method", [zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA])
def test_compression_that_anki_does_not_use_is_refused(collection: bytes, method: int) -> None:
    with (
        pytest.raises(UnusableFileError, match="compressed"),
        opened(zipped([("collection.anki2", collection)], method)),
    ):
        pass


def test_too_many_entries_are_refused(collection: bytes) -> None:
    data = package(collection, {str(number): b"" for number in range(40)})
    with pytest.raises(TooLargeError, match="30 files"), opened(data, entries=30):
        pass


def test_a_directory_of_too_many_entries_is_refused_before_it_is_read(collection: bytes) -> None:
    data = package(collection) + b"PK\x01\x02" * 100
    with pytest.raises(TooLargeError, match="30 files"), opened(data, entries=30):
        pass


def test_the_total_of_all_entries_counts(collection: bytes) -> None:
    media = {str(number): bytes(range(256)) * 400 for number in range(10)}
    with opened(package(collection, media)):
        pass
    with pytest.raises(TooLargeError), opened(package(collection, media), unpacked_bytes=900_000):
        pass


def test_a_bomb_is_refused_by_its_ratio(collection: bytes) -> None:
    data = package(collection, {"0": bytes(12_000_000)})
    assert len(data) < 50_000
    with pytest.raises(TooLargeError), opened(data):
        pass


def test_a_header_that_claims_less_than_it_unpacks_gains_nothing(
    collection: bytes, tmp_path: Path
) -> None:
    data = bytearray(zipped([("collection.anki2", bytes(12_000_000))]))
    claim = struct.pack("<I", 1000)
    for signature, offset in ((b"PK\x03\x04", 22), (b"PK\x01\x02", 24)):
        at = data.index(signature) + offset
        data[at : at + 4] = claim
    with pytest.raises((TooLargeError, UnusableFileError)), opened(bytes(data)):
        pass


def test_the_media_files_of_a_package_are_known_by_name(collection: bytes) -> None:
    others = {"media": b'{"0": "a.png", "1": "b.png", "7": "gone.png"}', "0": b"a", "1": b"b"}
    with opened(package(collection, others)) as source:
        assert source.media.names == {"a.png", "b.png", "gone.png"}
    with opened(DATA / "jlpt-n5-legacy.apkg") as source:
        assert len(source.media.names) == 12


@pytest.mark.parametrize("listed", [b"[]", b"{", b"\xff\xfe", b'{"0": NaN}', b"[" * 100_000])
def test_a_broken_list_of_media_is_refused(collection: bytes, listed: bytes) -> None:
    with (
        pytest.raises(UnusableFileError, match="media"),
        opened(package(collection, {"media": listed})),
    ):
        pass


def test_a_list_of_media_longer_than_a_document_is_refused(collection: bytes) -> None:
    listed = b"{%s}" % b",".join(b'"%d": "a.png"' % number for number in range(20_000))
    with (
        pytest.raises(TooLargeError),
        opened(package(collection, {"media": listed}), document_bytes=200_000),
    ):
        pass


def test_nothing_is_left_in_the_working_directory(collection: bytes, tmp_path: Path) -> None:
    with open_source(package(collection), limits=LIMITS, work_dir=tmp_path):
        (copy,) = tmp_path.iterdir()
        assert copy.stat().st_mode & 0o077 == 0
    with (
        pytest.raises(UnusableFileError),
        open_source(collection[:5000], limits=LIMITS, work_dir=tmp_path),
    ):
        pass
    assert list(tmp_path.iterdir()) == []
