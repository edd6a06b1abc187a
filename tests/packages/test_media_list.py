"""The list of media in both forms, and the names that Anki stores files under."""

import json
import random
import zipfile
from collections.abc import Sequence
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from chalicelib.collection.media_names import (
    MAX_NAME_BYTES,
    checked_media_name,
    normalised_media_name,
)
from chalicelib.errors import TooLargeError, UnusableFileError
from chalicelib.packages.media_list import (
    MediaEntry,
    read_latest_media_list,
    read_legacy_media_list,
    write_latest_media_list,
    write_legacy_media_list,
)
from chalicelib.packages.schema18 import wire
from tests.packages.judge import DATA
from tests.packages.schema18.files import (
    STUDIED_11,
    anki,
    compress,
    decompress,
    latest_package,
    packed,
    upgraded,
)
from tests.packages.sources import LIMITS, collection_file, opened, package

NAMES = st.text(st.characters(codec="utf-8"), min_size=1, max_size=60).map(normalised_media_name)
ENTRIES = st.lists(
    st.tuples(
        NAMES.filter(lambda name: name not in ("", ".", "..")),
        st.integers(0, 2**32 - 1),
        st.binary(min_size=20, max_size=20),
    ),
    max_size=5,
).map(
    lambda files: [
        MediaEntry(name, str(index), size, sha1) for index, (name, size, sha1) in enumerate(files)
    ]
)


@settings(max_examples=100, deadline=None)
@given(entries=ENTRIES)
def test_both_lists_come_back(entries: list[MediaEntry]) -> None:
    assert read_latest_media_list(write_latest_media_list(entries), LIMITS) == entries
    legacy = read_legacy_media_list(write_legacy_media_list(entries), LIMITS)
    assert legacy == [MediaEntry(entry.name, entry.member) for entry in entries]


def test_real_lists_are_written_back_as_they_were() -> None:
    with zipfile.ZipFile(DATA / "jlpt-n5-studied.colpkg") as archive:
        latest = decompress(archive.read("media"))
        entries = read_latest_media_list(latest, LIMITS)
        for entry in entries:
            assert entry.size == len(decompress(archive.read(entry.member)))
    assert write_latest_media_list(entries) == latest
    with zipfile.ZipFile(DATA / "jlpt-n5-legacy.apkg") as archive:
        text = archive.read("media")
    legacy = read_legacy_media_list(text, LIMITS)
    assert json.loads(write_legacy_media_list(legacy)) == json.loads(text)
    assert {entry.name for entry in legacy} == {entry.name for entry in entries}


PATHS = ["", ".", "..", "../a", "/etc/passwd", "a/b", "?", "a/"]


@pytest.mark.parametrize(
    "listed",
    ['{"x": "a"}', '{"-1": "a"}', '{" 1": "a"}', '{"1_0": "a"}', '{"٣": "a"}', '{"1": 5}', "[]"]
    + [
        json.dumps({"0": name}) for name in ("", ".", "..", "../a", "/etc/passwd", "a/b", "?", "a/")
    ],
)
def test_a_legacy_list_that_is_none_is_refused(listed: str) -> None:
    with pytest.raises(UnusableFileError):
        read_legacy_media_list(listed.encode(), LIMITS)


def element(name: bytes = b"a.png", sha1: bytes = bytes(20)) -> bytes:
    content = wire.field(1, wire.LENGTH, name) + wire.field(3, wire.LENGTH, sha1)
    return wire.field(1, wire.LENGTH, content)


@pytest.mark.parametrize(
    "data",
    [
        element(sha1=b"short"),
        element(sha1=b""),
        element(name=b"a/b"),
        element(name=b".."),
        element(name=b""),
        element(name=b"con.png"),
        element(name="a\u0301.png".encode()),
        element(name=b"\xff"),
        element(name=b"x" * 121),
        element()[:-1],
        wire.field(1, wire.VARINT, b"\x05"),
    ],
)
def test_a_latest_list_that_is_none_is_refused(data: bytes) -> None:
    with pytest.raises(UnusableFileError):
        read_latest_media_list(element() + data, LIMITS)


def test_what_a_newer_anki_adds_to_the_list_is_passed_over() -> None:
    extra = wire.field(9, wire.LENGTH, b"new") + wire.field(255, wire.VARINT, b"\x05")
    assert len(read_latest_media_list(extra + element() + extra + element(), LIMITS)) == 2


def test_a_list_of_more_files_than_a_package_can_hold_is_refused() -> None:
    with pytest.raises(UnusableFileError):
        read_latest_media_list(element() * (LIMITS.entries + 1), LIMITS)


PARTS = [
    "a", "ä", "a\u0301", "漢", "\u05f8", "\u0378", "\xa0", " ", ".", "..", "CON", "con.", "aux",
    "Nul.txt", "COM1", "LPT9.x", "com0", "[", "]", "<", ">", ":", '"', "?", "*", "^", "\\", "|",
    "\x01", "\x7f", "\x80", "x" * 60, "é" * 40, "漢" * 30, ".jpg", ".averyveryverylongextension",
    ".éééééééé", "thumbs.db", "😀", "\u200d", "\ue000", "ﬃ", "_",
]  # fmt: skip


def stored_by_anki(names: Sequence[str], work_dir: Path) -> list[str]:
    """The names under which Anki stores files of a legacy package, each once."""
    listed = {str(number): name for number, name in enumerate(names)}
    entries = {"media": json.dumps(listed).encode()} | {key: key.encode() for key in listed}
    file = work_dir / "names.colpkg"
    file.write_bytes(package(collection_file(lambda conn: None), entries))
    stored = {number: name for name, number in anki("names", file).items()}
    return [stored[str(number)] for number in range(len(names))]


def test_names_are_put_right_as_anki_does_it(tmp_path: Path) -> None:
    rng = random.Random(18)
    candidates = ["".join(rng.choices(PARTS, k=rng.randint(1, 5))) for _ in range(3000)] + PARTS
    names = {normalised_media_name(name): name for name in candidates if name not in (".", "..")}
    names.pop("", None)
    assert len(names) > 1000
    assert stored_by_anki(list(names.values()), tmp_path) == list(names)


def test_characters_newer_than_ankis_tables_are_removed(tmp_path: Path) -> None:
    """Every seventh character, and all around those that newer versions of Unicode brought."""
    codes = [*range(0x80, 0xD800, 7), *range(0x1F300, 0x1FB00), *range(0x10000, 0x32400, 7)]
    names = [
        "-".join([*map(chr, codes[start : start + 18]), str(start)])
        for start in range(0, len(codes), 18)
    ]
    assert stored_by_anki(names, tmp_path) == list(map(normalised_media_name, names))


@given(name=st.text(st.characters(codec="utf-8")))
def test_a_name_put_right_is_short_and_has_no_path(name: str) -> None:
    stored = normalised_media_name(name)
    assert len(stored.encode()) <= MAX_NAME_BYTES
    assert not set(stored) & set('/\\:*?"<>|[]^\x00\n')
    assert not stored.endswith((" ", "."))


@pytest.mark.parametrize("name", ["a/b", "/", "..", ".", "", "\x01", "/a"])
def test_paths_are_no_names(name: str) -> None:
    with pytest.raises(UnusableFileError, match="valid file"):
        checked_media_name(name)


def test_a_package_with_a_bad_list_is_refused_whole() -> None:
    collection = collection_file(lambda conn: None)
    with pytest.raises(UnusableFileError), opened(package(collection, {"media": b'{"0":"../a"}'})):
        pass
    entries = {"collection.anki21b": compress(upgraded(collection))}
    for listed in (element(name=b"../a"), b"\xff", b'{"0": "a.png"}'):
        with (
            pytest.raises(UnusableFileError),
            opened(packed(entries | {"media": compress(listed)})),
        ):
            pass
    with pytest.raises(UnusableFileError), opened(packed(entries | {"media": element()})):
        pass


def test_a_list_that_bursts_is_refused() -> None:
    collection = upgraded(collection_file(lambda conn: None))
    entries = {"collection.anki21b": compress(collection), "media": compress(bytes(9_000_000))}
    with pytest.raises(TooLargeError), opened(packed(entries)):
        pass


def test_media_of_a_latest_package_is_known_by_name() -> None:
    collection = upgraded(STUDIED_11.read_bytes())
    with opened(latest_package(collection, {"a.png": b"A", "ä.mp3": b"B"})) as source:
        assert source.media.names == {"a.png", "ä.mp3"}
