"""Packages in the latest format: which collection is taken, and what an import makes of it."""

import sqlite3
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from chalicelib.errors import TooLargeError, UnusableFileError
from chalicelib.packages.report import ImportReport
from tests.packages import judge
from tests.packages.judge import DATA
from tests.packages.schema18.files import collection_in, compress, latest_package, packed, upgraded
from tests.packages.sources import collection_file, edit, merge, opened
from tests.support.collections import NOW_MS, make_note, new_connection, save

PAIRS = {
    "a deck": (DATA / "jlpt-n5-latest.apkg", DATA / "jlpt-n5-legacy.apkg"),
    "a collection": (DATA / "jlpt-n5-studied.colpkg", DATA / "jlpt-n5-studied.anki2"),
}
LEGACY_1, LEGACY_2, LATEST = b"\x08\x01", b"\x08\x02", b"\x08\x03"


def merged(data: bytes, path: Path) -> tuple[ImportReport, dict[str, Any]]:
    """The report and, without the ids that depend on the order of rows, all that is there."""
    with closing(new_connection()) as conn:
        make_note(conn, ["already", "here"])
        report = merge(conn, data)
        save(conn, path)
    return report, judge.contents(path, NOW_MS // 1000)


@pytest.mark.parametrize(("latest", "legacy"), PAIRS.values(), ids=PAIRS.keys())
def test_the_latest_format_is_imported_like_the_legacy_one(
    latest: Path, legacy: Path, tmp_path: Path
) -> None:
    ours, rows = merged(latest.read_bytes(), tmp_path / "ours")
    theirs, their_rows = merged(legacy.read_bytes(), tmp_path / "theirs")
    bare, bare_rows = merged(collection_in(latest), tmp_path / "bare")
    assert rows == their_rows == bare_rows
    assert ours == theirs == bare
    assert (ours.notes_new, ours.cards, ours.revlog) == (318, 630, 2838)


def marked(name: str) -> bytes:
    """A collection that can be told from others by a deck's name."""
    return collection_file(lambda conn: edit(conn, "decks", lambda d: d["1"].update(name=name)))


ENTRIES = {
    "collection.anki2": marked("legacy 1"),
    "collection.anki21": marked("legacy 2"),
    "collection.anki21b": compress(upgraded(marked("latest"))),
}
WITHOUT_LATEST = {name: data for name, data in ENTRIES.items() if name != "collection.anki21b"}


@pytest.mark.parametrize(
    ("entries", "meta", "taken"),
    [
        (ENTRIES, LATEST, "latest"),
        (ENTRIES, LEGACY_2, "legacy 2"),
        (ENTRIES, LEGACY_1, "legacy 1"),
        (ENTRIES, None, "latest"),
        (WITHOUT_LATEST, None, "legacy 2"),
        (WITHOUT_LATEST, LEGACY_1, "legacy 1"),
        ({"collection.anki2": ENTRIES["collection.anki2"]}, None, "legacy 1"),
        (ENTRIES, b"\x08\x01\x08\x03\x10\x05", "latest"),
    ],
)
def test_the_collection_that_the_package_means_is_taken(
    entries: dict[str, bytes], meta: bytes | None, taken: str
) -> None:
    with opened(packed(entries | ({} if meta is None else {"meta": meta}))) as source:
        assert source.col.decks[1]["name"] == taken


@pytest.mark.parametrize(
    "meta",
    [b"", b"\x08\x00", b"\x08\x04", b"\x08\x80\x80\x80\x01", b"\x0a\x01\x03", b"\x08", b"{}"],
)
def test_an_unknown_version_is_refused_with_a_way_out(meta: bytes) -> None:
    with (
        pytest.raises(UnusableFileError, match="Support older Anki versions"),
        opened(packed(ENTRIES | {"meta": meta})),
    ):
        pass


def test_the_placeholder_is_not_taken_for_a_missing_collection() -> None:
    for entries, meta in ((WITHOUT_LATEST, LATEST), ({"media": b"{}"}, LATEST)):
        with (
            pytest.raises(UnusableFileError, match="no collection"),
            opened(packed(entries | {"meta": meta})),
        ):
            pass


def test_a_collection_that_bursts_is_refused() -> None:
    """By its ratio, and by its size: neither is known before."""
    for zeros in (9_000_000, 80_000_000):
        data = packed({"collection.anki21b": compress(bytes(zeros)), "meta": LATEST})
        with pytest.raises(TooLargeError), opened(data):
            pass
    collection = upgraded(marked("large"))
    with pytest.raises(TooLargeError), opened(latest_package(collection), unpacked_bytes=50_000):
        pass


def test_a_package_whose_collection_is_not_compressed_is_refused() -> None:
    with (
        pytest.raises(UnusableFileError),
        opened(packed({"collection.anki21b": upgraded(marked("plain")), "meta": LATEST})),
    ):
        pass


def test_options_with_a_low_ease_are_repaired_only_on_the_way_out_of_schema_11() -> None:
    """There it is the trace of an old bug; later it was chosen."""

    def lower(conn: sqlite3.Connection) -> None:
        make_note(conn, ["front", "back"])
        conn.execute("UPDATE cards SET type = 2, queue = 2, ivl = 5, factor = 1400, reps = 1")
        edit(conn, "dconf", lambda dconf: dconf["1"]["new"].update(initialFactor=1300))

    factors = []
    collection = collection_file(lower)
    for data in (collection, upgraded(collection)):
        with closing(new_connection()) as conn:
            merge(conn, data)
            factors.append(conn.execute("SELECT factor FROM cards").fetchone()[0])
    assert factors == [2500, 1400]
